"""B1-B3: gaps, silences and missing records."""

import pytest
from clickhouse_connect.driver.client import Client

from schemas.instants import FIRST_MS, MINUTE_MS
from tests.sql.scenario import RECEIPTS, REQUESTS, Scenario, Seen

pytestmark = [pytest.mark.engine, pytest.mark.deep]

DAY_MINUTES = 1440
SERVICES = ("sms", "voice", "whatsapp", "email")
BLIND = Seen("blind", "", 0, 1)
IDLE = Seen("idle", "", 0, 0)
GOOD = Seen("good", "", 0, 0)


def test_b1_a_declared_gap_is_blind_and_excludes_nothing(month: Scenario) -> None:
    month.minute(7).requests(platform=1)
    month.window("telemetry_gap", 7, 9, services=["sms"], evidence="ticket 7")
    assert month.verdicts([7, 8]) == [Seen("down", "", 0, 1), BLIND]
    assert month.verdicts([7, 8], "voice") == [IDLE, IDLE]
    assert month.listed() == []


def test_b1_a_retracted_gap_never_was(month: Scenario) -> None:
    month.window("telemetry_gap", 7, 9).window("telemetry_gap", 7, 9, revision=1, retracted=True)
    assert month.verdict(7) == IDLE


@pytest.mark.parametrize(
    ("valid", "minutes", "seen"), [(60, 10, BLIND), (59, 10, IDLE), (60, 9, IDLE), (600, 1, BLIND)]
)
def test_b2_a_run_is_a_silence_from_600_expected_records(month: Scenario, valid: int, minutes: int, seen: Seen) -> None:
    month.minute(0).requests(ok=valid)
    month.minute(minutes + 1).requests(ok=1)
    assert month.verdicts([0, *range(1, minutes + 1), minutes + 1]) == [GOOD, *[seen] * minutes, GOOD]


def test_b2_expectation_comes_from_valid_records_in_scope(month: Scenario) -> None:
    month.minute(0).requests(ok=15, platform=15).messages(ok=15, platform=15)
    month.minute(11).requests(ok=1)
    month.minute(0, "voice").requests(ok=59, operator=5, unknown=5).requests(ok=5, plan="trial").messages(enroute=9)
    month.minute(11, "voice").requests(ok=1)
    assert (month.verdict(5), month.verdict(5, "voice")) == (BLIND, IDLE)


def test_b2_only_the_60_minutes_before_the_run_set_expectation(month: Scenario) -> None:
    for service, last in (("sms", 59), ("voice", 60)):
        month.minute(0, service).requests(ok=60)
        month.minute(last, service).requests(customer=1)
        month.minute(last + 11, service).requests(customer=1)
    assert (month.verdict(60, "sms"), month.verdict(61, "voice")) == (BLIND, IDLE)


