"""K5, M3: what an account might still claim of a month, complete or not."""

from collections.abc import Sequence

from schemas.instants import parse_instant
from streams.rules.amounts_due import CreditBasis
from streams.rules.claims import Claimed, Refusal
from streams.rules.unclaimed import unclaimed
from tests.unit.rules.crediting import SPAN, at, basis, claim, month_of_account, paying, record, versions

# 44 of 43,200 minutes miss 99.9 %; the last of them ends on 1 September, 02:24 in Karachi.
MISSED = basis({"sms": range(100, 144)})
SO_FAR = basis({"sms": range(100, 144)}, complete=False)
UNTIL_MS = parse_instant("2026-10-02T00:00:00+05:00")


def might(
    fees: dict[str, str],
    *,
    of: CreditBasis = MISSED,
    now_ms: int = at(144),
    claims: Sequence[Claimed] = (),
    currency: str = "PKR",
) -> list[tuple[str, str, bool, int]]:
    found = unclaimed(claims, month_of_account(of, paying(fees, currency)), now_ms=now_ms)
    return [(one.fee, f"{one.percent} % {one.amount}", one.at_least, one.claim_until_ms) for one in found]


def test_k5_a_fee_is_open_until_its_last_day_ends() -> None:
    expected = [("sms", "10 % 20.00", False, UNTIL_MS)]
    assert might({"sms": "200.00"}, now_ms=UNTIL_MS - 1) == expected
    assert might({"sms": "200.00"}, now_ms=UNTIL_MS) == []


def test_k5_a_month_not_complete_is_listed_as_at_least() -> None:
    assert might({"sms": "200.00"}, of=SO_FAR) == [("sms", "10 % 20.00", True, UNTIL_MS)]


def test_k5_a_month_kept_so_far_is_not_listed() -> None:
    assert might({"sms": "200.00"}, of=basis({"sms": range(43)}, complete=False)) == []


def test_k5_every_fee_concerned_is_listed() -> None:
    assert might({"platform": "50.00", "sms": "10.00", "voice": "9.00"}) == [
        ("platform", "10 % 5.00", False, UNTIL_MS),
        ("sms", "10 % 1.00", False, UNTIL_MS),
    ]


def test_k5_the_platform_is_open_until_its_latest_incidents_day() -> None:
    later = basis({"sms": range(100, 144), "email": range(20_000, 20_001)})
    (found,) = might({"platform": "50.00"}, of=later)
    assert found[3] == parse_instant("2026-10-15T00:00:00+05:00")


def test_k5_what_is_claimed_is_not_unclaimed_complete_or_not() -> None:
    for of in (MISSED, SO_FAR):
        assert might({"sms": "200.00"}, of=of, claims=[claim()]) == []


def test_k5_a_claim_that_would_be_refused_claims_nothing() -> None:
    for of in (MISSED, SO_FAR):
        assert might({"sms": "200.00"}, of=of, claims=[claim(end=100)]) != []


def test_k5_a_claim_of_another_service_claims_the_platform_too() -> None:
    both = basis({"sms": range(100, 144), "voice": range(1)})
    assert might({"platform": "50.00", "sms": "10.00"}, of=both, claims=[claim(service="voice")]) == [
        ("sms", "10 % 1.00", False, UNTIL_MS)
    ]


def test_m3_an_unknown_currency_leaves_the_amount_open() -> None:
    assert might({"sms": "200.00"}, currency="Rs")[0][1] == "10 % None"


def test_m4_an_account_on_trial_has_nothing_to_claim() -> None:
    month = month_of_account(MISSED, versions(record(plan="trial")))
    assert unclaimed([], month, now_ms=at(144)) == []


def test_m5_a_policy_not_in_force_leaves_nothing_to_claim() -> None:
    assert might({"sms": "200.00"}, of=basis({"sms": range(1_000)}, in_force=False)) == []


def test_k5_an_account_that_waits_for_us_is_listed() -> None:
    month = month_of_account(MISSED, versions(), waits_for=Refusal.UNKNOWN_POLICY)
    assert [one.fee for one in unclaimed([], month, now_ms=SPAN.end_ms)] == ["sms"]
