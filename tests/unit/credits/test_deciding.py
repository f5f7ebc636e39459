"""K4: one credit whoever decides and how often; what is not right any more is corrected by the next decision."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import pytest

from schemas.account import Account
from schemas.fields import SERVICES
from schemas.instants import END_MS as END_OF_TIME_MS
from schemas.instants import MINUTE_MS, format_instant, parse_instant
from schemas.reference import policies
from streams.credits.adjudicate import ClaimAdjudicator, JudgedAccount
from streams.credits.issue import CreditIssuer, Logged, Place, series_of, to_record
from streams.credits.records import AccountClaim
from streams.rules.accounts import history
from streams.rules.calendar import month_bounds
from streams.rules.claims import Claimed
from streams.rules.decisions import Decision
from streams.statements.closed_months import ClosedMonthReader, StatedMonth
from streams.statements.packed_columns import STATES

MONTH = "2026-09"
SPAN = month_bounds(MONTH, "Asia/Karachi")
NOW_MS = parse_instant("2026-10-10T00:00:00Z")
END_MS = SPAN.start_ms + 44 * MINUTE_MS


@dataclass
class Stack:
    """A log and a shelf that several deciders share; `percent` is the tier of September, None: not closed."""

    percent: int | None = 10
    number: int = 0
    fees: dict[str, str] = field(default_factory=lambda: {"sms": "200.00"})
    currency: str = "PKR"
    claims: list[AccountClaim] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)
    kept: dict[str, Logged] = field(default_factory=dict)
    answers: list[tuple[str, str, str]] = field(default_factory=list)
    before_publish: Callable[[], None] = lambda: None
    policy: str = ""

    # the log
    def read_series(self) -> Mapping[Place, Sequence[Logged]]:
        return series_of(enumerate(self.values))

    def publish(self, decisions: Iterable[tuple[Decision, str]]) -> None:
        self.before_publish()
        self.values += [msgspec.json.encode(to_record(decision, policy)) for decision, policy in decisions]

    # the shelf
    def put(self, decisions: Iterable[Logged]) -> None:
        self.kept |= {logged.decision.decision_id: logged for logged in decisions}

    def answer(self, judged: Iterable[JudgedAccount], *, at_ms: int) -> None:
        assert at_ms == NOW_MS
        for one in judged:
            for claim_id, judgement in one.amounts.judgements.items():
                self.answers.append((claim_id, judgement.state, ",".join(judgement.refusals)))

    # the statements
    def stated(self, month: str, policy: str) -> StatedMonth | None:
        assert policy == "zecto-1.0"
        if self.percent is None or month != MONTH:
            return None
        down = [STATES.index("down")] * 44 + [STATES.index("good")] * (SPAN.total_minutes - 44)
        good = [STATES.index("good")] * SPAN.total_minutes
        return StatedMonth(
            number=self.number,
            first_ms=SPAN.start_ms,
            states={service: down if service == "sms" else good for service in SERVICES},
            percents={service: self.percent if service == "sms" else 0 for service in SERVICES},
        )

    def decide(self) -> list[tuple[int, str, str, str]]:
        """Somebody decides now; returns what it added."""
        account = Account(
            account_id="acme",
            effective_from=format_instant(SPAN.start_ms),
            plan="paid",
            support_tier="standard",
            fees=self.fees,  # type: ignore[arg-type]
            currency=self.currency,
            policy=self.policy,
        )
        adjudicator = ClaimAdjudicator(
            months=ClosedMonthReader(self),
            policies=policies(),
            accounts={"acme": history([(account, 1)])},
            claims=self.claims,
        )
        decided = CreditIssuer(adjudicator=adjudicator, log=self, decisions=self, now_ms=lambda: NOW_MS).decide(MONTH)
        return [
            (one.decision.number, one.decision.kind, str(one.decision.amount), one.decision.subject.currency)
            for one in decided.added
        ]


def claim(claim_id: str = "c-1", *, submitted_ms: int = END_MS) -> AccountClaim:
    claimed = Claimed(claim_id=claim_id, from_ms=SPAN.start_ms, to_ms=END_MS, submitted_ms=submitted_ms)
    return AccountClaim(account_id="acme", service="sms", claimed=claimed, evidence=())


def test_k4_a_claim_is_credited_once_however_often_decided() -> None:
    stack = Stack(claims=[claim()])
    assert stack.decide() == [(0, "credit", "20.00", "PKR")]
    assert [stack.decide() for _ in range(10)] == [[]] * 10
    (logged,) = stack.kept.values()
    assert logged.decision.invoice_month == "2026-11"


def test_k2_a_claim_waits_for_the_close_and_publishes_nothing() -> None:
    stack = Stack(percent=None, claims=[claim()])
    assert stack.decide() == []
    assert (stack.values, stack.answers) == ([], [("c-1", "awaiting_month_close", "")])


def test_m5_an_account_under_an_unknown_policy_waits_alone() -> None:
    stack = Stack(claims=[claim()])
    assert stack.decide() == [(0, "credit", "20.00", "PKR")]
    stack.policy, stack.answers = "zecto-9.9", []
    stack.claims.append(replace(claim("c-2"), account_id="other"))
    assert stack.decide() == []  # and takes nothing back
    assert stack.answers == [
        ("c-1", "awaiting_month_close", "unknown_policy"),
        ("c-2", "rejected", "unknown_account"),
    ]
    stack.policy = "zecto-1.0"
    assert stack.decide() == []


@pytest.mark.parametrize("percent", [None, 10])
def test_k2_a_claim_too_long_is_answered_at_once(percent: int | None) -> None:
    whole = Claimed(claim_id="c-0", from_ms=SPAN.start_ms, to_ms=END_OF_TIME_MS, submitted_ms=SPAN.start_ms)
    stack = Stack(percent=percent, claims=[replace(claim(), claimed=whole)])
    assert (stack.decide(), stack.values) == ([], [])
    assert stack.answers == [("c-0", "rejected", "span_too_long")]


def test_k2_a_claim_too_long_takes_nothing_from_others() -> None:
    whole = Claimed(claim_id="c-0", from_ms=SPAN.start_ms, to_ms=END_OF_TIME_MS, submitted_ms=SPAN.start_ms)
    assert Stack(claims=[replace(claim(), claimed=whole), claim()]).decide() == [(0, "credit", "20.00", "PKR")]


def test_k4_two_deciders_and_two_claims_give_one_credit() -> None:
    stack = Stack(claims=[claim("c-1"), claim("c-2")])

    def another_is_faster() -> None:
        stack.before_publish = lambda: None
        assert stack.decide() == [(0, "credit", "20.00", "PKR")]

    stack.before_publish = another_is_faster
    stack.decide()
    assert [logged.decision.number for logged in stack.kept.values()] == [0]
    assert ("c-2", "rejected", "claimed_before") in stack.answers


def test_k4_a_restatement_publishes_the_difference_or_a_withdrawal() -> None:
    stack = Stack(claims=[claim()])
    stack.decide()
    stack.percent, stack.number = 25, 1
    assert stack.decide() == [(1, "difference", "30.00", "PKR")]
    stack.percent, stack.number = 10, 2
    assert stack.decide() == [(2, "difference", "-30.00", "PKR")]
    stack.percent, stack.number = 0, 3
    assert stack.decide() == [(3, "withdrawal", "-20.00", "PKR")]
    assert stack.answers[-1] == ("c-1", "rejected", "month_not_missed")


def test_k4_a_claim_that_is_gone_is_withdrawn() -> None:
    stack = Stack(claims=[claim()])
    stack.decide()
    stack.claims.clear()
    assert stack.decide() == [(1, "withdrawal", "-20.00", "PKR")]


def test_k4_a_wrong_currency_is_taken_back_and_given_anew() -> None:
    stack = Stack(claims=[claim()])
    stack.decide()
    stack.currency, stack.fees = "USD", {"sms": "0.70"}
    assert stack.decide() == [(1, "withdrawal", "-20.00", "PKR"), (2, "credit", "0.07", "USD")]


def test_m3_a_fee_of_one_paisa_credits_nothing() -> None:
    stack = Stack(fees={"sms": "0.01"}, claims=[claim()])
    assert stack.decide() == []
    assert stack.answers == [("c-1", "approved", "")]


def test_k4_a_decider_that_died_before_storing_is_repaired() -> None:
    stack = Stack(claims=[claim()])
    stack.decide()
    stack.kept.clear()
    assert stack.decide() == []
    assert [str(logged.decision.amount) for logged in stack.kept.values()] == ["20.00"]
