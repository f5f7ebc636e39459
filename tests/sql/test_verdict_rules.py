"""C1-C6, V1-V4: whose failure it was and what became of the minute, at the edges, as the views give it."""

from typing import Any

import pytest

import sql
from schemas.instants import MINUTE_MS
from schemas.policies import Ratio
from streams.months.month import ServiceSummary
from tests.sql.scenario import HOUR_MS, RECEIPTS, Scenario, Seen

pytestmark = [pytest.mark.engine, pytest.mark.deep]

OUTCOMES = ("ok", "platform", "operator", "customer", "content", "recipient", "unknown")


def test_c1_every_outcome_is_counted_in_its_own_column(month: Scenario) -> None:
    told: dict[str, Any] = {outcome: number for number, outcome in enumerate(OUTCOMES, start=1)}
    month.minute(7).requests(**told).messages(**told, accepted=8, enroute=9)
    counts = month.counts(7)
    assert {outcome: counts[f"requests_{outcome}"] for outcome in OUTCOMES} == told
    assert {outcome: counts[f"messages_{outcome}"] for outcome in OUTCOMES} == told
    assert (counts["messages_accepted"], counts["messages_enroute"]) == (8, 9)


def test_c2_a_400_of_ours_makes_the_minute_bad(
    month: Scenario,
) -> None:
    month.minute(7).requests(ok=1).request(status=400, error="internal_validation_bug")
    month.minute(8).requests(ok=1).request(status=400, error="invalid_request")
    assert month.states([7, 8]) == ["down", "good"]


def test_c2_a_503_is_ours_unless_an_operators(month: Scenario) -> None:
    month.minute(7).requests(ok=1).request(status=503, error="rate_limited")
    month.minute(8).requests(ok=1).request(status=503, error="operator_unavailable")
    month.minute(9).requests(ok=1).request(status=0)
    assert month.states([7, 8, 9]) == ["down", "good", "down"]


@pytest.mark.parametrize(("state", "late"), [("accepted", Seen("down", "", 1, 1)), ("enroute", Seen("idle", "", 0, 1))])
def test_c3_an_unfinished_message_is_settled_exactly_after_72_hours(month: Scenario, state: str, late: Seen) -> None:
    one: dict[str, Any] = {state: 1}
    month.minute(7).messages(**one)
    settled_at_ms = month.ms(8) + 72 * HOUR_MS
    month.frontier(settled_at_ms - 1, RECEIPTS)
    assert month.verdict(7) == Seen("idle", "", 0, 1)
    month.frontier(settled_at_ms, RECEIPTS)
    assert month.verdict(7) == late
    assert month.counts(7)[f"messages_{state}"] == 1


def test_c3_only_the_receipts_frontier_settles_messages(month: Scenario) -> None:
    month.minute(7).messages(accepted=1)
    month.frontier(month.ms(8) + 71 * HOUR_MS, RECEIPTS)
    assert month.verdict(7).state == "idle"


def test_c3_the_wait_is_the_policys(month: Scenario) -> None:
    month.minute(7).messages(accepted=1)
    month.frontier(month.ms(8) + HOUR_MS, RECEIPTS)
    assert month.rule(receipt_wait_ms=HOUR_MS).verdict(7).state == "down"


def test_c4_the_reason_names_the_table_and_the_code(month: Scenario) -> None:
    month.minute(7).request(status=500).receipt(state="failed", code_system="smpp_status", code="no-such-code")
    assert [row["reason"] for row in month.chosen("requests", 7)] == ["http_status:500"]
    assert [row["reason"] for row in month.chosen("messages", 7)] == ["smpp_message_state:UNDELIV"]


@pytest.mark.parametrize(
    "label",
    [{"stage": "beta"}, {"stage": "preview"}, {"stage": "experimental"}, {"plan": "trial"}, {"plan": "promotional"}],
)
def test_c5_what_is_out_of_scope_decides_nothing(month: Scenario, label: dict[str, Any]) -> None:
    month.minute(7).requests(ok=1).request(status=500, **label)
    month.minute(7).receipt(state="failed", code_system="platform", code="internal_error", **label)
    counts = month.counts(7)
    assert (counts["requests_out_of_scope"], counts["messages_out_of_scope"]) == (1, 1)
    assert "requests_platform" not in counts
    assert "messages_platform" not in counts
    assert month.verdict(7) == Seen("good", "", 0, 0)


