"""What the judge reads of a told month: every kind of input, as it is now and as it was known at a cut."""

from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

import sql
from schemas.instants import MINUTE_MS, format_instant
from streams.judge import judge_month
from tests.sql.scenario import DAY_MS, HOUR_MS, RECEIPTS, Scenario

pytestmark = pytest.mark.engine

_DAY = 1_440
_WEEK = 7 * _DAY


def test_v1_counts_of_requests_and_messages_are_judged_apart(month: Scenario) -> None:
    month.minute(3).requests(ok=99).messages(platform=2)
    month.minute(5).requests(ok=99, platform=1)
    assert month.states([3, 5, 6]) == ["down", "good", "idle"]


def test_v2_probes_are_read_by_vantage(month: Scenario) -> None:
    month.minute(1).probes(ok=1, failed=1)
    month.minute(2).probes(failed=2)
    assert month.states([1, 2]) == ["good", "down"]


def test_c3_what_stays_accepted_is_ours_after_72_hours(month: Scenario) -> None:
    month.minute(1).messages(accepted=2)
    month.frontier(month.ms(2) + 72 * HOUR_MS - 1)
    assert month.verdict(1).bad_low is False
    month.frontier(month.ms(2) + 72 * HOUR_MS)
    assert month.verdict(1).bad_low is True


def test_b5_a_minute_is_pending_until_grace_has_passed(month: Scenario) -> None:
    month.minute(1).requests(ok=1)
    month.frontier(month.ms(2) + MINUTE_MS - 1)
    assert month.states([1]) == ["pending"]
    month.frontier(month.ms(2) + MINUTE_MS)
    assert month.states([1]) == ["good"]


def test_b5_a_partition_unread_is_told_as_such(month: Scenario) -> None:
    month.listing(partitions={RECEIPTS: 2})
    found = month.result()
    told = {(reason.code, reason.topic, reason.partition) for reason in found.incomplete_because}
    assert told == {("not_read_yet", RECEIPTS, 1), ("backlog_unread", RECEIPTS, 1)}


class _Asked:
    """A client that remembers in which order it was asked, by the first words of each question."""

    def __init__(self, client: Client) -> None:
        self.questions: list[str] = []
        self._client = client

    def query(self, text: str, **more: Any) -> Any:  # noqa: ANN401  as the client takes it
        self.questions.append(text)
        return self._client.query(text, **more)

    def query_arrow(self, text: str, **more: Any) -> Any:  # noqa: ANN401  as the client takes it
        self.questions.append(text)
        return self._client.query_arrow(text, **more)


def test_b5_frontiers_are_read_before_what_they_speak_of(month: Scenario) -> None:
    month.minute(1).requests(ok=1)
    month.settle()
    asked: Any = _Asked(month.client)
    judge_month(asked, month.choice)
    order = ["judge_progress", "judge_reach", "judge_fingerprint", "judge_counts", "judge_manifests"]
    places = [asked.questions.index(sql.query(name)) for name in order]
    assert places == sorted(places)
    assert places[0] == 0


def test_b2_weeks_before_the_month_decide_a_silence(empty: Client) -> None:
    month = Scenario(empty)
    for week in (1, 2, 3, 4):
        for number in range(-60, 60):
            month.minute(number - week * _WEEK).requests(ok=1)
    month.minute(-40).requests(ok=1)
    month.minute(40).requests(ok=1)
    assert month.states([-0, 10, 39, 40]) == ["blind", "blind", "blind", "good"]


@pytest.mark.parametrize(("heard_after", "state"), [(3, "idle"), (30, "blind")])
def test_b2_a_silence_reaches_beyond_the_months_end(month: Scenario, heard_after: int, state: str) -> None:
    last = month.span.total_minutes - 1
    for week in (1, 2):
        for number in range(-60, 60):
            month.minute(last + number - week * _WEEK).requests(ok=1)
    month.minute(last - 9).requests(ok=1)
    month.minute(last + heard_after).requests(ok=1)
    assert month.states([last - 9, last]) == ["good", state]


def test_b3_what_manifests_count_and_nobody_saw_is_missing(month: Scenario) -> None:
    month.minute(1).requests(ok=2, source="gw").manifest(9)
    month.minute(2).manifest(5)
    assert month.service().missing_records == 12
    assert month.states([1, 2]) == ["blind", "blind"]


def test_b3_each_source_is_held_to_its_own_manifests(month: Scenario) -> None:
    for number, missing in ((1, 0), (2, 3)):
        minute = month.minute(number).requests(ok=2, source="gw-a").requests(ok=5, source="gw-b")
        minute.manifest(2, source="gw-a").manifest(5 + missing, source="gw-b")
    assert month.service().missing_records == 3


def test_i4_a_manifest_that_was_lowered_is_told(month: Scenario) -> None:
    month.minute(1).requests(ok=2, source="gw").manifest(9).manifest(2, revision=1)
    found = month.service()
    assert (found.missing_records, found.corrected_in_our_favour) == (0, 1)
    assert month.verdict(1) == ("good", "", False, True)


