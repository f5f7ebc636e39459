"""`api.requests` to `ledger_requests`."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schemas.api_request import ApiRequest
from schemas.fields import valid_status
from schemas.ids import ACCOUNT_CHARACTERS
from streams.ingest.encode.arrays import sparse_strings
from streams.ingest.encode.classify_by_validity import Classes, classify_by_validity
from streams.ingest.encode.decoded_rows import Shape
from streams.ingest.encode.durations import Duration
from streams.ingest.encode.ledger_columns import (
    LedgerColumns,
    LedgerRows,
    ledger_columns,
    milliseconds_in_minute,
    shared_columns,
)
from streams.ingest.encode.numbers import PLAN, SERVICE, STAGE
from streams.kafka.block import Block
from streams.rules.classify import Outcome, OutcomeRules, answer_cases, classify_request
from streams.rules.identity import kept_id

TABLE: Final = "ledger_requests"
_DECIDED_BY: Final = slice(1, 3)
"""The values of a kind that decide the outcome: status and error."""


_kind: Callable[[ApiRequest], tuple[Any, ...]] = attrgetter(
    "service", "status", "error", "account_id", "route", "region", "source", "stage", "plan", "revision"
)


SHAPE: Final = Shape(
    topic="api.requests",
    ids=lambda records: [record.request_id for record in records],
    instants=[lambda records: [record.time for record in records]],
    kinds=lambda records: [*map(_kind, records)],
    valid=lambda kind: valid_status(kind[1]),
    durations=[
        Duration(of=lambda records: [record.duration_ms for record in records]),
        Duration(of=lambda records: [record.total_ms for record in records]),
    ],
)


def request_rows(block: Block, rules: OutcomeRules) -> LedgerRows:
    """Rows of `ledger_requests` and the service-minutes they touch; outcomes by C2 and C4."""
    columns = ledger_columns(block, SHAPE)
    duration, total = columns.durations_us
    outcomes, reasons = classify_by_validity(
        columns, rules, _DECIDED_BY, classify_request, _answered(duration, total, rules.answer_within_us)
    )
    services = columns.of_kind([SERVICE[service] for service, *_ in columns.kinds], np.int8)
    table = pa.table(
        {
            "service": pa.array(services),
            **shared_columns(columns),
            "minute_ms": milliseconds_in_minute(columns),
            "outcome": pa.array(outcomes),
            "reason": reasons,
            **_columns_by_kind(columns),
            "duration_us": duration,
            "total_us": total,
            "request_id": sparse_strings(columns.ids, outcomes != Outcome.OK),
        }
    )
    return LedgerRows(TABLE, table, columns.touched(services), columns)


def _answered(duration_us: pa.Array, total_us: pa.Array, within_us: int) -> Classes:
    """Which rows were answered in time, too late, or nobody knows when: all that C2 asks of their durations."""
    is_late = _is_at_least(duration_us, within_us)
    is_long = _is_at_least(total_us, within_us)
    is_measured = duration_us.is_valid().to_numpy(zero_copy_only=False)
    numbers = np.where(is_measured, is_late, 2 + is_long)
    return Classes(numbers=numbers, values=[(took,) for took in answer_cases(within_us)])


def _is_at_least(durations_us: pa.Array, least_us: int) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = (
        pc.greater_equal(durations_us, least_us).fill_null(False).to_numpy(zero_copy_only=False)
    )
    return found


def _columns_by_kind(columns: LedgerColumns) -> dict[str, pa.Array]:
    _, statuses, errors, accounts, routes, regions, sources, stages, plans, revisions = columns.columns_of_kinds(10)
    return {
        "status": columns.numbers(statuses, np.uint16),
        "error": columns.texts(errors),
        "account_id": columns.texts([kept_id(account, ACCOUNT_CHARACTERS) for account in accounts]),
        "route": columns.texts(routes),
        "region": columns.texts(regions),
        "source": columns.texts(sources),
        "stage": columns.numbers([STAGE[stage or "ga"] for stage in stages], np.int8),
        "plan": columns.numbers([PLAN[plan or "paid"] for plan in plans], np.int8),
        "revision": columns.numbers([revision or 0 for revision in revisions], np.uint16),
    }