def test_c5_a_label_that_contradicts_the_account_is_shown(month: Scenario) -> None:
    month.record(
        "accounts",
        account_id="a-1",
        effective_from="2026-01-01T00:00:00+05:00",
        plan="paid",
        support_tier="standard",
        fees={"sms": "1000.00"},
        currency="PKR",
    )
    month.minute(7).requests(ok=3, platform=2, plan="trial").requests(ok=5).messages(ok=1, plan="trial")
    month.store()
    span = {"from": month.span.start_ms // 1000, "to": month.span.end_ms // 1000}
    rows = month.client.query(sql.query("plan_mismatches"), parameters=span).result_rows
    assert rows == [("sms", "trial", "paid", 6)]


def test_c6_failures_of_others_are_in_neither_numerator_nor_denominator(month: Scenario) -> None:
    others: dict[str, Any] = {"operator": 40, "customer": 30, "content": 20, "recipient": 10}
    month.minute(7).requests(ok=98, platform=1, **others)
    month.minute(8).requests(ok=99, platform=1, **others)
    month.minute(9).messages(ok=98, platform=1, **others)
    month.minute(10).messages(ok=99, platform=1, **others)
    assert month.states([7, 8, 9, 10]) == ["down", "good", "down", "good"]


def test_c6_failures_of_others_alone_leave_nothing_valid(month: Scenario) -> None:
    month.minute(7).requests(operator=5, customer=5).messages(recipient=5, content=5)
    assert month.verdict(7) == Seen("idle", "", 0, 0)


def test_v1_exactly_one_percent_is_not_bad(month: Scenario) -> None:
    month.minute(7).requests(ok=99, platform=1)
    month.minute(8).messages(ok=198, platform=2)
    assert month.verdicts([7, 8]) == [Seen("good", "", 0, 0)] * 2


def test_v1_one_record_more_than_one_percent_is_bad(month: Scenario) -> None:
    month.minute(7).requests(ok=98, platform=1)
    month.minute(8).messages(ok=98, platform=1)
    month.minute(9).requests(ok=198, platform=3)
    assert month.verdicts([7, 8, 9]) == [Seen("down", "", 1, 1)] * 3


def test_v1_one_of_one_is_bad(month: Scenario) -> None:
    month.minute(7).requests(platform=1)
    month.minute(8).messages(platform=1)
    assert month.states([7, 8]) == ["down", "down"]


def test_v1_requests_and_messages_are_judged_apart(month: Scenario) -> None:
    month.minute(7).requests(ok=300).messages(ok=98, platform=1)
    month.minute(8).messages(ok=300).requests(ok=98, platform=1)
    month.minute(9).requests(ok=99, platform=1).messages(ok=99, platform=1)
    assert month.states([7, 8, 9]) == ["down", "down", "good"]


def test_v1_the_least_failures_that_count_are_the_policys(month: Scenario) -> None:
    month.minute(7).requests(platform=1)
    month.minute(8).requests(platform=2)
    month.minute(9).requests(platform=1).messages(platform=1)
    assert month.rule(failures_at_least=2).states([7, 8, 9]) == ["good", "down", "good"]


def test_v1_the_strict_reading_is_one_edit_of_the_policy(month: Scenario) -> None:
    month.minute(7).requests(ok=400, platform=1)
    month.minute(8).requests(ok=400)
    assert month.rule(failure_ratio=Ratio(0, 1)).states([7, 8]) == ["down", "good"]


def test_v2_with_nothing_valid_only_failed_probes_are_bad(month: Scenario) -> None:
    month.minute(7).probes(failed=2)
    month.minute(8).probes(failed=2, ok=1)
    month.minute(9).probes(ok=1)
    assert month.states([7, 8, 9, 10]) == ["down", "good", "good", "idle"]


def test_v2_where_anything_is_valid_probes_decide_nothing(month: Scenario) -> None:
    month.minute(7).requests(ok=1).probes(failed=3)
    month.minute(8).messages(ok=1).probes(failed=3)
    month.minute(9).requests(ok=1, platform=1).probes(ok=3)
    assert month.states([7, 8, 9]) == ["good", "good", "down"]


def test_v2_what_is_not_valid_does_not_silence_the_probes(month: Scenario) -> None:
    month.minute(7).requests(operator=3, customer=2).probes(failed=1)
    month.minute(8).requests(ok=3, plan="trial").probes(failed=1)
    assert month.states([7, 8]) == ["down", "down"]


def test_v3_a_bad_minute_is_excluded_first_then_down(month: Scenario) -> None:
    month.minute(7).requests(platform=1)
    month.minute(8).requests(platform=1)
    month.window("telemetry_gap", 0, 60, id="gap").window("ddos", 7, 8, evidence="ticket 7")
    assert month.verdicts([7, 8]) == [Seen("excluded", "ddos", 0, 0), Seen("down", "", 0, 1)]


def test_v3_a_window_excludes_only_what_is_bad(month: Scenario) -> None:
    month.minute(7).requests(ok=1)
    month.window("ddos", 0, 60, evidence="ticket 7").window("telemetry_gap", 9, 10, id="gap")
    assert month.states([7, 8, 9]) == ["good", "idle", "blind"]


def test_v3_a_gap_is_blind_whatever_was_received(month: Scenario) -> None:
    month.minute(7).requests(ok=9).probes(ok=1)
    month.minute(8).probes(ok=1)
    month.window("telemetry_gap", 7, 10)
    assert month.states([7, 8, 9, 10]) == ["blind", "blind", "blind", "idle"]


def test_v3_without_a_gap_one_success_makes_a_minute_good(month: Scenario) -> None:
    month.minute(6).requests(ok=1)
    month.minute(7).messages(ok=1)
    month.minute(8).probes(ok=1)
    month.minute(9).requests(unknown=1)
    assert month.states([6, 7, 8, 9]) == ["good", "good", "good", "idle"]


def test_v3_a_possibly_incomplete_minute_is_pending_first(month: Scenario) -> None:
    month.minute(7).requests(platform=1)
    month.minute(8).requests(platform=1)
    month.window("ddos", 7, 8, evidence="ticket 7").window("telemetry_gap", 9, 10, id="gap")
    month.frontier(month.ms(7))
    assert month.verdicts([7, 8, 9, 10]) == [Seen("pending", "", 0, 0)] * 4


def test_v3_a_verdict_is_of_one_service_alone(month: Scenario) -> None:
    month.minute(7, "sms").requests(platform=1)
    month.minute(7, "voice").requests(ok=1)
    assert [month.verdict(7, service).state for service in ("sms", "voice", "email")] == ["down", "good", "idle"]


def test_v4_the_minutes_of_every_service_add_up(month: Scenario) -> None:
    month.minute(0).requests(ok=60)
    month.minute(11, "sms").requests(ok=1)
    month.minute(12).requests(platform=1)
    month.minute(13).requests(platform=1)
    month.minute(14).probes(failed=1)
    month.window("ddos", 13, 14, evidence="ticket 7").window("force_majeure", 14, 15, id="v", evidence="ticket 8")
    month.window("telemetry_gap", 20, 25, id="gap", services=["sms", "voice"])
    month.frontier(month.span.end_ms - 10 * MINUTE_MS)
    found = month.result().services
    assert {service: _sum(minutes) for service, minutes in found.items()} == dict.fromkeys(found, 43_200)
    sms = found["sms"]
    assert (sms.good_minutes, sms.down_minutes, sms.blind_minutes, sms.pending_minutes) == (2, 1, 15, 11)
    assert sms.excluded_minutes == {"ddos": 1, "force_majeure": 1}


def _sum(minutes: ServiceSummary) -> int:
    kept_apart = sum(minutes.excluded_minutes.values()) + minutes.pending_minutes
    return kept_apart + minutes.good_minutes + minutes.down_minutes + minutes.idle_minutes + minutes.blind_minutes
