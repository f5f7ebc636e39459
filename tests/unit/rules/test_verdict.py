"""C3, C6, V1-V3, B4, B5: the state of a minute and its bounds."""

from dataclasses import replace

import pytest

from schemas.declaration import Kind
from schemas.policies import Ratio
from schemas.reference import policies
from streams.rules.verdict import (
    EXCLUDING_KINDS,
    OTHERS_OUTAGES,
    MinuteFacts,
    MinuteState,
    Settled,
    Tally,
    Verdict,
    has_passed,
    judge_minute,
    settle_pending,
)

ZECTO = policies()[0]
STRICT = replace(ZECTO, failure_ratio=Ratio(0, 1))
FIVE = replace(ZECTO, failures_at_least=5)
HOUR_MS = 3_600_000


def down(low: bool = True) -> Verdict:
    return Verdict(MinuteState.DOWN, None, bad_low=low, bad_high=True)


def up(state: MinuteState = MinuteState.GOOD, high: bool = False) -> Verdict:
    return Verdict(state, None, bad_low=False, bad_high=high)


def excluded(kind: Kind) -> Verdict:
    return Verdict(MinuteState.EXCLUDED, kind, bad_low=False, bad_high=False)


def of_requests(**counts: int) -> MinuteFacts:
    return MinuteFacts(requests=Tally(**counts))


@pytest.mark.parametrize(
    ("platform", "ok", "expected"),
    [
        (1, 99, up()),
        (1, 98, down()),
        (10, 990, up()),
        (10, 989, down()),
        (11, 989, down()),
        (1, 0, down()),
        (0, 1, up()),
        (2**62, 99 * 2**62, up()),
        (2**62, 99 * 2**62 - 1, down()),
    ],
)
def test_v1_exactly_one_percent_is_good_one_more_is_bad(platform: int, ok: int, expected: Verdict) -> None:
    assert judge_minute(of_requests(platform=platform, ok=ok), ZECTO) == expected
    assert judge_minute(MinuteFacts(messages=Tally(platform=platform, ok=ok)), ZECTO) == expected


def test_v1_requests_and_messages_are_judged_apart() -> None:
    diluted = MinuteFacts(requests=Tally(platform=1, ok=50), messages=Tally(ok=10_000))
    assert judge_minute(diluted, ZECTO) == down()
    neither = MinuteFacts(requests=Tally(platform=1, ok=99), messages=Tally(platform=1, ok=99))
    assert judge_minute(neither, ZECTO) == up()


def test_v1_the_strict_reading_and_the_least_number_are_policy() -> None:
    assert judge_minute(of_requests(platform=1, ok=999_999), STRICT) == down()
    assert judge_minute(of_requests(ok=999_999), STRICT) == up()
    assert judge_minute(of_requests(platform=4, ok=1), FIVE) == up()
    assert judge_minute(of_requests(platform=5, ok=1), FIVE) == down()


def test_v2_probes_decide_only_without_valid_traffic() -> None:
    assert judge_minute(MinuteFacts(probes_failed=2), ZECTO) == down()
    assert judge_minute(MinuteFacts(probes_failed=2, probes_ok=1), ZECTO) == up()
    assert judge_minute(MinuteFacts(requests=Tally(ok=1), probes_failed=9), ZECTO) == up()
    assert judge_minute(MinuteFacts(messages=Tally(ok=1), probes_failed=9), ZECTO) == up()
    assert judge_minute(MinuteFacts(requests=Tally(platform=1), probes_ok=9), ZECTO) == down()


def test_v3_nothing_is_idle_and_in_a_silence_blind() -> None:
    assert judge_minute(MinuteFacts(), ZECTO) == up(MinuteState.IDLE)
    assert judge_minute(MinuteFacts(silence=True), ZECTO) == up(MinuteState.BLIND, high=True)
    assert judge_minute(MinuteFacts(silence=True, probes_ok=1), ZECTO) == up()
    assert judge_minute(MinuteFacts(silence=True, probes_failed=1), ZECTO) == down()


def test_v3_a_gap_is_blind_unless_the_minute_is_bad() -> None:
    assert judge_minute(MinuteFacts(requests=Tally(ok=100), gap=True), ZECTO) == up(MinuteState.BLIND, high=True)
    assert judge_minute(MinuteFacts(probes_ok=1, gap=True), ZECTO) == up(MinuteState.BLIND, high=True)
    assert judge_minute(MinuteFacts(gap=True), ZECTO) == up(MinuteState.BLIND, high=True)


def test_b4_a_bad_minute_in_gaps_is_good_at_best() -> None:
    assert judge_minute(MinuteFacts(requests=Tally(platform=9), gap=True), ZECTO) == down(low=False)
    assert judge_minute(MinuteFacts(probes_failed=1, gap=True), ZECTO) == down(low=False)


def test_v3_a_pending_minute_is_that_before_anything_else() -> None:
    facts = MinuteFacts(requests=Tally(platform=9), gap=True, silence=True, windows=["ddos"], pending=True)
    assert judge_minute(facts, ZECTO) == up(MinuteState.PENDING)


