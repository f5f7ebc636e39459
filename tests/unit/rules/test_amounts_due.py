"""M3, K2: what a closed month owes an account, with the arithmetic beside it."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest

from schemas.account import Account
from schemas.fields import SERVICES, Service
from schemas.instants import MINUTE_MS
from schemas.policies import credit_percent
from schemas.reference import policies
from streams.rules.accounts import AccountVersion, history
from streams.rules.amounts_due import AccountAmounts, ClosedMonth, ServiceTier, settle_claims, tier_of_fee
from streams.rules.calendar import month_bounds
from streams.rules.claims import Claimed, ClaimState, Refusal
from streams.rules.incidents import incidents

POLICY = policies()[0]
TERMS = POLICY.commitments.credits
SPAN = month_bounds("2026-09", "Asia/Karachi")
NEXT = month_bounds("2026-10", "Asia/Karachi")
_DAY_MS = 86_400_000


def closed(
    down: Mapping[Service, range], *, span: object = SPAN, complete: bool = True, statement: int = 0
) -> ClosedMonth:
    """A month in which services were down in these minutes, counted from September's first."""
    assert span in (SPAN, NEXT)
    month = SPAN if span is SPAN else NEXT
    services: dict[Service, ServiceTier] = {}
    for service in SERVICES:
        minutes_ms = [SPAN.start_ms + number * MINUTE_MS for number in down.get(service, range(0))]
        within = [at_ms for at_ms in minutes_ms if month.start_ms <= at_ms < month.end_ms]
        uptime = Fraction(month.total_minutes - len(within), month.total_minutes)
        percent = credit_percent(POLICY.tiers, uptime.numerator, uptime.denominator)
        whole = incidents(minutes_ms, joined_minutes=TERMS.joined_minutes)
        services[service] = ServiceTier(
            percent=percent, incidents=[one for one in whole if set(one.minutes_ms) & set(within)]
        )
    return ClosedMonth(span=month, complete=complete, statement=statement, services=services)


def account(fees: Mapping[str, str]) -> list[AccountVersion]:
    return history(
        [
            (
                Account(
                    account_id="a-1",
                    effective_from="2026-01-01T00:00:00Z",
                    plan="paid",
                    support_tier="standard",
                    fees=fees,  # type: ignore[arg-type]
                    currency="PKR",
                ),
                1,
            )
        ]
    )


def claim(claim_id: str, first: int = 0, end: int = 43_200, *, day: int = 40) -> Claimed:
    return Claimed(
        claim_id=claim_id,
        from_ms=SPAN.start_ms + first * MINUTE_MS,
        to_ms=SPAN.start_ms + end * MINUTE_MS,
        submitted_ms=SPAN.start_ms + day * _DAY_MS,
    )


def amounts(found: AccountAmounts) -> dict[str, str]:
    return {fee: str(amount_due.amount) for fee, amount_due in found.amounts_due.items()}


@pytest.mark.parametrize(
    ("minutes", "percent", "amount"),
    [
        (43, 0, None),  # 43,157 of 43,200 is 99.9004 %
        (44, 10, "5000.00"),  # 99.8981 %
        (432, 10, "5000.00"),  # exactly 99 %
        (433, 25, "12500.00"),
        (454, 25, "12500.00"),  # 98.9490 %: §5.2 leaves 98.9-99.0 open, 25 % is the customer's favour
        (2_160, 25, "12500.00"),  # exactly 95 %
        (2_161, 50, "25000.00"),
    ],
)
def test_m3_a_fee_is_credited_by_its_months_tier(minutes: int, percent: int, amount: str | None) -> None:
    """A fee of 50,000.00; a month of 43,200 minutes, the last of them down."""
    month = closed({"sms": range(43_200 - minutes, 43_200)})
    found = settle_claims([("sms", claim("c-1"))], month, account({"sms": "50000.00"}), TERMS)
    assert tier_of_fee("sms", month) == percent
    if amount is None:
        assert found.judgements["c-1"].refusals == (Refusal.MONTH_NOT_MISSED,)
        assert amounts(found) == {"sms": "0.00"}
    else:
        assert amounts(found) == {"sms": amount}


