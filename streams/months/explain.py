"""Why service-minutes are what they are: rules, counts by reason, windows, records and where they are."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from clickhouse_connect.driver.client import Client

import sql
from schemas.instants import format_instant
from schemas.policies import Policy
from streams.clickhouse.inlined_views import Whole
from streams.clickhouse.session import Row, rows
from streams.months.explanation import ExplainedWindow, Explanation, OutcomeReason, Sample, TopicRecords
from streams.months.grounds import CLAUSES, THIRD_PARTIES, arithmetic, clauses_of, decided_by, valid, window_rule
from streams.months.minutes import minute_verdict

_VERDICTS_SQL: Final = """
SELECT * EXCEPT (minute), toUInt32(minute) AS at_s
FROM verdicts(month = {month:String}, policy = {policy:String})
WHERE service = {service:String} AND minute >= toDateTime({first:UInt32}, 'UTC') AND minute <= toDateTime({last:UInt32}, 'UTC')
ORDER BY minute
"""  # noqa: E501  a line of SQL
_GAPS_SQL: Final = """
SELECT toUInt32(minute) AS at_s, cause
FROM gaps(month = {month:String}, policy = {policy:String})
WHERE service = {service:String} AND toUInt32(minute) IN {minutes:Array(UInt32)}
ORDER BY minute, cause
"""
_EXPIRED_SQL: Final = """
SELECT DISTINCT month FROM expirations
WHERE month IN (SELECT toYYYYMM(toDateTime(arrayJoin({minutes:Array(UInt32)}), 'UTC')))
"""
_GONE: Final = "; its single records have expired: the counts and the statement stand"

ByMinute = defaultdict[int, list[Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Minutes of one service and month, in seconds since the epoch, and how much of their records to name.

    `samples` a reason; of a minute and topic with no more than `each` distinct records every one. `as_of_ms`: as
    known before that cut, which the frontier has reached; None: as it is now.
    """

    service: str
    month: str
    policy: Policy
    minutes_s: Sequence[int]
    samples: int = 5
    each: int = 0
    as_of_ms: int | None = None

    def parameters(self) -> dict[str, Any]:
        """As the queries take them."""
        return {
            "service": self.service,
            "month": self.month,
            "policy": self.policy.policy_id,
            "minutes": list(self.minutes_s),
            "first": min(self.minutes_s),
            "last": max(self.minutes_s),
            "samples": self.samples,
            "each": self.each,
        }

    def whole(self, client: Client) -> Whole:
        """Who asks it, of the views or of their twins as known at the cut."""
        return Whole(client, self.parameters(), cut_ms=self.as_of_ms)


def read_explanation(client: Client, question: Question) -> list[Explanation]:
    """Why each minute asked for has its state, in time order."""
    wanted = set(question.minutes_s)
    return explain(client, question, [row for row in read_verdicts(client, question) if row["at_s"] in wanted])


def read_verdicts(client: Client, question: Question) -> list[Row]:
    """The rows of `verdicts` from the first minute asked for to the last, all between them included."""
    return question.whole(client).rows(_VERDICTS_SQL)


def explain(client: Client, question: Question, verdicts: Sequence[Row]) -> list[Explanation]:
    """Why each of these rows of `verdicts` has its state; their minutes are those of the question."""
    ask = _asker(client, question)
    gaps, windows = ask(_GAPS_SQL), ask(sql.query("explain_windows"))
    reasons, records = ask(sql.query("explain_reasons")), ask(sql.query("explain_records"))
    expired = {row["month"] for row in rows(client, _EXPIRED_SQL, question.parameters())}
    return [
        _explanation(
            question,
            row,
            gaps=[str(gap["cause"]) for gap in gaps[at_s]],
            reasons=[_reason(found, row) for found in reasons[at_s]],
            windows=[_window(found, row) for found in windows[at_s]],
            records=[_topic_records(found) for found in records[at_s]],
            expired=expired,
        )
        for row in verdicts
        for at_s in (row["at_s"],)
    ]


def _asker(client: Client, question: Question) -> Callable[[str], ByMinute]:
    whole = question.whole(client)

    def ask(text: str) -> ByMinute:
        found: ByMinute = defaultdict(list)
        for row in whole.rows(text):
            found[row["at_s"]].append(row)
        return found

    return ask


def _explanation(
    question: Question,
    row: Row,
    *,
    gaps: list[str],
    reasons: list[OutcomeReason],
    windows: list[ExplainedWindow],
    records: list[TopicRecords],
    expired: set[int],
) -> Explanation:
    verdict = minute_verdict(row)
    rule, because = decided_by(row, gaps)
    utc_month = int(verdict.minute[:4] + verdict.minute[5:7])
    return Explanation(
        service=question.service,
        minute=verdict.minute,
        month=question.month,
        policy=question.policy.policy_id,
        state=verdict.state,
        kind=verdict.kind,
        rule=rule,
        clauses=clauses_of(verdict.state),
        because=because + (_GONE if utc_month in expired else ""),
        down_at_best=bool(row["down_low"]),
        down_at_worst=bool(row["down_high"]),
        requests=verdict.requests,
        messages=verdict.messages,
        probes=verdict.probes,
        arithmetic=arithmetic(row, question.policy),
        reasons=reasons,
        windows=windows,
        gaps=gaps,
        records=records,
    )


def _reason(found: Row, verdict: Row) -> OutcomeReason:
    outcome = _turned(found["outcome"], verdict)
    return OutcomeReason(
        of=found["of"],
        outcome=outcome,
        reason=found["reason"],
        clause=CLAUSES.get(outcome),
        identities=found["identities"],
        samples=[_sample(sample) for sample in found["samples"]],
    )


def _turned(outcome: str, verdict: Row) -> str:
    """What a message that never came to an end counts as, once its wait is over (C3)."""
    waited = verdict["messages_pending"] == 0
    return {"accepted": "platform", "enroute": "unknown"}.get(outcome, outcome) if waited else outcome


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


def _window(found: Row, verdict: Row) -> ExplainedWindow:
    only_probes = found["effect"] == "covers" and found["kind"] in THIRD_PARTIES and valid(verdict) > 0
    return ExplainedWindow(
        declaration_id=found["declaration_id"],
        revision=found["revision"],
        kind=found["kind"],
        rule=window_rule(found["kind"]),
        effect="excuses_no_failure_of_ours" if only_probes else found["effect"],
        start=format_instant(found["start_ms"]),
        end=format_instant(found["end_ms"]),
        announced_at=format_instant(found["announced_ms"]),
        recorded_at=format_instant(found["known_ms"]),
        evidence=found["evidence"],
        partition=found["partition"],
        offset=found["offset"],
        content=_hex(found["content"]),
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
