"""What a minute is in the figures of a month, of a service or of the platform as a whole (V5)."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from streams.audit.verdicts import BLIND, DOWN, EXCLUDED, GOOD, IDLE, PENDING, AuditVerdict
from streams.audit.windows import kinds_in_order

_ORDER: Final = (DOWN, BLIND, EXCLUDED, PENDING, GOOD, IDLE)


class Standing(NamedTuple):
    """A minute: its state, and whether it is down, or else excluded, at best, at worst and for what was lost."""

    state: str
    kind: str
    down_low: bool
    down_high: bool
    down_lost: bool
    excluded_low: bool
    excluded_high: bool
    excluded_lost: bool


def standing_of(verdict: AuditVerdict) -> Standing:
    """A service's minute."""
    return Standing(
        state=verdict.state,
        kind=verdict.kind,
        down_low=verdict.down_low,
        down_high=verdict.down_high,
        down_lost=verdict.down_lost,
        excluded_low=verdict.state == EXCLUDED,
        excluded_high=verdict.excluded_high,
        excluded_lost=verdict.excluded_lost,
    )


def platform_standing(services: Sequence[Standing]) -> Standing:
    """The platform's minute, from those of its services: the worst of them, in V5's order."""
    states = {service.state for service in services}
    state = next(state for state in _ORDER if state in states)
    kinds = kinds_in_order(service.kind for service in services) if state == EXCLUDED else [""]
    low, high, lost = (any(service[case] for service in services) for case in (2, 3, 4))
    return Standing(
        state=state,
        kind=kinds[0],
        down_low=low,
        down_high=high,
        down_lost=lost,
        # not those that are blind or down by another service: taken out at best only, they would lower it (H1)
        excluded_low=state == EXCLUDED,
        excluded_high=not high and any(service.excluded_high for service in services),
        excluded_lost=not lost and any(service.excluded_lost for service in services),
    )
