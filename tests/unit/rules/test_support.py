"""P6: first responses by tier and priority, on the business clock and around it."""

from dataclasses import replace
from datetime import time

import pytest

from schemas.instants import parse_instant
from schemas.ticket_event import Priority
from streams.rules.business import BusinessDays, BusinessHours
from streams.rules.support import AnswerTarget, Event, TicketMoment, TicketTimes, ticket_times

_HOUR_MS = 3_600_000
_STANDARD = AnswerTarget(
    targets_ms={"critical": 2 * _HOUR_MS, "high": 4 * _HOUR_MS, "medium": 8 * _HOUR_MS, "low": 24 * _HOUR_MS},
    hours=BusinessHours(days=BusinessDays(zone="Asia/Karachi"), opens=time(9), closes=time(18)),
)
_PREMIUM = AnswerTarget(
    targets_ms={"critical": _HOUR_MS // 2, "high": _HOUR_MS, "medium": 4 * _HOUR_MS, "low": 8 * _HOUR_MS}, hours=None
)
_LATER_MS = parse_instant("2026-12-31T00:00:00Z")


def moment(local: str, event: Event, priority: Priority = "critical") -> TicketMoment:
    return TicketMoment(at_ms=parse_instant(f"2026-09-{local}+05:00"), content=0, event=event, priority=priority)


def times(*moments: TicketMoment, target: AnswerTarget = _STANDARD, now_ms: int = _LATER_MS) -> TicketTimes:
    found = ticket_times(moments, target, now_ms=now_ms)
    assert found is not None
    return found


def test_p6_a_critical_ticket_of_friday_evening_has_until_monday() -> None:
    opened = moment("04T17:59:00", "opened")
    assert not times(opened, moment("07T10:59:00", "responded")).is_late
    assert times(opened, moment("07T10:59:00.001", "responded")).is_late


def test_p6_premium_runs_around_the_clock() -> None:
    opened = moment("04T17:59:00", "opened")
    assert not times(opened, moment("04T18:29:00", "responded"), target=_PREMIUM).is_late
    assert times(opened, moment("04T18:29:00.001", "responded"), target=_PREMIUM).is_late


@pytest.mark.parametrize(
    ("lowered", "late"), [("08T10:59:59", False), ("08T11:00:00", False), ("08T11:00:00.001", True)]
)
def test_p6_a_target_missed_while_in_force_stays_missed(lowered: str, late: bool) -> None:
    found = times(
        moment("08T09:00:00", "opened", "critical"),
        moment(lowered, "reprioritised", "low"),
        moment("08T14:00:00", "responded"),
    )
    assert (found.priority, found.target_ms, found.is_late) == ("low", 24 * _HOUR_MS, late)


@pytest.mark.parametrize(("responded", "late"), [("08T14:00:00", False), ("08T14:00:00.001", True)])
def test_p6_an_upgrade_runs_from_the_upgrade(responded: str, late: bool) -> None:
    found = times(
        moment("08T09:00:00", "opened", "low"),
        moment("08T12:00:00", "reprioritised", "critical"),
        moment(responded, "responded"),
    )
    assert (found.priority, found.target_ms, found.is_late) == ("critical", 2 * _HOUR_MS, late)


@pytest.mark.parametrize(("responded", "late"), [("08T17:00:00", False), ("08T17:00:00.001", True)])
def test_p6_after_a_downgrade_the_target_runs_from_the_opening(responded: str, late: bool) -> None:
    found = times(
        moment("08T09:00:00", "opened", "critical"),
        moment("08T10:00:00", "reprioritised", "medium"),
        moment(responded, "responded"),
    )
    assert (found.priority, found.is_late) == ("medium", late)


def test_p6_to_say_a_priority_again_moves_nothing() -> None:
    found = times(
        moment("08T09:00:00", "opened", "critical"),
        moment("08T10:59:00", "reprioritised", "critical"),
        moment("08T11:00:00.001", "responded"),
    )
    assert found.is_late


def test_p6_the_priority_of_a_response_is_none() -> None:
    found = times(moment("08T09:00:00", "opened", "critical"), moment("08T12:00:00", "responded", "low"))
    assert (found.priority, found.is_late) == ("critical", True)


def test_p6_a_response_no_person_wrote_is_none() -> None:
    opened, robot = moment("08T09:00:00", "opened"), replace(moment("08T09:00:01", "responded"), automatic=True)
    assert times(opened, robot).responded_ms is None
    assert times(opened, robot, moment("08T10:00:00", "responded")).response_ms == _HOUR_MS


def test_p6_the_first_response_and_the_last_resolution_count() -> None:
    found = times(
        moment("08T09:00:00", "opened"),
        moment("08T12:00:00", "responded"),
        moment("08T10:00:00", "responded"),
        moment("08T11:00:00", "resolved"),
        moment("09T10:00:00", "resolved"),
    )
    assert (found.response_ms, found.resolution_ms) == (_HOUR_MS, 10 * _HOUR_MS)


def test_p6_without_response_a_ticket_is_late_after_its_target() -> None:
    opened = moment("08T09:00:00", "opened")
    due_ms = opened.at_ms + 2 * _HOUR_MS
    assert not times(opened, now_ms=due_ms).is_late
    assert times(opened, now_ms=due_ms + 1).is_late
    assert times(opened, now_ms=due_ms).responded_ms is None


def test_p6_repeated_or_reordered_events_change_nothing() -> None:
    moments = [
        moment("08T09:00:00", "opened"),
        moment("08T10:00:00", "responded"),
        moment("08T11:00:00", "resolved"),
    ]
    assert times(*moments) == times(*reversed(moments), *moments)


def test_p6_what_was_never_opened_has_no_times() -> None:
    assert ticket_times([moment("08T10:00:00", "responded")], _STANDARD, now_ms=_LATER_MS) is None
