"""What people are shown of claims: names and instants whole, whatever the width."""

from io import StringIO

import pytest

from streams.core.console import TextConsole
from streams.credits.render import print_claims
from streams.credits.views import ClaimAnswer, ClaimView

_CLAIM = ClaimView(
    claim_id="c-9",
    account_id="a-rather-long-account",
    service="whatsapp",
    from_="2026-01-31T18:50:00Z",
    to="2026-01-31T19:20:00Z",
    submitted_at="2026-02-03T04:00:00Z",
    due_at="2026-02-10T04:00:00Z",
    overdue=True,
    evidence=[],
    months=[
        ClaimAnswer(
            month="2026-01",
            state="rejected",
            refusals=["month_not_missed", "no_incident"],
            fee="",
            answered="",
            answered_at="",
        )
    ],
)


@pytest.mark.parametrize("width", [80, 200])
def test_a_line_of_the_list_holds_the_whole_claim(width: int) -> None:
    written = StringIO()
    print_claims(TextConsole(file=written, width=width), [_CLAIM])
    shown = written.getvalue()
    assert "\u2026" not in shown
    for whole in ("c-9", "a-rather-long-account", "whatsapp", "2026-02-10 04:00Z", "2026-01", "rejected"):
        assert whole in shown
