"""M3, M4, K2: what an account might still claim of a closed month."""

from decimal import Decimal

from schemas.account import Account
from schemas.instants import MINUTE_MS, format_instant
from streams.rules.accounts import history
from streams.rules.amounts_due import settle_claims
from streams.rules.claims import Claimed
from streams.rules.unclaimed import unclaimed
from tests.unit.rules.test_amounts_due import SPAN, TERMS, account, closed

_DAY_MS = 86_400_000
# 44 of 43,200 minutes miss 99.9 %; the last of them ends at minute 144.
MISSED = closed({"sms": range(100, 144)})
END_MS = SPAN.start_ms + 144 * MINUTE_MS
LAST_MS = END_MS + 30 * _DAY_MS


def might(fees: dict[str, str], *, now_ms: int = END_MS, claims: tuple[tuple[str, Claimed], ...] = ()) -> list[object]:
    versions = account(fees)
    found = settle_claims(claims, MISSED, versions, TERMS)  # type: ignore[arg-type]
    return [(one.fee, one.amount, one.claim_by_ms) for one in unclaimed(MISSED, versions, found, TERMS, now_ms=now_ms)]


def test_m3_a_fee_might_be_claimed_until_30_days_later() -> None:
    # 10 % of 200.00
    assert might({"sms": "200.00"}, now_ms=LAST_MS) == [("sms", Decimal("20.00"), LAST_MS)]
    assert might({"sms": "200.00"}, now_ms=LAST_MS + 1) == []


def test_m3_a_bundle_might_be_claimed_by_the_missing_service() -> None:
    assert might({"platform": "50.00"}) == [("platform", Decimal("5.00"), LAST_MS)]
    # sms is then claimed by its own fee, and no other service was down
    assert might({"platform": "50.00", "sms": "10.00"}) == [("sms", Decimal("1.00"), LAST_MS)]


def test_k2_what_is_claimed_and_approved_is_not_unclaimed() -> None:
    claim = Claimed(claim_id="c", from_ms=END_MS - 1, to_ms=END_MS, submitted_ms=END_MS)
    assert might({"sms": "200.00"}, claims=(("sms", claim),)) == []


def test_k2_an_incident_longer_than_a_claim_might_be_claimed() -> None:
    going_on = closed({"sms": range(-100 * 1_440, 144)})
    versions = account({"sms": "200.00"})
    found = unclaimed(going_on, versions, settle_claims((), going_on, versions, TERMS), TERMS, now_ms=END_MS)
    assert [(one.fee, one.claim_by_ms) for one in found] == [("sms", LAST_MS)]


def test_m3_what_rounds_to_nothing_is_not_told() -> None:
    # 10 % of 0.04 is 0.004
    assert might({"sms": "0.04"}) == []


def test_m4_an_account_on_trial_during_the_incident_claims_nothing() -> None:
    versions = history(
        [
            (
                Account(
                    account_id="a",
                    effective_from=format_instant(SPAN.start_ms),
                    plan="trial",
                    support_tier="standard",
                    fees={"sms": "200.00"},
                    currency="PKR",
                ),
                1,
            )
        ]
    )
    assert unclaimed(MISSED, versions, settle_claims((), MISSED, versions, TERMS), TERMS, now_ms=END_MS) == []
