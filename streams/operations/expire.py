"""Let go of the ledger's rows of a month whose numbers are settled: announce, wait for the readers, drop.

    announced ──► every block fetched from now on sets records of the month aside (streams.ingest.expired_months)
    drained   ──► every block fetched before is stored, and its minutes are evaluated from the whole set
    counted   ──► what performance is computed from outlives the rows (P1-P4)
    dropped   ──► evaluation leaves the month's minutes as they are, then the rows go

Minutes, statements, declarations, manifests and dead letters stay. A crash between any two leaves a month that is
announced; doing it again finishes it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from clickhouse_connect.driver.client import Client

from schemas.instants import END_MS, FIRST_MS
from schemas.policies import Policy
from streams.core.errors import Code, ZectoError
from streams.core.instants import to_datetime
from streams.rules.calendar import month_bounds, months_between
from streams.rules.policy import PolicyChoice, policy_of_month

LEDGERS: Final = ("ledger_requests", "ledger_receipts", "ledger_probes")

_CLOSED: Final = "SELECT month, policy, sha256 FROM statements FINAL"
_COUNT: Final = "SELECT count() FROM {table:Identifier} WHERE toYYYYMM(minute) = {month:UInt32}"
_COLUMNS: Final = ("month", "dropped", "noted_at", "statements")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """A UTC month whose rows may go: how many there are, by table, and its effective statements."""

    month: str
    rows: Mapping[str, int]
    statements: Sequence[str]

    @property
    def number(self) -> int:
        """The month as YYYYMM, the partition of the ledger's tables."""
        return partition_of(self.month)


def partition_of(month: str) -> int:
    """The UTC month YYYY-MM as YYYYMM."""
    return int(month.replace("-", ""))


def contract_months(month: str, policies: Sequence[Policy]) -> list[PolicyChoice]:
    """The contract's months that share a minute with a UTC month, each under the policy effective at its start.

    Raises:
        MonthError: no such month.
    """
    span = month_bounds(month, "UTC")
    first_ms, end_ms = max(span.start_ms, FIRST_MS), min(span.end_ms, END_MS)  # no record lies beyond (T1)
    zones = sorted({policy.zone for policy in policies})
    choices = [
        policy_of_month(name, policies)
        for zone in zones
        for name in months_between(first_ms, end_ms - 1, zone)
        if policy_of_month(name, policies).policy.zone == zone
    ]
    return [choice for choice in choices if choice.span.start_ms < span.end_ms and span.start_ms < choice.span.end_ms]


def plan(client: Client, month: str, policies: Sequence[Policy]) -> Expiry:
    """What would go.

    Raises:
        MonthError: no such month.
        ZectoError: a month of the contract that shares a minute with it is not closed.
    """
    closed = {(row[0], row[1]): str(row[2]) for row in client.query(_CLOSED).result_rows}
    needed = [(choice.span.month, choice.policy.policy_id) for choice in contract_months(month, policies)]
    open_months = [name for name, policy in needed if (name, policy) not in closed]
    if open_months:
        raise ZectoError(
            f"rows of {month} (UTC) belong to {' and '.join(name for name, _ in needed)} of the contract, and no "
            f"statement closes {' and '.join(open_months)} yet",
            hint=f"run zecto-sla close {open_months[0]} first",
            code=Code.MONTH_OPEN,
        )
    asked = {"month": partition_of(month)}
    rows = {table: int(client.query(_COUNT, {**asked, "table": table}).first_row[0]) for table in LEDGERS}
    return Expiry(month=month, rows=rows, statements=sorted(closed[place] for place in needed))


def expire(
    client: Client,
    expiry: Expiry,
    *,
    drain: Callable[[], None],
    count_days: Callable[[], None],
    now_ms: Callable[[], int],
) -> None:
    """Drop the rows; `drain` returns once everything that was in the topics at its call is evaluated.

    `count_days` counts what performance is computed from once the rows are gone.

    Raises:
        ZectoError: the workers did not get there (what `drain` raises); the month is announced, nothing is dropped.
    """
    _note(client, expiry, dropped=False, at_ms=now_ms())
    drain()
    count_days()
    _note(client, expiry, dropped=True, at_ms=now_ms())
    for table in LEDGERS:
        client.command(f"ALTER TABLE {table} DROP PARTITION {expiry.number}")


def _note(client: Client, expiry: Expiry, *, dropped: bool, at_ms: int) -> None:
    noted_at = to_datetime(at_ms)
    client.insert("expirations", [[expiry.number, dropped, noted_at, list(expiry.statements)]], _COLUMNS)
