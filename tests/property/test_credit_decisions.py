"""K4: whatever workers know and however often they say it, the published credits end as the latest facts warrant.

But once the invoice month of the first decision has begun, nobody is credited less than before.
"""

from decimal import Decimal
from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from streams.rules.amounts_due import credit_amount
from streams.rules.decisions import (
    NOTHING,
    AmountDue,
    Decision,
    Due,
    Place,
    SettledSeries,
    Subject,
    decision_id,
    effective,
    published,
    settle_series,
)

_PLACE: Place = ("a-1", "sms", "2026-09")
_FEE = Fraction("12345.67")
_WORKERS = (0, 1)
_MONTHS = ("2026-10", "2026-11", "2026-12", "2027-01")


def due(percent: int, statement: int = 0, **others: str) -> Due:
    """What is due in rupees at a tier, and in other currencies."""
    amount = credit_amount(_FEE, percent, cap_percent=50, minor_unit=2)
    found = {"PKR": amount} if percent else {}
    amounts = {currency: Decimal(text) for currency, text in others.items()} | found
    return Due(
        by_currency={
            currency: AmountDue(amount=one, percent=percent, claim_id="c-1", statement=statement)
            for currency, one in amounts.items()
        },
        nothing=AmountDue(amount=NOTHING, percent=0, claim_id="", statement=statement),
    )


def settle(log: list[Decision], what: Due | None, decided_in: str = "2026-10") -> SettledSeries:
    following = _MONTHS[_MONTHS.index(decided_in) + 1]
    return settle_series(log, _PLACE, what, decided_in=decided_in, invoice_month=following)


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
        self.months = ["2026-10"]
        self.known = {worker: self._due() for worker in _WORKERS}

    def _due(self) -> Due:
        return due(self.statements[-1] if self.approved else 0, len(self.statements) - 1)

    @rule(percent=st.sampled_from([0, 10, 25, 50]))
    def restate(self, percent: int) -> None:
        """A late record moves the month to a tier."""
        self.statements.append(percent)

    @rule(approved=st.booleans())
    def judge(self, approved: bool) -> None:
        """A claim is approved, or its approval turns out to be wrong."""
        self.approved = approved

    @rule()
    def a_month_passes(self) -> None:
        """Once: the invoice month of what was decided so far begins."""
        self.months = ["2026-10", "2026-11"]

    @rule(worker=st.sampled_from(_WORKERS))
    def learn(self, worker: int) -> None:
        """A worker hears of the facts as they are."""
        self.known[worker] = self._due()

    @rule(worker=st.sampled_from(_WORKERS))
    def catch_up(self, worker: int) -> None:
        """A worker reads the log to its end."""
        self.read[worker] = len(self.log)

    @rule(worker=st.sampled_from(_WORKERS))
    def publish(self, worker: int) -> None:
        """It decides by what it knows, which may be old, of what it has read, which may be less than there is."""
        decision = settle(self.log[: self.read[worker]], self.known[worker], self.months[-1]).missing
        if decision is not None:
            self.log.append(decision)

    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """Something that was published is published again."""
        if self.log:
            self.log.append(data.draw(st.sampled_from(self.log)))

    @invariant()
    def a_worker_that_knows_everything_makes_the_sum_right_with_one_decision(self) -> None:
        log, amount = list(self.log), self._amount()
        settled = settle(log, self._due(), self.months[-1])
        if settled.missing is not None:
            log.append(settled.missing)
        assert published(effective(log)) == amount + sum(settled.kept.values(), NOTHING)
        assert settle(log, self._due(), self.months[-1]).missing is None

    def _amount(self) -> Decimal:
        found = self._due().by_currency
        return found["PKR"].amount if found else NOTHING

    @invariant()
    def once_invoiced_a_credit_never_falls(self) -> None:
        stands = effective(self.log)
        since = [decision for decision in stands if decision.invoice_month > stands[0].invoice_month]
        assert all(decision.amount > 0 for decision in since)

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


