"""I1-I3: what counts once, which record counts, and what contradicts itself; decided by content alone."""

from typing import Any

import pytest

from tests.sql.scenario import DAY_MS, REQUESTS, Scenario

pytestmark = pytest.mark.engine

OURS: dict[str, Any] = {"code_system": "platform", "code": "internal_error"}
OPERATORS: dict[str, Any] = {"code_system": "platform", "code": "operator_timeout"}


def test_i1_an_id_counts_once_a_service_and_minute(month: Scenario) -> None:
    for place in (month.minute(7), month.minute(8), month.minute(7, "voice")):
        place.request("r", second=1).request("r", second=2).probe("p", ok=True, status=200).probe(
            "p", ok=True, status=201
        )
        place.receipt("m", second=1).receipt("m", second=2)
    for counts in (month.counts(7), month.counts(8), month.counts(7, "voice")):
        assert (counts["requests_ok"], counts["messages_ok"], counts["probes_ok"]) == (1, 1, 1)


def test_i1_a_message_belongs_to_the_minute_of_its_submission(month: Scenario) -> None:
    month.minute(7).receipt("m", state="enroute", second=30).receipt("m", second=200)
    assert (month.counts(7)["messages_ok"], month.counts(10)) == (1, {})


def test_i1_a_manifests_minute_is_floored(month: Scenario) -> None:
    month.record(
        "telemetry.manifests",
        source="gw",
        service="sms",
        minute="2026-09-01T00:07:59.999+05:00",
        topic=REQUESTS,
        count=3,
    )
    assert [seen.bad_high for seen in month.verdicts([6, 7, 8])] == [0, 1, 0]


def test_i2_the_same_bytes_read_again_change_nothing(month: Scenario) -> None:
    month.minute(7).requests(ok=5, platform=1).messages(ok=2, enroute=1).probes(ok=1, failed=1)
    month.store()
    before = month.counts(7)
    month.replay().replay(later_ms=DAY_MS).replay(later_ms=-DAY_MS)
    assert month.counts(7) == before
    assert before["records"] == 11


def test_i2_the_order_of_arrival_changes_nothing(month: Scenario) -> None:
    minute = month.minute(7)
    minute.request(status=500).request(status=200, revision=1)
    minute.receipt(state="failed", **OURS).receipt(second=50)
    minute.probe(ok=False).probe(ok=True, revision=1)
    together = month.counts(7)
    other = month.minute(8)
    other.probe(ok=True, revision=1).receipt(second=50).request(status=200, revision=1)
    month.store()
    other.probe(ok=False).receipt(state="failed", **OURS).request(status=500)
    assert month.counts(8) == together
    assert (together["requests_ok"], together["messages_ok"], together["probes_ok"]) == (1, 1, 1)


def test_i2_the_higher_revision_of_a_request_counts_first(month: Scenario) -> None:
    month.minute(7).request(status=500, revision=1).request(status=200, revision=2, plan="trial")
    counts = month.counts(7)
    assert (counts["records"], counts["requests_out_of_scope_ok"], counts["requests_corrected"]) == (2, 1, 1)
    assert not {"requests_ok", "requests_platform"} & counts.keys()


def test_i2_of_one_revision_what_is_in_scope_counts_first(month: Scenario) -> None:
    month.minute(7).request(status=200).request(status=500, stage="beta")
    assert month.counts(7)["requests_ok"] == 1


@pytest.mark.parametrize(
    ("stronger", "weaker", "outcome"),
    [
        ({"status": 500}, {"status": 499}, "platform"),
        ({"status": 499}, {"status": 401}, "unknown"),
        ({"status": 499}, {"status": 503, "error": "operator_unavailable"}, "unknown"),
        ({"status": 401}, {"status": 200}, "customer"),
        ({"status": 503, "error": "operator_unavailable"}, {"status": 200}, "claimed"),
    ],
)
def test_i2_of_one_revision_in_scope_doubt_counts_first(
    month: Scenario, stronger: dict[str, Any], weaker: dict[str, Any], outcome: str
) -> None:
    month.minute(7).request(**stronger).request(**weaker)
    month.minute(8).request(**weaker).request(**stronger)
    assert month.counts(7)[f"requests_{outcome}"] == month.counts(8)[f"requests_{outcome}"] == 1


def test_i2_among_equals_the_greater_unsigned_hash_counts(month: Scenario) -> None:
    for number in range(8):
        month.minute(7).request(route=f"/v1/{number}")
    greatest = max(month.contents())
    assert greatest >= 2**63
    [row] = month.chosen("requests", 7)
    assert (row["content"], row["records"]) == (greatest, 8)


def test_i2_a_late_success_counts_over_a_failure(month: Scenario) -> None:
    month.minute(7).receipt(state="failed", second=10, **OURS).receipt(second=300)
    assert month.counts(7)["messages_ok"] == 1


def test_i2_a_failure_after_a_success_changes_nothing(month: Scenario) -> None:
    month.minute(7).receipt(second=10).receipt(state="failed", second=300, **OURS)
    assert month.counts(7)["messages_ok"] == 1


def test_i2_a_failure_counts_over_being_on_the_way(month: Scenario) -> None:
    month.minute(7).receipt(state="expired", second=10, **OURS).receipt(state="enroute", second=300)
    month.minute(8).receipt(state="expired", second=10).receipt(state="enroute", second=300)
    assert month.counts(7)["messages_platform"] == 1
    assert month.counts(8)["messages_unknown"] == 1