@pytest.mark.parametrize("kind", EXCLUDING_KINDS)
def test_x4_a_bad_minute_under_a_window_takes_its_kind(kind: Kind) -> None:
    bad_by_probes = MinuteFacts(probes_failed=1, windows=[kind])
    assert judge_minute(bad_by_probes, ZECTO) == excluded(kind)
    bad_by_failures = MinuteFacts(requests=Tally(platform=1), windows=[kind])
    assert judge_minute(bad_by_failures, ZECTO) == (down() if kind in OTHERS_OUTAGES else excluded(kind))
    assert judge_minute(MinuteFacts(requests=Tally(ok=1), windows=[kind]), ZECTO) == up()
    assert judge_minute(MinuteFacts(windows=[kind]), ZECTO) == up(MinuteState.IDLE)


def test_x4_of_several_windows_the_first_kind_is_taken() -> None:
    windows: list[Kind] = ["regulatory_shutdown", "ddos", "dns"]
    assert judge_minute(MinuteFacts(probes_failed=1, windows=windows), ZECTO) == excluded("dns")
    assert judge_minute(MinuteFacts(messages=Tally(platform=1), windows=windows), ZECTO) == excluded("ddos")
    everything = MinuteFacts(probes_failed=1, windows=EXCLUDING_KINDS)
    assert judge_minute(everything, ZECTO) == excluded("scheduled_maintenance")


def test_x4_a_bad_minute_under_window_and_gap_is_excluded() -> None:
    facts = MinuteFacts(requests=Tally(platform=1), gap=True, windows=["ddos"])
    assert judge_minute(facts, ZECTO) == excluded("ddos")


@pytest.mark.parametrize("doubt", ["unknown", "pending", "missing"])
def test_b4_doubt_is_failure_at_worst_success_at_best(doubt: str) -> None:
    assert judge_minute(of_requests(ok=99, **{doubt: 1}), ZECTO) == up()
    assert judge_minute(of_requests(ok=98, **{doubt: 1}), ZECTO) == up(high=True)
    assert judge_minute(of_requests(ok=98, platform=1, **{doubt: 1}), ZECTO) == down(low=False)
    assert judge_minute(of_requests(ok=97, platform=2, **{doubt: 1}), ZECTO) == down()


def test_b4_doubt_alone_is_idle_and_bad_at_worst() -> None:
    assert judge_minute(of_requests(missing=1), ZECTO) == up(MinuteState.IDLE, high=True)
    assert judge_minute(replace(of_requests(missing=1), probes_ok=1), ZECTO) == up(high=True)


def test_b4_failed_probes_beside_doubt_are_bad_at_worst_only() -> None:
    assert judge_minute(replace(of_requests(unknown=1), probes_failed=1), ZECTO) == down(low=False)
    assert judge_minute(MinuteFacts(probes_failed=1), ZECTO) == down(low=True)
    doubt_too_small = replace(of_requests(unknown=4), probes_failed=1)
    assert judge_minute(doubt_too_small, FIVE) == down(low=False)


def test_b4_the_least_failures_hold_at_worst_and_best() -> None:
    assert judge_minute(of_requests(platform=3, unknown=1), FIVE) == up()
    assert judge_minute(of_requests(platform=3, unknown=2), FIVE) == up(high=True)


def test_b4_a_minute_bad_at_worst_needs_an_own_window() -> None:
    for facts in (of_requests(ok=9, missing=1), MinuteFacts(gap=True), MinuteFacts(silence=True)):
        for kind in EXCLUDING_KINDS:
            verdict = judge_minute(replace(facts, windows=[kind]), ZECTO)
            assert verdict.bad_high is (kind in OTHERS_OUTAGES)
            assert verdict.kind is None


def test_b4_a_silence_with_probes_is_what_the_probes_say() -> None:
    assert judge_minute(MinuteFacts(silence=True, probes_failed=1), ZECTO) == down()
    assert judge_minute(MinuteFacts(silence=True, probes_ok=1, probes_failed=1), ZECTO) == up()


def test_b5_a_frontier_passes_a_minute_at_end_plus_wait() -> None:
    assert not has_passed(60_000 + ZECTO.grace_ms - 1, 0, ZECTO.grace_ms)
    assert has_passed(60_000 + ZECTO.grace_ms, 0, ZECTO.grace_ms)


def test_c3_after_72_hours_an_untaken_message_is_ours() -> None:
    end_ms = 60_000
    waited = [has_passed(end_ms + 72 * HOUR_MS + late_ms, 0, ZECTO.receipt_wait_ms) for late_ms in (-1, 0)]
    assert waited == [False, True]
    assert settle_pending(accepted=2, enroute=3, waited=False) == Settled(platform=0, unknown=0, pending=5)
    assert settle_pending(accepted=2, enroute=3, waited=True) == Settled(platform=2, unknown=3, pending=0)


def test_c6_only_our_successes_and_failures_are_valid() -> None:
    tally = Tally(ok=1, platform=2, unknown=4, pending=8, missing=16)
    assert (tally.valid, tally.doubtful) == (3, 28)
