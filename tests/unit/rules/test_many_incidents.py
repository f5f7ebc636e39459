"""K2, M4: a service that is down every few minutes, and any number of claims, are judged alike and in time."""

import time
from itertools import zip_longest

from hypothesis import given
from hypothesis import strategies as st

from schemas.account import Account
from schemas.instants import MINUTE_MS, format_instant
from streams.rules.accounts import AccountVersion, history
from streams.rules.amounts_due import settle_claims
from streams.rules.calendar import month_bounds
from streams.rules.claims import ClaimContext, Claimed, ClaimState, Judgement, Refusal, judge
from streams.rules.incidents import Incident, incidents
from streams.rules.unclaimed import unclaimed
from tests.unit.rules.test_amounts_due import TERMS, closed

_SPAN = month_bounds("2026-09", "Asia/Karachi")
_CLAIM_MS = 30 * 86_400_000
# Unjoined: with six minutes between them each is an incident of its own.
_EVERY_7TH = range(0, 43_200, 7)
_IN_TIME_S = 5.0
_BOTH = (Refusal.NOT_PAID, Refusal.SUSPENDED)
_MINUTES = st.integers(0, 90)


def _at(minute: int) -> int:
    return _SPAN.start_ms + minute * MINUTE_MS


def _versions(*changes: tuple[int, str, bool]) -> list[AccountVersion]:
    return history((_account(_at(minute), plan, suspended=off), n) for n, (minute, plan, off) in enumerate(changes))


def _account(from_ms: int, plan: str, *, suspended: bool) -> Account:
    return Account(
        account_id="a",
        effective_from=format_instant(from_ms),
        plan=plan,  # type: ignore[arg-type]
        support_tier="standard",
        fees={"sms": "100.00"},
        currency="PKR",
        suspended=suspended,
    )


def _claim(first: int, minutes: int, claim_id: str = "c") -> Claimed:
    return Claimed(claim_id=claim_id, from_ms=_at(first), to_ms=_at(first + minutes), submitted_ms=_at(43_200))


def _context(found: list[Incident]) -> ClaimContext:
    return ClaimContext(span=_SPAN, complete=True, percent=10, incidents=found)


def _one_by_one(claim: Claimed, found: list[Incident], versions: list[AccountVersion]) -> set[Refusal]:
    """What K2 and M4 say of the incidents that a claim overlaps, each held against each version of the account."""
    overlapped = [one for one in found if one.start_ms < claim.to_ms and claim.from_ms < one.end_ms]
    against = [_against(one, versions) for one in overlapped]
    return set[Refusal]().union(*against) if all(against) else set()


def _against(incident: Incident, versions: list[AccountVersion]) -> set[Refusal]:
    said = set()
    for version, after in zip_longest(versions, versions[1:]):
        until_ms = after.effective_from_ms if after else incident.end_ms
        if any(version.effective_from_ms <= at_ms < until_ms for at_ms in incident.minutes_ms):
            said |= {Refusal.NOT_PAID} if version.account.plan != "paid" else set()
            said |= {Refusal.SUSPENDED} if version.account.suspended else set()
    return said


_CHANGES = st.lists(st.tuples(st.integers(-5, 95), st.sampled_from(["paid", "trial"]), st.booleans()), max_size=6)


@given(st.sets(_MINUTES, min_size=1, max_size=25), _CHANGES, _MINUTES, st.integers(1, 60))
def test_m4_refusals_are_those_of_each_incident(
    down: set[int], changes: list[tuple[int, str, bool]], first: int, minutes: int
) -> None:
    found, versions, claim = incidents(map(_at, down), joined_minutes=5), _versions(*changes), _claim(first, minutes)
    judged = judge({"sms": [claim]}, {"sms": _context(found)}, versions, claim_ms=_CLAIM_MS)["c"]
    of_account = {Refusal.NOT_PAID, Refusal.SUSPENDED}
    assert of_account.intersection(judged.refusals) == _one_by_one(claim, found, versions)


def test_k2_ten_thousand_claims_of_six_thousand_incidents() -> None:
    found = incidents(map(_at, _EVERY_7TH), joined_minutes=5)
    assert len(found) == len(_EVERY_7TH)
    claims = [_claim(0, 43_200, f"c{number:05}") for number in range(10_000)]
    versions = _versions((-1, "paid", False), *((n * 400, "trial", True) for n in range(100)))
    began_s = time.process_time()
    judged = judge({"sms": claims}, {"sms": _context(found)}, versions, claim_ms=_CLAIM_MS)
    assert time.process_time() - began_s < _IN_TIME_S
    assert set(judged.values()) == {Judgement(state=ClaimState.REJECTED, fee="sms", refusals=_BOTH)}


def test_k2_what_thousands_of_incidents_leave_unclaimed() -> None:
    month = closed({"sms": _EVERY_7TH})
    late_ms = _at(43_200) + _CLAIM_MS
    began_s = time.process_time()
    for versions in (_versions((-1, "paid", False)), _versions((-1, "paid", True))):
        found = settle_claims((), month, versions, TERMS)
        assert unclaimed(month, versions, found, TERMS, now_ms=late_ms) == []
    assert time.process_time() - began_s < _IN_TIME_S