def test_i2_a_coded_failure_counts_before_a_later_uncoded_one(month: Scenario) -> None:
    month.minute(7).receipt(state="failed", second=10, **OURS).receipt(state="failed", second=300)
    assert month.counts(7)["messages_platform"] == 1


def test_i2_of_failures_with_a_code_the_later_counts(month: Scenario) -> None:
    month.minute(7).receipt(state="failed", second=10, **OURS).receipt(state="failed", second=10.001, **OPERATORS)
    month.minute(8).receipt(state="failed", second=10.001, **OURS).receipt(state="failed", second=10, **OPERATORS)
    assert month.counts(7)["messages_claimed"] == 1
    assert month.counts(8)["messages_platform"] == 1


def test_c3_any_receipt_shows_that_a_carrier_has_it(month: Scenario) -> None:
    month.minute(7).receipt(state="enroute", second=10).receipt(state="accepted", second=10.001)
    month.minute(8).receipt(state="accepted", second=10).receipt(state="enroute", second=10.001, stage="beta")
    month.minute(9).receipt(state="accepted", second=10).receipt(state="accepted", second=11)
    assert month.counts(7)["messages_enroute"] == month.counts(8)["messages_enroute"] == 1
    assert month.counts(9)["messages_accepted"] == 1


def test_i2_of_deliveries_the_first_counts(month: Scenario) -> None:
    month.minute(7).receipt(second=20).receipt(second=10.001).receipt(second=10.002)
    [row] = month.chosen("messages", 7)
    assert round(row["time"].timestamp() * 1000) % 60_000 == 10_001


def test_i2_of_receipts_otherwise_equal_the_greater_hash_counts(month: Scenario) -> None:
    for number in range(8):
        month.minute(7).receipt(operator=f"operator-{number}")
    [row] = month.chosen("messages", 7)
    assert (row["content"], row["records"]) == (max(month.contents()), 8)


def test_i2_of_one_probe_the_higher_revision_counts_then_failure(month: Scenario) -> None:
    month.minute(7).probe(ok=False, revision=1).probe(ok=True, revision=2)
    month.minute(8).probe(ok=True).probe(ok=False)
    assert month.states([7, 8]) == ["good", "down"]


def test_i2_a_manifest_counts_by_revision_then_by_count(month: Scenario) -> None:
    month.minute(7).manifest(9).manifest(2, revision=1)
    month.minute(8).manifest(2).manifest(5).manifest(3)
    assert month.service().missing_records == 2 + 5


def test_i2_of_one_declaration_the_higher_revision_counts(month: Scenario) -> None:
    month.minute(7).probes(failed=1)
    month.minute(8).probes(failed=1)
    month.window("ddos", 8, 9, revision=2, evidence="ticket 7", announced_before_ms=-DAY_MS)
    month.window("ddos", 7, 8, revision=1, evidence="ticket 7", announced_before_ms=-DAY_MS)
    assert month.states([7, 8]) == ["down", "excluded"]


def test_i2_of_declarations_alike_in_revision_the_greater_hash_counts(month: Scenario) -> None:
    for number in range(6):
        month.minute(number).probes(failed=1)
        month.window("ddos", number, number + 1, evidence="ticket 7", announced_before_ms=-DAY_MS)
    greatest = max(range(6), key=month.contents()[1::2].__getitem__)
    expected = ["excluded" if number == greatest else "down" for number in range(6)]
    assert month.states(range(6)) == expected


@pytest.mark.parametrize("change", [{"status": 401}, {"error": "queue_full"}, {"stage": "beta"}, {"plan": "trial"}])
def test_i3_one_revision_with_deciding_differences_is_a_conflict(month: Scenario, change: dict[str, Any]) -> None:
    month.minute(7).request(**{"status": 500} | change).request(status=500)
    month.minute(8).request(**{"status": 500} | change).request(status=500, revision=1)
    assert month.counts(7)["conflicts"] == 1
    assert "conflicts" not in month.counts(8)


def test_i3_requests_that_differ_otherwise_are_no_conflict(month: Scenario) -> None:
    month.minute(7).request(route="/a", region="khi", source="x", second=1).request(duration_ms=7)
    assert "conflicts" not in month.counts(7)


def test_i3_conflicts_count_identities(month: Scenario) -> None:
    month.minute(7).request("a", status=500).request("a", status=401).request("a", status=200)
    month.minute(7).request("b", status=500).request("b", status=200).request("c", status=200)
    month.minute(7).probe("p", ok=True).probe("p", ok=False)
    assert month.counts(7)["conflicts"] == 3
    assert month.service().conflicts == 3


def test_i3_probes_conflict_in_ok_or_status_within_a_revision(month: Scenario) -> None:
    month.minute(7).probe(ok=True).probe(ok=False)
    month.minute(8).probe(ok=True, status=200).probe(ok=True, status=204)
    month.minute(9).probe(ok=True, status=200).probe(ok=False, status=500, revision=1)
    month.minute(10).probe(ok=True, duration_ms=1).probe(ok=True, duration_ms=2)
    assert [month.counts(number).get("conflicts", 0) for number in (7, 8, 9, 10)] == [1, 1, 0, 0]


def test_i3_receipts_never_conflict(month: Scenario) -> None:
    month.minute(7).receipt(state="failed", **OURS).receipt(state="failed", **OPERATORS)
    month.minute(8).receipt(state="failed", **OURS).receipt(state="delivered", **OPERATORS)
    assert [month.counts(number).get("conflicts", 0) for number in (7, 8)] == [0, 0]
