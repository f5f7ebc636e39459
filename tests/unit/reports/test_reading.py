"""A month that is not closed says why its numbers may change, and one of which nothing is known is none (B5)."""

import pytest
from msgspec.structs import replace

from schemas.fields import SERVICES
from schemas.instants import MINUTE_MS
from streams.months.incomplete import IncompleteReason
from streams.months.month import MonthSummary
from streams.reports.facts import because, is_empty
from streams.rules.month.completeness import OpenCode
from tests.unit.months import told
from tests.unit.reports import making

CHOICE = making.choice("2026-09")
END_MS = CHOICE.span.end_ms
LAST_MS = END_MS + CHOICE.policy.pending_for_ms
BACKLOG = IncompleteReason(
    code=OpenCode.BACKLOG_UNREAD, topic="api.requests", partition=3, seen_to="2026-10-04T19:00:00Z", until=None
)


def to_record(*, complete: bool = True) -> MonthSummary:
    """A month in which all services were observed."""
    return told.month(complete=complete, incomplete_because=[] if complete else [BACKLOG])


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
    assert because(CHOICE, to_record(complete=complete), as_of_ms) == [sentence]


def test_m2_a_month_without_any_sign_is_none() -> None:
    nothing = told.month(services=dict.fromkeys(SERVICES, told.unobserved()))
    assert is_empty(nothing)
    assert not is_empty(replace(nothing, services=nothing.services | {"email": told.service()}))
