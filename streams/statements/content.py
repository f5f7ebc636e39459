"""A month as known at a cut, whole: its numbers, every minute of it, and the digest of the records behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from clickhouse_connect.driver.client import Client

import sql
from schemas.fields import SERVICES
from streams.clickhouse.inlined_views import Whole
from streams.clickhouse.session import rows
from streams.core.instants import to_datetime
from streams.months.month import MonthSummary, read_month_as_of
from streams.rules.policy import PolicyChoice
from streams.statements.packed_columns import COLUMNS, KINDS, STATES, Column

_VERDICTS_SQL: Final = f"""
SELECT {", ".join(COLUMNS)}
FROM verdicts(month = {{month:String}}, policy = {{policy:String}})
ORDER BY service, minute
"""  # noqa: S608  our own column names
_PLACES: Final = {"state": STATES, "kind": KINDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDigest:
    """Of a set of records: how many distinct ones there are, and the sum modulo 2^64 of their content hashes."""

    records: int
    digest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementContent:
    """A pure function of the records known before a cut; `minutes` has the columns of each service, as COLUMNS."""

    month: MonthSummary
    minutes: Mapping[str, Sequence[Column]]
    ledger: LedgerDigest


class LedgerMonth:
    """One month under one policy, as ClickHouse has it."""

    def __init__(self, client: Client, choice: PolicyChoice) -> None:
        self._client = client
        self._choice = choice

    def known(self, cut_ms: int) -> StatementContent:
        """The month as known at a cut, which the frontier has reached."""
        client, (policy, in_force, span) = self._client, self._choice
        month = read_month_as_of(
            client,
            month=span.month,
            policy_id=policy.policy_id,
            zone=policy.zone,
            in_force=in_force,
            cut_ms=cut_ms,
        )
        return StatementContent(
            month=month,
            minutes=_read_minutes(client, self._choice, cut_ms),
            ledger=_read_digest(client, self._choice, cut_ms),
        )


def _read_minutes(client: Client, choice: PolicyChoice, cut_ms: int) -> dict[str, list[Column]]:
    asked = {"month": choice.span.month, "policy": choice.policy.policy_id}
    columns = Whole(client, asked, cut_ms=cut_ms).columns(_VERDICTS_SQL)
    numbered = [_numbered(name, column) for name, column in zip(COLUMNS, columns, strict=True)]
    total = choice.span.total_minutes
    assert all(len(column) == total * len(SERVICES) for column in numbered)  # noqa: S101  the view has every minute
    return {
        service: [column[place * total : (place + 1) * total] for column in numbered]
        for place, service in enumerate(SERVICES)
    }


def _numbered(name: str, column: Sequence[int] | Sequence[str]) -> Column:
    """Names as their places, everything else as it is."""
    if name not in _PLACES:
        return [*map(int, column)]
    places = {row: place for place, row in enumerate(_PLACES[name])}
    return [places[str(value)] for value in column]


def _read_digest(client: Client, choice: PolicyChoice, cut_ms: int) -> LedgerDigest:
    asked = {"from": choice.span.start_ms // 1000, "to": choice.span.end_ms // 1000, "as_of": to_datetime(cut_ms)}
    (row,) = rows(client, sql.query("ledger_digest"), asked)
    return LedgerDigest(records=row["records"], digest=row["digest"])
