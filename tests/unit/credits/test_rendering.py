"""What people are shown of claims and credits: names and instants whole, whatever the width."""

from io import StringIO

import pytest
from msgspec.structs import replace as changed

from schemas.instants import parse_instant
from streams.core.console import TextConsole
from streams.credits.claim_views import ClaimAnswer, ClaimView, FeeJudgement
from streams.credits.issue import settle_logged
from streams.credits.render import print_claim, print_claims, print_credits
from streams.credits.views import CreditMonth, RefusedView, credits_of
from tests.unit.credits.test_deciding import NEXT_MONTH_MS, Stack, claim
from tests.unit.rules.crediting import ZONE, record

_MONTH = ClaimAnswer(
    month="2026-01",
    state="rejected",
    refusals=["month_not_missed", "no_incident"],
    fees=[FeeJudgement(fee="sms", state="rejected", refusals=["month_not_missed", "no_incident"])],
    account_records_refused=[],
    answered="",
    answered_at="",
)
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
    months=[_MONTH],
)
_REFUSED = RefusedView(
    record_id="c-5", account_id="acme", reason="bad_instant", path="$.from", recorded_at="2026-02-03T04:00:00Z"
)


@pytest.mark.parametrize("width", [80, 200])
def test_a_line_of_the_list_holds_the_whole_claim(width: int) -> None:
    written = StringIO()
    print_claims(TextConsole(file=written, width=width), [_CLAIM])
    shown = written.getvalue()
    assert "\u2026" not in shown
    for whole in ("c-9", "a-rather-long-account", "whatsapp", "2026-02-10 04:00Z", "2026-01", "rejected"):
        assert whole in shown


def test_k2_a_refused_claim_says_why_and_where() -> None:
    refused = changed(_CLAIM, months=(), refused=_REFUSED)
    listed, alone = StringIO(), StringIO()
    print_claims(TextConsole(file=listed, width=200), [refused])
    print_claim(TextConsole(file=alone, width=200), refused)
    assert all("bad_instant $.from" in written.getvalue() for written in (listed, alone))


def test_k2_a_claim_is_shown_with_a_line_a_fee() -> None:
    written = StringIO()
    print_claim(TextConsole(file=written, width=200), _CLAIM)
    assert "the fee sms: rejected month not missed, no incident" in written.getvalue()


def view_of(stack: Stack) -> CreditMonth:
    judged = stack.adjudicator().account("acme", "2026-09")
    log = stack.read_series()
    places = sorted({*log, *(("acme", fee, "2026-09") for fee in judged.amounts.amounts_due)})
    series = [settle_logged(one, judged, log.get(one, ()), now_ms=stack.now_ms, zone=ZONE) for one in places]
    return CreditMonth(month="2026-09", accounts=credits_of(judged, series), refused_accounts=[_REFUSED])


def shown(view: CreditMonth) -> str:
    written = StringIO()
    print_credits(TextConsole(file=written, width=200), view)
    return written.getvalue()


def test_k5_what_nobody_claimed_is_shown_with_its_last_day() -> None:
    open_ = Stack(percent=10, now_ms=parse_instant("2026-09-20T00:00:00Z"))
    (account,) = view_of(open_).accounts
    (one,) = account.unclaimed
    assert (one.fee, one.percent, one.at_least, one.amount) == ("sms", 10, False, "20.00")
    assert (one.last_day, one.claim_by) == ("2026-10-01", "2026-10-01T19:00:00Z")
    assert "unclaimed, until 2026-10-01" in shown(view_of(open_))


def test_k4_what_is_due_and_undecided_is_shown_by_fee() -> None:
    (account,) = view_of(Stack(claims=[claim()])).accounts
    assert (account.currency, account.credited, account.undecided) == ("PKR", "0.00", {"sms": "20.00"})


def test_k4_what_is_not_taken_back_is_shown() -> None:
    stack = Stack(claims=[claim()])
    stack.decide()
    stack.percent, stack.now_ms = 0, NEXT_MONTH_MS
    (account,) = view_of(stack).accounts
    assert (account.credited, account.undecided, account.kept) == ("20.00", {}, {"sms": "20.00"})
    assert "more than is due, not taken back" in shown(view_of(stack))


def test_m4_an_account_is_shown_once_a_currency() -> None:
    stack = Stack(claims=[claim()])
    stack.decide()
    stack.records[:] = [record(fees={"sms": "2.00"}, currency="KWD")]
    stack.decide()
    rows = [(one.currency, one.credited, len(one.decisions)) for one in view_of(stack).accounts]
    assert rows == [("KWD", "0.200", 1), ("PKR", "0.00", 2)]


def test_k2_a_refused_account_record_is_shown_with_its_path() -> None:
    assert "a record of account acme was refused: bad_instant $.from" in shown(view_of(Stack()))
