"""B4: what the unknown could make of a minute, at best and at worst."""

import pytest

from tests.sql.scenario import RECEIPTS, Scenario, Seen

pytestmark = pytest.mark.engine

BLIND = Seen("blind", "", 0, 1)
GOOD = Seen("good", "", 0, 0)


def test_b4_at_worst_what_is_in_doubt_was_our_failure(month: Scenario) -> None:
    month.minute(7).requests(ok=99, unknown=1)
    month.minute(8).requests(ok=98, unknown=1)
    month.minute(9).messages(ok=98, unknown=1)
    month.minute(10).requests(ok=98, unknown=1).messages(ok=98)
    assert month.verdicts([7, 8, 9, 10]) == [GOOD, *[Seen("good", "", 0, 1)] * 3]


def test_b4_at_best_what_is_in_doubt_was_fine(month: Scenario) -> None:
    month.minute(7).requests(ok=98, platform=1, unknown=1)
    month.minute(8).messages(ok=97, platform=1, unknown=1)
    month.minute(9).messages(ok=98, platform=1, unknown=1)
    assert month.verdicts([7, 8, 9]) == [Seen("down", "", 0, 1), Seen("down", "", 1, 1), Seen("down", "", 0, 1)]


def test_b4_unknown_pending_and_missing_add_up(month: Scenario) -> None:
    month.minute(7).messages(ok=297, unknown=1, enroute=1, source="a").manifest(300, source="a", topic=RECEIPTS)
    month.minute(8).messages(ok=298, unknown=1, enroute=1, source="a").manifest(301, source="a", topic=RECEIPTS)
    month.frontier(month.ms(40))
    assert month.verdicts([7, 8]) == [GOOD, GOOD]
    month.minute(9).messages(ok=296, unknown=1, enroute=1, source="a").manifest(299, source="a", topic=RECEIPTS)
    assert month.verdict(9) == Seen("good", "", 0, 1)
    found = month.service()
    assert (found["unknown_records"], found["missing_records"]) == (6, 3)


def test_b3_sums_of_the_largest_manifests_do_not_wrap(month: Scenario) -> None:
    # one source fewer, and 64 bits would hold the sum
    largest, sources = 2**53 - 1, 2_049
    month.minute(7).requests(ok=99, platform=1)
    for number in range(sources):
        month.minute(7).manifest(largest, source=f"edge-{number}")
    assert month.verdict(7) == Seen("good", "", 0, 1)
    found = month.service()
    assert (found["missing_records"], found["down_minutes_high"]) == (sources * largest, 1)
    assert month.result().services["sms"].missing_records == sources * largest


def test_b3_counts_stored_before_the_bound_still_count(month: Scenario) -> None:
    stored = 2**63 - 1
    month.minute(7).requests(ok=99, platform=1).manifest(1, source="edge-1").manifest(1, source="edge-2")
    month.settle()
    month.client.command(f"ALTER TABLE manifests UPDATE count = {stored} WHERE 1 SETTINGS mutations_sync = 2")
    assert (month.verdict(7), month.service()["missing_records"]) == (Seen("good", "", 0, 1), 2 * stored)


def test_b4_requests_in_doubt_do_not_dilute_messages(month: Scenario) -> None:
    month.minute(7).requests(ok=1, unknown=300).messages(ok=98, platform=1)
    assert month.verdict(7) == Seen("down", "", 1, 1)


def test_b4_with_nothing_valid_probes_decide_all_three(month: Scenario) -> None:
    month.minute(7).probes(failed=1)
    month.minute(8).probes(ok=1)
    assert month.verdicts([7, 8]) == [Seen("down", "", 1, 1), GOOD]


def test_b4_with_only_doubt_failed_probes_decide_the_worst(month: Scenario) -> None:
    month.minute(7).probes(failed=1).requests(unknown=1)
    month.minute(8).probes(failed=1).requests(unknown=1)
    month.minute(9).probes(ok=1).requests(unknown=1)
    assert month.verdicts([7, 9]) == [Seen("down", "", 0, 1), Seen("good", "", 0, 1)]
    assert month.rule(failures_at_least=2).verdicts([8, 9]) == [Seen("down", "", 0, 1), GOOD]


def test_b4_in_a_gap_bad_at_worst_good_at_best(month: Scenario) -> None:
    month.minute(7).requests(ok=300).probes(ok=1)
    month.minute(8).requests(platform=5)
    month.minute(9).probes(failed=1)
    month.window("telemetry_gap", 7, 11)
    assert month.verdicts([7, 8, 9, 10]) == [BLIND, Seen("down", "", 0, 1), Seen("down", "", 0, 1), BLIND]


def test_b4_under_a_valid_window_not_bad_at_worst_either(month: Scenario) -> None:
    month.minute(7).requests(ok=5, unknown=5)
    month.minute(8).requests(ok=5, platform=5, unknown=5)
    month.minute(0).requests(ok=60)
    month.minute(30).requests(ok=1)
    month.window("ddos", 7, 20, evidence="ticket 7").window("telemetry_gap", 10, 11, id="gap")
    month.window("ddos", 21, 22, id="void")
    assert month.verdicts([7, 8]) == [GOOD, Seen("excluded", "ddos", 0, 0)]
    assert month.verdicts([10, 15, 21]) == [Seen("blind", "", 0, 0), Seen("blind", "", 0, 0), BLIND]


def test_b4_anothers_outage_excuses_no_doubt_about_us(month: Scenario) -> None:
    for number, kind in enumerate(("operator_outage", "internet_backbone", "dns")):
        month.minute(number).requests(ok=5, unknown=5)
        month.window(kind, number, number + 1, id=kind, evidence="ticket 7")
    assert month.verdicts([0, 1, 2]) == [Seen("good", "", 0, 1)] * 3


def test_b4_the_least_failures_hold_for_the_bounds_too(month: Scenario) -> None:
    month.minute(7).requests(ok=5, unknown=1)
    month.minute(8).requests(ok=5, platform=1, unknown=1)
    assert month.rule(failures_at_least=2).verdicts([7, 8]) == [GOOD, Seen("good", "", 0, 1)]


def test_b4_the_bounds_hold_the_headline_between_them(month: Scenario) -> None:
    month.minute(7).requests(platform=1)
    month.minute(8).requests(ok=98, platform=1, unknown=1)
    month.minute(9).requests(ok=1, unknown=1)
    month.window("telemetry_gap", 10, 20)
    found = month.service()
    assert (found["down_minutes_low"], found["down_minutes"], found["down_minutes_high"]) == (1, 2, 13)
    assert (found["uptime_low"], found["uptime"], found["uptime_high"]) == ("99.9699", "99.9953", "99.9976")
