"""First responses and resolutions of support tickets (contract P6)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from schemas.ticket_event import Priority
from streams.rules.business import BusinessHours

Event = Literal["opened", "reprioritised", "responded", "resolved"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TicketMoment:
    """An event of a ticket; those of one instant are in the order of their content.

    No person wrote an automatic one.
    """

    at_ms: int
    content: int
    event: Event
    priority: Priority
    automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTarget:
    """How fast a tier is answered: by priority, in milliseconds of its hours; around the clock without any (§4.1)."""

    targets_ms: Mapping[Priority, int]
    hours: BusinessHours | None

    def passed_ms(self, from_ms: int, to_ms: int) -> int:
        """How long this tier's clock ran."""
        return to_ms - from_ms if self.hours is None else self.hours.passed_ms(from_ms, to_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketTimes:
    """What became of a ticket by an instant; None: not answered, not resolved yet.

    `priority` and `target_ms` are those in force at the response, or now while there is none. After an upgrade the
    target runs from the upgrade, so `response_ms`, which runs from the opening, may exceed it and not be late.
    `is_late` is known before the response, too: once a target has passed while it was in force.
    """

    opened_ms: int
    priority: Priority
    target_ms: int
    responded_ms: int | None
    response_ms: int | None
    resolved_ms: int | None
    resolution_ms: int | None
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _InForce:
    """A priority from an instant on, and the most that the clock may show while it is in force."""

    from_ms: int
    priority: Priority
    limit_ms: int


def ticket_times(moments: Sequence[TicketMoment], target: AnswerTarget, *, now_ms: int) -> TicketTimes | None:
    """The times of one ticket; None if it was never opened. `moments` come in any order, each once or oftener.

    What happened before a ticket was opened is nothing to it; the first response of a person and the last resolution
    count. The priority is what `opened` and `reprioritised` say: a response changes none.
    """
    order = sorted(set(moments))
    opened = next((moment for moment in order if moment.event == "opened"), None)
    if opened is None:
        return None
    after = [moment for moment in order if moment >= opened]
    response = next((moment for moment in after if moment.event == "responded" and not moment.automatic), None)
    resolution = next((moment for moment in reversed(after) if moment.event == "resolved"), None)
    until_ms = response.at_ms if response else now_ms
    first, *others = _priorities(after, target)
    in_force = [first, *(one for one in others if one.from_ms <= until_ms)]
    waited_ms = target.passed_ms(opened.at_ms, until_ms)
    return TicketTimes(
        opened_ms=opened.at_ms,
        priority=in_force[-1].priority,
        target_ms=target.targets_ms[in_force[-1].priority],
        responded_ms=response.at_ms if response else None,
        response_ms=waited_ms if response else None,
        resolved_ms=resolution.at_ms if resolution else None,
        resolution_ms=target.passed_ms(opened.at_ms, resolution.at_ms) if resolution else None,
        is_late=_is_late(in_force, opened.at_ms, until_ms, target),
    )


def _priorities(moments: Sequence[TicketMoment], target: AnswerTarget) -> Iterator[_InForce]:
    """The priorities of a ticket, one after the other, from its opening on.

    Targets run from the opening; after an upgrade from the upgrade, which is never sooner.
    """
    opened = moments[0]
    known = _InForce(from_ms=opened.at_ms, priority=opened.priority, limit_ms=target.targets_ms[opened.priority])
    yield known
    for moment in moments[1:]:
        if moment.event not in ("opened", "reprioritised") or moment.priority == known.priority:
            continue
        target_ms = target.targets_ms[moment.priority]
        is_upgrade = target_ms < target.targets_ms[known.priority]
        shown_ms = target.passed_ms(opened.at_ms, moment.at_ms) if is_upgrade else 0
        known = _InForce(from_ms=moment.at_ms, priority=moment.priority, limit_ms=shown_ms + target_ms)
        yield known


def _is_late(in_force: Sequence[_InForce], opened_ms: int, until_ms: int, target: AnswerTarget) -> bool:
    """Whether the clock passed a target while its priority was in force; once missed it stays missed."""
    ends_ms = [*(one.from_ms for one in in_force[1:]), until_ms]
    return any(
        target.passed_ms(opened_ms, end_ms) > one.limit_ms for one, end_ms in zip(in_force, ends_ms, strict=True)
    )
