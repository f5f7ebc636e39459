"""A judged month as rows of `judgements`: one a service, and one of the platform."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa

from streams.judge.judged_month import JudgedMonth
from streams.judge.summary import MonthSummary, PlatformSummary, ServiceSummary, summary_of
from streams.rules.month.exact import Counts
from streams.rules.month.judging import SpanVerdict
from streams.rules.month.states import TrafficReading

PLATFORM: Final = "platform"
"""As the platform is called beside its services (V5)."""

_SHARES: Final = ("uptime", "uptime_low", "uptime_low_lost", "uptime_high", "credit_uptime")
_SHARE: Final = pa.decimal128(7, 4)
_RECORDED: Final = pa.timestamp("ms", "UTC")
_INCIDENT: Final = pa.struct([("starts_at", pa.uint32()), ("ends_at", pa.uint32())])
_NUMBERS: Final = (
    *("conflicts", "collisions", "missing_records", "unknown_records", "corrected_in_our_favour", "unnamed_records"),
    *("late_manifests", "out_of_scope_down_minutes"),
)
_CODES: Final = ("state", "kind", "bad_low", "bad_lost", "bad_high")
_COUNTS: Final = ("failed", "valid", "unknown", "missing")
_GREATEST: Final = 2**64 - 1
_GREATEST_COUNT: Final = 2**32 - 1


def judgement_rows(judged: JudgedMonth, judged_at_ms: int) -> pa.Table:
    """The rows of a month, to be inserted together."""
    month, judgement = summary_of(judged), judged.judgement
    names = [*judgement.services, PLATFORM]
    verdicts = [*(one.verdict for one in judgement.services.values()), judgement.platform]
    summaries: list[PlatformSummary] = [*month.services.values(), month.platform]
    columns: dict[str, Any] = {
        "service": pa.array(names, pa.string()),
        **_same(judged, month, judged_at_ms, len(names)),
        **_minutes(summaries),
        **_counted(summaries),
        "document": [*[""] * len(month.services), msgspec.json.encode(month).decode()],
        "incidents": pa.array([_incidents(one) for one in verdicts], pa.list_(_INCIDENT)),
        **_arrays([_codes(one) for one in verdicts], pa.uint8()),
    }
    for name, type_ in _traffic_columns():
        of, _, which = name.partition("_")
        columns[name] = _lists(
            [_of_minutes(getattr(one.reading, of), which) for one in judgement.services.values()]
            + [np.zeros(0, dtype=np.int64)],
            type_,
        )
    return pa.table(columns)


def _same(judged: JudgedMonth, month: MonthSummary, judged_at_ms: int, rows: int) -> dict[str, Any]:
    """What all rows of a month have in common."""
    values = {
        "policy": (month.policy, pa.string()),
        "month": (month.month, pa.string()),
        "fingerprint": (judged.fingerprint, pa.string()),
        "version": (judged.version, pa.uint64()),
        "judged_at": (judged_at_ms, _RECORDED),
        "in_force": (month.in_force, pa.bool_()),
        "zone": (month.zone, pa.string()),
        "starts_at": (judged.choice.span.start_ms // 1000, pa.uint32()),
        "complete": (month.complete, pa.bool_()),
    }
    return {name: pa.array([value] * rows, type_) for name, (value, type_) in values.items()}


def _minutes(summaries: Sequence[PlatformSummary]) -> dict[str, Any]:
    others = (*_SHARES, "excluded_minutes", "unobserved", "credit_percent")
    counts = [name for name in PlatformSummary.__struct_fields__ if name not in others]
    return {
        **{name: pa.array([getattr(one, name) for one in summaries], pa.uint32()) for name in counts},
        **{name: pa.array([_share(getattr(one, name)) for one in summaries], _SHARE) for name in _SHARES},
        "excluded_minutes": _map([one.excluded_minutes for one in summaries], pa.uint32()),
        "unobserved": pa.array([one.unobserved for one in summaries], pa.bool_()),
        "credit_percent": pa.array([one.credit_percent for one in summaries], pa.uint8()),
    }


def _counted(summaries: Sequence[PlatformSummary]) -> dict[str, Any]:
    """What is counted of services; nothing of the platform."""
    services = [one for one in summaries if isinstance(one, ServiceSummary)]
    return {
        **{name: pa.array([*(_capped(getattr(one, name)) for one in services), 0], pa.uint64()) for name in _NUMBERS},
        "mended_records": _map([*(one.mended_records for one in services), {}], pa.uint64()),
        "out_of_scope_ok": pa.array([*(one.out_of_scope.ok for one in services), 0], pa.uint64()),
        "out_of_scope_failed": pa.array([*(one.out_of_scope.failed for one in services), 0], pa.uint64()),
        "source_completeness": pa.array([*(one.source_completeness for one in services), ""], pa.string()),
    }


def _codes(verdict: SpanVerdict) -> dict[str, np.ndarray[Any, Any]]:
    bounds = verdict.bounds
    found = (verdict.state, verdict.kind, bounds.bad_at_best, bounds.bad_if_lost, bounds.bad_at_worst)
    return dict(zip(_CODES, found, strict=True))


def _arrays(rows: Sequence[Mapping[str, np.ndarray[Any, Any]]], type_: pa.DataType) -> dict[str, Any]:
    return {name: _lists([row[name] for row in rows], type_) for name in rows[0]}


def _traffic_columns() -> Iterator[tuple[str, pa.DataType]]:
    for of in ("requests", "messages"):
        for name in (*_COUNTS, *(("pending",) if of == "messages" else ())):
            yield f"{of}_{name}", pa.uint64() if name == "missing" else pa.uint32()


def _of_minutes(traffic: TrafficReading, name: str) -> np.ndarray[Any, Any]:
    """Requests or messages of the minutes judged, by what they count as; capped at what the column holds."""
    if name != "missing":
        counts: Counts = getattr(traffic.settled, name)
        return np.minimum(counts, np.int64(_GREATEST_COUNT))
    missing = traffic.missing
    # Python's integers, where 64 bits would not hold what sources claim.
    return np.minimum(missing, _GREATEST).astype(np.uint64) if missing.dtype == object else missing.astype(np.uint64)


def _lists(rows: Sequence[np.ndarray[Any, Any]], type_: pa.DataType) -> pa.ListArray:
    """A column of arrays, without a Python object an element."""
    offsets = np.cumsum([0, *(row.size for row in rows)], dtype=np.int32)
    values = np.concatenate(rows).astype(type_.to_pandas_dtype(), copy=False)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values))


def _incidents(verdict: SpanVerdict) -> list[dict[str, int]]:
    return [{"starts_at": start * 60, "ends_at": end * 60} for start, end in verdict.incidents]


def _map(rows: Sequence[Mapping[str, int]], type_: pa.DataType) -> pa.MapArray:
    entries = [[(name, _capped(count)) for name, count in row.items()] for row in rows]
    return pa.array(entries, pa.map_(pa.string(), type_))


def _share(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _capped(number: int) -> int:
    return min(number, _GREATEST)
