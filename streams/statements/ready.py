"""Whether a month can be closed: complete, each minute counted from all of its records, none of them lost (B5, I2)."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

import sql
from streams.clickhouse.address import host
from streams.clickhouse.session import rows
from streams.clickhouse.store import Store
from streams.clickhouse.versions import differences
from streams.core.errors import Code, ZectoError
from streams.core.instants import to_datetime
from streams.core.settings import Settings
from streams.ingest.recount import count_uncounted
from streams.judge import judge_month
from streams.judge.summary import IncompleteReason, incomplete_reasons
from streams.kafka.outputs import KafkaPublisher
from streams.months.incomplete import describe_reasons
from streams.rules.policy import PolicyChoice

OnStatus = Callable[[str], None]


class MinuteChecks(Protocol):
    """How a month's minutes and the ledger go together."""

    def incomplete_because(self) -> Sequence[IncompleteReason]:
        """Why the month is not complete now; empty: it is complete."""

    def count_uncounted(self) -> int:
        """Count the month's minutes that stand for fewer records than the ledger holds; returns how many there were."""

    def count_unheld(self) -> int:
        """How many minutes of the month stand for more records than the ledger holds: these were lost from it."""


class LedgerChecks:
    """The checks of one month under one policy, as ClickHouse has both."""

    def __init__(self, client: Client, settings: Settings, choice: PolicyChoice) -> None:
        """Look at the database first.

        Raises:
            ZectoError: it is not what this version's `migrate` makes: its rules or policies may be others.
        """
        self._client = client
        self._settings = settings
        self._choice = choice
        _refuse_other_version(client, settings)

    def incomplete_because(self) -> list[IncompleteReason]:
        """Why the month is not complete now; empty: it is complete (B5)."""
        return incomplete_reasons(judge_month(self._client, self._choice).judgement.open_reasons)

    def count_uncounted(self) -> int:
        """Count the month's minutes that stand for fewer records than the ledger holds; returns how many there were."""
        outputs, span = KafkaPublisher(self._settings), self._choice.span
        first, end = (to_datetime(at_ms) for at_ms in (span.start_ms, span.end_ms))
        try:
            return asyncio.run(count_uncounted(Store(self._client), outputs, known_since_ms=0, first=first, end=end))
        finally:
            outputs.close()

    def count_unheld(self) -> int:
        """How many minutes of the month stand for more records than the ledger holds: these were lost from it."""
        span = {"from": self._choice.span.start_ms // 1000, "to": self._choice.span.end_ms // 1000}
        return len(rows(self._client, sql.query("unheld_minutes"), span))


def require_ready(month: str, checks: MinuteChecks, on_status: OnStatus) -> None:
    """See that a month can be closed; what was not counted yet is counted on the way.

    Raises:
        ZectoError: the month is not complete, or its records are not all in the ledger any more.
    """
    reasons = checks.incomplete_because()
    if reasons:
        raise ZectoError(_not_complete(month, reasons), code=Code.MONTH_INCOMPLETE)
    on_status("holding the minutes against the ledger")
    # counted first, so that `month` shows the numbers that the statement will have
    checks.count_uncounted()
    if unheld := checks.count_unheld():
        raise ZectoError(_not_held(month, unheld), code=Code.MONTH_NOT_HELD)


def _not_complete(month: str, reasons: Sequence[IncompleteReason]) -> str:
    (first,), others = describe_reasons(reasons[:1]), reasons[1:]
    more = f"; and {len(others)} more, see zecto-sla month {month}" if others else ""
    return f"{month} is not complete: {first}{more}"


def _not_held(month: str, minutes: int) -> str:
    return (
        f"{minutes:,} minutes of {month} count more records than the ledger holds: ClickHouse lost rows of it; "
        "rebuild it from archives (zecto-sla restore) or from the topics (zecto-sla worker on an empty database)"
    )


def _refuse_other_version(client: Client, settings: Settings) -> None:
    place = f"{settings.clickhouse_database} at {host(settings)}"
    try:
        differing = differences(client)
    except ClickHouseError as error:
        raise ZectoError(
            f"{place} is not set up: run zecto-sla migrate of this version, then close", code=Code.DATABASE_NOT_SET_UP
        ) from error
    if differing:
        raise ZectoError(
            f"{place} differs from this version ({differing[0]}): run zecto-sla migrate of this version, then close",
            code=Code.DATABASE_DIFFERS,
        )
