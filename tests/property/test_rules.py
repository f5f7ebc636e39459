"""What holds of the rules whatever the counts: V4, B4, I2, T3, M1, M2, X2, B2."""

import datetime as dt
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.instants import MINUTE_MS
from schemas.policies import Policy, Ratio
from schemas.reference import policies
from streams.rules.calendar import minutes_covered, minutes_touched, month_bounds, month_of
from streams.rules.classify import Outcome
from streams.rules.months import MonthMinutes, evaluate_month, percent
from streams.rules.ordering import receipt_order, request_order
from streams.rules.silence import silences
from streams.rules.verdict import EXCLUDING_KINDS, MinuteFacts, MinuteState, Tally, judge_minute

ZECTO = policies()[0]

small = st.integers(min_value=0, max_value=120)
tallies = st.builds(Tally, ok=small, platform=small, unknown=small, pending=small, missing=small)
facts_of_minutes = st.builds(
    MinuteFacts,
    requests=st.just(Tally()) | tallies,
    messages=st.just(Tally()) | tallies,
    probes_ok=st.integers(min_value=0, max_value=2),
    probes_failed=st.integers(min_value=0, max_value=2),
    windows=st.sets(st.sampled_from(EXCLUDING_KINDS), max_size=3),
    gap=st.booleans(),
    silence=st.booleans(),
    pending=st.booleans(),
)


def with_ratio(policy: Policy, ratio: Ratio, at_least: int) -> Policy:
    values = {name: getattr(policy, name) for name in policy.__slots__}
    return Policy(**{**values, "failure_ratio": ratio, "failures_at_least": at_least})


any_policy = st.builds(
    with_ratio,
    st.just(ZECTO),
    st.sampled_from([Ratio(0, 1), Ratio(1, 100), Ratio(1, 10), Ratio(1, 1)]),
    st.integers(min_value=1, max_value=5),
)


@given(facts_of_minutes, any_policy)
def test_b4_best_headline_and_worst_are_in_order(facts: MinuteFacts, policy: Policy) -> None:
    verdict = judge_minute(facts, policy)
    down = verdict.state is MinuteState.DOWN
    assert verdict.bad_low <= down <= verdict.bad_high


@given(facts_of_minutes, any_policy)
def test_v3_a_kind_stands_beside_excluded_only(facts: MinuteFacts, policy: Policy) -> None:
    verdict = judge_minute(facts, policy)
    assert (verdict.kind is not None) == (verdict.state is MinuteState.EXCLUDED)
    assert verdict.kind is None or verdict.kind in facts.windows


@given(tallies, tallies, any_policy)
def test_b4_whatever_the_doubtful_were_lies_between_the_bounds(
    requests: Tally, messages: Tally, policy: Policy
) -> None:
    verdict = judge_minute(MinuteFacts(requests=requests, messages=messages), policy)
    for failed in (0, requests.doubtful // 2, requests.doubtful):
        for failed_messages in (0, messages.doubtful // 2, messages.doubtful):
            known = MinuteFacts(requests=told(requests, failed), messages=told(messages, failed_messages))
            assert verdict.bad_low <= (judge_minute(known, policy).state is MinuteState.DOWN) <= verdict.bad_high


def told(tally: Tally, failed: int) -> Tally:
    """The tally had it been known that so many of the doubtful failed and the others went well."""
    return Tally(ok=tally.ok + tally.doubtful - failed, platform=tally.platform + failed)


@given(small, small)
def test_v1_agrees_with_exact_fractions(platform: int, ok: int) -> None:
    assume(platform + ok > 0)
    bad = platform >= 1 and Fraction(platform, platform + ok) > Fraction(1, 100)
    verdict = judge_minute(MinuteFacts(messages=Tally(ok=ok, platform=platform)), ZECTO)
    assert (verdict.state is MinuteState.DOWN) == bad


ranks = st.sampled_from(["accepted", "enroute", "delivered", "failed", "expired", "rejected", "deleted", "unknown"])
receipts = st.lists(
    st.tuples(ranks, st.sampled_from(["", "x"]), st.integers(min_value=0, max_value=3), st.integers(0, 3)), min_size=1
)


@given(receipts, st.randoms(use_true_random=False))
def test_i2_what_counts_is_the_same_in_any_order(messages: list[tuple[str, str, int, int]], random: object) -> None:
    def counting(records: list[tuple[str, str, int, int]]) -> tuple[int, ...]:
        return max(receipt_order(state=s, code=c, time_ms=t, content=h) for s, c, t, h in records)  # type: ignore[arg-type]

    shuffled = messages * 2
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert counting(shuffled) == counting(messages)


@given(st.sampled_from(Outcome), st.booleans(), st.integers(0, 65_534), st.integers(0, 2**64 - 1))
def test_i2_a_higher_revision_always_counts(outcome: Outcome, scope: bool, revision: int, content: int) -> None:
    lower = request_order(revision=revision, scope=scope, outcome=outcome, content=content)
    assert request_order(revision=revision + 1, scope=False, outcome=Outcome.OK, content=0) > lower


zones = st.sampled_from(["Asia/Karachi", "UTC", "Europe/London", "Asia/Kathmandu", "America/St_Johns"])
months = st.builds("{:04d}-{:02d}".format, st.integers(2001, 2098), st.integers(1, 12))


@given(months, zones)
def test_t3_a_month_is_the_instants_of_its_local_dates(month: str, zone: str) -> None:
    span = month_bounds(month, zone)
    local = [
        dt.datetime.fromtimestamp(instant_ms / 1000, tz=dt.UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m")
        for instant_ms in (span.start_ms - 1000, span.start_ms, span.end_ms - 1000, span.end_ms)
    ]
    assert local[0] < local[1] == month == local[2] < local[3]
    assert span.start_ms % MINUTE_MS == span.end_ms % MINUTE_MS == 0
    assert month_of(span.start_ms, zone) == month == month_of(span.end_ms - 1, zone)


@given(st.integers(0, 10**9), st.integers(0, 10**6))
def test_t2_what_is_covered_is_also_touched(start_ms: int, length_ms: int) -> None:
    covered, touched = (
        set(minutes_covered(start_ms, start_ms + length_ms)),
        set(minutes_touched(start_ms, start_ms + length_ms)),
    )
    assert covered <= touched
    assert len(touched - covered) <= 2
    assert all(start_ms <= minute and minute + MINUTE_MS <= start_ms + length_ms for minute in covered)


@given(st.integers(1, 44_700), st.data())
def test_m1_m2_display_and_tier_never_flatter(total: int, data: st.DataObject) -> None:
    down = data.draw(st.integers(0, total))
    blind = data.draw(st.integers(0, total - down))
    month = evaluate_month(MonthMinutes(total=total, down=down, blind=blind), ZECTO, in_force=True)
    assert Fraction(percent(month.uptime)) / 100 <= Fraction(total - down, total)
    assert (month.credit_percent == 0) == (month.credit >= Fraction(999, 1000))
    assert month.credit <= month.uptime


@given(st.lists(st.integers(0, 400), max_size=12), st.integers(0, 500), st.integers(0, 400))
def test_b2_silences_lie_between_records_and_before_the_frontier(active: list[int], frontier: int, count: int) -> None:
    minutes = [minute * MINUTE_MS for minute in active]
    runs = silences(minutes, dict.fromkeys(minutes, count), frontier * MINUTE_MS, ZECTO)
    for run in runs:
        assert not set(run) & set(minutes)
        assert run.start - MINUTE_MS in minutes
        assert run.stop <= frontier * MINUTE_MS
    assert all(one.stop < other.start for one, other in pairwise(runs))
