"""Records known to exist that are not here: counted by manifests, not readable, or under another's id (B3)."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from streams.audit.failing import runs
from streams.audit.instants import MINUTE_MS
from streams.audit.known import Known, ManifestClaim, Minute, Series
from streams.audit.policy import AuditPolicy
from streams.audit.records import REQUESTS, SERVICES

DAY: Final = 1_440

Place = tuple[str, str, int]
"""A topic, a service and a minute."""


class AuditHole(NamedTuple):
    """Minutes for which a source sent no manifest though it should have, and what it is taken to miss in each."""

    series: Series
    minutes: range
    standing: int
    greatest: int


@dataclass(slots=True)
class Missing:
    """How many records are missing, by topic, service and minute; zero where nothing is said."""

    standing: Counter[Place] = field(default_factory=Counter)
    """By the counts that stand, without the estimate in holes."""
    greatest: Counter[Place] = field(default_factory=Counter)
    """By the greatest counts of any revision (B4), without the estimate in holes."""
    estimated: Counter[Place] = field(default_factory=Counter)
    """What holes are taken to miss."""
    estimated_greatest: Counter[Place] = field(default_factory=Counter)
    in_hole: set[Minute] = field(default_factory=set)
    holes: list[AuditHole] = field(default_factory=list)

    def of(self, place: Place) -> int:
        """Missing, the estimate included."""
        return self.standing[place] + self.estimated[place]

    def at_worst(self, place: Place) -> int:
        """The same by the greatest counts."""
        return self.greatest[place] + self.estimated_greatest[place]


def find_missing(known: Known, policy: AuditPolicy) -> Missing:
    """Everything that is missing, in all minutes that anything is known of."""
    missing = Missing()
    _add_counted(missing, known)
    for (service, minute), counts in known.counts.items():
        _add(missing, (REQUESTS, service, minute), counts.requests.collisions, counts.requests.collisions)
    seen_to = known.frontier_ms // MINUTE_MS
    for series, claims in known.manifests.items():
        for hole in _holes(series, claims, seen_to, policy):
            _add_hole(missing, hole, known.seen.get(series, {}))
    return missing


def _add_counted(missing: Missing, known: Known) -> None:
    """Shortfalls and dead letters: of one source and minute the greater, not both."""
    dead = _dead_letters(known)
    for series, claims in known.manifests.items():
        topic, source, service = series
        seen = known.seen.get(series, {})
        for minute, claim in claims.items():
            here, unread = seen.get(minute, 0), dead.pop((topic, source, service, minute), 0)
            standing, greatest = max(claim.identities - here, unread), max(claim.greatest - here, unread)
            _add(missing, (topic, service, minute), max(0, standing), max(0, greatest))
    for (topic, _, service, minute), unread in dead.items():
        _add(missing, (topic, service, minute), unread, unread)


def _dead_letters(known: Known) -> Counter[tuple[str, str, str, int]]:
    """By topic, source, service and minute; one whose service cannot be read counts for each."""
    dead: Counter[tuple[str, str, str, int]] = Counter()
    for (topic, source, of, minute), number in known.dead_letters.items():
        for service in SERVICES if of is None else (of,):
            dead[topic, source, service, minute] += number
    return dead


def _add(missing: Missing, place: Place, standing: int, greatest: int) -> None:
    if greatest:
        missing.standing[place] += standing
        missing.greatest[place] += greatest


def _holes(
    series: Series, claims: Mapping[int, ManifestClaim], seen_to: int, policy: AuditPolicy
) -> Iterator[AuditHole]:
    """The holes of a source: after each manifest that is not final, up to the next one, or to the frontier."""
    minutes = sorted(claims)
    for first, stop in runs(minutes, seen_to):
        if claims[first - 1].final:
            continue
        before = _between(minutes, first - policy.hole_max, first)
        standing = max(claims[minute].identities for minute in before)
        greatest = max(claims[minute].greatest for minute in before)
        if len(before) >= policy.hole_after and greatest > 0:
            yield AuditHole(series, range(first, min(stop, first + policy.hole_max)), standing, greatest)


def _between(minutes: Sequence[int], first: int, stop: int) -> Sequence[int]:
    return minutes[bisect_left(minutes, first) : bisect_left(minutes, stop)]


def _add_hole(missing: Missing, hole: AuditHole, seen: Mapping[int, int]) -> None:
    topic, _, service = hole.series
    missing.holes.append(hole)
    for minute in hole.minutes:
        here, place = seen.get(minute, 0), (topic, service, minute)
        missing.in_hole.add((service, minute))
        missing.estimated[place] += max(0, hole.standing - here)
        missing.estimated_greatest[place] += max(0, hole.greatest - here)


def holes_of(missing: Missing, first: int, end: int) -> dict[Series, int]:
    """The minutes of holes in a span, by source (B3)."""
    found: defaultdict[Series, int] = defaultdict(int)
    for hole in missing.holes:
        inside = range(max(first, hole.minutes.start), min(end, hole.minutes.stop))
        if inside:
            found[hole.series] += len(inside)
    return dict(sorted(found.items()))
