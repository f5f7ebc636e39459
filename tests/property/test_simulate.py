"""A plan is a function of its seed; delivery changes nothing of what is true."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.instants import parse_instant
from streams.simulate import PlainAccounting, plan, records
from streams.simulate.truth import describe_minutes

_START_MS = parse_instant("2026-09-01T00:00:00+05:00")
_DAY = range(_START_MS // 60_000, _START_MS // 60_000 + 1_440)
_SEEDS = st.integers(0, 2**32)


@settings(max_examples=5, deadline=None)
@given(seed=_SEEDS, shuffle=st.booleans())
def test_the_same_seed_gives_the_same_bytes_in_order(seed: int, shuffle: bool) -> None:
    twice = [
        list(records(plan(seed, start_ms=_START_MS, minutes=1440, records=3_000, shuffle=shuffle))) for _ in range(2)
    ]
    assert twice[0] == twice[1]


@settings(max_examples=5, deadline=None)
@given(seed=_SEEDS)
def test_shuffling_and_duplicates_leave_records_and_truth_as_they_are(seed: int) -> None:
    plain = list(records(plan(seed, start_ms=_START_MS, minutes=1440, records=3_000, duplicate_share=0.0)))
    noisy = list(
        records(plan(seed, start_ms=_START_MS, minutes=1440, records=3_000, duplicate_share=0.2, shuffle=True))
    )
    late = list(records(plan(seed, start_ms=_START_MS, minutes=1440, records=3_000, duplicate_share=0.2)))
    assert set(plain) == set(noisy) == set(late)
    assert len(noisy) > len(plain)
    assert len(late) > len(plain)
    truths = []
    for sent in (plain, noisy, late):
        accounting = PlainAccounting()
        for topic, _, value in sent:
            accounting.take(topic, value)
        truths.append(describe_minutes(accounting, _DAY))
    assert truths[0] == truths[1] == truths[2]


@settings(max_examples=5, deadline=None)
@given(seed=_SEEDS, aimed=st.integers(5_000, 40_000))
def test_a_plan_comes_near_the_number_of_records_asked(seed: int, aimed: int) -> None:
    sent = records(plan(seed, start_ms=_START_MS, minutes=2880, records=aimed, duplicate_share=0.0, manifests="none"))
    assert abs(sum(1 for _ in sent) - aimed) < aimed * 0.12


@settings(max_examples=5, deadline=None)
@given(seed=_SEEDS)
def test_no_two_requests_or_messages_share_an_id_by_chance(seed: int) -> None:
    planned = plan(seed, start_ms=_START_MS, minutes=1440, records=3_000, duplicate_share=0.0, broken_share=0.0)
    keys = Counter(key for topic, key, _ in records(planned) if topic == "api.requests")
    assert max(keys.values()) <= 2
