"""What was recorded of each service-minute: valid, failed, in doubt, missing (contract C6, B3)."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Final

from schemas.fields import Service
from streams.simulate.reckoning import Fate, Minute, Reckoning, conflicting

_FAILURES_IN: Final = 100
"""V1: bad when more than one in so many valid ones failed."""


@dataclass(slots=True)
class Side:
    """Requests or messages of a service-minute: failures, valid ones, and those in doubt."""

    failed: int = 0
    valid: int = 0
    doubtful: int = 0

    def bad(self) -> bool:
        """V1."""
        return self.failed >= 1 and self.failed * _FAILURES_IN > self.valid

    def bad_at_worst(self) -> bool:
        """B4, with all that is in doubt failed by our fault."""
        failed = self.failed + self.doubtful
        return failed >= 1 and failed * _FAILURES_IN > self.valid + self.doubtful

    def bad_at_best(self) -> bool:
        """B4, with all that is in doubt fine."""
        return self.failed >= 1 and self.failed * _FAILURES_IN > self.valid + self.doubtful


@dataclass(slots=True)
class Facts:
    """All that was recorded of one service-minute."""

    requests: Side
    messages: Side
    probes_ok: int = 0
    probes_failed: int = 0
    conflicts: int = 0
    unknown: int = 0
    missing: int = 0


def gather(reckoning: Reckoning) -> dict[Minute, Facts]:
    """The facts of every service-minute of which anything was recorded or is missing.

    Messages without a final receipt have waited 72 h: unknown if a carrier had them, ours if none ever did (C3).
    """
    facts = _count(reckoning)
    _note_missing(reckoning, facts)
    return facts


def _count(reckoning: Reckoning) -> dict[Minute, Facts]:
    facts: defaultdict[Minute, Facts] = defaultdict(lambda: Facts(Side(), Side()))
    for requested, standings in ((True, reckoning.requests), (False, reckoning.messages)):
        for (service, minute, _), standing in standings.items():
            fact = facts[service, minute]
            side = fact.requests if requested else fact.messages
            match standing.fate:
                case Fate.OK:
                    side.valid += 1
                case Fate.PLATFORM | Fate.ACCEPTED:  # no carrier ever took it: ours, after 72 h
                    side.valid += 1
                    side.failed += 1
                case Fate.UNKNOWN | Fate.ENROUTE:
                    side.doubtful += 1
                    fact.unknown += 1
                case _:
                    pass
            fact.conflicts += standing.claims is not None and conflicting(standing.claims)
    for (service, minute, _), standing in reckoning.probes.items():
        fact = facts[service, minute]
        fact.probes_ok += standing.fate is Fate.OK
        fact.probes_failed += standing.fate is not Fate.OK
        fact.conflicts += standing.claims is not None and conflicting(standing.claims)
    return facts


def _note_missing(reckoning: Reckoning, facts: dict[Minute, Facts]) -> None:
    missing: Counter[tuple[str, Service, int]] = Counter(reckoning.missing_letters())
    for (topic, source, service, minute), (_, count) in reckoning.manifests.items():
        arrived = len(reckoning.sourced.get((topic, source, service, minute), ()))
        missing[topic, service, minute] += max(0, count - arrived)
    for (topic, service, minute), number in missing.items():
        if number:
            fact = facts[service, minute]
            side = fact.requests if topic == "api.requests" else fact.messages
            side.doubtful += number
            fact.missing += number
