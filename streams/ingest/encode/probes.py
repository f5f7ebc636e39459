"""`probes` to `ledger_probes`."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

import numpy as np
import pyarrow as pa

from schemas.fields import valid_status
from schemas.probe import Probe
from streams.ingest.encode.decoded_rows import Shape
from streams.ingest.encode.durations import Duration
from streams.ingest.encode.ledger_columns import (
    LedgerRows,
    ledger_columns,
    milliseconds_in_minute,
    shared_columns,
)
from streams.ingest.encode.numbers import SERVICE
from streams.kafka.block import Block
from streams.rules.classify import OutcomeRules

TABLE: Final = "ledger_probes"


_kind: Callable[[Probe], tuple[Any, ...]] = attrgetter("service", "status", "ok", "vantage", "revision")


SHAPE: Final = Shape(
    topic="probes",
    ids=lambda records: [record.probe_id for record in records],
    instants=[lambda records: [record.time for record in records]],
    kinds=lambda records: [*map(_kind, records)],
    valid=lambda kind: kind[1] is None or valid_status(kind[1]),
    durations=[Duration(of=lambda records: [record.duration_ms for record in records])],
)


def probe_rows(block: Block, _rules: OutcomeRules) -> LedgerRows:
    """Rows of `ledger_probes` and the service-minutes they touch."""
    columns = ledger_columns(block, SHAPE)
    names, statuses, oks, vantages, revisions = columns.columns_of_kinds(5)
    services = columns.of_kind([SERVICE[name] for name in names], np.int8)
    table = pa.table(
        {
            "service": pa.array(services),
            **shared_columns(columns),
            "minute_ms": milliseconds_in_minute(columns),
            "revision": columns.numbers([revision or 0 for revision in revisions], np.uint16),
            "ok": columns.numbers(oks, np.bool_),
            "status": pa.array(statuses, pa.uint16()).take(pa.array(columns.index)),
            "vantage": columns.texts(vantages),
            "duration_us": columns.durations_us[0],
            "probe_id": pa.array(columns.ids, pa.string()),
        }
    )
    return LedgerRows(TABLE, table, columns.touched(services), columns)
