"""Performance guarantees as exact shares (contract P1-P5): what a record adds to a numerator and a denominator."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

from schemas.fields import Service
from schemas.policies import Ratio
from streams.rules.classify import Outcome

_US: Final = 1_000
"""Microseconds of a millisecond: durations are the former, limits the latter."""
_NOT_KNOWN: Final = (Outcome.UNKNOWN, Outcome.CLAIMED, Outcome.ACCEPTED, Outcome.ENROUTE)


class Counted(NamedTuple):
    """What a record adds to a share; `unmeasured` stands beside it, in neither."""

    within: int
    of: int
    unmeasured: int = 0


NOT_COUNTED: Final = Counted(0, 0)
UNMEASURED: Final = Counted(0, 0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Counts over counts, held against a target, and beside them what could not be measured."""

    within: int
    of: int
    unmeasured: int
    target: Ratio

    @property
    def value(self) -> Fraction | None:
        """The exact share; None where nothing was measured."""
        return Fraction(self.within, self.of) if self.of else None

    @property
    def at_worst(self) -> Fraction | None:
        """The share if nothing of what was not measured is within; None where nothing was counted."""
        everything = self.of + self.unmeasured
        return Fraction(self.within, everything) if everything else None

    @property
    def is_met(self) -> bool | None:
        """Whether the target is reached, compared by cross-multiplying.

        None where nothing was measured, or where more than 1 - target of all was not.
        """
        spare = (self.target.denominator - self.target.numerator) * (self.of + self.unmeasured)
        if not self.of or self.unmeasured * self.target.denominator > spare:
            return None
        return self.within * self.target.denominator >= self.target.numerator * self.of


def share(counted: Iterable[Counted], target: Ratio) -> Share:
    """The share of many records."""
    rows: Sequence[Counted] = list(counted)
    within, of, unmeasured = (sum(column) for column in zip(*rows, strict=True)) if rows else NOT_COUNTED
    return Share(within=within, of=of, unmeasured=unmeasured, target=target)


def response_time(
    outcome: Outcome, duration_us: int | None, total_us: int | None, *, scope: bool, limit_ms: int
) -> Counted:
    """P1: of valid requests, those answered within the limit of their service; failures of ours never are.

    Where the first byte was not timed, the last one within the limit proves it, and a later one proves nothing.
    """
    if not scope or outcome not in (Outcome.OK, Outcome.PLATFORM):
        return NOT_COUNTED
    if outcome is Outcome.PLATFORM:
        return Counted(0, 1)
    if duration_us is not None:
        return Counted(duration_us <= limit_ms * _US, 1)
    return Counted(1, 1) if total_us is not None and total_us <= limit_ms * _US else UNMEASURED


def delivery_time(*, taken_us: int, resolution_us: int, delivered: bool, scope: bool, limit_ms: int) -> Counted:
    """P2: of messages delivered, those within the limit: delivery lies in [taken, taken + resolution).

    Within if all of that is, late if none of it is; else, or if it is impossible, unmeasured.
    """
    if not scope or not delivered:
        return NOT_COUNTED
    if is_impossible(taken_us=taken_us, resolution_us=resolution_us):
        return UNMEASURED
    if taken_us + resolution_us <= limit_ms * _US:
        return Counted(1, 1)
    return Counted(0, 1) if taken_us > limit_ms * _US else UNMEASURED


def is_impossible(*, taken_us: int, resolution_us: int) -> bool:
    """Whether all of the time in which a message was delivered lies before its submission (P2)."""
    return taken_us + resolution_us <= 0


def delivery_rate(outcome: Outcome, *, service: Service, template: bool | None, scope: bool) -> Counted:
    """P3: of messages delivered or failed by us, those delivered; of WhatsApp template messages alone.

    What became of others that were not another's failure is not known.
    """
    if not scope or (service == "whatsapp" and not template):
        return NOT_COUNTED
    if outcome in _NOT_KNOWN:
        return UNMEASURED
    return Counted(outcome is Outcome.OK, 1) if outcome in (Outcome.OK, Outcome.PLATFORM) else NOT_COUNTED


def call_connection(outcome: Outcome, connect_us: int | None, *, scope: bool, limit_ms: int) -> Counted:
    """P4: of calls that tell when they connected or that failed by us, those that connected within the limit."""
    if not scope:
        return NOT_COUNTED
    if connect_us is not None:
        return Counted(connect_us <= limit_ms * _US, 1)
    return {Outcome.PLATFORM: Counted(0, 1), Outcome.OK: UNMEASURED}.get(outcome, NOT_COUNTED)


def call_quality(hd_us: int | None, duration_us: int | None, *, scope: bool) -> Counted:
    """P4: time in HD of the time of calls that tell both; never more than the call was long."""
    if not scope or duration_us is None:
        return NOT_COUNTED
    return Counted(0, 0, duration_us) if hd_us is None else Counted(min(hd_us, duration_us), duration_us)


def template_answer(submitted_ms: int, answered_ms: Iterable[int], *, limit_ms: int, now_ms: int) -> Counted:
    """P5: whether the first answer at or after a submission came within the limit.

    Without one it counts as missed once the limit has passed, and not at all before.
    """
    answer_ms = min((at_ms for at_ms in answered_ms if at_ms >= submitted_ms), default=None)
    if answer_ms is None:
        return Counted(0, 1) if now_ms > submitted_ms + limit_ms else NOT_COUNTED
    return Counted(answer_ms <= submitted_ms + limit_ms, 1)
