"""`carrier.receipts` to `ledger_receipts`."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

import numpy as np
import pyarrow as pa

from schemas.carrier_receipt import CarrierReceipt
from schemas.codes import CodeTables
from streams.ingest.encode.arrays import instants, sparse_strings
from streams.ingest.encode.classify_by_validity import classify_by_validity
from streams.ingest.encode.decoded_rows import Shape
from streams.ingest.encode.ledger_columns import (
    LedgerColumns,
    LedgerRows,
    ledger_columns,
    milliseconds_in_minute,
    shared_columns,
)
from streams.ingest.encode.numbers import PLAN, SERVICE, STAGE, STATE
from streams.kafka.block import Block
from streams.rules.classify import Outcome, classify_receipt

TABLE: Final = "ledger_receipts"
_DECIDED_BY: Final = slice(1, 4)
"""The values of a kind that decide the outcome: state, code system and code."""
_DEFAULT_RESOLUTION_MS: Final = 1


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
    "resolution_ms",
)


SHAPE: Final = Shape(
    topic="carrier.receipts",
    ids=lambda records: [record.message_id for record in records],
    instants=[
        lambda records: [record.submitted_at for record in records],
        lambda records: [record.time for record in records],
    ],
    kinds=lambda records: [*map(_kind, records)],
    valid=lambda _: True,
    measures=[
        lambda records: [record.connect_ms for record in records],
        lambda records: [record.duration_ms for record in records],
        lambda records: [record.hd_ms for record in records],
    ],
)


def receipt_rows(block: Block, tables: CodeTables) -> LedgerRows:
    """Rows of `ledger_receipts` and the service-minutes they touch; outcomes by C3 and C4."""
    columns = ledger_columns(block, SHAPE)
    outcomes, reasons = classify_by_validity(columns, tables, _DECIDED_BY, classify_receipt)
    services = columns.of_kind([SERVICE[service] for service, *_ in columns.kinds], np.int8)
    connect, duration, hd = columns.measures
    table = pa.table(
        {
            "service": pa.array(services),
            **shared_columns(columns),
            "submitted_ms": milliseconds_in_minute(columns),
            "time": instants(columns.instants_ms[1]),
            "outcome": pa.array(outcomes),
            "reason": reasons,
            **_columns_by_kind(columns),
            "connect_ms": pa.array(connect, pa.uint32()),
            "duration_ms": pa.array(duration, pa.uint32()),
            "hd_ms": pa.array(hd, pa.uint32()),
            "message_id": sparse_strings(columns.ids, outcomes != Outcome.OK),
        }
    )
    return LedgerRows(TABLE, table, columns.touched(services), columns)


def _columns_by_kind(columns: LedgerColumns) -> dict[str, pa.Array]:
    kinds = columns.columns_of_kinds(12)
    _, states, systems, codes, accounts, operators, regions, sources, stages, plans, templates, resolutions = kinds
    return {
        "state": columns.numbers([STATE[state] for state in states], np.int8),
        "code_system": columns.texts(systems),
        "code": columns.texts(codes),
        "account_id": columns.texts(accounts),
        "operator": columns.texts(operators),
        "region": columns.texts(regions),
        "source": columns.texts(sources),
        "stage": columns.numbers([STAGE[stage or "ga"] for stage in stages], np.int8),
        "plan": columns.numbers([PLAN[plan or "paid"] for plan in plans], np.int8),
        "template": pa.array(templates, pa.bool_()).take(pa.array(columns.index)),
        "resolution_ms": columns.numbers(
            [_DEFAULT_RESOLUTION_MS if resolution is None else resolution for resolution in resolutions], np.uint32
        ),
    }
