"""M3, K2: what a month owes an account, with the arithmetic beside it."""

import time
from collections.abc import Sequence
from decimal import Decimal

import pytest

from streams.rules.accounts import AccountVersion, history
from streams.rules.amounts_due import AccountAmounts, CreditBasis, settle_claims
from streams.rules.claims import Claimed, ClaimState, Refusal
from tests.unit.rules.crediting import (
    DAY_MS,
    NEXT,
    SPAN,
    at,
    basis,
    claim,
    incidents,
    month_of_account,
    paying,
    record,
    versions,
)

LATER_MS = SPAN.start_ms + 25 * DAY_MS


def settled(
    claims: Sequence[Claimed], of: CreditBasis, known: Sequence[AccountVersion], **changed: object
) -> AccountAmounts:
    return settle_claims(claims, month_of_account(of, known, **changed))


def amounts(found: AccountAmounts) -> dict[str, list[str]]:
    return {
        fee: [f"{due.amount} {currency}" for currency, due in (by_currency or {}).items()]
        for fee, by_currency in found.amounts_due.items()
    }


@pytest.mark.parametrize(
    ("minutes", "amount"),
    [
        (43, None),  # 43,157 of 43,200 is 99.9004 %
        (44, "5000.00 PKR"),  # 99.8981 %
        (432, "5000.00 PKR"),  # exactly 99 %
        (433, "12500.00 PKR"),
        (454, "12500.00 PKR"),  # 98.9490 %: §5.2 leaves 98.9-99.0 open, 25 % is the customer's favour
        (2_160, "12500.00 PKR"),  # exactly 95 %
        (2_161, "25000.00 PKR"),
    ],
)
def test_m3_a_fee_is_credited_by_its_months_tier(minutes: int, amount: str | None) -> None:
    """A fee of 50,000.00; a month of 43,200 minutes, the last of them down."""
    found = settled([claim(end=43_200)], basis({"sms": range(43_200 - minutes, 43_200)}), versions())
    if amount is None:
        assert found.outcomes["c-1"].refusals == (Refusal.MONTH_NOT_MISSED,)
    assert amounts(found) == {"sms": [amount] if amount else []}


def test_m4_half_a_months_fee_is_credited_by_half() -> None:
    joined = versions(record(from_ms=at(21_600)))
    assert amounts(settled([claim()], basis({"sms": range(100)}), joined)) == {"sms": ["2500.00 PKR"]}


def test_m3_the_platform_takes_its_own_uptime() -> None:
    """Each of four services down 40 minutes in turn: 99.9 % each, the platform 160 of 43,200, 10 % of 80,000."""
    month = basis({"sms": range(40), "voice": range(40, 80), "whatsapp": range(80, 120), "email": range(120, 160)})
    assert [*month.percents.values()] == [0, 0, 0, 0, 10]
    found = settled([claim(service="email")], month, paying({"platform": "80000.00"}))
    assert amounts(found) == {"platform": ["8000.00 PKR"]}


def test_m3_the_platform_is_credited_once_whichever_service_is_claimed() -> None:
    month = basis({"sms": range(100), "voice": range(1_000)})
    claims = [claim("c-2", "voice", submitted_ms=LATER_MS), claim("c-1", "sms")]
    found = settled(claims, month, paying({"platform": "80000.00"}))
    assert amounts(found) == {"platform": ["20000.00 PKR"]}
    due = found.amounts_due["platform"]
    assert due
    assert due["PKR"].claim_id == "c-1"
    assert found.outcomes["c-2"].refusals == (Refusal.CLAIMED_BEFORE,)


def test_m3_a_claim_concerns_its_own_fee_and_the_platforms() -> None:
    month = basis({"sms": range(100)})
    found = settled([claim()], month, paying({"sms": "100.00", "platform": "80.00", "voice": "7.00"}))
    assert amounts(found) == {"platform": ["8.00 PKR"], "sms": ["10.00 PKR"], "voice": []}
    assert found.outcomes["c-1"].fees == ("sms", "platform")


def test_m3_approved_for_one_fee_is_approved() -> None:
    """voice is down for a minute, the platform long enough: its fee is missed, voice's is not."""
    month = basis({"sms": range(100), "voice": range(1)})
    found = settled([claim(service="voice")], month, paying({"voice": "100.00", "platform": "80.00"}))
    outcome = found.outcomes["c-1"]
    assert (outcome.state, outcome.refusals, outcome.fees) == (ClaimState.APPROVED, (), ("platform",))
    assert outcome.by_fee["voice"].refusals == (Refusal.MONTH_NOT_MISSED,)


