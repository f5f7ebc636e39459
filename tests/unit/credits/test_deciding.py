"""K4: one credit whoever decides and how often; what is not right any more is corrected by the next decision."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest

from schemas.instants import END_MS as END_OF_TIME_MS
from schemas.instants import FIRST_MS, MINUTE_MS, parse_instant
from schemas.reference import minor_units, policies
from streams.credits.adjudicate import ClaimAdjudicator, JudgedAccount
from streams.credits.issue import CreditIssuer, Logged, series_of, to_record
from streams.credits.records import AccountClaim
from streams.rules.accounts import AccountRecord
from streams.rules.amounts_due import CreditBasis
from streams.rules.claims import Claimed
from streams.rules.decisions import Decision, Place
from streams.rules.policy import PolicyChoice
from tests.unit.rules.crediting import FEES, SPAN, at, basis, record

MONTH = "2026-09"
NOW_MS = parse_instant("2026-10-10T00:00:00Z")
NEXT_MONTH_MS = parse_instant("2026-11-01T00:00:00+05:00")
CUT_MS = parse_instant("2026-10-05T00:00:00Z")
POLICY = policies()[0]


@dataclass
class Stack:
    """A log and tables that several deciders share; `percent` is the tier of sms in September, None: not complete."""

    percent: int | None = 10
    number: int | None = 0
    records: list[AccountRecord] = field(default_factory=lambda: [record(fees={"sms": "200.00"})])
    claims: list[AccountClaim] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)
    kept: dict[str, Logged] = field(default_factory=dict)
    answers: list[tuple[str, str, str, str]] = field(default_factory=list)
    before_publish: Callable[[], None] = lambda: None
    now_ms: int = NOW_MS
    cuts_ms: dict[str, int] = field(default_factory=dict)

    # the log
    def read_series(self) -> Mapping[Place, Sequence[Logged]]:
        return series_of(enumerate(self.values))

    def publish(self, decisions: Iterable[tuple[Decision, str]]) -> None:
        self.before_publish()
        self.values += [msgspec.json.encode(to_record(decision, policy)) for decision, policy in decisions]

    # the tables
    def put(self, decisions: Iterable[Logged]) -> None:
        self.kept |= {logged.decision.decision_id: logged for logged in decisions}

    def answer(self, judged: Iterable[JudgedAccount], *, at_ms: int) -> None:
        assert at_ms == self.now_ms
        for one in judged:
            for claim_id, outcome in one.amounts.outcomes.items():
                self.answers.append((one.account_id, claim_id, outcome.state, ",".join(outcome.refusals)))

    # the months
    def basis(self, choice: PolicyChoice) -> CreditBasis:
        month = choice.span.month
        if month != MONTH:
            return basis({}, span=choice.span, complete=False, in_force=choice.in_force)
        known = basis({"sms": range(44)}, complete=self.percent is not None, statement=self.number)
        percents = dict.fromkeys(FEES, 0) | {"sms": self.percent or 0}
        return replace(known, percents=percents, in_force=choice.in_force)

    def closed_ms(self, choice: PolicyChoice) -> int | None:
        return self.cuts_ms.get(choice.policy.policy_id)

    def adjudicator(self) -> ClaimAdjudicator:
        named: dict[str, list[AccountRecord]] = {}
        for one in self.records:
            named.setdefault(one.account.account_id, []).append(one)
        other = replace(POLICY, policy_id="other-1.0", effective_from_ms=END_OF_TIME_MS)
        return ClaimAdjudicator(
            months=self,
            policies=[POLICY, other],
            records=named,
            claims=self.claims,
            minor_units=minor_units(),
            now_ms=self.now_ms,
        )

    def decide(self) -> list[tuple[int, str, str, str]]:
        """Somebody decides now; returns what it added."""
        issuer = CreditIssuer(adjudicator=self.adjudicator(), log=self, decisions=self, now_ms=lambda: self.now_ms)
        return [
            (one.decision.number, one.decision.kind, str(one.decision.amount), one.decision.subject.currency)
            for one in issuer.decide(MONTH).added
        ]


def claim(
    claim_id: str = "c-1", *, account_id: str = "acme", to_ms: int = at(44), from_ms: int = at(0)
) -> AccountClaim:
    claimed = Claimed(claim_id=claim_id, service="sms", from_ms=from_ms, to_ms=to_ms, submitted_ms=at(44))
    return AccountClaim(account_id=account_id, claimed=claimed, evidence=())


def test_k4_a_claim_is_credited_once_however_often_decided() -> None:
    stack = Stack(claims=[claim()])
    assert stack.decide() == [(0, "credit", "20.00", "PKR")]
    assert [stack.decide() for _ in range(10)] == [[]] * 10
    (logged,) = stack.kept.values()
    assert logged.decision.invoice_month == "2026-11"


def test_k2_a_claim_waits_for_the_month_and_publishes_nothing() -> None:
    stack = Stack(percent=None, claims=[claim()])
    assert stack.decide() == []
    assert (stack.values, stack.answers) == ([], [("acme", "c-1", "awaiting_month_close", "")])


def test_k2_nobody_has_to_close_a_complete_month() -> None:
    stack = Stack(number=None, claims=[claim()])
    assert stack.decide() == [(0, "credit", "20.00", "PKR")]
    (logged,) = stack.kept.values()
    assert logged.decision.amount_due.statement is None


def test_i1_two_accounts_claims_of_one_id_are_two() -> None:
    bano = record(account_id="bano", fees={"sms": "100.00"})
    stack = Stack(claims=[claim("1"), claim("1", account_id="bano")])
    stack.records.append(bano)
    assert sorted(stack.decide()) == [(0, "credit", "10.00", "PKR"), (0, "credit", "20.00", "PKR")]


def test_m5_an_account_under_an_unknown_policy_waits_alone() -> None:
    stack = Stack(claims=[claim()])
    assert stack.decide() == [(0, "credit", "20.00", "PKR")]
    stack.records.append(record(fees={"sms": "200.00"}, policy="zecto-9.9", content=2))
    stack.claims.append(claim("c-2", account_id="nobody"))
    stack.answers.clear()
    assert stack.decide() == []  # and takes nothing back
    assert stack.answers == [
        ("acme", "c-1", "awaiting_month_close", "unknown_policy"),
        ("nobody", "c-2", "rejected", "unknown_account"),
    ]


def test_m3_an_account_in_an_unknown_currency_waits_alone() -> None:
    stack = Stack(claims=[claim()])
    stack.decide()
    stack.records[:] = [record(fees={"sms": "200.00"}, currency="Rs")]
    assert stack.decide() == []  # and takes nothing back
    assert stack.answers[-1] == ("acme", "c-1", "awaiting_month_close", "unknown_currency")


def test_k2_a_claim_is_judged_in_months_that_have_begun() -> None:
    whole = claim(from_ms=FIRST_MS, to_ms=END_OF_TIME_MS)
    stack = Stack(claims=[whole])
    months = stack.adjudicator().months_of(whole.claimed)
    assert (months[0], months[-1], len(months)) == ("2000-01", "2026-10", 26 * 12 + 10)
    assert stack.decide() == [(0, "credit", "20.00", "PKR")]


def test_k2_a_future_claim_is_judged_in_its_first_month() -> None:
    later = claim(from_ms=END_OF_TIME_MS - MINUTE_MS, to_ms=END_OF_TIME_MS)
    assert Stack().adjudicator().months_of(later.claimed) == ["2100-01"]


def test_k4_two_deciders_and_two_claims_give_one_credit() -> None:
    stack = Stack(claims=[claim("c-1"), claim("c-2")])

    def another_is_faster() -> None:
        stack.before_publish = lambda: None
        assert stack.decide() == [(0, "credit", "20.00", "PKR")]

    stack.before_publish = another_is_faster
    stack.decide()
    assert [logged.decision.number for logged in stack.kept.values()] == [0]
    assert ("acme", "c-2", "rejected", "claimed_before") in stack.answers


def test_k4_a_restatement_publishes_the_difference_or_a_withdrawal() -> None:
    stack = Stack(claims=[claim()])
    stack.decide()
    stack.percent, stack.number = 25, 1
    assert stack.decide() == [(1, "difference", "30.00", "PKR")]
    stack.percent, stack.number = 10, 2
    assert stack.decide() == [(2, "difference", "-30.00", "PKR")]
    stack.percent, stack.number = 0, 3
    assert stack.decide() == [(3, "withdrawal", "-20.00", "PKR")]
    assert stack.answers[-1] == ("acme", "c-1", "rejected", "month_not_missed")


@pytest.mark.parametrize(("now_ms", "added"), [(NEXT_MONTH_MS - 1, 1), (NEXT_MONTH_MS, 0)])
def test_k4_once_invoiced_a_credit_is_not_lowered(now_ms: int, added: int) -> None:
    stack = Stack(claims=[claim()])
    stack.decide()
    stack.percent, stack.now_ms = 0, now_ms
    assert len(stack.decide()) == added


def test_k4_a_claim_that_is_gone_is_withdrawn() -> None:
    stack = Stack(claims=[claim()])
    stack.decide()
    stack.claims.clear()
    assert stack.decide() == [(1, "withdrawal", "-20.00", "PKR")]


def test_m3_a_fee_of_one_paisa_credits_nothing() -> None:
    stack = Stack(records=[record(fees={"sms": "0.01"})], claims=[claim()])
    assert stack.decide() == []
    assert stack.answers == [("acme", "c-1", "approved", "")]


def test_k4_a_decider_that_died_before_storing_is_repaired() -> None:
    stack = Stack(claims=[claim()])
    stack.decide()
    stack.kept.clear()
    assert stack.decide() == []
    assert [str(logged.decision.amount) for logged in stack.kept.values()] == ["20.00"]


TRIAL = {"plan": "trial", "fees": {"sms": "200.00"}}
DEAR = {"fees": {"sms": "300.00"}}


@pytest.mark.parametrize(
    ("changed", "recorded_ms", "added"),
    [
        (TRIAL, CUT_MS - 1, []),
        (TRIAL, CUT_MS, [(0, "credit", "20.00", "PKR")]),
        (DEAR, CUT_MS, [(0, "credit", "30.00", "PKR")]),
    ],
)
def test_m6_records_after_the_statement_raise_and_never_lower(
    changed: dict[str, Any], recorded_ms: int, added: list[tuple[int, str, str, str]]
) -> None:
    stack = Stack(claims=[claim()], cuts_ms={"zecto-1.0": CUT_MS})
    stack.records.append(record(from_ms=at(-1), recorded_ms=recorded_ms, content=2, **changed))
    assert stack.decide() == added


def test_m6_a_record_after_the_statement_moves_to_no_policy() -> None:
    moved = record(from_ms=at(-1), recorded_ms=CUT_MS, policy="other-1.0", fees={"sms": "200.00"}, content=2)
    stack = Stack(claims=[claim()], records=[record(fees={"sms": "200.00"}), moved])
    assert stack.adjudicator().choice("acme", MONTH).policy.policy_id == "other-1.0"
    stack.cuts_ms = {"zecto-1.0": CUT_MS, "other-1.0": CUT_MS + 1}
    assert stack.adjudicator().choice("acme", MONTH).policy.policy_id == "zecto-1.0"
    stack.cuts_ms = {"zecto-1.0": CUT_MS + 1}
    assert stack.adjudicator().choice("acme", MONTH).policy.policy_id == "other-1.0"
    assert SPAN.month == MONTH
