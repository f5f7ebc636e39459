"""A month as known at a cut, whole: its numbers, every minute of it, and the digest of the records behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from clickhouse_connect.driver.client import Client

import sql
from streams.clickhouse.session import rows
from streams.core.instants import to_datetime
from streams.judge import JudgedMonth, judge_month
from streams.months.context import context_of
from streams.months.minutes import Columns, minute_columns, verdict_columns
from streams.months.month import MonthSummary, summary_of
from streams.rules.policy import PolicyChoice
from streams.statements.packed_columns import COLUMNS, VERDICT_COLUMNS, Column

PLATFORM: Final = "platform"
"""As the platform's minutes are named beside those of its services (V5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDigest:
    """Of a set of records: how many distinct ones there are, and the sum modulo 2^64 of their content hashes."""

    records: int
    digest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementContent:
    """A pure function of the records known before a cut.

    `minutes` has the columns of each service, as COLUMNS, and those of the platform, as VERDICT_COLUMNS.
    """

    month: MonthSummary
    minutes: Mapping[str, Sequence[Column]]
    ledger: LedgerDigest

    @property
    def is_unobserved(self) -> bool:
        """Whether nothing speaks of any service (M2)."""
        return all(one.unobserved for one in self.month.services.values())


class LedgerMonth:
    """One month under one policy, as ClickHouse has it."""

    def __init__(self, client: Client, choice: PolicyChoice) -> None:
        self._client = client
        self._choice = choice

    def known(self, cut_ms: int) -> StatementContent:
        """The month as known at a cut, which the frontier has reached."""
        judged = judge_month(self._client, self._choice, cut_ms=cut_ms)
        return StatementContent(
            month=summary_of(judged),
            minutes=minutes_of(judged),
            ledger=_read_digest(self._client, self._choice, cut_ms),
        )


def minutes_of(judged: JudgedMonth) -> dict[str, list[Column]]:
    """The columns of every service's minutes, then the platform's, as a document holds them."""
    context = context_of(judged)
    found: dict[str, list[Column]] = {
        service: _columns(minute_columns(service, one, context), COLUMNS)
        for service, one in judged.judgement.services.items()
    }
    return found | {PLATFORM: _columns(verdict_columns(judged.judgement.platform), VERDICT_COLUMNS)}


def _columns(columns: Columns, names: Sequence[str]) -> list[Column]:
    """As Python's whole numbers, which JSON has."""
    return [[*map(int, columns[name].tolist())] for name in names]


def _read_digest(client: Client, choice: PolicyChoice, cut_ms: int) -> LedgerDigest:
    asked = {"from": choice.span.start_ms // 1000, "to": choice.span.end_ms // 1000, "as_of": to_datetime(cut_ms)}
    (row,) = rows(client, sql.query("ledger_digest"), asked)
    return LedgerDigest(records=row["records"], digest=row["digest"])
