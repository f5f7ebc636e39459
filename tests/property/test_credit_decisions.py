"""K4: whatever workers know and however often they say it, the published credits end as the latest facts warrant."""

from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from streams.rules.amounts_due import credit_amount
from streams.rules.decisions import AmountDue, Decision, Subject, decision_id, effective, next_decision, published

_SUBJECT = Subject(account_id="a-1", fee="sms", month="2026-09", currency="PKR")
_FEE = Decimal("12345.67")
_WORKERS = (0, 1)


class Credits(RuleBasedStateMachine):
    """One account, fee and month: a statement and its amendments, a claim, two workers that see what they see.

    Each worker has read the log up to some point and knows facts of some age; it publishes when it pleases.
    """

    facts = Bundle("facts")

    @initialize()
    def begin(self) -> None:
        self.log: list[Decision] = []
        self.read = dict.fromkeys(_WORKERS, 0)
        self.statements = [10]
        self.approved = False
        self.known = {worker: self._amount_due() for worker in _WORKERS}

    def _amount_due(self) -> AmountDue:
        percent = self.statements[-1] if self.approved else 0
        amount = credit_amount(_FEE, percent, cap_percent=50)
        return AmountDue(amount=amount, percent=percent, claim_id="c-1", statement=len(self.statements) - 1)

    @rule(percent=st.sampled_from([0, 10, 25, 50]))
    def restate(self, percent: int) -> None:
        """A late record moves the month to a tier."""
        self.statements.append(percent)

    @rule(approved=st.booleans())
    def judge(self, approved: bool) -> None:
        """A claim is approved, or its approval turns out to be wrong."""
        self.approved = approved

    @rule(worker=st.sampled_from(_WORKERS))
    def learn(self, worker: int) -> None:
        """A worker hears of the facts as they are."""
        self.known[worker] = self._amount_due()

    @rule(worker=st.sampled_from(_WORKERS))
    def catch_up(self, worker: int) -> None:
        """A worker reads the log to its end."""
        self.read[worker] = len(self.log)

    @rule(worker=st.sampled_from(_WORKERS))
    def publish(self, worker: int) -> None:
        """It decides by what it knows, which may be old, of what it has read, which may be less than there is."""
        seen = effective(self.log[: self.read[worker]])
        decision = next_decision(_SUBJECT, seen, self.known[worker], invoice_month="2026-11")
        if decision is not None:
            self.log.append(decision)

    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """Something that was published is published again."""
        if self.log:
            self.log.append(data.draw(st.sampled_from(self.log)))

    @invariant()
    def a_worker_that_knows_everything_makes_the_sum_right_with_one_decision(self) -> None:
        log, amount_due = list(self.log), self._amount_due()
        decision = next_decision(_SUBJECT, effective(log), amount_due, invoice_month="2026-11")
        if decision is not None:
            log.append(decision)
        assert published(effective(log)) == amount_due.amount
        assert next_decision(_SUBJECT, effective(log), amount_due, invoice_month="2026-11") is None

    @invariant()
    def what_stands_never_changes(self) -> None:
        stands = effective(self.log)
        assert [decision.number for decision in stands] == list(range(len(stands)))
        for length in range(len(self.log)):
            earlier = effective(self.log[:length])
            assert stands[: len(earlier)] == earlier

    @invariant()
    def never_more_than_one_decision_of_an_id_stands(self) -> None:
        ids = [decision.decision_id for decision in effective(self.log)]
        assert len(set(ids)) == len(ids)


Credits.TestCase.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
TestCredits = Credits.TestCase


def test_k4_an_id_follows_from_account_fee_month_and_number() -> None:
    other = Subject(account_id="a-1", fee="sms", month="2026-09", currency="USD")
    assert decision_id(_SUBJECT, 0) == decision_id(other, 0)
    ids = {
        decision_id(Subject(account_id=account, fee=fee, month=month, currency="PKR"), number)
        for account in ("a-1", "a-11")
        for fee in ("sms", "platform")
        for month in ("2026-09", "2026-10")
        for number in (0, 1, 11)
    }
    assert len(ids) == 24


def test_k4_of_decisions_with_one_number_the_first_stands() -> None:
    def decided(amount: str) -> Decision:
        amount_due = AmountDue(amount=Decimal(amount), percent=10, claim_id="c-1", statement=0)
        found = next_decision(_SUBJECT, [], amount_due, invoice_month="2026-11")
        assert found is not None
        return found

    first, second = decided("10.00"), decided("25.00")
    assert first.decision_id == second.decision_id
    assert published(effective([first, second])) == Decimal("10.00")
