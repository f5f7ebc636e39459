"""B2, B3: minutes of which nothing is known."""

from dataclasses import replace

from schemas.instants import MINUTE_MS
from schemas.reference import policies
from streams.rules.silence import holes, lost_minutes, missing_by_manifest, silences

ZECTO = policies()[0]
M = MINUTE_MS
FAR = 10_000 * M


def run(first: int, end: int) -> range:
    return range(first * M, end * M, M)


def silent(valid: dict[int, int], *others: int, frontier: int = FAR) -> list[range]:
    active = [minute * M for minute in (*valid, *others)]
    return silences(active, {minute * M: count for minute, count in valid.items()}, frontier, ZECTO)


def test_b2_ten_expected_records_make_a_silence_fewer_not() -> None:
    # 10 in the hour before, 60 minutes without a record: 10 x 60 = 600.
    assert silent({0: 10}, 61) == [run(1, 61)]
    assert silent({0: 10}, 60) == []
    assert silent({0: 600}, 2) == [run(1, 2)]
    assert silent({0: 599}, 2) == []


def test_b2_only_the_60_minutes_before_the_run_set_expectation() -> None:
    assert silent({0: 300, 59: 300}, *range(1, 59), 61) == [run(60, 61)]
    assert silent({0: 600}, *range(1, 61), 62) == []


def test_b2_out_of_scope_records_and_zero_manifests_end_runs() -> None:
    assert silent({0: 100}, 10, 14) == [run(1, 10)]


def test_b2_24_hours_are_a_silence_a_minute_more_not() -> None:
    assert silent({0: 600}, 1441) == [run(1, 1441)]
    assert silent({0: 600}, 1442) == []


def test_b2_a_lasting_run_is_seen_up_to_the_frontier() -> None:
    assert silent({0: 600}, frontier=3 * M + M - 1) == [run(1, 3)]
    assert silent({0: 600}, frontier=2 * M - 1) == []
    assert silent({0: 600}, frontier=1441 * M) == [run(1, 1441)]
    assert silent({0: 600}, frontier=1442 * M) == []


def test_b2_records_beyond_the_frontier_end_but_never_lengthen_runs() -> None:
    assert silent({0: 600}, 20, frontier=5 * M) == [run(1, 5)]
    assert silent({0: 600}, 1442, frontier=5 * M) == [], "the run itself is longer than a day"


def test_b2_without_any_record_there_is_no_silence() -> None:
    assert silent({}) == []
    assert silent({}, 5, 500) == []


def test_b2_how_many_and_how_long_is_policy() -> None:
    patient = replace(ZECTO, silence_expected=20)
    assert silences([0, 61 * M], {0: 10}, FAR, patient) == []
    assert silences([0, 121 * M], {0: 10}, FAR, patient) == [run(1, 121)]


def test_b3_between_manifests_is_a_hole_up_to_24_hours() -> None:
    assert holes([0, M, 4 * M], ZECTO) == [run(2, 4)]
    assert holes([0, 1441 * M], ZECTO) == [run(1, 1441)]
    assert holes([0, 1442 * M], ZECTO) == []
    assert holes([5 * M], ZECTO) == holes([], ZECTO) == []
    assert holes([2 * M, 0, 0, 2 * M], ZECTO) == [run(1, 2)]


def test_b3_lost_offsets_blind_from_five_minutes_before_the_hole() -> None:
    assert lost_minutes(10 * M, 12 * M, ZECTO) == run(5, 13)
    assert lost_minutes(10 * M - 1, 12 * M - 1, ZECTO) == run(4, 12)


def test_b3_a_shortfall_counts_per_source_and_never_below_zero() -> None:
    assert missing_by_manifest({"a": 5, "b": 3}, {"a": 2, "b": 9}) == 3
    assert missing_by_manifest({"a": 5}, {}) == 5
    assert missing_by_manifest({}, {"a": 5}) == 0
    assert missing_by_manifest({"a": 0}, {}) == 0
