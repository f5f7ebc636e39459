"""K2, M2, V5: what of a judged month decides credits, complete, or complete by now come what may."""

import pytest

from schemas.fields import SERVICES
from schemas.instants import MINUTE_MS
from schemas.reference import policies
from streams.credits.basis import MonthFacts
from streams.credits.known_months import judged_facts
from streams.rules.calendar import MonthSpan
from streams.rules.policy import PolicyChoice
from tests.unit.rules.month.spans import START, Span

MINUTES = 1_000
SPAN = MonthSpan(month="2027-03", start_ms=START * MINUTE_MS, end_ms=(START + MINUTES) * MINUTE_MS)
CHOICE = PolicyChoice(policy=policies()[0], in_force=True, span=SPAN)
COMPLETE_BY_MS = SPAN.end_ms + 10 * 86_400_000


def facts(span: Span, *, now_ms: int = SPAN.end_ms) -> MonthFacts:
    return judged_facts(span.judged(), CHOICE, now_ms=now_ms)


def at(*minutes: int) -> tuple[int, ...]:
    return tuple((START + minute) * MINUTE_MS for minute in minutes)


def test_v5_each_fee_has_the_tier_of_its_own_minutes() -> None:
    span = Span(MINUTES).requests(range(5), platform=5).requests(range(5, 10), platform=5, service="voice")
    found = facts(span)
    assert found.percents == {"sms": 10, "voice": 10, "whatsapp": None, "email": None, "platform": 10}
    assert found.runs == {"sms": [at(0, 5)], "voice": [at(5, 10)], "whatsapp": (), "email": ()}
    wider = facts(span.requests(range(20, 26), platform=5, service="voice"))
    assert (wider.percents["sms"], wider.percents["voice"], wider.percents["platform"]) == (10, 25, 25)


def test_k1_blind_minutes_are_an_incident_and_lower_the_tier() -> None:
    found = facts(Span(MINUTES).requests(range(MINUTES), ok=1).window("telemetry_gap", 10, 12))
    assert (found.percents["sms"], found.runs["sms"]) == (10, [at(10, 12)])


def test_m2_an_unobserved_month_has_no_tier_and_no_incident() -> None:
    found = facts(Span(MINUTES))
    assert set(found.percents.values()) == {None}
    assert found.runs == dict.fromkeys(SERVICES, ())


@pytest.mark.parametrize(
    ("now_ms", "complete", "percent"), [(COMPLETE_BY_MS - 1, False, 0), (COMPLETE_BY_MS, True, 25)]
)
def test_k2_ten_days_on_pending_minutes_are_blind(now_ms: int, complete: bool, percent: int) -> None:
    span = Span(MINUTES).requests(range(980), ok=1).frontier(START + 980)
    found = facts(span, now_ms=now_ms)
    assert (found.complete, found.percents["sms"]) == (complete, percent)
    assert found.runs["sms"] == ([at(979, MINUTES)] if complete else [])
