"""A month's performance as far as it is known now: its days counted as far as they are over, then its shares."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from clickhouse_connect.driver.client import Client

from schemas.policies import Policy
from streams.guarantees.performance.days import OnStatus, count_days, edges_of, uncounted_days
from streams.guarantees.performance.shares import By, PerformanceView, read_performance
from streams.months.as_of import frontier_ms
from streams.rules.policy import PolicyChoice

Asked = Literal["service", "account", "operator", "region"]

_COLUMNS: Final[Mapping[Asked, By]] = {
    "service": "service",
    "account": "account_id",
    "operator": "operator",
    "region": "region",
}


def performance_of(
    client: Client,
    choice: PolicyChoice,
    policies: Sequence[Policy],
    *,
    by: Asked,
    now_ms: int,
    on_status: OnStatus = lambda _: None,
) -> PerformanceView:
    """The month, complete once all its days are over and everything in them has had its wait (C3, B5)."""
    policy, span = choice.policy, choice.span
    seen_ms = frontier_ms(client)
    first, end = count_month(client, choice, policies, seen_ms=seen_ms, on_status=on_status)
    return read_performance(
        client,
        policy,
        span,
        _COLUMNS[by],
        first=first.isoformat(),
        end=end.isoformat(),
        now_ms=now_ms,
        complete=seen_ms >= span.end_ms + policy.pending_for_ms,
    )


def count_month(
    client: Client,
    choice: PolicyChoice,
    policies: Sequence[Policy],
    *,
    seen_ms: int | None = None,
    on_status: OnStatus = lambda _: None,
) -> tuple[date, date]:
    """Count the days of a month that are over, where that is to be done; returns the month's first day and its end.

    `seen_ms` is how far everything is read: asked for where it is not given.
    """
    span, zone = choice.span, choice.policy.zone
    first, end = (_day(at_ms, zone) for at_ms in (span.start_ms, span.end_ms))
    seen_ms = frontier_ms(client) if seen_ms is None else seen_ms
    over = min(end, _day(max(seen_ms, span.start_ms), zone))
    edges = edges_of(policies)
    if first < over:
        count_days(client, edges, zone, uncounted_days(client, edges, zone, first=first, end=over), on_status)
    return first, end


def _day(at_ms: int, zone: str) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)).astimezone(ZoneInfo(zone)).date()