def test_b3_late_manifests_are_counted_by_their_earliest_copy(month: Scenario) -> None:
    late_ms = month.ms(2) + DAY_MS
    for number, recorded_at_ms in ((1, late_ms + 1), (2, late_ms)):
        month.record(
            "telemetry.manifests",
            recorded_at_ms=recorded_at_ms,
            source="gw",
            service="sms",
            minute=format_instant(month.ms(number)),
            topic="api.requests",
            count=0,
        )
    assert month.service().late_manifests == 1


def test_b3_dead_letters_are_missing_where_they_can_be_placed(month: Scenario) -> None:
    month.minute(1).requests(ok=9).dead_letter()
    month.raw("api.requests", b"{", recorded_at_ms=month.ms(2))
    assert [month.service(name).missing_records for name in ("sms", "voice")] == [2, 1]


def test_b3_a_dead_letter_with_a_record_was_mended(month: Scenario) -> None:
    month.minute(1).requests(ok=9).dead_letter("mended").request("mended")
    assert month.service().missing_records == 0


def test_b3_lost_offsets_are_a_gap_of_every_service(month: Scenario) -> None:
    month.lost(20, 22)
    assert month.states([14, 15, 22, 23], "voice") == ["idle", "blind", "blind", "idle"]


def test_b3_completeness_is_proven_by_manifests_for_every_minute(month: Scenario) -> None:
    month.minute(1).requests(ok=1, source="gw").manifest(1)
    assert month.completeness() == "unproven"


def test_x1_windows_are_read_with_all_their_revisions(month: Scenario) -> None:
    night = 3 * 60
    month.window("scheduled_maintenance", night, night + 9, announced_before_ms=49 * HOUR_MS)
    month.window("scheduled_maintenance", night, night + 9, announced_before_ms=HOUR_MS, revision=1, retracted=True)
    month.window("ddos", 1, 4, id="x", evidence="ticket 7", announced_before_ms=-DAY_MS, services=["sms"])
    month.minute(2).requests(platform=9)
    assert month.verdict(2)[:2] == ("excluded", "ddos")
    assert ("w", "retracted", 9) in month.listed()


def test_x4_a_refused_declaration_is_listed_by_its_id(month: Scenario) -> None:
    month.record("sla.declarations", recorded_at_ms=month.ms(5), declaration_id="broken")
    assert month.listed() == [("broken", "refused", 0)]


def test_m2_a_service_without_anything_is_unobserved(month: Scenario) -> None:
    month.minute(1).requests(ok=1)
    found = month.result()
    assert found.services["voice"].unobserved
    assert (found.services["voice"].uptime, found.platform.uptime) == (None, "100.0000")


def test_m2_a_record_out_of_scope_observes_a_service(month: Scenario) -> None:
    month.minute(1).requests(customer=1, plan="trial")
    found = month.result().services["sms"]
    assert (found.unobserved, found.out_of_scope.failed) == (False, 0)


def test_b3_mended_records_are_counted_by_field(month: Scenario) -> None:
    month.minute(1).request("a", route="r" * 999).request("b", route="s" * 999, region="t" * 99)
    assert month.service().mended_records == {"region": 1, "route": 2}


def test_b3_mended_manifests_of_the_month_are_counted(month: Scenario) -> None:
    month.minute(1).requests(ok=1)
    for minute, final in ((-1, "yes"), (2, "yes"), (2, "yes"), (3, "no"), (3, "yes"), (43_200, "yes")):
        month.record(
            "telemetry.manifests",
            source="gw",
            service="sms",
            minute=format_instant(month.ms(minute)),
            topic="api.requests",
            count=minute % 7,
            final=final,
        )
    assert month.service().mended_records == {"final": 3}


def test_c5_a_plan_that_contradicts_the_account_is_listed(month: Scenario) -> None:
    month.record(
        "accounts",
        account_id="a-1",
        effective_from=format_instant(month.ms(0)),
        plan="paid",
        support_tier="standard",
        fees={"sms": "100.00"},
        currency="PKR",
    )
    month.minute(1).requests(ok=1, platform=2, plan="trial").requests(ok=3)
    [found] = month.result().plan_mismatch
    assert (found.service, found.label, found.plan, found.records) == ("sms", "trial", "paid", 3)


def test_m4_a_backdated_account_is_listed(month: Scenario) -> None:
    month.record(
        "accounts",
        recorded_at_ms=month.ms(7),
        account_id="a-1",
        effective_from=format_instant(month.ms(0)),
        plan="paid",
        support_tier="standard",
        fees={"sms": "100.00"},
        currency="PKR",
    )
    [found] = month.result().account_backdated
    assert (found.account_id, found.effective_from) == ("a-1", format_instant(month.ms(0)))
