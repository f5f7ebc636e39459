"""Credits of a month as commands and other programs get them: one shape, money as text."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from schemas.account import FeeKey
from schemas.credit_decision import CreditDecision
from schemas.instants import format_instant
from streams.credits.adjudicate import JudgedAccount
from streams.credits.issue import LoggedSeries, to_record
from streams.credits.refused import RefusedRecord
from streams.judge.accounts import LateAccount
from streams.rules.calendar import local_date
from streams.rules.decisions import published
from streams.rules.unclaimed import Unclaimed


class UnclaimedCredit(msgspec.Struct, frozen=True, kw_only=True):
    """A credit that would be approved if it were claimed before `claim_by`; `last_day` is the last local day for it.

    `at_least`: the month is not complete, and the tier is that of the minutes known so far (K5). An empty amount: the
    currency's minor unit is not known.
    """

    fee: str
    percent: int
    at_least: bool
    amount: str
    claim_by: str
    last_day: str


class AccountCredits(msgspec.Struct, frozen=True, kw_only=True):
    """An account's credits of a month in one currency.

    Beside effective decisions it has, by fee, what is due and not decided yet, what was credited beyond what is due and
    is not taken back any more (K4), and what nobody has claimed.
    """

    account_id: str
    currency: str
    credited: str
    decisions: Sequence[CreditDecision]
    undecided: Mapping[FeeKey, str]
    kept: Mapping[FeeKey, str]
    unclaimed: Sequence[UnclaimedCredit]


class RefusedView(msgspec.Struct, frozen=True, kw_only=True):
    """A record that was refused as a dead letter: why, and where in it; ids are empty where they cannot be read."""

    record_id: str
    account_id: str
    reason: str
    path: str
    recorded_at: str


class LateAccountView(msgspec.Struct, frozen=True, kw_only=True):
    """An account record that reached the broker later than it says it took effect (M4)."""

    account_id: str
    revision: int
    effective_from: str
    recorded_at: str


class CreditMonth(msgspec.Struct, frozen=True, kw_only=True):
    """A month of credits; accounts without any are left out.

    Beside them stand account records that were refused, and those that came after minutes that they change (M4).
    """

    month: str
    accounts: Sequence[AccountCredits]
    refused_accounts: Sequence[RefusedView]
    account_backdated: Sequence[LateAccountView] = ()


def refused_view(one: RefusedRecord) -> RefusedView:
    """A refused record as it is shown."""
    return RefusedView(
        record_id=one.record_id,
        account_id=one.account_id,
        reason=one.reason,
        path=one.path,
        recorded_at=format_instant(one.recorded_ms),
    )


def backdated_view(one: LateAccount) -> LateAccountView:
    """An account record that came later than it took effect, with the broker's instant (M4)."""
    return LateAccountView(
        account_id=one.account_id,
        revision=one.revision,
        effective_from=format_instant(one.effective_ms),
        recorded_at=format_instant(one.recorded_ms),
    )


def credits_of(judged: JudgedAccount, series: Sequence[LoggedSeries]) -> list[AccountCredits]:
    """An account's month, a row a currency; none where there is nothing to show. `series` are those of the account."""
    found = {logged.decision.subject.currency for one in series for logged in one.effective}
    due = {currency for one in series for currency in one.undecided}
    might = {one.currency for one in judged.unclaimed}
    return [_in_currency(currency, judged, series) for currency in sorted(found | due | might)]


def _in_currency(currency: str, judged: JudgedAccount, series: Sequence[LoggedSeries]) -> AccountCredits:
    effective = [logged for one in series for logged in one.effective if logged.decision.subject.currency == currency]
    nothing = Decimal(0).scaleb(-judged.month.minor_units.get(currency, 0))
    return AccountCredits(
        account_id=judged.account_id,
        currency=currency,
        credited=str(nothing + published(logged.decision for logged in effective)),
        decisions=[to_record(logged.decision, logged.policy) for logged in effective],
        undecided={one.place[1]: str(one.undecided[currency]) for one in series if currency in one.undecided},
        kept={one.place[1]: str(one.kept[currency]) for one in series if currency in one.kept},
        unclaimed=[_unclaimed(one, judged.month.terms.zone) for one in judged.unclaimed if one.currency == currency],
    )


def _unclaimed(one: Unclaimed, zone: str) -> UnclaimedCredit:
    return UnclaimedCredit(
        fee=one.fee,
        percent=one.percent,
        at_least=one.at_least,
        amount="" if one.amount is None else str(one.amount),
        claim_by=format_instant(one.claim_until_ms),
        last_day=f"{local_date(one.claim_until_ms - 1, zone)}",
    )
