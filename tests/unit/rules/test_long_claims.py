"""K2: a claim longer than 62 days is answered once, cheaply, by a rule of its own."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.instants import END_MS, FIRST_MS
from streams.rules.calendar import month_of
from streams.rules.claims import LONGEST_CLAIM_MS, Claimed, ClaimState, Judgement, Refusal, judge
from tests.unit.rules.test_claims import judged, month, versions

_DAY_MS = 86_400_000
_TOO_LONG = Judgement(state=ClaimState.REJECTED, fee="sms", refusals=(Refusal.SPAN_TOO_LONG,))
INSTANTS = st.integers(FIRST_MS, END_MS - 1)


def _claim(length_ms: int, claim_id: str = "c-1", *, after_ms: int = _DAY_MS) -> Claimed:
    start_ms = month().span.start_ms
    return Claimed(claim_id=claim_id, from_ms=start_ms, to_ms=start_ms + length_ms, submitted_ms=start_ms + after_ms)


def test_k2_62_days_are_judged_a_millisecond_more_not() -> None:
    longest, too_long = _claim(LONGEST_CLAIM_MS), _claim(LONGEST_CLAIM_MS + 1)
    assert LONGEST_CLAIM_MS == 62 * _DAY_MS
    assert judged(longest, of=month(3)) == [Judgement(state=ClaimState.APPROVED, fee="sms")]
    assert judged(too_long, of=month(3)) == [_TOO_LONG]


def test_k2_a_claim_too_long_waits_for_no_close() -> None:
    assert judged(_claim(LONGEST_CLAIM_MS + 1), of=month(complete=False)) == [_TOO_LONG]
    unknown = Judgement(state=ClaimState.REJECTED, fee=None, refusals=(Refusal.SPAN_TOO_LONG,))
    assert judged(_claim(LONGEST_CLAIM_MS + 1), of=month(percent=0), known=[]) == [unknown]


def test_k2_a_claim_too_long_is_never_the_earliest() -> None:
    too_long, other = _claim(LONGEST_CLAIM_MS + 1, after_ms=0), _claim(20 * _DAY_MS, "c-2", after_ms=50 * _DAY_MS)
    found = judge({"sms": [too_long, other]}, {"sms": month(3)}, versions(), claim_ms=60 * _DAY_MS)
    assert found == {"c-1": _TOO_LONG, "c-2": Judgement(state=ClaimState.APPROVED, fee="sms")}


@given(INSTANTS, INSTANTS, st.sampled_from(["Asia/Karachi", "UTC", "Pacific/Kiritimati", "Etc/GMT+12"]))
def test_k2_a_claim_has_at_most_four_months(one_ms: int, other_ms: int, zone: str) -> None:
    claim = Claimed(claim_id="c", from_ms=min(one_ms, other_ms), to_ms=max(one_ms, other_ms) + 1, submitted_ms=0)
    found = claim.months(zone)
    assert found[0] == month_of(claim.from_ms, zone)
    if claim.is_too_long:
        assert found == found[:1]
    else:
        assert found[-1] == month_of(claim.to_ms - 1, zone)
        assert len(found) <= 4


@given(st.integers(FIRST_MS, END_MS - LONGEST_CLAIM_MS), st.integers(1, LONGEST_CLAIM_MS))
def test_k2_months_of_a_short_claim_are_those_touched(from_ms: int, length_ms: int) -> None:
    claim = Claimed(claim_id="c", from_ms=from_ms, to_ms=from_ms + length_ms, submitted_ms=0)
    days = range(from_ms, from_ms + length_ms, _DAY_MS)
    touched = {month_of(at_ms, "Asia/Karachi") for at_ms in (*days, from_ms + length_ms - 1)}
    assert claim.months("Asia/Karachi") == sorted(touched)
