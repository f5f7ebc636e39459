"""What `explain` and an evidence file say of a minute: counts by reason, rule, clause, windows, records and hashes."""

import pytest

from schemas.instants import MINUTE_MS
from streams.judge import judge_month
from streams.months.explain import read_explanations
from streams.months.explanation import ExplainedWindow, Explanation
from streams.months.ledger_minutes import LedgerQuestion
from streams.rules.identity import content_hash
from streams.rules.policy import apply_policy
from tests.sql.scenario import DAY_MS, HOUR_MS, Scenario

pytestmark = pytest.mark.engine


def explained(
    month: Scenario, *numbers: int, each: int = 0, samples: int = 5, as_of_ms: int | None = None
) -> list[Explanation]:
    month.settle()
    question = LedgerQuestion(
        service="sms",
        minutes=[month.ms(number) // MINUTE_MS for number in numbers],
        samples=samples,
        each=each,
        cut_ms=as_of_ms,
    )
    judged = judge_month(month.client, apply_policy(month.name, month.policy), cut_ms=as_of_ms)
    return read_explanations(month.client, judged, question)


def counted(found: Explanation) -> list[tuple[str, str, str, str | None, int]]:
    return [(row.of, row.outcome, row.reason, row.clause, row.identities) for row in found.reasons]


def test_c4_every_outcome_is_counted_by_reason_with_its_clause(month: Scenario) -> None:
    month.minute(7).requests(ok=2, platform=1, operator=1).messages(ok=1, recipient=2).probes(failed=1)
    [found] = explained(month, 7)
    assert counted(found) == [
        ("requests", "ok", "http_status:200", None, 2),
        ("requests", "claimed", "platform_error:operator_unavailable", None, 1),
        ("requests", "platform", "http_status:500", "§2.3", 1),
        ("probes", "failed", "probe", None, 1),
        ("messages", "recipient", "platform_error:opted_out", "§3.1", 2),
        ("messages", "ok", "state:delivered", None, 1),
    ]


def test_c5_what_is_out_of_scope_is_told_apart(month: Scenario) -> None:
    month.minute(7).requests(platform=1, plan="trial")
    [found] = explained(month, 7)
    assert counted(found) == [("requests", "out_of_scope", "http_status:500", "§8.1, §8.2", 1)]
    assert (found.state, found.rule, found.clauses) == ("idle", "V3", [])


def test_v1_the_comparison_is_told_in_whole_numbers(month: Scenario) -> None:
    for number in (5, 6, 7, 8):
        month.minute(number).requests(ok=10, platform=1)
    few, enough = explained(month, 7, 8)
    sides = [found.arithmetic.requests for found in (few, enough)]
    assert [(side.failed, side.valid, side.failed_lately, side.valid_lately, side.bad) for side in sides] == [
        (1, 11, 3, 33, False),
        (1, 11, 4, 44, True),
    ]
    assert (few.state, enough.state, enough.rule, enough.clauses) == ("good", "down", "V1", ["§2.3"])
    assert enough.because == "1 of 11 valid requests failed by our fault, 4 of 44 in 10 minutes"


def test_v2_where_nothing_valid_was_counted_the_vantages_decide(month: Scenario) -> None:
    month.minute(7).probes(failed=2)
    [found] = explained(month, 7)
    assert (found.rule, found.arithmetic.vantages_decide) == ("V2", True)
    assert found.because.startswith("nothing valid was counted, and ")


def test_a_sample_gives_place_time_and_hash_of_its_record(month: Scenario) -> None:
    month.minute(7).request("lost", status=500)
    [content] = month.contents()
    [found] = explained(month, 7)
    [sample] = found.reasons[0].samples
    assert (sample.id, sample.topic, sample.partition, sample.content) == ("lost", "api.requests", 0, f"{content:016x}")
    assert sample.timestamp == "2026-08-31T19:08:00Z"


def test_i2_of_repeated_reads_the_place_recorded_first_is_given(month: Scenario) -> None:
    month.minute(7).request("lost", status=500)
    [before] = explained(month, 7, each=10)
    month.replay(later_ms=HOUR_MS)
    [after] = explained(month, 7, each=10)
    assert after == before


def test_no_more_samples_than_asked_for_and_always_the_same(month: Scenario) -> None:
    month.minute(7).requests(platform=9)
    [found] = explained(month, 7, samples=3)
    [reason] = found.reasons
    assert (reason.identities, len(reason.samples)) == (9, 3)
    month.client.command("OPTIMIZE TABLE ledger_requests FINAL")
    assert explained(month, 7, samples=3) == [found]


def test_a_minutes_records_have_a_digest_and_few_are_named(month: Scenario) -> None:
    month.minute(7).requests(ok=2, platform=1).probes(ok=1)
    contents = month.contents()
    [found] = explained(month, 7, each=3)
    requests, probes = found.records
    assert (requests.topic, requests.records, probes.topic, probes.records) == ("api.requests", 3, "probes", 1)
    assert requests.digest == f"{sum(contents[:3]) % (1 << 64):016x}"
    assert [listed[0] for listed in requests.listed] == sorted(f"{content:016x}" for content in contents[:3])
    assert explained(month, 7, each=2)[0].records[0].listed == []


def test_x1_to_x4_every_window_says_whether_it_excludes(month: Scenario) -> None:
    month.minute(7).requests(platform=1)
    month.window("scheduled_maintenance", 5, 10, id="late", announced_before_ms=HOUR_MS)
    month.window("scheduled_maintenance", 7.5, 10, id="partly", announced_before_ms=3 * DAY_MS)
    month.window("operator_outage", 5, 10, id="theirs", evidence="ticket 7", announced_before_ms=-HOUR_MS)
    month.window("ddos", 5, 10, id="bare", announced_before_ms=-HOUR_MS)
    month.window("ddos", 5, 10, id="foretold", evidence="we knew")
    month.window("regulatory_shutdown", 5, 10, id="order", evidence="PTA 9", revision=3)
    month.window("force_majeure", 20, 21, id="elsewhere", evidence="flood")
    [found] = explained(month, 7)
    assert {window.declaration_id: (window.rule, window.effect) for window in found.windows} == {
        "late": ("X1", "notice_too_short"),
        "partly": ("X1", "covers_part_of_the_minute"),
        "theirs": ("X3", "excuses_no_failure_of_ours"),
        "bare": ("X3", "no_evidence"),
        "foretold": ("X3", "foretold"),
        "order": ("X3", "covers"),
    }
    assert (found.state, found.kind, found.rule, found.clauses) == (
        "excluded", "regulatory_shutdown", "V1, X3", ["§2.3", "§2.4"],
    )  # fmt: skip
    order = _window(found, "order")
    assert (order.revision, order.evidence, order.start, order.end) == (
        3, "PTA 9", "2026-08-31T19:05:00Z", "2026-08-31T19:10:00Z",
    )  # fmt: skip
    assert _window(found, "late").announced_at == _window(found, "late").recorded_at == "2026-08-31T18:05:00Z"


def test_x2_a_minute_beyond_the_emergency_budget_says_so(month: Scenario) -> None:
    month.minute(70).requests(platform=1)
    month.window("emergency_maintenance", 0, 71, id="patch", announced_before_ms=1)
    [found] = explained(month, 70)
    assert (found.state, _window(found, "patch").effect) == ("down", "emergency_budget_spent")


def test_c3_a_message_no_carrier_took_counts_after_its_wait(month: Scenario) -> None:
    month.minute(7).messages(accepted=1, enroute=1)
    assert [row[:4] for row in counted(explained(month, 7)[0])] == [
        ("messages", "platform", "state:accepted", "§2.3"),
        ("messages", "unknown", "state:enroute", None),
    ]
    month.frontier(month.ms(8) + HOUR_MS)
    assert [row[1] for row in counted(explained(month, 7)[0])] == ["accepted", "enroute"]


def test_as_of_a_cut_nothing_that_came_later_is_there(month: Scenario) -> None:
    month.minute(7).requests(ok=2, platform=4)
    month.minute(9).requests(platform=1)
    cut_ms = month.ms(60)
    before = explained(month, 7, 9, each=5, as_of_ms=cut_ms)
    month.record(
        "api.requests",
        recorded_at_ms=cut_ms,
        request_id="late",
        time="2026-08-31T19:07:01Z",
        service="sms",
        account_id="a",
        status=500,
    )
    told_ms = -100 * MINUTE_MS
    month.window("ddos", 7, 8, announced_before_ms=told_ms, known_before_ms=told_ms, evidence="told afterwards")
    assert explained(month, 7, 9, each=5, as_of_ms=cut_ms) == before
    [now] = explained(month, 7, each=5)
    assert (before[0].state, now.state, now.records[0].records) == ("down", "excluded", 7)


def test_b3_a_blind_minute_names_what_was_lost(month: Scenario) -> None:
    month.lost(6, 7)
    [found] = explained(month, 7)
    assert (found.state, found.rule, found.gaps, found.down_at_worst) == (
        "blind",
        "B3",
        ["lost_offsets:api.requests"],
        True,
    )


def test_b3_b4_every_doubt_names_what_it_rests_on(month: Scenario) -> None:
    month.minute(7).requests(ok=3, unknown=1, operator=2, source="gw").manifest(9).dead_letter()
    [found] = explained(month, 7)
    assert {(one.code.value, one.of): one.records for one in found.doubts} == {
        ("unknown", "requests"): 1,
        ("claimed", "requests"): 2,
        ("missing", "requests"): 4,
    }
    assert sorted((one.source, one.counted, one.seen, one.dead_letters, one.missing) for one in found.missing) == [
        ("", None, 0, 1, 1),
        ("gw", 9, 6, 0, 3),
    ]


def test_c4_p2_i1_odd_records_are_told(month: Scenario) -> None:
    month.minute(7).receipt("m-1", state="failed", code_system="gsm_map", code="no such code", second=-1)
    month.minute(7).receipt("OPEN", state="accepted").receipt("4660", state="enroute").receipt("fine", state="accepted")
    month.minute(8).receipt("open", state="delivered").receipt("1234", state="failed").receipt("else", state="failed")
    found, other = explained(month, 7, 8)
    [code] = found.oddities.unknown_codes
    assert (code.table, code.code, code.records) == ("gsm_map_error", "no such code", 1)
    assert found.oddities.impossible_times == 1
    pairs = {(one.id, one.other_minute[11:16], one.other_state, one.difference) for one in found.oddities.like_ids}
    assert pairs == {
        ("OPEN", "19:08", "delivered", "another_spelling"),
        ("4660", "19:08", "failed", "another_spelling"),
    }
    assert {(one.other_id, one.other_state) for one in other.oddities.like_ids} == {("4660", "enroute")}


def _window(found: Explanation, declaration_id: str) -> ExplainedWindow:
    [window] = [window for window in found.windows if window.declaration_id == declaration_id]
    assert window.content != f"{content_hash(b''):016x}"
    return window
