"""Random rows of the ledger around few identities, so that all that can meet meets; and the same as records."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from streams.clickhouse.store import INSERT_SETTINGS
from streams.ingest.encode.numbers import SERVICE
from streams.rules.classify import Outcome
from streams.rules.ordering import CountedProbe, CountedReceipt, CountedRequest
from tests.simulation.counting import Place, Probe, Receipt, Request

LedgerRow = dict[str, Any]

MINUTE_S: Final = 1_788_264_000
RECORDED_MS: Final = MINUTE_S * 1000 + 60_000
_OUTCOMES: Final = ("ok", "ok", "platform", "unknown", "claimed", "operator", "customer", "content", "recipient")
_FAILED: Final = ("failed", "expired", "rejected", "deleted", "unknown")
_HANDOVER_MS: Final = 600_000
TABLES: Final = ("ledger_requests", "ledger_receipts", "ledger_probes")


def random_rows(dice: random.Random, *, minutes: int, each: int) -> dict[str, list[LedgerRow]]:
    """Rows by table: up to `each` of every table in every service-minute, some of them read twice."""
    makers = {"ledger_requests": _request, "ledger_receipts": _receipt, "ledger_probes": _probe}
    return {
        table: [
            row
            for service in SERVICE
            for number in range(minutes)
            for _ in range(dice.randint(0, each))
            for row in _read(dice, _place(dice, service, MINUTE_S + 60 * number) | make(dice, MINUTE_S + 60 * number))
        ]
        for table, make in makers.items()
    }


def insert_rows(client: Client, tables: dict[str, list[LedgerRow]]) -> None:
    """The rows into their tables; instants are milliseconds, minutes seconds."""
    for table, rows in tables.items():
        names = sorted({name for row in rows for name in row})
        if rows:
            cells = [[_cell(name, row.get(name)) for name in names] for row in rows]
            client.insert(table, cells, column_names=names, settings=INSERT_SETTINGS)


def records_of(tables: dict[str, list[LedgerRow]], *, as_of_ms: int = 2**63 - 1) -> dict[Place, tuple[Any, ...]]:
    """Distinct requests, receipts and probes known before a cut, by service-minute."""
    makers = {"ledger_requests": _as_request, "ledger_receipts": _as_receipt, "ledger_probes": _as_probe}
    found: dict[Place, tuple[dict[Any, Any], ...]] = {}
    for index, table in enumerate(TABLES):
        for row in tables.get(table, []):
            if row["recorded_at"] < as_of_ms:
                of = found.setdefault((SERVICE[row["service"]], row["minute"]), ({}, {}, {}))[index]
                of[row["identity"], row["content"]] = makers[table](row)
    return {place: tuple(list(of.values()) for of in kinds) for place, kinds in found.items()}


def _place(dice: random.Random, service: str, minute: int) -> LedgerRow:
    content, unnamed = dice.getrandbits(64), dice.random() < 0.1
    return {
        "service": service,
        "minute": minute,
        # Whose id names nothing is known by its bytes (I1).
        "identity": (content if unnamed else dice.randrange(3)).to_bytes(16, "big"),
        "content": content,
        "recorded_at": RECORDED_MS + dice.choice((0, 1, 499, 500, 999)),
        "partition": dice.randrange(4),
        "offset": dice.randrange(10**6),
        "unnamed": unnamed,
        "mended": dice.choice(("", "", "", "route", "error,route")),
    }


def _scope(dice: random.Random) -> LedgerRow:
    return {
        "stage": dice.choice(("ga", "ga", "ga", "beta")),
        "plan": dice.choice(("paid", "paid", "paid", "trial")),
        "source": dice.choice(("", "a", "a", "b")),
        "account_id": dice.choice(("x", "x", "x", "y")),
    }


def _request(dice: random.Random, _: int) -> LedgerRow:
    return _scope(dice) | {
        "minute_ms": dice.choice((0, 0, 0, 1)),
        "revision": dice.choice((0, 0, 1, 2)),
        "outcome": dice.choice(_OUTCOMES),
        "status": dice.choice((200, 200, 503)),
        "error": dice.choice(("", "", "x")),
    }


def _receipt(dice: random.Random, minute: int) -> LedgerRow:
    state = dice.choice(("accepted", "enroute", "delivered", "delivered", *_FAILED))
    outcome = {"delivered": "ok", "accepted": "accepted", "enroute": "enroute"}.get(state) or dice.choice(_OUTCOMES[2:])
    submitted_ms = dice.choice((0, 0, 1))
    taken_ms = dice.choice((1, 2, 3, _HANDOVER_MS, _HANDOVER_MS + 1, _HANDOVER_MS + 2, _HANDOVER_MS + 60_000))
    coded = dice.random() < 0.5
    return _scope(dice) | {
        "submitted_ms": submitted_ms,
        "time": minute * 1000 + taken_ms,
        "resolution_us": dice.choice((1000, 1000, 1500, 60_000_000)),
        "state": state,
        "outcome": outcome,
        "code": dice.choice(("1", "2")) if coded else "",
        "code_system": dice.choice(("vendor", "platform", "")) if coded else "",
    }


def _probe(dice: random.Random, _: int) -> LedgerRow:
    return {
        "minute_ms": dice.choice((0, 0, 1)),
        "revision": dice.choice((0, 0, 1)),
        "ok": dice.random() < 0.5,
        "status": dice.choice((None, 200, 503)),
        "vantage": dice.choice(("khi", "lhe", "dxb")),
    }


def _read(dice: random.Random, row: LedgerRow) -> Iterator[LedgerRow]:
    yield row
    if dice.random() < 0.2:
        yield row | {"recorded_at": row["recorded_at"] + dice.choice((0, 1, 499, 500)), "offset": dice.randrange(10**6)}


def _cell(name: str, value: Any) -> Any:  # noqa: ANN401  a cell of any column
    if name == "minute":
        return datetime.fromtimestamp(value, UTC)
    if name in ("time", "recorded_at"):
        return datetime.fromtimestamp(value // 1000, UTC).replace(microsecond=value % 1000 * 1000)
    return value


def _as_request(row: LedgerRow) -> Request:
    names: Sequence[str] = ("account_id", "status", "error", "stage", "plan", "source")
    counted = CountedRequest(
        content=row["content"],
        revision=row["revision"],
        time_ms=row["minute"] * 1000 + row["minute_ms"],
        outcome=Outcome[row["outcome"].upper()],
        **{name: row[name] for name in names},
    )
    return Request(row["identity"], row["content"], row["recorded_at"], counted, row["unnamed"], row["mended"])


def _as_receipt(row: LedgerRow) -> Receipt:
    names: Sequence[str] = ("resolution_us", "state", "code_system", "code", "stage", "plan", "source")
    counted = CountedReceipt(
        content=row["content"],
        submitted_at_ms=row["minute"] * 1000 + row["submitted_ms"],
        time_ms=row["time"],
        outcome=Outcome[row["outcome"].upper()],
        **{name: row[name] for name in names},
    )
    return Receipt(row["identity"], row["content"], row["recorded_at"], counted, row["unnamed"], row["mended"])


def _as_probe(row: LedgerRow) -> Probe:
    counted = CountedProbe(
        content=row["content"],
        revision=row["revision"],
        time_ms=row["minute"] * 1000 + row["minute_ms"],
        ok=row["ok"],
        status=row["status"],
    )
    where = (row["identity"], row["content"], row["recorded_at"], row["vantage"])
    return Probe(*where, counted, row["unnamed"], row["mended"])