def test_m3_a_claim_needs_an_incident_of_its_own_service() -> None:
    found = settled([claim(service="email")], basis({"voice": range(1_000)}), paying({"platform": "80000.00"}))
    assert found.outcomes["c-1"].refusals == (Refusal.NO_INCIDENT,)


def test_m3_currencies_are_rounded_each_by_its_minor_unit() -> None:
    month = basis({"sms": range(100)})
    assert amounts(settled([claim()], month, paying({"sms": "1005"}, "JPY"))) == {"sms": ["101 JPY"]}
    assert amounts(settled([claim()], month, paying({"sms": "1.235"}, "KWD"))) == {"sms": ["0.124 KWD"]}


def test_m3_a_currency_that_nobody_knows_is_never_guessed() -> None:
    found = settled([claim()], basis({"sms": range(100)}), paying({"sms": "100"}, "Rs"))
    assert (found.outcomes["c-1"].state, found.outcomes["c-1"].refusals) == (
        ClaimState.AWAITING,
        (Refusal.UNKNOWN_CURRENCY,),
    )
    assert found.amounts_due == {"sms": None}


def test_m4_a_month_in_two_currencies_is_credited_in_both() -> None:
    moved = versions(record(fees={"sms": "1000"}), record(from_ms=at(21_600), fees={"sms": "40"}, currency="USD"))
    assert amounts(settled([claim()], basis({"sms": range(100)}), moved)) == {"sms": ["50.00 PKR", "2.00 USD"]}


def test_k2_a_claim_across_two_months_is_judged_in_each() -> None:
    """Down from the last ten minutes of September into October: one incident, which both months have."""
    across, known = claim(first=43_180, end=43_300), paying({"sms": "1000.00"})
    down = {"sms": range(43_190, 43_400)}
    september = settled([across], basis(down), known)  # type: ignore[arg-type]
    october = settled([across], basis(down, span=NEXT), known)  # type: ignore[arg-type]
    assert september.outcomes["c-1"].refusals == (Refusal.MONTH_NOT_MISSED,)  # ten minutes of 43,200
    assert october.outcomes["c-1"].state is ClaimState.APPROVED  # 200 minutes of 44,640
    assert amounts(october) == {"sms": ["100.00 PKR"]}


def test_k2_while_a_month_is_open_nothing_is_decided() -> None:
    found = settled([claim()], basis({"sms": range(1_000)}, complete=False), versions())
    assert found.outcomes["c-1"].state is ClaimState.AWAITING
    assert found.amounts_due == {"sms": None}


@pytest.mark.parametrize("statement", [None, 0, 3])
def test_k4_what_is_due_names_the_statement_behind_it(statement: int | None) -> None:
    found = settled([claim()], basis({"sms": range(100)}, statement=statement), versions())
    due = found.amounts_due["sms"]
    assert due
    assert (due["PKR"].statement, due["PKR"].amount) == (statement, Decimal("5000.00"))


def test_k2_of_an_unknown_account_only_that_is_given() -> None:
    found = settled([claim()], basis({"sms": range(100)}), [])
    assert found.outcomes["c-1"].refusals == (Refusal.UNKNOWN_ACCOUNT,)
    assert not found.amounts_due


def test_m2_an_unobserved_service_credits_nothing() -> None:
    month = basis({}, unobserved=("sms", "voice", "whatsapp", "email", "platform"))
    found = settled([claim()], month, versions())
    assert found.outcomes["c-1"].refusals == (Refusal.UNOBSERVED, Refusal.NO_INCIDENT)
    assert amounts(found) == {"sms": []}


def test_m5_a_policy_not_in_force_credits_nothing() -> None:
    found = settled([claim()], basis({"sms": range(1_000)}, in_force=False), versions())
    assert found.outcomes["c-1"].refusals == (Refusal.NOT_IN_FORCE,)


def test_k2_ten_thousand_claims_of_six_thousand_incidents_in_time() -> None:
    every_7th = incidents(*((minute, minute + 1) for minute in range(0, 43_200, 7)))
    month = basis({"sms": range(6_172)})
    month = CreditBasis(
        span=month.span,
        in_force=True,
        complete=True,
        statement=0,
        percents=month.percents,
        incidents={**month.incidents, "sms": every_7th},
    )
    known = history([record(), *(record(from_ms=at(n * 400), plan="trial", suspended=True) for n in range(1, 100))])
    began_s = time.process_time()
    found = settled([claim(f"c{number:05}") for number in range(10_000)], month, known)
    assert time.process_time() - began_s < 5
    assert [claim_id for claim_id, one in found.outcomes.items() if one.fees] == ["c00000"]
