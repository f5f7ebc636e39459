"""The counts of a service-minute as the rules read them: pending messages and claimed failures settled (C3, C7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from streams.audit.failing import AuditTally
from streams.audit.known import AuditTraffic


@dataclass(slots=True, kw_only=True)
class SettledSide:
    """The requests, or the messages, of a service-minute, with all that B4 asks of them."""

    ok: int
    failed: int
    """F: ours, those never handed over included."""
    never_handed: int
    unheard: int
    """Messages that a carrier had, of which nothing was heard in time: unknown (C3)."""
    unknown: int
    """In scope, C7's too."""
    pending: int
    missing: int
    """The estimate in holes included, as below."""
    missing_at_worst: int
    settled: int
    """c of B4."""
    corrected_valid: int
    """k of B4."""
    outside_ok: int
    outside_failed: int
    """Out of scope: ours, by V1."""
    outside_doubtful: int
    """Out of scope: unknown or claimed (C5)."""

    @property
    def valid(self) -> int:
        """V (C6)."""
        return self.ok + self.failed

    def as_received(self) -> AuditTally:
        """The headline's reading."""
        return AuditTally(self.failed, self.valid)

    def with_missing(self) -> AuditTally:
        """What is missing, as failures (V3)."""
        return AuditTally(self.failed + self.missing, self.valid + self.missing)

    def with_outside(self) -> AuditTally:
        """What is out of scope counted, too (C5)."""
        return AuditTally(self.failed + self.outside_failed, self.valid + self.outside_failed + self.outside_ok)

    def at_worst(self) -> AuditTally:
        """B4: F + u + c of V + u + c - k."""
        doubtful = self.unknown + self.pending + self.missing_at_worst + self.settled
        return AuditTally(self.failed + doubtful, self.valid + doubtful - self.corrected_valid)

    def if_lost(self) -> AuditTally:
        """B4, with what was lost as the only doubt."""
        return AuditTally(self.failed + self.missing_at_worst, self.valid + self.missing_at_worst)

    def at_best(self, *, gap: bool) -> AuditTally:
        """B4: F of V + u; as many of those never handed over as are missing are unknown, of a gap all (C3)."""
        doubtful = self.unknown + self.pending + self.missing
        spared = self.never_handed if gap else min(self.never_handed, self.missing)
        return AuditTally(self.failed - spared, self.valid + doubtful)


def settle(
    traffic: AuditTraffic, *, waited: bool, claims_are_unknown: bool, missing: int, missing_at_worst: int
) -> SettledSide:
    """The side of a minute, by whether C3's time has passed and whether claimed failures are unknown (C7)."""
    inside, outside = _outcomes(traffic.inside), _outcomes(traffic.outside)
    never, unheard = (inside.accepted, inside.enroute) if waited else (0, 0)
    outside_never, outside_unheard = (outside.accepted, outside.enroute) if waited else (0, 0)
    return SettledSide(
        ok=inside.ok,
        failed=inside.platform + never,
        never_handed=never,
        unheard=unheard,
        unknown=inside.unknown + unheard + (inside.claimed if claims_are_unknown else 0),
        pending=0 if waited else inside.accepted + inside.enroute,
        missing=missing,
        missing_at_worst=missing_at_worst,
        settled=traffic.corrected_settled + (0 if claims_are_unknown else traffic.corrected_claimed),
        corrected_valid=traffic.corrected_valid,
        outside_ok=outside.ok,
        outside_failed=outside.platform + outside_never,
        outside_doubtful=outside.unknown + outside.claimed + outside_unheard,
    )


class _Outcomes(NamedTuple):
    ok: int
    platform: int
    unknown: int
    claimed: int
    accepted: int
    enroute: int


_NONE: Final = _Outcomes(0, 0, 0, 0, 0, 0)


def _outcomes(counts: Mapping[str, int]) -> _Outcomes:
    return _Outcomes(*(counts.get(name, 0) for name in _Outcomes._fields)) if counts else _NONE
