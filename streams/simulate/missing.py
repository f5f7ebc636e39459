"""What is missing of each service-minute: by manifests, collisions and dead letters; and the holes of sources (B3)."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from schemas.fields import SERVICES, Service
from streams.simulate.accounting import (
    LONG_AFTER_MS,
    Counted,
    CountedRecord,
    Identity,
    Minute,
    PlainAccounting,
    TrafficRecord,
)
from streams.simulate.facts import SimulatedMinutes
from streams.simulate.reading import MINUTE_MS

_DAY_MINUTES: Final = 1_440
_HOLE_AFTER: Final = 60
TOPICS: Final = ("api.requests", "carrier.receipts")


@dataclass(slots=True)
class MissingRecords:
    """By topic, service and minute: what is known to be missing, what holes are taken to miss, and both at worst."""

    known: Counter[tuple[str, Service, int]] = field(default_factory=Counter)
    known_at_worst: Counter[tuple[str, Service, int]] = field(default_factory=Counter)
    estimated: Counter[tuple[str, Service, int]] = field(default_factory=Counter)
    estimated_at_worst: Counter[tuple[str, Service, int]] = field(default_factory=Counter)
    holes: dict[tuple[str, str, Service], set[int]] = field(default_factory=dict)
    """By topic, source and service: the minutes that lie in a hole, as far as it counts."""

    def total(self, topic: str, service: Service, minute: int) -> int:
        """With the estimate in holes."""
        at = topic, service, minute
        return self.known.get(at, 0) + self.estimated.get(at, 0)

    def total_at_worst(self, topic: str, service: Service, minute: int) -> int:
        """By the greatest count of any revision."""
        at = topic, service, minute
        return self.known_at_worst.get(at, 0) + self.estimated_at_worst.get(at, 0)


def missing_records(
    accounting: PlainAccounting, facts: Mapping[Minute, SimulatedMinutes], frontier: int
) -> MissingRecords:
    """All that is missing; `frontier` is the first minute that is not over."""
    missing, seen = MissingRecords(), _seen_by_source(accounting)
    for (service, minute), fact in facts.items():
        _add_known(missing, (TOPICS[0], service, minute), fact.requests.collisions, fact.requests.collisions)
    dead = _dead_by_source(accounting)
    for counted, records in accounting.manifests.items():
        topic, _, service, minute = counted
        effective, greatest = max(records).counted, max(one.counted for one in records)
        of_source, have = dead.pop(counted, 0), len(seen.get(counted, ()))
        shortfalls = (max(0, count - have, of_source) for count in (effective, greatest))
        _add_known(missing, (topic, service, minute), *shortfalls)
    for (topic, _, service, minute), number in dead.items():
        _add_known(missing, (topic, service, minute), number, number)
    for (topic, source, service), minutes in _by_series(accounting).items():
        _add_holes(missing, (topic, source, service), minutes, seen, frontier)
    return missing


def _add_known(missing: MissingRecords, at: tuple[str, Service, int], known: int, at_worst: int) -> None:
    missing.known[at] += known
    missing.known_at_worst[at] += at_worst


def _seen_by_source(accounting: PlainAccounting) -> dict[Counted, set[Identity]]:
    """Identities with a record that carries the source; of requests, one of the lowest revision."""
    seen: defaultdict[Counted, set[Identity]] = defaultdict(set)
    for topic, identities in zip(TOPICS, (accounting.requests, accounting.messages), strict=True):
        for identity, records in identities.items():
            for source in _sources(records):
                seen[topic, source, identity[0], identity[1]].add(identity)
    return dict(seen)


def _sources(records: list[TrafficRecord]) -> set[str]:
    lowest = min(one.revision for one in records)
    return {one.source for one in records if one.source and one.revision == lowest}


def _dead_by_source(accounting: PlainAccounting) -> Counter[Counted]:
    """Dead letters by topic, source, service and minute; those of no readable service count for every one."""
    found: Counter[Counted] = Counter()
    for topic, dead, recorded_ms in accounting.counting_dead_letters():
        services = SERVICES if dead.service is None else (dead.service,)
        minute = dead.minute if dead.minute is not None else recorded_ms // MINUTE_MS
        if dead.minute is None and recorded_ms == LONG_AFTER_MS:
            continue
        for service in services:
            found[topic, dead.source, service, minute] += 1
    return found


def _by_series(accounting: PlainAccounting) -> dict[tuple[str, str, Service], dict[int, list[CountedRecord]]]:
    series: defaultdict[tuple[str, str, Service], dict[int, list[CountedRecord]]] = defaultdict(dict)
    for (topic, source, service, minute), records in accounting.manifests.items():
        series[topic, source, service][minute] = records
    return dict(series)


def _add_holes(
    missing: MissingRecords,
    series: tuple[str, str, Service],
    manifests: dict[int, list[CountedRecord]],
    seen: Mapping[Counted, set[Identity]],
    frontier: int,
) -> None:
    topic, source, service = series
    for hole in _holes(manifests, frontier):
        day = [manifests[at] for at in range(hole.start - _DAY_MINUTES, hole.start) if at in manifests]
        most = max((max(records).counted for records in day), default=0)
        most_at_worst = max((one.counted for records in day for one in records), default=0)
        if len(day) < _HOLE_AFTER or not most_at_worst:
            continue
        missing.holes.setdefault(series, set()).update(hole)
        for minute in hole:
            have = len(seen.get((topic, source, service, minute), ()))
            missing.estimated[topic, service, minute] += max(0, most - have)
            missing.estimated_at_worst[topic, service, minute] += max(0, most_at_worst - have)


def _holes(manifests: dict[int, list[CountedRecord]], frontier: int) -> Iterator[range]:
    """Runs of minutes without a manifest behind one that is not final, as far as they count."""
    minutes = sorted(manifests)
    for before, after in pairwise([*minutes, max(frontier, minutes[-1] + 1)]):
        if max(manifests[before]).not_final and after > before + 1:
            yield range(before + 1, min(after, before + 1 + _DAY_MINUTES))
