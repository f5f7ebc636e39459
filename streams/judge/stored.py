"""Judged months in ClickHouse: stored for whoever asks, served only while they are of today's inputs."""

from dataclasses import dataclass
from typing import Final

import msgspec
import pyarrow as pa
from clickhouse_connect.driver.client import Client

import sql
from schemas.instants import MINUTE_MS
from streams.clickhouse.session import Row, rows
from streams.clickhouse.store import INSERT_SETTINGS
from streams.judge.fingerprints import Fingerprint, read_fingerprint
from streams.judge.judged_month import JudgedMonth, judge_month
from streams.judge.progress import ReadProgress, read_progress
from streams.judge.rows import judgement_rows
from streams.judge.seen import OPEN_DAYS, SeenMonth, look_from, stamp_of
from streams.judge.summary import MonthSummary, incomplete_reasons, summary_of
from streams.rules.month.completeness import OpenReason, open_reasons
from streams.rules.month.inputs import SpanInputs
from streams.rules.month.policy import month_policy
from streams.rules.month.span import DAY, MinuteFrame
from streams.rules.policy import PolicyChoice

_LOOKED_AT: Final = pa.timestamp("ms", "UTC")


def store_judgement(client: Client, judged: JudgedMonth, judged_at_ms: int) -> None:
    """Store a judged month; one that was judged from less never takes the place of one judged from more."""
    client.insert_arrow("judgements", judgement_rows(judged, judged_at_ms), settings=INSERT_SETTINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthLook:
    """What the inputs of a month were found to be."""

    month: str
    policy: str
    fingerprint: str
    stamp: str
    version: int


def look_of(seen: SeenMonth, fingerprint: Fingerprint) -> MonthLook:
    """What was found of a month that was looked at."""
    # Of what is inserted farther away than silences usually reach no stamp tells.
    covers_all = seen.frame.stop <= seen.frame.end + OPEN_DAYS * DAY
    return MonthLook(
        month=seen.choice.span.month,
        policy=seen.choice.policy.policy_id,
        fingerprint=fingerprint.text,
        stamp=stamp_of(seen.choice, seen.progress) if covers_all else "",
        version=fingerprint.version,
    )


def store_look(client: Client, look: MonthLook, looked_at_ms: int) -> None:
    """Tell whoever asks what a month's inputs are now, so that what was judged from others is not current."""
    row = {
        "policy": pa.array([look.policy]),
        "month": pa.array([look.month]),
        "fingerprint": pa.array([look.fingerprint]),
        "stamp": pa.array([look.stamp]),
        "version": pa.array([look.version], pa.uint64()),
        "looked_at": pa.array([looked_at_ms], _LOOKED_AT),
    }
    client.insert_arrow("judgement_looks", pa.table(row), settings=INSERT_SETTINGS)


def stored_or_judged(client: Client, choice: PolicyChoice, *, cut_ms: int | None = None) -> MonthSummary:
    """The month as stored if it was judged from what is known now, else judged anew; at a cut always anew."""
    found = None if cut_ms is not None else read_current(client, choice)
    return summary_of(judge_month(client, choice, cut_ms=cut_ms)) if found is None else found


def read_current(client: Client, choice: PolicyChoice) -> MonthSummary | None:
    """The stored month if it was judged from what is known now, with what is waited for as it is now (B5)."""
    progress = read_progress(client)
    stored = _stored(client, choice)
    if stored is None or not _is_current(client, choice, progress, stored):
        return None
    reasons = _open_reasons(choice, progress)
    month = msgspec.json.decode(stored["document"], type=MonthSummary)
    return msgspec.structs.replace(month, complete=not reasons, incomplete_because=incomplete_reasons(reasons))


def is_complete(choice: PolicyChoice, progress: ReadProgress) -> bool:
    """Whether a month waits for nothing any more (B5): told from how far all is read, without judging it."""
    return not _open_reasons(choice, progress)


def stored_fingerprint(client: Client, choice: PolicyChoice) -> str:
    """What the stored month was judged from; empty if none is stored."""
    found = _stored(client, choice)
    return "" if found is None else str(found["fingerprint"])


def _stored(client: Client, choice: PolicyChoice) -> Row | None:
    asked = {"policy": choice.policy.policy_id, "month": choice.span.month}
    return next(iter(rows(client, sql.query("judge_stored_month"), asked)), None)


def _is_current(client: Client, choice: PolicyChoice, progress: ReadProgress, stored: Row) -> bool:
    """Whether a stored month was judged from what is known now: told by its stamp, or by looking at all of it."""
    if stored["stamp"] and stored["stamp"] == stamp_of(choice, progress):
        return True
    return bool(stored["fingerprint"] == read_fingerprint(client, look_from(client, choice, progress)).text)


def _open_reasons(choice: PolicyChoice, progress: ReadProgress) -> tuple[OpenReason, ...]:
    start, end = choice.span.start_ms // MINUTE_MS, choice.span.end_ms // MINUTE_MS
    frame = MinuteFrame(first=start, start=start, end=end, stop=end)
    without_counts = SpanInputs(frame=frame, services={}, partitions=progress.partitions, as_of_ms=progress.as_of_ms)
    return open_reasons(without_counts, month_policy(choice.policy))
