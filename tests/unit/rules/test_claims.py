"""K2, M4: which claims credit, and every reason why others do not."""

import pytest

from schemas.account import Account
from schemas.fields import Plan, Service
from schemas.instants import MINUTE_MS, format_instant
from streams.rules.accounts import AccountVersion, effective_at, effective_within, history
from streams.rules.calendar import month_bounds
from streams.rules.claims import ClaimContext, Claimed, ClaimState, Judgement, Refusal, judge
from streams.rules.incidents import incidents

_SPAN = month_bounds("2026-09", "Asia/Karachi")
_DAY_MS = 86_400_000
_CLAIM_MS = 30 * _DAY_MS
_START_MS = _SPAN.start_ms + 10 * _DAY_MS


def account(**changed: object) -> Account:
    fields: dict[str, object] = {
        "account_id": "a-1",
        "effective_from": "2026-01-01T00:00:00Z",
        "plan": "paid",
        "support_tier": "standard",
        "fees": {"sms": "50000.00"},
        "currency": "PKR",
    }
    return Account(**(fields | changed))  # type: ignore[arg-type]


def versions(*changes: dict[str, object]) -> list[AccountVersion]:
    return history((account(**changed), content) for content, changed in enumerate(changes or ({},)))


def month(*numbers: int, percent: int = 10, complete: bool = True) -> ClaimContext:
    """Down in these minutes of the eleventh day."""
    down = [_START_MS + number * MINUTE_MS for number in numbers]
    return ClaimContext(span=_SPAN, complete=complete, percent=percent, incidents=incidents(down, joined_minutes=5))


def claim(first: int, end: int, *, claim_id: str = "c-1", after_ms: int = _DAY_MS) -> Claimed:
    return Claimed(
        claim_id=claim_id,
        from_ms=_START_MS + first * MINUTE_MS,
        to_ms=_START_MS + end * MINUTE_MS,
        submitted_ms=_START_MS + after_ms,
    )


def judged(
    *claims: Claimed, of: ClaimContext, known: list[AccountVersion] | None = None, service: Service = "sms"
) -> list[Judgement]:
    known = versions() if known is None else known
    found = judge({service: claims}, {service: of}, known, claim_ms=_CLAIM_MS)
    return [found[one.claim_id] for one in claims]


def refusals(*claims: Claimed, of: ClaimContext, known: list[AccountVersion] | None = None) -> list[set[Refusal]]:
    return [set(judgement.refusals) for judgement in judged(*claims, of=of, known=known)]


def test_k2_a_claim_of_a_missed_months_incident_is_approved() -> None:
    assert judged(claim(0, 9), of=month(3, 4)) == [Judgement(state=ClaimState.APPROVED, fee="sms")]


def test_k2_before_the_month_is_complete_a_claim_waits() -> None:
    assert judged(claim(0, 9), of=month(3, complete=False)) == [Judgement(state=ClaimState.AWAITING, fee="sms")]


def test_k2_every_reason_is_told() -> None:
    of = month(3, percent=0)
    assert refusals(claim(3, 4, after_ms=40 * _DAY_MS), of=of, known=[]) == [
        {Refusal.UNKNOWN_ACCOUNT, Refusal.MONTH_NOT_MISSED, Refusal.TOO_LATE}
    ]
    assert refusals(claim(20, 30), of=of) == [{Refusal.MONTH_NOT_MISSED, Refusal.NO_INCIDENT}]


def test_k2_thirty_days_after_the_latest_incident_to_the_millisecond() -> None:
    of = month(0, 10)
    for over_ms, expected in ((0, set[Refusal]()), (1, {Refusal.TOO_LATE})):
        assert refusals(claim(0, 11, after_ms=11 * MINUTE_MS + _CLAIM_MS + over_ms), of=of) == [expected]
        assert refusals(claim(0, 1, after_ms=1 * MINUTE_MS + _CLAIM_MS + over_ms), of=of) == [expected]