def decided(*whats: Due, months: tuple[str, ...] = ()) -> list[Decision]:
    """A log of what was decided by these facts one after another, each until nothing was missing."""
    log: list[Decision] = []
    for place, what in enumerate(whats):
        month = months[place] if months else "2026-10"
        while missing := settle(log, what, month).missing:
            log.append(missing)
    return log


def shown(log: list[Decision]) -> list[str]:
    return [f"{one.number} {one.kind} {one.amount} {one.subject.currency} of {one.amount_due.amount}" for one in log]


def test_k4_a_restatement_publishes_the_difference_or_a_withdrawal() -> None:
    assert shown(decided(due(10), due(25), due(10), due(0))) == [
        "0 credit 1234.57 PKR of 1234.57",
        "1 difference 1851.85 PKR of 3086.42",
        "2 difference -1851.85 PKR of 1234.57",
        "3 withdrawal -1234.57 PKR of 0.00",
    ]


def test_k4_a_credit_falls_until_its_invoice_month_begins() -> None:
    assert len(decided(due(25), due(10), months=("2026-10", "2026-10"))) == 2
    log = decided(due(25), due(10), months=("2026-10", "2026-11"))
    assert len(log) == 1
    assert settle(log, due(10), "2026-11").kept == {"PKR": Decimal("1851.85")}


def test_k4_an_invoiced_credit_can_still_be_raised() -> None:
    log = decided(due(10), due(0), due(25), due(0), months=("2026-10", "2026-11", "2026-11", "2026-11"))
    assert shown(log)[1:] == ["1 difference 1851.85 PKR of 3086.42"]


def test_k4_the_first_decisions_invoice_month_counts_for_all() -> None:
    log = decided(due(10), due(25), months=("2026-10", "2026-11"))
    assert settle(log, due(10), "2026-11").kept == {"PKR": Decimal("1851.85")}


def test_k4_a_wrong_currency_is_taken_back_and_given_anew() -> None:
    assert shown(decided(due(10), due(0, USD="0.07"))) == [
        "0 credit 1234.57 PKR of 1234.57",
        "1 withdrawal -1234.57 PKR of 0.00",
        "2 credit 0.07 USD of 0.07",
    ]


def test_k4_an_invoiced_wrong_currency_stands_for_the_fee() -> None:
    log = decided(due(10), due(0, USD="0.07"), months=("2026-10", "2026-11"))
    settled = settle(log, due(0, USD="0.07"), "2026-11")
    assert (len(log), settled.undecided, settled.kept) == (1, {}, {"PKR": Decimal("1234.57")})


def test_k4_currencies_both_due_do_not_bar_each_other() -> None:
    log = decided(due(25), due(10, USD="0.07"), months=("2026-10", "2026-11"))
    assert shown(log)[1:] == ["1 credit 0.07 USD of 0.07"]


def test_k4_where_nothing_can_be_known_nothing_is_decided() -> None:
    log = decided(due(25))
    settled = settle(log, None)
    assert (settled.effective, settled.missing, settled.kept) == (log, None, {})


def test_k4_nothing_due_and_nothing_published_needs_no_decision() -> None:
    assert decided(due(0)) == []


def test_k4_an_id_follows_from_account_fee_month_and_number() -> None:
    other = Subject(account_id="a-1", fee="sms", month="2026-09", currency="USD")
    subject = Subject(account_id="a-1", fee="sms", month="2026-09", currency="PKR")
    assert decision_id(subject, 0) == decision_id(other, 0)
    ids = {
        decision_id(Subject(account_id=account, fee=fee, month=month, currency="PKR"), number)
        for account in ("a-1", "a-11")
        for fee in ("sms", "platform")
        for month in ("2026-09", "2026-10")
        for number in (0, 1, 11)
    }
    assert len(ids) == 24


def test_k4_of_decisions_with_one_number_the_first_stands() -> None:
    (first,), (second,) = decided(due(10)), decided(due(25))
    assert first.decision_id == second.decision_id
    assert published(effective([first, second])) == Decimal("1234.57")
