"""What was recorded of each service-minute: valid, failed, in doubt, missing (contract C6, B3)."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Final

from schemas.fields import Service
from streams.simulate.accounting import ExpectedOutcome, Minute, PlainAccounting, conflicting

_FAILURES_IN: Final = 100
"""V1: bad when more than one in so many valid ones failed."""


@dataclass(slots=True)
class MinuteSide:
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
class SimulatedMinutes:
    """All that was recorded of one service-minute."""

    requests: MinuteSide
    messages: MinuteSide
    probes_ok: int = 0
    probes_failed: int = 0
    conflicts: int = 0
    unknown: int = 0
    missing: int = 0


def gather(accounting: PlainAccounting) -> dict[Minute, SimulatedMinutes]:
    """The facts of every service-minute of which anything was recorded or is missing.

    Messages without a final receipt have waited 72 h: unknown if a carrier had them, ours if none ever did (C3).
    """
    facts = _count(accounting)
    _note_missing(accounting, facts)
    return facts


def _count(accounting: PlainAccounting) -> dict[Minute, SimulatedMinutes]:
    facts: defaultdict[Minute, SimulatedMinutes] = defaultdict(lambda: SimulatedMinutes(MinuteSide(), MinuteSide()))
    for requested, greatest_by_identity in ((True, accounting.requests), (False, accounting.messages)):
        for (service, minute, _), greatest in greatest_by_identity.items():
            fact = facts[service, minute]
            side = fact.requests if requested else fact.messages
            match greatest.outcome:
                case ExpectedOutcome.OK:
                    side.valid += 1
                case ExpectedOutcome.PLATFORM | ExpectedOutcome.ACCEPTED:  # no carrier ever took it: ours, after 72 h
                    side.valid += 1
                    side.failed += 1
                case ExpectedOutcome.UNKNOWN | ExpectedOutcome.ENROUTE:
                    side.doubtful += 1
                    fact.unknown += 1
                case _:
                    pass
            fact.conflicts += greatest.claims is not None and conflicting(greatest.claims)
    for (service, minute, _), greatest in accounting.probes.items():
        fact = facts[service, minute]
        fact.probes_ok += greatest.outcome is ExpectedOutcome.OK
        fact.probes_failed += greatest.outcome is not ExpectedOutcome.OK
        fact.conflicts += greatest.claims is not None and conflicting(greatest.claims)
    return facts


def _note_missing(accounting: PlainAccounting, facts: dict[Minute, SimulatedMinutes]) -> None:
    missing: Counter[tuple[str, Service, int]] = Counter(accounting.missing_dead_letters())
    for (topic, source, service, minute), (_, count) in accounting.manifests.items():
        arrived = len(accounting.sourced.get((topic, source, service, minute), ()))
        missing[topic, service, minute] += max(0, count - arrived)
    for (topic, service, minute), number in missing.items():
        if number:
            fact = facts[service, minute]
            side = fact.requests if topic == "api.requests" else fact.messages
            side.doubtful += number
            fact.missing += number
