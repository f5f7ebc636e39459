"""`carrier.receipts` to `ledger_receipts`."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

import numpy as np
import pyarrow as pa

from schemas.carrier_receipt import (
    DEFAULT_PART,
    DEFAULT_RESOLUTION_MS,
    CarrierReceipt,
    CodeSystem,
    State,
    code_text,
    state_of,
)
from schemas.fields import RESOLUTION_LEAST_MS, RESOLUTION_MOST_MS
from schemas.ids import ACCOUNT_CHARACTERS
from schemas.numbers import MICROSECONDS
from streams.ingest.encode.arrays import instants, sparse_strings
from streams.ingest.encode.classify_by_validity import classify_by_validity
from streams.ingest.encode.decoded_rows import Shape
from streams.ingest.encode.durations import Duration
from streams.ingest.encode.ledger_columns import (
    LedgerColumns,
    LedgerRows,
    ledger_columns,
    milliseconds_in_minute,
    shared_columns,
)
from streams.ingest.encode.numbers import PLAN, SERVICE, STAGE, STATE
from streams.kafka.block import Block
from streams.rules.classify import Classification, Outcome, OutcomeRules, classify_receipt
from streams.rules.identity import kept_id

TABLE: Final = "ledger_receipts"
_DECIDED_BY: Final = slice(1, 4)
"""The values of a kind that decide the outcome: state, code system and code."""


_kind: Callable[[CarrierReceipt], tuple[Any, ...]] = attrgetter(
    "service",
    "state",
    "code_system",
    "code",
    "account_id",
    "operator",
    "region",
    "source",
    "stage",
    "plan",
    "template",
    "part",
)


SHAPE: Final = Shape(
    topic="carrier.receipts",
    ids=lambda records: [record.message_id for record in records],
    instants=[
        lambda records: [record.submitted_at for record in records],
        lambda records: [record.time for record in records],
    ],
    kinds=lambda records: [*map(_kind, records)],
    valid=lambda kind: state_of(kind[1]) is not None,
    parts=lambda records: [record.part for record in records],
    durations=[
        Duration(
            of=lambda records: [record.resolution_ms for record in records],
            least_ms=RESOLUTION_LEAST_MS,
            most_ms=RESOLUTION_MOST_MS,
        ),
        Duration(of=lambda records: [record.connect_ms for record in records]),
        Duration(of=lambda records: [record.duration_ms for record in records]),
        Duration(of=lambda records: [record.hd_ms for record in records]),
    ],
)


def receipt_rows(block: Block, rules: OutcomeRules) -> LedgerRows:
    """Rows of `ledger_receipts` and the service-minutes they touch; outcomes by C3 and C4."""
    columns = ledger_columns(block, SHAPE)
    outcomes, reasons = classify_by_validity(columns, rules, _DECIDED_BY, _classified)
    services = columns.of_kind([SERVICE[service] for service, *_ in columns.kinds], np.int8)
    resolution, connect, duration, hd = columns.durations_us
    table = pa.table(
        {
            "service": pa.array(services),
            **shared_columns(columns),
            "submitted_ms": milliseconds_in_minute(columns),
            "time": instants(columns.instants_ms[1]),
            "outcome": pa.array(outcomes),
            "reason": reasons,
            **_columns_by_kind(columns),
            "resolution_us": resolution.fill_null(DEFAULT_RESOLUTION_MS * MICROSECONDS).cast(pa.uint32()),
            "connect_us": connect,
            "duration_us": duration,
            "hd_us": hd,
            "message_id": sparse_strings(columns.ids, outcomes != Outcome.OK),
        }
    )
    return LedgerRows(TABLE, table, columns.touched(services), columns)


def _classified(
    written_state: str, code_system: CodeSystem | None, code: str | int | None, submitted_ms: int, rules: OutcomeRules
) -> Classification:
    return classify_receipt(_state(written_state), code_system, code_text(code_system, code), submitted_ms, rules)


def _state(written: str) -> State:
    state = state_of(written)
    assert state is not None  # noqa: S101  kinds are valid
    return state


def _columns_by_kind(columns: LedgerColumns) -> dict[str, pa.Array]:
    kinds = columns.columns_of_kinds(12)
    _, states, systems, codes, accounts, operators, regions, sources, stages, plans, templates, parts = kinds
    return {
        "state": columns.numbers([STATE[_state(state)] for state in states], np.int8),
        "code_system": columns.texts(systems),
        "code": columns.texts([code_text(system, code) for system, code in zip(systems, codes, strict=True)]),
        "account_id": columns.texts([kept_id(account, ACCOUNT_CHARACTERS) for account in accounts]),
        "operator": columns.texts(operators),
        "region": columns.texts(regions),
        "source": columns.texts(sources),
        "stage": columns.numbers([STAGE[stage or "ga"] for stage in stages], np.int8),
        "plan": columns.numbers([PLAN[plan or "paid"] for plan in plans], np.int8),
        "template": pa.array(templates, pa.bool_()).take(pa.array(columns.index)),
        "part": columns.numbers([part or DEFAULT_PART for part in parts], np.uint8),
    }
