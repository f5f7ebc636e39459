"""Counts of minutes as the rules take them: one array a service and count, over the whole frame."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, TypeVar, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from schemas.fields import Service
from schemas.manifest import CountedTopic
from streams.clickhouse.arrow import COUNTED_SERVICES, entries, numbers, unless_zero
from streams.rules.month.exact import Counts, Indices
from streams.rules.month.inputs import OutcomeCounts, ServiceCounts, TrafficCounts
from streams.rules.month.span import MinuteFrame

_SOURCES: Final[Mapping[str, CountedTopic]] = {
    "request_sources": "api.requests",
    "message_sources": "carrier.receipts",
}
_PENDING: Final = ("accepted", "enroute")
_APART: Final = ("ok", "platform", "unknown", "claimed", *_PENDING)
"""Outcomes out of scope that the contract asks for one by one (C5)."""
_OF_TRAFFIC: Final = ("heard", "corrected", "corrected_settled", "corrected_claimed", "corrected_valid", "collisions")
_OF_SERVICE: Final = ("vantages_ok", "vantages_failed", "probes_corrected", "conflicts", "unsourced", "unnamed")

_COLUMNS: Final = (
    *_OF_SERVICE,
    *(
        f"{prefix}_{name}"
        for prefix in ("requests", "messages")
        for name in (
            *OutcomeCounts.__slots__,
            *_OF_TRAFFIC,
            "out_of_scope",
            *(f"out_of_scope_{outcome}" for outcome in _APART),
        )
    ),
)
"""Columns of `minutes`; some are of requests or of messages alone."""

_Key = TypeVar("_Key")

SeenSources = Mapping[tuple[CountedTopic, str, Service], Counts]
"""(n,) by topic, source and service: identities with a record that carries the source (B3)."""


@dataclass(frozen=True, kw_only=True)
class CountedRows:
    """Rows of minutes, by service and minute, in columns named like those of the table `minutes`."""

    table: pa.Table
    frame: MinuteFrame

    @cached_property
    def at(self) -> Indices:
        """Where in the frame each row lies."""
        return numbers(self.table, "at") - self.frame.first

    @cached_property
    def borders(self) -> Indices:
        """Where the rows of each service begin, and the last ones end, by the service's number."""
        return np.searchsorted(numbers(self.table, "service"), np.arange(len(COUNTED_SERVICES) + 2))

    def column(self, name: str) -> NDArray[Any] | None:
        """A column; None if it was not asked for, or is of zeros alone."""
        return unless_zero(self.table, name) if name in self.table.column_names else None

    def spread(self, found: NDArray[Any], number: int) -> Counts | None:
        """(n,): what a column has of a service, over the frame; None if that is zeros alone."""
        rows = slice(*self.borders[number : number + 2])
        own = found[rows]
        return placed(own, self.at[rows], self.frame.size) if own.any() else None

    def by_key(self, name: str) -> Iterator[tuple[str, int, Counts]]:
        """(n,) by key of a column of maps and by the service's number."""
        if name not in self.table.column_names or not len(self.table):
            return
        owners, keys, codes, found = entries(self.table, name)
        # Sorted by key once: to pick out one key after the other takes as many passes as there are keys.
        order = np.argsort(codes, kind="stable")
        owners, found = owners[order], found[order]
        ends = np.cumsum(np.bincount(codes, minlength=len(keys)))
        for key, start, end in zip(keys, (0, *ends), ends, strict=False):
            borders = start + np.searchsorted(owners[start:end], self.borders)
            for number in COUNTED_SERVICES:
                own = slice(*borders[number : number + 2])
                if own.start < own.stop:
                    yield key, number, placed(found[own], self.at[owners[own]], self.frame.size)


def placed(found: NDArray[Any], at: Indices, size: int) -> Counts:
    """(n,): counts of distinct minutes where they belong."""
    whole = np.zeros(size, dtype=np.int64)
    if at[-1] - at[0] + 1 == at.size:
        whole[at[0] : at[-1] + 1] = found
    else:
        whole[at] = found
    return whole


def service_counts(parts: Sequence[CountedRows], frame: MinuteFrame) -> dict[Service, ServiceCounts]:
    """What is counted of every service: rows of parts of the frame that have no minute in common."""
    columns = {name: _by_service(parts, name, frame) for name in _COLUMNS}
    mended: dict[int, dict[str, Counts]] = {number: {} for number in COUNTED_SERVICES}
    for part in parts:
        for name, number, counts in part.by_key("mended"):
            _add(mended[number], name, counts)
    return {
        service: _counts({name: of[number] for name, of in columns.items()}, mended[number], frame)
        for number, service in COUNTED_SERVICES.items()
    }


def seen_sources(parts: Sequence[CountedRows]) -> SeenSources:
    """Which sources were seen in which minutes (B3)."""
    seen: dict[tuple[CountedTopic, str, Service], Counts] = {}
    for part in parts:
        for column, topic in _SOURCES.items():
            for source, number, counts in part.by_key(column):
                _add(seen, (topic, source, COUNTED_SERVICES[number]), counts)
    return seen


def _by_service(parts: Sequence[CountedRows], name: str, frame: MinuteFrame) -> dict[int, Counts]:
    """(n,) by the service's number: a column of all parts."""
    sums: dict[int, Counts] = {}
    for part in parts:
        found = part.column(name)
        for number in COUNTED_SERVICES if found is not None else ():
            counts = part.spread(cast("NDArray[Any]", found), number)
            if counts is not None:
                _add(sums, number, counts)
    return {number: sums.get(number, _none(frame)) for number in COUNTED_SERVICES}


def _counts(columns: Mapping[str, Counts], mended: Mapping[str, Counts], frame: MinuteFrame) -> ServiceCounts:
    of_service: dict[str, Any] = {name: columns[name] for name in _OF_SERVICE}
    return ServiceCounts(
        requests=_traffic(columns, "requests", frame),
        messages=_traffic(columns, "messages", frame),
        mended=mended,
        **of_service,
    )


def _traffic(columns: Mapping[str, Counts], prefix: str, frame: MinuteFrame) -> TrafficCounts:
    in_scope = {name: columns[f"{prefix}_{name}"] for name in OutcomeCounts.__slots__}
    apart = {name: columns[f"{prefix}_out_of_scope_{name}"] for name in _APART}
    total = columns[f"{prefix}_out_of_scope"]
    # What customers and others failed at out of scope is a record (M2), and counts nowhere else.
    others = total - sum(apart.values()) if total.any() else total
    return TrafficCounts(
        in_scope=OutcomeCounts(**in_scope),
        out_of_scope=replace(OutcomeCounts.none(frame.size), **apart, customer=others),
        **{name: columns[f"{prefix}_{name}"] for name in _OF_TRAFFIC},
    )


def _none(frame: MinuteFrame) -> Counts:
    return np.broadcast_to(np.int64(0), (frame.size,))


def _add(sums: dict[_Key, Counts], key: _Key, counts: Counts) -> None:
    if key in sums:
        sums[key] += counts
    else:
        sums[key] = counts
