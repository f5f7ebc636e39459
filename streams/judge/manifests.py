"""Manifests as the rules take them: a series a topic, source and service, of each minute what counts (B3, I2, I4)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from clickhouse_connect.driver.client import Client
from numpy.typing import NDArray

from schemas.fields import Service
from schemas.manifest import CountedTopic
from streams.clickhouse.arrow import COUNTED_SERVICES, ask, numbers
from streams.judge.counts import SeenSources
from streams.rules.month.exact import Counts, Flags, Indices
from streams.rules.month.gaps import COUNTED_TOPICS
from streams.rules.month.inputs import ManifestSeries
from streams.rules.month.span import DAY, MinuteFrame

_SERVICES: Final = len(COUNTED_SERVICES) + 1
_MOST_SERIES: Final = 2**14


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestRecords:
    """(m,) each: records of one topic, source and service, by minute; several may be of one minute."""

    minutes: Counts
    revisions: Counts
    counts: Counts
    final: Flags
    recorded_ms: Counts

    def at(self, rows: Indices | slice) -> "ManifestRecords":
        """Some of them, in another order."""
        return ManifestRecords(
            minutes=self.minutes[rows],
            revisions=self.revisions[rows],
            counts=self.counts[rows],
            final=self.final[rows],
            recorded_ms=self.recorded_ms[rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMinutes:
    """(k,) each: what a source tells of a minute, each once, ascending."""

    minutes: Counts
    counts: Counts
    greatest: Counts
    final: Flags
    corrected: Flags
    recorded_ms: Counts


def manifest_minutes(frame: MinuteFrame) -> tuple[int, int]:
    """The minutes [first, end) whose manifests bear on a frame: a hole counts for a day, and looks a day back (B3)."""
    return max(frame.first - 2 * DAY, 0), frame.stop + DAY + 1


def read_manifests(
    client: Client, frame: MinuteFrame, as_of_ms: int, seen_sources: Callable[[], SeenSources]
) -> tuple[ManifestSeries, ...]:
    """The manifests that bear on a frame, and every source that was seen, by topic, source and service (B3).

    Where there is none, which sources were seen decides nothing, and they are not asked for.
    """
    first, end = manifest_minutes(frame)
    table = ask(client, "judge_manifests", {"from": first, "to": end, "as_of": as_of_ms})
    if not len(table):
        return ()
    seen = seen_sources()
    counted = {key: source_minutes(records) for key, records in _by_series(table)}
    unseen, nothing = np.broadcast_to(np.int64(0), (frame.size,)), source_minutes(_NO_RECORDS)
    return tuple(
        _series(key, counted.get(key, nothing), seen.get(key, unseen)) for key in sorted(counted.keys() | seen.keys())
    )


def source_minutes(records: ManifestRecords) -> SourceMinutes:
    """Of each minute the manifest that counts (I2: higher revision, greater count, not final), and how it was changed.

    It was corrected in our favour if any record counts more, or if it is final and one of a lower revision is not (I4).
    """
    if not (np.diff(records.minutes) > 0).all():
        return _of_several(records)
    return SourceMinutes(
        minutes=records.minutes,
        counts=records.counts,
        greatest=records.counts,
        final=records.final,
        corrected=np.zeros(records.minutes.size, dtype=np.bool_),
        recorded_ms=records.recorded_ms,
    )


def _of_several(records: ManifestRecords) -> SourceMinutes:
    """Records in the order of minutes and, in each, of what counts, the last of which does."""
    found = records.at(
        np.lexsort((~records.final, records.counts, records.revisions, records.minutes)),
    )
    starts = np.flatnonzero(np.diff(found.minutes, prepend=-1))
    last = np.append(starts[1:], found.minutes.size) - 1
    greatest = np.maximum.reduceat(found.counts, starts)
    beyond = 1 + int(found.revisions.max())
    open_revision = np.minimum.reduceat(np.where(found.final, beyond, found.revisions), starts)
    final = found.final[last]
    return SourceMinutes(
        minutes=found.minutes[last],
        counts=found.counts[last],
        greatest=greatest,
        final=final,
        corrected=(greatest > found.counts[last]) | (final & (open_revision < found.revisions[last])),
        recorded_ms=np.minimum.reduceat(found.recorded_ms, starts),
    )


def _by_series(table: pa.Table) -> Iterator[tuple[tuple[CountedTopic, str, Service], ManifestRecords]]:
    """Records by topic, source and service."""
    if not len(table):
        return
    series, names = _series_codes(table)
    # Few values, so that to sort them is to count them; a stable order leaves minutes as they come, in order.
    order = np.argsort(series, kind="stable")
    records = ManifestRecords(
        minutes=numbers(table, "at"),
        revisions=numbers(table, "revision"),
        counts=numbers(table, "count"),
        final=numbers(table, "final").astype(np.bool_),
        recorded_ms=numbers(table, "recorded_ms"),
    ).at(order)
    numbers_of = np.bincount(series)
    end = 0
    for code in np.flatnonzero(numbers_of):
        start, end = end, end + int(numbers_of[code])
        source, number = divmod(int(code) // 2, _SERVICES)
        yield (COUNTED_TOPICS[int(code) % 2], names[source], COUNTED_SERVICES[number]), _in_order(records, start, end)


def _series_codes(table: pa.Table) -> tuple[NDArray[np.integer[Any]], list[str]]:
    """Of each record a number that tells source, service and topic; and the sources by their numbers."""
    sources = table.column("source").combine_chunks()
    coded = sources if isinstance(sources, pa.DictionaryArray) else sources.dictionary_encode()
    names = coded.dictionary.to_pylist()
    of_receipts, service = numbers(table, "of_receipts"), numbers(table, "service")
    series = (coded.indices.to_numpy().astype(np.int64) * _SERVICES + service) * 2 + of_receipts
    return series.astype(np.int16) if len(names) * _SERVICES < _MOST_SERIES else series, names


def _in_order(records: ManifestRecords, start: int, end: int) -> ManifestRecords:
    own = records.at(slice(start, end))
    return own if (np.diff(own.minutes) >= 0).all() else own.at(np.argsort(own.minutes, kind="stable"))


def _series(key: tuple[CountedTopic, str, Service], counted: SourceMinutes, seen: Counts) -> ManifestSeries:
    topic, source, service = key
    return ManifestSeries(
        topic=topic,
        source=source,
        service=service,
        minutes=counted.minutes,
        counts=counted.counts,
        greatest=counted.greatest,
        final=counted.final,
        corrected=counted.corrected,
        recorded_ms=counted.recorded_ms,
        seen=seen,
    )


_NONE: Final = np.zeros(0, dtype=np.int64)
_NO_RECORDS: Final = ManifestRecords(
    minutes=_NONE, revisions=_NONE, counts=_NONE, final=_NONE.astype(np.bool_), recorded_ms=_NONE
)
