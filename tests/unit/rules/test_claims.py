"""K2, M4: which claims credit, and every reason why others do not."""

from dataclasses import replace

import pytest

from schemas.fields import Plan
from schemas.instants import MINUTE_MS, parse_instant
from streams.rules.accounts import AccountVersion, effective_at, effective_within
from streams.rules.claims import Claimed, ClaimState, FeeMonth, Judgement, Refusal, judge, why_no_fee
from tests.unit.rules.crediting import DAY_MS, SPAN, TERMS, ZONE, at, claim, incidents, record, versions

APPROVED = Judgement(state=ClaimState.APPROVED)
MONTH = FeeMonth(
    complete=True,
    refusals=(),
    waits_for=None,
    incidents={"sms": incidents((100, 144)), "voice": [], "whatsapp": [], "email": []},
)


def judged(*claims: Claimed, of: FeeMonth = MONTH) -> list[Judgement]:
    found = judge(claims, of, TERMS)
    return [found[one.claim_id] for one in claims]


def refusals(*claims: Claimed, of: FeeMonth = MONTH) -> list[tuple[Refusal, ...]]:
    return [judgement.refusals for judgement in judged(*claims, of=of)]


def test_k2_a_claim_of_a_missed_months_incident_is_approved() -> None:
    assert judged(claim()) == [APPROVED]


def test_k2_before_the_month_is_complete_a_claim_waits() -> None:
    assert judged(claim(), of=replace(MONTH, complete=False)) == [Judgement(state=ClaimState.AWAITING)]


def test_k2_every_reason_is_given() -> None:
    of = replace(MONTH, refusals=(Refusal.NO_FEE, Refusal.MONTH_NOT_MISSED))
    late = claim(submitted_ms=SPAN.end_ms + 40 * DAY_MS)
    assert refusals(late, of=of) == [(Refusal.NO_FEE, Refusal.MONTH_NOT_MISSED, Refusal.TOO_LATE)]
    assert refusals(claim(first=0, end=100), of=of)[0][-1] is Refusal.NO_INCIDENT


@pytest.mark.parametrize(
    ("ended", "last_instant"),
    [
        ("2026-09-15T00:01:00+05:00", "2026-10-15T23:59:59.999+05:00"),
        ("2026-09-15T23:59:00+05:00", "2026-10-15T23:59:59.999+05:00"),
        ("2026-09-16T00:00:00+05:00", "2026-10-16T23:59:59.999+05:00"),  # over at the midnight with which a day begins
    ],
)
def test_k2_thirty_local_days_after_the_incidents_day(ended: str, last_instant: str) -> None:
    end = (parse_instant(ended) - SPAN.start_ms) // MINUTE_MS
    of = replace(MONTH, incidents={"sms": incidents((end - 44, end))})
    last_ms = parse_instant(last_instant)
    for submitted_ms, expected in ((last_ms, ()), (last_ms + 1, (Refusal.TOO_LATE,))):
        assert refusals(claim(submitted_ms=submitted_ms), of=of) == [expected]


def test_k2_of_several_incidents_the_latest_claimed_one_decides() -> None:
    of = replace(MONTH, incidents={"sms": incidents((0, 1), (20 * 1_440, 20 * 1_440 + 1))})
    submitted_ms = at(0) + 35 * DAY_MS
    assert refusals(claim(submitted_ms=submitted_ms), of=of) == [()]
    assert refusals(claim(end=1, submitted_ms=submitted_ms), of=of) == [(Refusal.TOO_LATE,)]


def test_k2_an_incident_that_goes_on_can_be_claimed_longer() -> None:
    """It begins in September and ends on 5 October: until 4 November, whichever part of it is claimed."""
    of = replace(MONTH, incidents={"sms": incidents((43_000, 43_200 + 5 * 1_440 - 60))})
    submitted_ms = parse_instant("2026-11-04T23:59:59+05:00")
    assert refusals(claim(first=43_000, end=43_001, submitted_ms=submitted_ms), of=of) == [()]
    assert refusals(claim(submitted_ms=submitted_ms + 1_000), of=of) == [(Refusal.TOO_LATE,)]