def test_k2_of_several_claims_only_the_earliest_valid_is_approved() -> None:
    late_id, early_id = claim(0, 5, claim_id="c-2"), claim(0, 5, claim_id="c-1")
    elsewhere = claim(50, 60, claim_id="c-0", after_ms=0)
    assert refusals(late_id, early_id, elsewhere, of=month(3)) == [
        {Refusal.CLAIMED_BEFORE},
        set(),
        {Refusal.NO_INCIDENT},
    ]


def test_k2_a_bundle_is_credited_once_whichever_service_is_claimed() -> None:
    bundle = versions({"fees": {"platform": "1000"}})
    first, second = claim(0, 5, claim_id="c-1"), claim(0, 5, claim_id="c-2", after_ms=2 * _DAY_MS)
    found = judge({"voice": [second], "sms": [first]}, {"sms": month(3), "voice": month(4)}, bundle, claim_ms=_CLAIM_MS)
    assert found["c-1"] == Judgement(state=ClaimState.APPROVED, fee="platform")
    assert found["c-2"].refusals == (Refusal.CLAIMED_BEFORE,)


def test_m3_an_account_without_a_fee_gets_nothing() -> None:
    assert refusals(claim(0, 5), of=month(3), known=versions({"fees": {"voice": "1"}})) == [{Refusal.NO_FEE}]


@pytest.mark.parametrize("plan", ["trial", "promotional"])
def test_m4_a_promotion_that_ends_within_an_incident_spoils_it(plan: Plan) -> None:
    for ends_at, expected in ((3, set[Refusal]()), (4, {Refusal.NOT_PAID})):
        known = versions({"plan": plan}, {"effective_from": format_instant(_START_MS + ends_at * MINUTE_MS)})
        assert refusals(claim(0, 9), of=month(3, 4, 5), known=known) == [expected]


def test_m4_minutes_between_down_ones_do_not_matter() -> None:
    known = versions(
        {},
        {"plan": "trial", "effective_from": format_instant(_START_MS + 4 * MINUTE_MS)},
        {"effective_from": format_instant(_START_MS + 6 * MINUTE_MS)},
    )
    assert refusals(claim(0, 9), of=month(3, 6), known=known) == [set()]


def test_m4_one_incident_without_a_promotion_is_enough() -> None:
    known = versions({"plan": "trial"}, {"effective_from": format_instant(_START_MS + 8 * MINUTE_MS)})
    assert refusals(claim(0, 30), of=month(3, 20), known=known) == [set()]
    assert refusals(claim(0, 5), of=month(3, 20), known=known) == [{Refusal.NOT_PAID}]


def test_m4_nothing_is_credited_for_incidents_from_a_suspension_on() -> None:
    known = versions({}, {"suspended": True, "effective_from": format_instant(_START_MS + 10 * MINUTE_MS)})
    assert refusals(claim(0, 5), claim(15, 30, claim_id="c-2"), of=month(3, 20), known=known) == [
        set(),
        {Refusal.SUSPENDED},
    ]


def test_m4_the_fees_are_those_at_the_months_start() -> None:
    before = versions({}, {"fees": {}, "effective_from": format_instant(_SPAN.start_ms)})
    after = versions({}, {"fees": {}, "effective_from": format_instant(_SPAN.start_ms + 1)})
    assert refusals(claim(0, 5), of=month(3), known=before) == [{Refusal.NO_FEE}]
    assert refusals(claim(0, 5), of=month(3), known=after) == [set()]


def test_m4_of_records_from_one_instant_the_highest_revision_counts() -> None:
    known = history([(account(revision=1, currency="PKR"), 5), (account(revision=0, currency="USD"), 9)])
    assert [version.account.currency for version in known] == ["PKR"]


def test_m4_before_the_first_record_there_is_no_account() -> None:
    known = versions({})
    at_ms = known[0].effective_from_ms
    assert effective_at(known, at_ms - 1) is None
    assert effective_at(known, at_ms) is not None
    assert effective_within(known, at_ms - 1, at_ms) == []
    assert len(effective_within(known, at_ms - 1, at_ms + 1)) == 1
