"""What the ledger holds of single minutes: outcomes by reason with samples, records with their places, oddities."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from clickhouse_connect.driver.client import Client

import sql
from schemas.fields import Service
from schemas.reference import code_tables
from streams.clickhouse.session import Row, rows
from streams.months.explanation import LikeIds, Oddities, UnknownCode
from streams.months.like_ids import OpenMessage, like_ids, wanted_identities
from streams.rules.classify import ERROR_TABLE, TABLE_OF_CODE_SYSTEM
from streams.rules.month.inputs import DeclarationRevision

NO_CUT_MS: Final = 2**62
"""A cut that nothing reaches: all that is stored is known."""

_AT_A_TIME: Final = 200
"""Identities in one question, which must not become too long an address."""
_EXPIRED_SQL: Final = """
SELECT DISTINCT month FROM expirations
WHERE month IN (SELECT toYYYYMM(toDateTime(arrayJoin({minutes:Array(UInt32)}), 'UTC')))
"""

ByMinute = Mapping[int, list[Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerQuestion:
    """Minutes of one service, since the epoch, and how much of their records to name.

    `samples` a reason; of a minute and topic with no more than `each` distinct records every one. `cut_ms`: as known
    before that cut; None: as it is now.
    """

    service: Service
    minutes: Sequence[int]
    samples: int = 5
    each: int = 0
    cut_ms: int | None = None

    def parameters(self) -> dict[str, Any]:
        """As the queries take them: minutes by their seconds."""
        seconds = [minute * 60 for minute in self.minutes]
        return {
            "service": self.service,
            "minutes": seconds,
            "first": min(seconds),
            "last": max(seconds),
            "samples": self.samples,
            "each": self.each,
            "as_of": NO_CUT_MS if self.cut_ms is None else self.cut_ms,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerMinutes:
    """What is held of the minutes asked for, by minute; `expired` are months (yyyymm, UTC) whose records are gone."""

    reasons: ByMinute
    records: ByMinute
    oddities: Mapping[int, Oddities]
    expired: frozenset[int]


def read_ledger_minutes(client: Client, question: LedgerQuestion) -> LedgerMinutes:
    """Everything that the ledger tells of minutes."""
    asked = question.parameters()
    return LedgerMinutes(
        reasons=_by_minute(rows(client, sql.query("explain_reasons"), asked)),
        records=_by_minute(rows(client, sql.query("explain_records"), asked)),
        oddities=_oddities(client, question),
        expired=frozenset(row["month"] for row in rows(client, _EXPIRED_SQL, asked)),
    )


def read_places(
    client: Client, revisions: Iterable[DeclarationRevision], cut_ms: int | None
) -> dict[tuple[str, int], tuple[int, int]]:
    """Partition and offset at which revisions were read first, by declaration and content."""
    ids = sorted({one.declaration_id for one in revisions})
    asked = {"ids": ids, "as_of": NO_CUT_MS if cut_ms is None else cut_ms}
    found = rows(client, sql.query("explain_declarations"), asked) if ids else []
    return {(row["declaration_id"], row["content"]): (row["partition"], row["offset"]) for row in found}


def is_unknown_code(system: str, code: str, at_ms: int) -> bool:
    """Whether no table knows a code at an instant (C4); `system` is `error`, or a receipt's code system."""
    table = table_of(system)
    return table is None or code_tables().responsible(table, code, at_ms) is None


def table_of(system: str) -> str | None:
    """The table that codes of a system stand in; None: there is none."""
    if system == "error":
        return ERROR_TABLE
    return next((table for name, table in TABLE_OF_CODE_SYSTEM.items() if name == system), None)


def _by_minute(found: Iterable[Row]) -> ByMinute:
    grouped: defaultdict[int, list[Row]] = defaultdict(list)
    for row in found:
        grouped[row["at_s"] // 60].append(row)
    return grouped


def _oddities(client: Client, question: LedgerQuestion) -> dict[int, Oddities]:
    odd = _by_minute(rows(client, sql.query("explain_oddities"), question.parameters()))
    alike: defaultdict[int, list[LikeIds]] = defaultdict(list)
    for minute, pair in read_like_ids(client, question):
        alike[minute].append(pair)
    return {
        minute: Oddities(
            unknown_codes=list(_unknown_codes(odd.get(minute, ()))),
            impossible_times=sum(row["impossible_times"] for row in odd.get(minute, ())),
            ahead_of_clock=sum(row["ahead_of_clock"] for row in odd.get(minute, ())),
            like_ids=alike[minute],
        )
        for minute in question.minutes
    }


def _unknown_codes(found: Iterable[Row]) -> Iterator[UnknownCode]:
    for row in found:
        if row["code"] and is_unknown_code(row["system"], row["code"], row["latest_ms"]):
            yield UnknownCode(table=table_of(row["system"]) or row["system"], code=row["code"], records=row["records"])


def read_like_ids(client: Client, question: LedgerQuestion) -> Iterator[tuple[int, LikeIds]]:
    """Messages of the minutes that are open beside receipts that belong to none and have a like id, with the minute."""
    asked = question.parameters()
    own = [_message(row) for row in rows(client, sql.query("explain_open_messages"), asked)]
    wanted = wanted_identities(own)
    keys = sorted(key.hex().upper() for key in wanted)
    for first in range(0, len(keys), _AT_A_TIME):
        some = asked | {"identities": keys[first : first + _AT_A_TIME]}
        found = (_message(row) for row in rows(client, sql.query("explain_like_messages"), some))
        yield from like_ids(wanted, found)


def _message(row: Row) -> OpenMessage:
    return OpenMessage(
        minute=row["at_s"] // 60,
        identity=bytes(row["identity"]),
        part=row.get("part", 1),
        id=row["id"],
        state=row["state"],
        ended=bool(row["ended"]),
    )