def test_k2_of_several_claims_only_the_earliest_valid_is_approved() -> None:
    second, first = claim("c-2"), claim("c-1")
    elsewhere = claim("c-0", end=100, submitted_ms=at(0))
    assert refusals(second, first, elsewhere) == [(Refusal.CLAIMED_BEFORE,), (), (Refusal.NO_INCIDENT,)]


def test_k2_the_earlier_submitted_counts_before_the_lesser_id() -> None:
    early, late = claim("c-2", submitted_ms=at(200)), claim("c-1", submitted_ms=at(201))
    assert judged(early, late)[0] == APPROVED


def test_k2_a_claim_is_of_its_own_services_incidents() -> None:
    assert refusals(claim(service="voice")) == [(Refusal.NO_INCIDENT,)]


def test_m5_where_nothing_was_promised_incidents_are_no_reason() -> None:
    of = replace(MONTH, refusals=(Refusal.NOT_IN_FORCE,), incidents={})
    assert refusals(claim(), of=of) == [(Refusal.NOT_IN_FORCE,)]


def test_k2_what_waits_for_us_can_still_be_refused() -> None:
    of = replace(MONTH, waits_for=Refusal.UNKNOWN_CURRENCY)
    assert judged(claim(), of=of) == [Judgement(state=ClaimState.AWAITING, refusals=(Refusal.UNKNOWN_CURRENCY,))]
    assert judged(claim(end=1), of=of) == [Judgement(state=ClaimState.REJECTED, refusals=(Refusal.NO_INCIDENT,))]


def test_k2_a_claim_is_judged_in_every_month_it_touches() -> None:
    assert claim().months(ZONE) == ["2026-09"]
    assert claim(first=-1, end=43_201).months(ZONE) == ["2026-08", "2026-09", "2026-10"]


def why(*known: AccountVersion, record_refused: bool = False) -> tuple[Refusal, ...]:
    return why_no_fee(known, "sms", SPAN, record_refused=record_refused)


def test_k2_an_account_that_is_known_is_not_unknown() -> None:
    assert why() == (Refusal.UNKNOWN_ACCOUNT,)
    assert why(*versions(record(from_ms=SPAN.end_ms))) == (Refusal.NO_FEE,)
    assert why(*versions(record(fees={"voice": "1"}))) == (Refusal.NO_FEE,)


def test_k2_a_refused_record_of_the_account_is_named() -> None:
    assert why(record_refused=True) == (Refusal.ACCOUNT_RECORD_REFUSED,)
    none = versions(record(fees={}))
    assert why(*none, record_refused=True) == (Refusal.NO_FEE, Refusal.ACCOUNT_RECORD_REFUSED)


@pytest.mark.parametrize("plan", ["trial", "promotional"])
def test_m4_a_month_on_trial_or_promotion_is_not_paid(plan: Plan) -> None:
    assert why(*versions(record(plan=plan))) == (Refusal.NOT_PAID,)
    assert why(*versions(record(plan=plan, fees={"platform": "1"}, suspended=True))) == (
        Refusal.NOT_PAID,
        Refusal.SUSPENDED,
    )


def test_m4_a_suspended_months_reason_is_the_suspension() -> None:
    assert why(*versions(record(suspended=True))) == (Refusal.SUSPENDED,)


def test_i2_of_records_from_one_instant_the_highest_revision_counts() -> None:
    known = versions(record(revision=1, currency="PKR", content=5), record(revision=0, currency="USD", content=9))
    assert [version.account.currency for version in known] == ["PKR"]


def test_m4_before_the_first_record_there_is_no_account() -> None:
    known = versions()
    at_ms = known[0].effective_from_ms
    assert effective_at(known, at_ms - 1) is None
    assert effective_at(known, at_ms) is not None
    assert effective_within(known, at_ms - 1, at_ms) == []
    assert len(effective_within(known, at_ms - 1, at_ms + 1)) == 1
