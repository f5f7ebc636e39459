"""Performance, day by day: counted from the ledger once a day is over, and again where records came late (P1-P4).

A day is counted anew when its minutes count more records than it was counted from: nothing has to be remembered beside
what the ledger and the minutes say. What the tables hold outlives the ledger's rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from clickhouse_connect.driver.client import Client

import sql
from schemas.policies import Policy
from streams.clickhouse.session import rows

_SERIES_MS: Final = tuple(digit * 10**power for power in range(6) for digit in (1, 2, 3, 5, 7))
_ONE_DAY: Final = timedelta(days=1)
_COUNTED: Final = ("service", "day", "version", "edges")

OnStatus = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceDay:
    """A service's day that is to be counted; `version` is what its minutes are made from."""

    service: str
    day: date
    version: int


def edges_of(policies: Sequence[Policy]) -> list[int]:
    """The durations by which counts are kept, in milliseconds: every limit of every policy, and a series beside."""
    limits = {
        limit
        for policy in policies
        for terms in (policy.commitments.performance,)
        for limit in (*terms.response_ms.values(), *terms.delivery_ms.values(), terms.connect_ms)
    }
    return sorted({*limits, *_SERIES_MS})


def uncounted_days(client: Client, edges: Sequence[int], zone: str, *, first: date, end: date) -> list[PerformanceDay]:
    """The days of [first, end) that are to be counted, the oldest first."""
    asked = {"from": _midnight(first, zone), "to": _midnight(end, zone), "zone": zone, "edges": list(edges)}
    found = rows(client, sql.query("uncounted_performance_days"), asked)
    return [
        PerformanceDay(service=row["service"], day=date.fromisoformat(row["day"]), version=row["version"])
        for row in found
    ]


def count_days(
    client: Client,
    edges: Sequence[int],
    zone: str,
    days: Sequence[PerformanceDay],
    on_status: OnStatus = lambda _: None,
) -> None:
    """Count these days; whoever counts the same at the same time does no harm."""
    for one in days:
        on_status(f"counting {one.service} on {one.day}")
        asked = {
            "service": one.service,
            "day": one.day,
            "version": one.version,
            "from": _midnight(one.day, zone),
            "to": _midnight(one.day + _ONE_DAY, zone),
            "edges": list(edges),
        }
        client.command(sql.query("count_performance_day"), parameters=asked)
        client.insert("performance_counted", [[one.service, one.day, one.version, list(edges)]], _COUNTED)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)
