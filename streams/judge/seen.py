"""A month before it is read: how far all is read, what was lost of it, and which minutes bear on it."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from clickhouse_connect.driver.client import Client

import sql
from schemas.instants import MINUTE_MS
from streams.clickhouse.session import rows
from streams.judge.declared import read_lost
from streams.judge.progress import ReadProgress, read_progress
from streams.judge.reach import frame_of
from streams.judge.sources import rules_digest
from streams.rules.calendar import MonthSpan
from streams.rules.month.inputs import LostOffsets
from streams.rules.month.policy import MonthPolicy, month_policy
from streams.rules.month.span import DAY, MinuteFrame
from streams.rules.policy import PolicyChoice

OPEN_DAYS: Final = 34
"""B2, C3: so long after a month's end the frontier, or what comes, may still move what the month is judged by."""
_LOOK_DAYS: Final = 60
"""Stored counts are compared with the ledger so many days around a month, at a cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenMonth:
    """What must be known of a month before it is read; cheap enough to be asked before every answer."""

    choice: PolicyChoice
    policy: MonthPolicy
    progress: ReadProgress
    frame: MinuteFrame
    sure: int | None
    """The first minute whose stored counts may be of more than is to be known; None: there is none."""
    lost: tuple[LostOffsets, ...]


def look_at(client: Client, choice: PolicyChoice, *, cut_ms: int | None = None) -> SeenMonth:
    """A month as it is now, or was known at a cut."""
    return look_from(client, choice, read_progress(client, cut_ms=cut_ms))


def look_from(client: Client, choice: PolicyChoice, progress: ReadProgress) -> SeenMonth:
    """A month as far as all is read."""
    policy = month_policy(choice.policy)
    sure = first_unsure(client, choice.span, progress)
    return SeenMonth(
        choice=choice,
        policy=policy,
        progress=progress,
        frame=frame_of(client, choice.span, policy, over_until=progress.over_until, sure=sure),
        sure=sure,
        lost=read_lost(client, progress.known_before_ms) if progress.may_have_lost else (),
    )


def stamp_of(choice: PolicyChoice, progress: ReadProgress) -> str:
    """A mark that stays the same only while nothing has changed that a month is judged by; empty where none can tell.

    It is told without looking at what is stored, and changes more often than that: a replay changes it, too.
    """
    if progress.may_have_lost or progress.is_cut:
        return ""
    is_open = progress.frontier_ms() < choice.span.end_ms + OPEN_DAYS * DAY * MINUTE_MS
    last = _month_after(choice.span)
    inserted = sorted((place, number) for place, number in progress.insertions.items() if place[1] <= last)
    decided_by = (rules_digest(), choice.policy, choice.in_force, inserted, progress.minutes_read if is_open else ())
    return hashlib.sha256(repr(decided_by).encode()).hexdigest()[:32]


def first_unsure(client: Client, span: MonthSpan, progress: ReadProgress) -> int | None:
    """At a cut the first minute of which the ledger holds a record that was not known then; None: there is none."""
    if not progress.is_cut:
        return None
    start, end = span.start_ms // MINUTE_MS, span.end_ms // MINUTE_MS
    asked = {"from": start - _LOOK_DAYS * DAY, "to": end + _LOOK_DAYS * DAY, "as_of": progress.known_before_ms}
    (row,) = rows(client, sql.query("judge_unsure"), asked)
    return int(row["at"]) if row["records"] else None


def _month_after(span: MonthSpan) -> int:
    """The last UTC month, as YYYYMM, whose minutes may bear on a month: that of the four weeks after it (B2)."""
    moment = datetime.fromtimestamp(span.end_ms // 1000, UTC) + timedelta(days=OPEN_DAYS)
    return moment.year * 100 + moment.month
