"""Performance guarantees as exact shares (contract P1-P5): what a record adds to a numerator and a denominator."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

from schemas.fields import Service
from schemas.policies import Ratio
from streams.rules.classify import Outcome

_WHOLE_SECOND_MS: Final = 1_000


class Counted(NamedTuple):
    """What a record adds to a share; `unmeasured` stands beside it, in neither (P2)."""

    within: int
    of: int
    unmeasured: int = 0


NOT_COUNTED: Final = Counted(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Counts over counts, held against a target."""

    within: int
    of: int
    unmeasured: int
    target: Ratio

    @property
    def value(self) -> Fraction | None:
        """The exact share; None where nothing was counted."""
        return Fraction(self.within, self.of) if self.of else None

    @property
    def is_met(self) -> bool | None:
        """Whether the target is reached, compared by cross-multiplying; None where nothing was counted."""
        return self.within * self.target.denominator >= self.target.numerator * self.of if self.of else None


def share(counted: Iterable[Counted], target: Ratio) -> Share:
    """The share of many records."""
    rows: Sequence[Counted] = list(counted)
    within, of, unmeasured = (sum(column) for column in zip(*rows, strict=True)) if rows else NOT_COUNTED
    return Share(within=within, of=of, unmeasured=unmeasured, target=target)


def response_time(duration_ms: int | None, *, scope: bool, limit_ms: int) -> Counted:
    """P1: of the requests in scope that carry a duration, those within the limit of their service."""
    if not scope or duration_ms is None:
        return NOT_COUNTED
    return Counted(duration_ms <= limit_ms, 1)


def delivery_time(*, taken_ms: int, resolution_ms: int, delivered: bool, scope: bool, limit_ms: int) -> Counted:
    """P2: of the messages delivered, those delivered within the limit.

    A carrier's clock that is coarser than a second cannot prove it either way: such a message is unmeasured.
    """
    if not scope or not delivered:
        return NOT_COUNTED
    if resolution_ms > _WHOLE_SECOND_MS:
        return Counted(0, 0, 1)
    return Counted(taken_ms <= limit_ms, 1)


def delivery_rate(outcome: Outcome, *, service: Service, template: bool | None, scope: bool) -> Counted:
    """P3: of the messages delivered or failed by us, those delivered; of WhatsApp template messages alone."""
    if not scope or outcome not in (Outcome.OK, Outcome.PLATFORM) or (service == "whatsapp" and not template):
        return NOT_COUNTED
    return Counted(outcome is Outcome.OK, 1)


def call_connection(connect_ms: int | None, *, scope: bool, limit_ms: int) -> Counted:
    """P4: of the calls that connected, those that did within the limit."""
    if not scope or connect_ms is None:
        return NOT_COUNTED
    return Counted(connect_ms <= limit_ms, 1)


def call_quality(hd_ms: int | None, duration_ms: int | None, *, scope: bool) -> Counted:
    """P4: milliseconds in HD of the milliseconds of calls that report both; never more than the call was long."""
    if not scope or hd_ms is None or duration_ms is None:
        return NOT_COUNTED
    return Counted(min(hd_ms, duration_ms), duration_ms)


def template_answer(submitted_ms: int, answered_ms: Iterable[int], *, limit_ms: int, now_ms: int) -> Counted:
    """P5: whether the first answer at or after a submission came within the limit.

    Without one it counts as missed once the limit has passed, and not at all before.
    """
    answer_ms = min((at_ms for at_ms in answered_ms if at_ms >= submitted_ms), default=None)
    if answer_ms is None:
        return Counted(0, 1) if now_ms > submitted_ms + limit_ms else NOT_COUNTED
    return Counted(answer_ms <= submitted_ms + limit_ms, 1)
