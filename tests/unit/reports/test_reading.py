"""A month that is not closed says why its numbers may change, and one of which nothing is known is none (B5)."""

import pytest
from msgspec.structs import replace

from schemas.fields import SERVICES
from schemas.instants import MINUTE_MS
from streams.months.incomplete import IncompleteCode, IncompleteReason
from streams.months.month import MonthSummary
from streams.reports.facts import because, is_empty
from tests.unit.reports import making

CHOICE = making.choice("2026-09")
END_MS = CHOICE.span.end_ms
LAST_MS = END_MS + CHOICE.policy.receipt_wait_ms
BACKLOG = IncompleteReason(
    code=IncompleteCode.BACKLOG_UNREAD, topic="api.requests", partition=3, seen_to="2026-10-04T19:00:00Z", until=None
)


def to_record(state: str, *, complete: bool = True) -> MonthSummary:
    """A month all of whose minutes are in one state."""
    total = CHOICE.span.total_minutes
    one = making.told_service(making.states_of(total, {state: [range(total)]}))
    return MonthSummary(
        month="2026-09",
        policy=CHOICE.policy.policy_id,
        in_force=True,
        zone=CHOICE.policy.zone,
        complete=complete,
        incomplete_because=[] if complete else [BACKLOG],
        services={str(service): one for service in SERVICES},
        listed_declarations=[],
    )


@pytest.mark.parametrize(
    ("as_of_ms", "complete", "sentence"),
    [
        (END_MS - MINUTE_MS, False, "the month is not over"),
        (END_MS, False, "final delivery receipts may still come (C3)"),
        (LAST_MS - MINUTE_MS, False, "final delivery receipts may still come (C3)"),
        (LAST_MS, False, "records of the month are still to be read (B5)"),
        (LAST_MS, True, "the month is complete and has no statement yet"),
    ],
)
def test_b5_a_month_says_why_it_is_provisional(as_of_ms: int, complete: bool, sentence: str) -> None:
    assert because(CHOICE, to_record("good", complete=complete), as_of_ms) == [sentence]


@pytest.mark.parametrize(("state", "empty"), [("idle", True), ("pending", True), ("good", False), ("blind", False)])
def test_a_month_without_any_record_is_none(state: str, empty: bool) -> None:
    assert is_empty(to_record(state)) == empty


def test_one_minute_of_one_service_is_a_month() -> None:
    quiet = to_record("idle")
    one = replace(quiet.services["email"], idle_minutes=quiet.services["email"].idle_minutes - 1, good_minutes=1)
    assert not is_empty(replace(quiet, services=quiet.services | {"email": one}))