@pytest.mark.parametrize(("minutes", "seen"), [(DAY_MINUTES, BLIND), (DAY_MINUTES + 1, IDLE)])
def test_b2_a_silence_is_no_longer_than_24_hours(month: Scenario, minutes: int, seen: Seen) -> None:
    month.minute(0).requests(ok=60)
    month.minute(minutes + 1).requests(ok=1)
    assert month.verdicts([1, minutes // 2, minutes]) == [seen] * 3


def test_b2_a_silence_runs_across_a_months_border(empty: Client) -> None:
    august, september = Scenario(empty, "2026-08"), Scenario(empty, "2026-09")
    september.minute(-6).requests(ok=60)
    september.minute(5).requests(ok=1)
    assert september.verdicts(range(6)) == [*[BLIND] * 5, GOOD]
    assert august.verdicts(range(44_634, 44_640)) == [GOOD, *[BLIND] * 5]


def test_b2_the_longest_silence_is_seen_whole_from_both_months(empty: Client) -> None:
    september = Scenario(empty, "2026-09")
    september.minute(-DAY_MINUTES - 59).requests(ok=60)
    september.minute(-DAY_MINUTES).requests(customer=1)
    september.minute(1).requests(ok=1)
    assert september.verdict(0) == BLIND
    august = Scenario(empty, "2026-08")
    august.minute(44_639 + DAY_MINUTES, "voice").requests(ok=1)
    august.minute(44_638, "voice").requests(ok=60)
    assert august.verdict(44_639, "voice") == BLIND


def test_b2_a_manifest_of_zero_splits_a_silence(month: Scenario) -> None:
    month.minute(0).requests(ok=60)
    month.minute(5).manifest(0)
    month.minute(11).requests(ok=1)
    month.minute(0, "voice").requests(ok=150)
    month.minute(5, "voice").manifest(0)
    month.minute(11, "voice").requests(ok=1)
    assert month.verdicts([1, 4, 5, 6, 10]) == [IDLE] * 5
    assert month.verdicts([1, 4, 5, 6, 10], "voice") == [BLIND, BLIND, IDLE, BLIND, BLIND]


def test_b2_records_out_of_scope_end_a_silence_too(month: Scenario) -> None:
    month.minute(0).requests(ok=60)
    month.minute(5).requests(ok=1, plan="trial")
    month.minute(11).requests(ok=1)
    assert month.verdict(3) == IDLE


def test_b2_probes_in_a_silence_decide_their_own_minute(month: Scenario) -> None:
    month.minute(0).requests(ok=60)
    month.minute(3).probes(ok=1)
    month.minute(4).probes(failed=1)
    month.minute(5).probes(ok=1, failed=1)
    month.minute(11).requests(ok=1)
    assert month.verdicts([2, 3, 4, 5, 6]) == [BLIND, GOOD, Seen("down", "", 1, 1), GOOD, BLIND]


def test_b2_only_whole_minutes_before_the_frontier_are_silent(month: Scenario) -> None:
    month.minute(0).requests(ok=60)
    assert month.frontier(month.ms(11) - 1).verdicts([1, 8]) == [IDLE, IDLE]
    assert month.frontier(month.ms(11)).verdicts([1, 9]) == [BLIND, BLIND]


def test_b3_each_source_is_held_to_its_own_manifest(month: Scenario) -> None:
    month.minute(7).requests(ok=2, source="a").requests(ok=9, source="b").requests(ok=4)
    month.minute(7).manifest(3, source="a").manifest(5, source="b")
    assert month.service()["missing_records"] == 1
    assert month.verdict(7) == Seen("good", "", 0, 1)


def test_b3_requests_and_messages_are_missing_apart(month: Scenario) -> None:
    month.minute(7).requests(ok=300, source="a").messages(ok=2, source="a")
    month.minute(7).manifest(300, source="a").manifest(3, source="a", topic=RECEIPTS)
    month.minute(8).requests(ok=300, source="a").messages(ok=2, source="a")
    month.minute(8).manifest(301, source="a").manifest(2, source="a", topic=RECEIPTS)
    assert month.verdicts([7, 8]) == [Seen("good", "", 0, 1), GOOD]


def test_b3_a_manifest_counts_identities_with_any_record(month: Scenario) -> None:
    minute = month.minute(7)
    minute.receipt("m", state="accepted", source="a").receipt("m", state="enroute", source="a").receipt("m", source="b")
    minute.receipt("n", source="a", plan="trial")
    minute.manifest(2, source="a", topic=RECEIPTS).manifest(1, source="b", topic=RECEIPTS)
    assert month.service()["missing_records"] == 0
    minute.manifest(3, source="a", topic=RECEIPTS, revision=1)
    assert month.service()["missing_records"] == 1


def test_b3_a_minute_without_any_record_can_miss_some(month: Scenario) -> None:
    month.minute(7).manifest(5)
    assert month.verdict(7) == Seen("idle", "", 0, 1)


def test_b3_minutes_between_two_manifests_that_have_none_are_blind(month: Scenario) -> None:
    month.minute(5).manifest(0)
    month.minute(8).manifest(0)
    month.minute(9).manifest(0)
    assert month.verdicts(range(4, 11)) == [IDLE, IDLE, BLIND, BLIND, IDLE, IDLE, IDLE]
    assert month.verdict(6, "voice") == IDLE


def test_b3_a_hole_is_of_one_source_service_and_topic(month: Scenario) -> None:
    for number in range(5, 9):
        month.minute(number).manifest(0, source="a").manifest(0, source="a", topic=RECEIPTS)
    month.minute(15).manifest(0, source="a").manifest(0, source="b")
    month.minute(16).manifest(0, source="b", topic=RECEIPTS)
    month.minute(17).manifest(0, source="b")
    assert month.states([8, 9, 14, 15, 16, 17]) == ["idle", "blind", "blind", "idle", "blind", "idle"]


@pytest.mark.parametrize(("minutes", "seen"), [(DAY_MINUTES, BLIND), (DAY_MINUTES + 1, IDLE)])
def test_b3_a_hole_longer_than_24_hours_is_none(month: Scenario, minutes: int, seen: Seen) -> None:
    month.minute(0).manifest(0)
    month.minute(minutes + 1).manifest(0)
    assert month.verdicts([1, minutes]) == [seen, seen]


def test_b3_a_hole_runs_across_a_months_border(empty: Client) -> None:
    august, september = Scenario(empty, "2026-08"), Scenario(empty, "2026-09")
    september.minute(-DAY_MINUTES).manifest(0)
    september.minute(1).manifest(0)
    assert september.verdicts([0, 1]) == [BLIND, IDLE]
    assert august.verdicts([44_640 - DAY_MINUTES, 44_639]) == [IDLE, BLIND]


def test_b3_a_dead_letter_is_missing_from_its_readable_minute(month: Scenario) -> None:
    month.minute(7).requests(ok=5).dead_letter()
    assert month.verdict(7) == Seen("good", "", 0, 1)
    assert [month.service(service)["missing_records"] for service in SERVICES] == [1, 0, 0, 0]


def test_b3_an_unreadable_dead_letter_is_missing_from_all(
    month: Scenario,
) -> None:
    month.raw(REQUESTS, b"\xff", recorded_at_ms=month.ms(7.9))
    assert [month.verdicts([6, 7, 8], service) for service in SERVICES] == [[IDLE, Seen("idle", "", 0, 1), IDLE]] * 4


def test_b3_a_dead_letter_counts_once_when_first_recorded(month: Scenario) -> None:
    for recorded_at in (9.5, 7.5, 8.5):
        month.raw(REQUESTS, b"{", recorded_at_ms=month.ms(recorded_at)).store()
    month.replay(later_ms=60_000)
    assert [seen.down_high for seen in month.verdicts([6, 7, 8, 9, 10])] == [0, 1, 0, 0, 0]
    assert month.service()["missing_records"] == 1


def test_b3_null_and_empty_dead_letters_are_two(month: Scenario) -> None:
    month.raw(REQUESTS, None).raw(REQUESTS, b"").raw(REQUESTS, None).raw(RECEIPTS, b"")
    assert month.service()["missing_records"] == 3


def test_b3_a_dead_letter_is_already_in_its_manifests_shortfall(month: Scenario) -> None:
    month.minute(7).requests(ok=2, source="a").dead_letter(source="a").manifest(3, source="a")
    month.minute(8).requests(ok=2, source="a").dead_letter(source="b").manifest(2, source="a")
    month.minute(9).requests(ok=2, source="a").dead_letter().manifest(2, source="a")
    month.minute(10).dead_letter(source="a").manifest(0, source="a", topic=RECEIPTS)
    month.minute(10).manifest(0, source="b").manifest(0, source="b", topic=RECEIPTS)
    assert month.service()["missing_records"] == 4


def test_b3_dead_letters_of_other_topics_are_missing_nowhere(month: Scenario) -> None:
    month.raw("probes", b"{").raw("sla.declarations", b"{").raw("telemetry.manifests", b"{")
    assert month.service()["missing_records"] == 0


def test_b3_lost_offsets_blind_every_service_around_the_hole(month: Scenario) -> None:
    month.lost(20.5, 22.5)
    month.lost(45, 46 - 1 / 60_000, topic="probes")
    for service in SERVICES:
        states = month.states([14, 15, 20, 22, 23, 39, 40, 45, 46], service)
        assert states == ["idle", "blind", "blind", "blind", "idle", "idle", "blind", "blind", "idle"]


def test_b3_a_hole_before_the_first_record_blinds_until_it(month: Scenario) -> None:
    since_the_month_began_ms = FIRST_MS - month.span.start_ms
    month.lost(since_the_month_began_ms / MINUTE_MS, 43_000)
    assert month.states([0, 1, 43_000, 43_001]) == ["blind", "blind", "blind", "idle"]


def test_b3_completeness_is_proven_only_by_manifests_for_everything(
    month: Scenario,
) -> None:
    _prove(month)
    assert (month.completeness("sms"), month.completeness("voice")) == ("proven", "unproven")
    month.minute(7).requests(ok=1, source="a").messages(ok=1, source="a")
    assert month.completeness() == "proven"
    month.minute(8).requests(ok=1, source="b")
    assert month.completeness() == "unproven"


def test_b3_one_record_without_a_source_leaves_completeness_unproven(month: Scenario) -> None:
    _prove(month)
    month.minute(7).requests(ok=1, source="a")
    assert month.completeness() == "proven"
    month.minute(7).requests(ok=1)
    assert month.completeness() == "unproven"


def _prove(month: Scenario) -> None:
    """Manifests of source `a` for every minute of the month."""
    month.client.command(
        "INSERT INTO manifests (topic, source, service, minute, content)"
        " SELECT topic, source, 'sms', toDateTime(number * 60 + {start:UInt32}, 'UTC'), 1 FROM numbers(43200)"
        " ARRAY JOIN ['api.requests', 'carrier.receipts'] AS topic, ['a', 'a'] AS source",
        parameters={"start": month.span.start_ms // 1000},
    )