def test_m3_a_bundle_takes_the_lowest_uptime_and_one_credit() -> None:
    """sms 10 %, voice 25 %: the bundle of 80,000.00 is credited 25 %, 20,000.00, for the earlier claim."""
    month = closed({"sms": range(100), "voice": range(1_000)})
    claims: list[tuple[Service, Claimed]] = [("voice", claim("c-2", day=25)), ("sms", claim("c-1", day=20))]
    found = settle_claims(claims, month, account({"platform": "80000.00"}), TERMS)
    assert amounts(found) == {"platform": "20000.00"}
    assert found.amounts_due["platform"].claim_id == "c-1"
    assert found.judgements["c-2"].refusals == (Refusal.CLAIMED_BEFORE,)


def test_m3_an_unclaimed_service_misses_a_bundle_with_an_incident() -> None:
    month = closed({"voice": range(1_000), "sms": range(1)})
    bundle = account({"platform": "80000.00"})
    assert amounts(settle_claims([("sms", claim("c-1", day=20))], month, bundle, TERMS)) == {"platform": "20000.00"}
    found = settle_claims([("email", claim("c-1"))], month, bundle, TERMS)
    assert found.judgements["c-1"].refusals == (Refusal.NO_INCIDENT,)


def test_m3_fees_of_services_are_credited_each_by_its_own() -> None:
    month = closed({"sms": range(100), "voice": range(3_000)})
    claims: list[tuple[Service, Claimed]] = [("sms", claim("c-1", day=20)), ("voice", claim("c-2", day=20))]
    found = settle_claims(claims, month, account({"sms": "100.05", "voice": "0.01"}), TERMS)
    assert amounts(found) == {"sms": "10.01", "voice": "0.00"}


def test_k2_a_claim_across_two_months_is_judged_in_each() -> None:
    """Down from the last ten minutes of September into October: one incident, which both months have."""
    down: dict[Service, range] = {"sms": range(43_190, 43_400)}
    across = claim("c-1", 43_180, 43_300)
    fees = account({"sms": "1000.00"})
    september = settle_claims([("sms", across)], closed(down), fees, TERMS)
    october = settle_claims([("sms", across)], closed(down, span=NEXT), fees, TERMS)
    assert september.judgements["c-1"].refusals == (Refusal.MONTH_NOT_MISSED,)  # ten minutes of 43,200
    assert october.judgements["c-1"].state is ClaimState.APPROVED  # 200 minutes of 44,640
    assert amounts(october) == {"sms": "100.00"}


def test_k2_while_a_month_is_open_its_claims_wait() -> None:
    month = closed({"sms": range(1_000)}, complete=False)
    found = settle_claims([("sms", claim("c-1", day=20))], month, account({"sms": "1000.00"}), TERMS)
    assert found.judgements["c-1"].state is ClaimState.AWAITING
    assert amounts(found) == {"sms": "0.00"}


def test_k4_what_is_due_names_the_statement_behind_it() -> None:
    month = closed({"sms": range(100)}, statement=3)
    found = settle_claims([("sms", claim("c-1", day=20))], month, account({"sms": "1000.00"}), TERMS)
    assert (found.amounts_due["sms"].statement, found.amounts_due["sms"].amount) == (3, Decimal("100.00"))


def test_k2_an_unknown_accounts_claims_are_refused_without_fee() -> None:
    found = settle_claims([("sms", claim("c-1", day=20))], closed({"sms": range(100)}), [], TERMS)
    assert Refusal.UNKNOWN_ACCOUNT in found.judgements["c-1"].refusals
    assert not found.amounts_due


def test_k2_of_an_unknown_account_only_that_is_given() -> None:
    claim = Claimed(claim_id="c", from_ms=SPAN.start_ms, to_ms=SPAN.start_ms + 60 * MINUTE_MS, submitted_ms=SPAN.end_ms)
    found = settle_claims([("sms", claim)], closed({"sms": range(44)}), [], TERMS)
    assert found.judgements["c"].refusals == (Refusal.UNKNOWN_ACCOUNT,)
    assert not found.amounts_due
