"""Which minutes must be looked at to judge a month: as far as silences and holes reach, and no farther (B2, B3)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from clickhouse_connect.driver.client import Client

import sql
from schemas.instants import MINUTE_MS
from schemas.manifest import CountedTopic
from streams.clickhouse.arrow import COUNTED_SERVICES
from streams.clickhouse.session import rows
from streams.rules.calendar import MonthSpan
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.span import DAY, WEEK, MinuteFrame

_HOLE_DAYS: Final = 3
"""B3: what a source counted is taken to be missing for up to a day, a day after it."""
_FARTHEST_DAYS: Final = 366
"""A silence in which records are missing is followed so far from the month."""
_MEASURES: Final[Mapping[str, CountedTopic]] = {"requests": "api.requests", "messages": "carrier.receipts"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """Requests, or messages, of a service; minutes are those since the epoch, 0: none."""

    service: int
    topic: CountedTopic
    before: int
    """When a valid one was last heard before the span, as far as is looked."""
    after: int
    """When one was first heard after it."""
    ever: bool
    """Whether any was heard in all that time, until the span's end."""


def frame_of(
    client: Client, span: MonthSpan, policy: MonthPolicy, *, over_until: int, sure: int | None = None
) -> MinuteFrame:
    """The frame of a month.

    Back to `silence_weeks` and as long as images are wide before the silence begins that reaches into the month; on to
    the end of the one that reaches beyond it. A silence that began before all images of the month's minutes, in which
    nothing is missing, decides nothing, whatever was to be expected in it: all these images are quiet.

    Args:
        client: what is asked.
        span: the month.
        policy: how far back it looks.
        over_until: the first minute that is not over for the frontier; no silence ends after it.
        sure: the first minute whose stored counts may be of more than is to be known; None: there is none.
    """
    start, end = span.start_ms // MINUTE_MS, span.end_ms // MINUTE_MS
    back = policy.silence_weeks * WEEK + policy.silence_busy_minutes + 1
    first, stop = max(start - back - DAY, 0), end + back
    heard = list(_heard(client, (first, start, end, stop), sure))
    unheard_before = [one for one in heard if not one.before]
    unheard_after = [one for one in heard if over_until > end and not one.after]
    missing = _missing(client, first, stop) if unheard_before or unheard_after else set()
    begins = [one.before + 1 for one in heard if one.before]
    ends = [_end(one, end, stop) for one in heard]
    if any(_may_miss(one, missing) for one in (*unheard_before, *unheard_after)):
        earliest, latest = _stored(client, max(start - _FARTHEST_DAYS * DAY, 0), end + _FARTHEST_DAYS * DAY)
        begins += [min(earliest, start) for one in unheard_before if _may_miss(one, missing)]
        ends += [max(latest, end) + _HOLE_DAYS * DAY for one in unheard_after if _may_miss(one, missing)]
    return MinuteFrame(
        first=max(min(min(begins, default=start) - back, first), 0),
        start=start,
        end=end,
        stop=max(end, min(max(ends, default=end), over_until)),
    )


def _heard(client: Client, borders: tuple[int, int, int, int], sure: int | None) -> Iterator[_Heard]:
    first, start, end, stop = borders
    asked = {"first": first, "start": start, "end": end, "stop": stop, "sure": stop if sure is None else sure}
    found = {row["service"]: row for row in rows(client, sql.query("judge_reach"), asked)}
    for service in COUNTED_SERVICES:
        row: Mapping[str, Any] = found.get(service, {})
        for name, topic in _MEASURES.items():
            yield _Heard(
                service=service,
                topic=topic,
                before=row.get(f"{name}_before", 0),
                after=row.get(f"{name}_after", 0),
                ever=bool(row.get(f"{name}_any", 0)),
            )


def _end(one: _Heard, end: int, stop: int) -> int:
    """Where the silence ends that reaches beyond the span, if that bears on it."""
    if one.after:
        return one.after + 1
    return stop if one.ever else end


def _missing(client: Client, first: int, stop: int) -> set[tuple[int, str]]:
    """Services and topics of which records may be missing; service 0: of any."""
    asked = {"from": first - _HOLE_DAYS * DAY, "to": stop}
    return {(row["service"], row["topic"]) for row in rows(client, sql.query("judge_missing"), asked)}


def _stored(client: Client, first: int, end: int) -> tuple[int, int]:
    """The earliest and the latest minute of [first, end) of which anything is stored; its borders if none is."""
    (found,) = rows(client, sql.query("judge_stored"), {"from": first, "to": end})
    return found["first"] or first, found["last"] or end


def _may_miss(one: _Heard, missing: set[tuple[int, str]]) -> bool:
    return bool({(one.service, one.topic), (0, one.topic)} & missing)
