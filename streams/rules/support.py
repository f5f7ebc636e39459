"""First responses and resolutions of support tickets (contract P6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from schemas.ticket_event import Priority
from streams.rules.business import BusinessHours

Event = Literal["opened", "reprioritised", "responded", "resolved"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TicketMoment:
    """An event of a ticket; those of one instant are in the order of their content."""

    at_ms: int
    content: int
    event: Event
    priority: Priority


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

    `priority` and `target_ms` are those in force at the response, or now while there is none. `is_late` is known before
    the response, too: once the target has passed.
    """

    opened_ms: int
    priority: Priority
    target_ms: int
    responded_ms: int | None
    response_ms: int | None
    resolved_ms: int | None
    resolution_ms: int | None
    is_late: bool


def ticket_times(moments: Sequence[TicketMoment], target: AnswerTarget, *, now_ms: int) -> TicketTimes | None:
    """The times of one ticket; None if it was never opened. `moments` come in any order, each once or oftener.

    What happened before a ticket was opened is nothing to it; the first response and the last resolution count. A
    response tells the priority that it was answered with, which is that of the moment itself.
    """
    order = sorted(set(moments))
    opened = next((moment for moment in order if moment.event == "opened"), None)
    if opened is None:
        return None
    after = [moment for moment in order if moment >= opened]
    response = next((moment for moment in after if moment.event == "responded"), None)
    resolution = next((moment for moment in reversed(after) if moment.event == "resolved"), None)
    priority = _priority_at(after, response.at_ms if response else now_ms)
    target_ms = target.targets_ms[priority]
    waited_ms = target.passed_ms(opened.at_ms, response.at_ms if response else now_ms)
    return TicketTimes(
        opened_ms=opened.at_ms,
        priority=priority,
        target_ms=target_ms,
        responded_ms=response.at_ms if response else None,
        response_ms=waited_ms if response else None,
        resolved_ms=resolution.at_ms if resolution else None,
        resolution_ms=target.passed_ms(opened.at_ms, resolution.at_ms) if resolution else None,
        is_late=waited_ms > target_ms,
    )


def _priority_at(moments: Sequence[TicketMoment], at_ms: int) -> Priority:
    """The priority in force at an instant: that of the last event up to it."""
    priority = moments[0].priority
    for moment in moments:
        if moment.at_ms <= at_ms:
            priority = moment.priority
    return priority
