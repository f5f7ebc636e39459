"""Why service-minutes are what they are: rules and numbers from what was judged, records from the ledger."""

from collections.abc import Mapping, Sequence

from clickhouse_connect.driver.client import Client

from schemas.instants import format_instant
from streams.clickhouse.session import Row
from streams.judge import JudgedMonth
from streams.months.context import context_of
from streams.months.declared import DeclaredEffect, effects_of
from streams.months.doubts import doubts_of, missing_of_sources, silences_of
from streams.months.explanation import (
    ExplainedWindow,
    Explanation,
    Oddities,
    OutcomeReason,
    Sample,
    TopicRecords,
)
from streams.months.grounds import ServiceGrounds, arithmetic, clauses_of, decided_by, gaps_at, window_rule
from streams.months.ledger_minutes import LedgerMinutes, LedgerQuestion, read_ledger_minutes, read_places
from streams.months.minutes import MinuteVerdict, minute_columns, minute_verdicts

CLAUSES: Mapping[str, str] = {
    "platform": "§2.3",
    "operator": "§2.4, §9",
    "customer": "§2.4",
    "content": "§2.4",
    "recipient": "§3.1",
    "out_of_scope": "§8.1, §8.2",
}
"""The clause of an outcome (C4, C5); ok, unknown, claimed and what is still pending have none."""

_GONE = "; its single records have expired: the counts and the statement stand"
_NOTHING = Oddities(unknown_codes=[], impossible_times=0, ahead_of_clock=0, like_ids=[])

Places = Mapping[tuple[str, int], tuple[int, int]]
"""Partition and offset of a declaration, by its id and content."""


def read_explanations(client: Client, judged: JudgedMonth, question: LedgerQuestion) -> list[Explanation]:
    """Why each minute asked for, all within the judged month, has its state."""
    context = context_of(judged)
    service = question.service
    grounds = ServiceGrounds.of(service, judged.judgement.services[service], context)
    columns = minute_columns(service, grounds.judged, context)
    effects = {minute: effects_of(grounds, minute) for minute in question.minutes}
    declared = [one.revision for found in effects.values() for one in found]
    places = read_places(client, declared, question.cut_ms)
    ledger = read_ledger_minutes(client, question)
    return [
        _explanation(
            judged,
            grounds,
            verdict=minute_verdicts(columns, context.frame.start, minute, minute + 1)[0],
            minute=minute,
            windows=[_window(one, places) for one in effects[minute]],
            ledger=ledger,
        )
        for minute in question.minutes
    ]


def _explanation(
    judged: JudgedMonth,
    grounds: ServiceGrounds,
    *,
    verdict: MinuteVerdict,
    minute: int,
    windows: Sequence[ExplainedWindow],
    ledger: LedgerMinutes,
) -> Explanation:
    rule, because = decided_by(grounds, minute)
    bounds, at = grounds.judged.verdict.bounds, grounds.at(minute)
    utc_month = int(verdict.minute[:4] + verdict.minute[5:7])
    return Explanation(
        service=grounds.service,
        minute=verdict.minute,
        month=judged.choice.span.month,
        policy=judged.choice.policy.policy_id,
        state=verdict.state,
        kind=verdict.kind,
        rule=rule,
        clauses=clauses_of(grounds.state(minute)),
        because=because + (_GONE if utc_month in ledger.expired else ""),
        down_at_best=bool(bounds.bad_at_best[at]),
        down_at_worst=bool(bounds.bad_at_worst[at]),
        requests=verdict.requests,
        messages=verdict.messages,
        vantages=verdict.vantages,
        arithmetic=arithmetic(grounds, minute),
        doubts=doubts_of(grounds, minute),
        missing=missing_of_sources(grounds, minute),
        gaps=gaps_at(grounds, minute),
        silences=silences_of(grounds, minute),
        reasons=[_reason(found, waited=_is_waited(grounds, minute)) for found in ledger.reasons.get(minute, ())],
        windows=list(windows),
        records=[_topic_records(found) for found in ledger.records.get(minute, ())],
        oddities=ledger.oddities.get(minute, _NOTHING),
    )


def _is_waited(grounds: ServiceGrounds, minute: int) -> bool:
    """Whether final receipts of a minute are no longer waited for (C3)."""
    return bool(grounds.context.waited[minute - grounds.context.frame.first])


def _reason(found: Row, *, waited: bool) -> OutcomeReason:
    turned = {"accepted": "platform", "enroute": "unknown"} if waited else {}
    outcome: str = turned.get(found["outcome"]) or found["outcome"]
    return OutcomeReason(
        of=found["of"],
        outcome=outcome,
        reason=found["reason"],
        clause=CLAUSES.get(outcome),
        identities=found["identities"],
        samples=[_sample(sample) for sample in found["samples"]],
    )


def _sample(found: tuple[str, str, int, int, int, int]) -> Sample:
    record_id, topic, partition, offset, known_ms, content = found
    return Sample(
        id=record_id,
        topic=topic,
        partition=partition,
        offset=offset,
        timestamp=format_instant(known_ms),
        content=_hex(content),
    )


def _window(found: DeclaredEffect, places: Places) -> ExplainedWindow:
    one = found.revision
    partition, offset = places[one.declaration_id, one.content]
    return ExplainedWindow(
        declaration_id=one.declaration_id,
        revision=one.revision,
        kind=one.kind,
        rule=window_rule(one.kind),
        effect=found.effect,
        start=format_instant(one.start_ms),
        end=format_instant(one.end_ms),
        announced_at=format_instant(one.announced_at_ms),
        recorded_at=format_instant(one.recorded_at_ms),
        evidence=one.evidence,
        partition=partition,
        offset=offset,
        content=_hex(one.content),
    )


def _topic_records(found: Row) -> TopicRecords:
    return TopicRecords(
        topic=found["topic"],
        records=found["records"],
        digest=_hex(found["digest"]),
        listed=[(_hex(content), partition, offset) for content, partition, offset in found["listed"]],
    )


def _hex(number: int) -> str:
    return f"{number:016x}"
