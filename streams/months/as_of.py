"""What can be said as known at a cut: everything before it must have been read, and nothing of it let go since."""

from typing import Final

from clickhouse_connect.driver.client import Client

from schemas.instants import format_instant
from streams.clickhouse.session import rows
from streams.core.errors import Code, ZectoError
from streams.rules.calendar import MonthSpan

_FRONTIER_SQL: Final = "SELECT toUnixTimestamp64Milli(min(frontier)) AS frontier_ms FROM topic_frontiers"
_EXPIRED_SQL: Final = """
SELECT count() AS expired
FROM expirations FINAL
WHERE dropped
    AND month >= toYYYYMM(toDateTime({from:UInt32}, 'UTC'))
    AND month <= toYYYYMM(toDateTime({to:UInt32} - 1, 'UTC'))
"""


class MonthProgress:
    """What can be told of a month now: how far all is read, and whether its rows are still there."""

    def __init__(self, client: Client, span: MonthSpan) -> None:
        self._client = client
        self._span = span

    def frontier_ms(self) -> int:
        """How far everything is read and evaluated, now (B5)."""
        return frontier_ms(self._client)

    def has_expired(self) -> bool:
        """Whether rows of the month have been let go on purpose."""
        return has_expired(self._client, self._span)


def frontier_ms(client: Client) -> int:
    """How far everything is read and evaluated, now (B5)."""
    (row,) = rows(client, _FRONTIER_SQL, {})
    return int(row["frontier_ms"])


def has_expired(client: Client, span: MonthSpan) -> bool:
    """Whether rows of the month have been let go (`zecto-sla expire`): it cannot be counted again, at any cut."""
    asked = {"from": span.start_ms // 1000, "to": span.end_ms // 1000}
    (row,) = rows(client, _EXPIRED_SQL, asked)
    return bool(row["expired"])


def check_cut(client: Client, cut_ms: int, span: MonthSpan) -> None:
    """Refuse a cut of which nothing certain can be said.

    Raises:
        ZectoError: not everything before it has been read, or rows of the month have expired.
    """
    if has_expired(client, span):
        raise ZectoError(
            f"single records of {span.month} have expired, so it cannot be counted again: what was known when is in "
            f"its statement and amendments (zecto-sla statements {span.month})",
            code=Code.MONTH_EXPIRED,
        )
    reached_ms = frontier_ms(client)
    if cut_ms > reached_ms:
        decided = f"all is read up to {format_instant(reached_ms)}" if reached_ms > 0 else "not every topic is read yet"
        raise ZectoError(
            f"what is known at {format_instant(cut_ms)} cannot be said yet: {decided}", code=Code.NOT_ALL_READ
        )
