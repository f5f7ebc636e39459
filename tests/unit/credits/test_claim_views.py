"""K2, K3: claims as they are shown: by fee, with every reason, the refused ones too, and when an answer is due."""

from dataclasses import dataclass, field, replace

import pytest

from schemas.instants import format_instant, parse_instant
from streams.credits.claim_views import ClaimView, ClaimViews
from streams.credits.decision_store import Answer, AnswerKey
from streams.credits.records import AccountClaim
from streams.credits.refused import RefusedRecord
from tests.unit.credits.test_deciding import Stack, claim
from tests.unit.rules.crediting import record

REFUSED = RefusedRecord(
    dead_letter="00ff-0",
    record_id="c-5",
    account_id="acme",
    reason="bad_instant",
    path="$.from",
    recorded_ms=parse_instant("2026-10-05T04:00:00Z"),  # a Monday
)
_REFUSED_ACCOUNT = RefusedRecord(
    dead_letter="00fe-0",
    record_id="nobody",
    account_id="nobody",
    reason="wrong_type",
    path="$.fees.sms",
    recorded_ms=REFUSED.recorded_ms,
)


@dataclass
class Shown:
    """What is shown of claims at an instant."""

    stack: Stack = field(default_factory=lambda: Stack(claims=[claim()]))
    answers: dict[AnswerKey, Answer] = field(default_factory=dict)
    refused: list[RefusedRecord] = field(default_factory=list)

    def views(self) -> list[ClaimView]:
        adjudicator = self.stack.adjudicator()
        adjudicator.refused_accounts = frozenset({_REFUSED_ACCOUNT.account_id})
        views = ClaimViews(adjudicator, self.answers, [_REFUSED_ACCOUNT])
        return views.views(self.stack.claims, self.refused)

    def one(self) -> ClaimView:
        (view,) = self.views()
        return view


def answered(state: str) -> Answer:
    return Answer(state=state, refusals=(), answered_ms=0)


KEY: AnswerKey = ("acme", "c-1", "", "2026-09")


def test_k3_an_answer_is_due_after_five_business_days() -> None:
    view = Shown().one()
    assert (view.submitted_at, view.due_at) == ("2026-08-31T19:44:00Z", "2026-09-07T19:44:00Z")


@pytest.mark.parametrize(("over_ms", "overdue"), [(0, False), (1, True)])
def test_k3_an_answer_is_overdue_once_its_day_is_over(over_ms: int, overdue: bool) -> None:
    shown = Shown()
    shown.stack.now_ms = parse_instant(shown.one().due_at) + over_ms
    assert shown.one().overdue is overdue


@pytest.mark.parametrize(
    ("percent", "state", "overdue"),
    [
        (10, None, True),
        (10, "approved", False),
        (10, "awaiting_month_close", True),  # and the month is complete since
        (None, "awaiting_month_close", False),
        (None, None, True),  # not even that was said
    ],
)
def test_k3_who_was_answered_waits_for_the_month_alone(
    percent: int | None,
    state: str | None,
    overdue: bool,
) -> None:
    shown = Shown(answers={KEY: answered(state)} if state else {})
    shown.stack.percent = percent
    assert shown.one().overdue is overdue


def test_k3_a_claim_that_waits_for_us_is_overdue() -> None:
    shown = Shown(answers={KEY: answered("awaiting_month_close")})
    shown.stack.records.append(record(policy="zecto-9.9", content=2))
    view = shown.one()
    assert (view.months[0].refusals, view.overdue) == (["unknown_policy"], True)


def test_m3_a_claim_is_shown_fee_by_fee() -> None:
    shown = Shown()
    shown.stack.records[:] = [record(fees={"sms": "200.00", "platform": "1.00"})]
    (month,) = shown.one().months
    assert month.state == "approved"
    assert [(one.fee, one.state, one.refusals) for one in month.fees] == [
        ("sms", "approved", []),
        ("platform", "rejected", ["month_not_missed"]),
    ]


def test_k2_a_refused_claim_is_listed_and_due_an_answer() -> None:
    shown = Shown(stack=Stack(), refused=[REFUSED])
    view = shown.one()
    assert (view.claim_id, view.account_id, view.months) == ("c-5", "acme", ())
    assert view.refused
    assert (view.refused.reason, view.refused.path) == ("bad_instant", "$.from")
    assert (view.due_at, view.overdue) == ("2026-10-12T04:00:00Z", False)
    shown.stack.now_ms = parse_instant(view.due_at) + 1
    assert shown.one().overdue


def test_k3_a_refused_claims_answer_is_due_from_its_submission() -> None:
    (view,) = Shown(
        stack=Stack(), refused=[replace(REFUSED, submitted_ms=parse_instant("2026-09-28T04:00:00Z"))]
    ).views()
    assert (view.submitted_at, view.due_at, view.overdue) == ("2026-09-28T04:00:00Z", "2026-10-05T04:00:00Z", True)


def test_k2_a_refused_claim_that_was_answered_is_not_overdue() -> None:
    shown = Shown(stack=Stack(now_ms=parse_instant("2026-12-01T00:00:00Z")), refused=[REFUSED])
    shown.answers["acme", "c-5", "00ff-0", ""] = answered("rejected")
    view = shown.one()
    assert (view.overdue, view.answered_at) == (False, format_instant(0))


def test_k2_a_refused_account_record_is_named_with_path() -> None:
    (month,) = Shown(stack=Stack(claims=[claim(account_id="nobody")])).one().months
    assert month.refusals == ["account_record_refused"]
    assert [(one.reason, one.path) for one in month.account_records_refused] == [("wrong_type", "$.fees.sms")]


def test_i1_claims_of_one_id_are_shown_apart() -> None:
    claims: list[AccountClaim] = [claim("1"), claim("1", account_id="bano")]
    assert [(one.claim_id, one.account_id) for one in Shown(stack=Stack(claims=claims)).views()] == [
        ("1", "acme"),
        ("1", "bano"),
    ]
