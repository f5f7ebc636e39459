"""One examination: the parts, then the reading, then the records; what needs a part that is down is left out."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Final

from clickhouse_connect.driver.client import Client

import sql
from schemas.instants import format_instant
from schemas.reference import policies
from streams.clickhouse.arrow import NO_CUT_MS
from streams.clickhouse.session import open_session, rows
from streams.core.errors import Code, ZectoError
from streams.core.settings import Settings
from streams.judge.accounts import read_mislabelled
from streams.judge.progress import read_progress
from streams.judge.stored import is_complete
from streams.kafka.admin import Admin, TopicState
from streams.kafka.groups import group_members
from streams.kafka.stuck_notes import read_notes
from streams.months.refused import read_refused
from streams.operations.doctor import closed, parts, reading, records
from streams.operations.doctor.broken import look_at_broken
from streams.operations.doctor.codes import FindingCode, Level
from streams.operations.doctor.findings import Examination, Finding, found
from streams.operations.doctor.open_messages import look_at_open_messages
from streams.rules.calendar import month_of
from streams.rules.policy import policy_of_month

OnStep = Callable[[str], None]

_DAY_MS: Final = 86_400_000
_REFUSED_DAYS: Final = 31
_CODES_DAYS: Final = 7
_MONTHS: Final = "SELECT DISTINCT formatDateTime(minute, '%Y-%m', {zone:String}) AS month FROM minutes"
_CLOSED: Final = "SELECT DISTINCT month, policy FROM statements"


def examine(settings: Settings, *, now_ms: int, on_step: OnStep = lambda _: None) -> Examination:
    """Look at everything; `on_step` is called with what is looked at next."""
    on_step("data files")
    findings = [_settings(settings), parts.look_at_files()]
    on_step("broker")
    broker, states = parts.look_at_broker(settings)
    findings.append(broker)
    findings += _stuck(settings, broker)
    if all(finding.level is not Level.FAULT for finding in findings[:2]):
        findings += _of_database(settings, states, now_ms, on_step)
    return Examination(examined_at=format_instant(now_ms), findings=findings)


def _settings(settings: Settings) -> Finding:
    return found(FindingCode.SETTINGS_READ, group=settings.kafka_group, block_records=settings.block_records)


def _stuck(settings: Settings, broker: Finding) -> list[Finding]:
    """What workers noted at the broker, whatever else is wrong with it: ClickHouse may be what they wait for."""
    if broker.fields.get("error") == Code.BROKER_UNREACHABLE:
        return []
    try:
        return [reading.judge_stuck(read_notes(settings))]
    except ZectoError as error:
        return [parts.failed(FindingCode.BROKER_UNFIT, error, otherwise="see the broker's own log")]


def _of_database(settings: Settings, states: Mapping[str, TopicState], now_ms: int, on_step: OnStep) -> list[Finding]:
    on_step("clickhouse")
    findings: list[Finding] = []
    try:
        with open_session(settings) as client:
            findings.append(parts.look_at_database(client, settings))
            if findings[0].level is not Level.FAULT:
                # as they are found: what was seen before ClickHouse went away is reported, too
                looks = chain(_reading(client, settings, states, now_ms, on_step), _records(client, now_ms, on_step))
                for finding in looks:
                    findings.append(finding)  # noqa: PERF402  one by one, see above
    except ZectoError as error:
        findings.append(parts.failed(FindingCode.CLICKHOUSE_FAILED, error, otherwise="see ClickHouse's own log"))
    return findings


def _reading(
    client: Client, settings: Settings, states: Mapping[str, TopicState], now_ms: int, on_step: OnStep
) -> Iterator[Finding]:
    on_step("workers")
    partitions = rows(client, reading.PARTITIONS, {})
    coverage = rows(client, reading.COVERAGE, {})
    if states:
        places = {(name, number) for name, state in states.items() for number in range(state.partitions)}
        admin = Admin(settings)
        yield reading.judge_workers(group_members(settings), places)
        starts = admin.start_offsets(places)
        yield reading.judge_lag(admin.end_offsets(places), starts, partitions)
        yield reading.judge_taken(starts, partitions)
    yield reading.judge_frontiers(partitions, now_ms)
    yield reading.judge_pending(coverage, now_ms)
    topic_ids = {name: state.topic_id for name, state in states.items()}
    yield reading.judge_coverage(coverage, topic_ids, partitions, now_ms)


def _records(client: Client, now_ms: int, on_step: OnStep) -> Iterator[Finding]:
    on_step("parts of tables")
    yield look_at_broken(client)
    on_step("records")
    policy = policies()[-1]
    current = policy_of_month(month_of(now_ms, policy.zone), policies())
    since, zone = {"since": now_ms - _DAY_MS}, {"zone": policy.zone}
    yield records.judge_lost(rows(client, records.LOST, {}), zone=policy.zone, lead_ms=policy.lost_lead_ms)
    yield records.judge_dead_letters(rows(client, records.DEAD_LETTERS_CHECK, since))
    yield records.judge_ahead(rows(client, records.AHEAD, since))
    yield records.judge_conflicts(rows(client, records.CONFLICTS, zone))
    yield records.judge_refused(read_refused(client, now_ms - _REFUSED_DAYS * _DAY_MS, now_ms))
    week = {"since": now_ms - _CODES_DAYS * _DAY_MS}
    yield records.judge_codes(rows(client, sql.query("carried_codes"), week), _CODES_DAYS)
    yield look_at_open_messages(client)
    yield records.judge_mismatches(read_mislabelled(client, current.span, NO_CUT_MS), current.span.month)
    known = {"known": [policy.policy_id for policy in policies()]}
    yield records.judge_policies(rows(client, records.POLICIES, known))
    yield records.judge_expired(rows(client, records.EXPIRED, {}), rows(client, records.EXPIRATIONS, {}))
    yield records.judge_unclosed(_unclosed(client, policy.zone))
    yield closed.judge_documents(rows(client, closed.DOCUMENTS, {}))


def _unclosed(client: Client, zone: str) -> list[str]:
    """Months in force with anything counted in them, complete (B5), without a statement."""
    progress = read_progress(client)
    settled = {(row["month"], row["policy"]) for row in rows(client, _CLOSED, {})}
    choices = [policy_of_month(row["month"], policies()) for row in rows(client, _MONTHS, {"zone": zone})]
    return sorted(
        choice.span.month
        for choice in choices
        if choice.in_force
        and choice.span.end_ms <= progress.frontier_ms()
        and (choice.span.month, choice.policy.policy_id) not in settled
        and is_complete(choice, progress)
    )
