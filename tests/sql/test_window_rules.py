"""X1-X5: which declared windows excuse which minutes, and what is listed because nothing is excused in silence."""

import pytest
from clickhouse_connect.driver.client import Client

from streams.months.page import month_notes
from streams.rules.policy import apply_policy
from tests.sql.scenario import DAY_MS, HOUR_MS, Scenario, Seen

pytestmark = [pytest.mark.engine, pytest.mark.deep]

NOTICE_MS = 48 * HOUR_MS
IN_ORDER = (
    "scheduled_maintenance",
    "emergency_maintenance",
    "operator_outage",
    "internet_backbone",
    "dns",
    "force_majeure",
    "ddos",
    "regulatory_shutdown",
)
EVIDENCED = IN_ORDER[2:]
THIRD_PARTY = IN_ORDER[2:5]
OWN = tuple(kind for kind in IN_ORDER if kind not in THIRD_PARTY)


def _bad_minutes(month: Scenario, *numbers: int, service: str = "sms") -> None:
    for number in numbers:
        month.minute(number, service).requests(platform=1)


def test_x1_maintenance_announced_48_hours_before_to_the_millisecond_excludes(month: Scenario) -> None:
    _bad_minutes(month, 7)
    month.window("scheduled_maintenance", 5, 10, announced_before_ms=NOTICE_MS)
    assert month.verdict(7) == Seen("excluded", "scheduled_maintenance", 0, 0)
    assert month.listed() == []


def test_x1_a_millisecond_less_notice_makes_the_window_void(month: Scenario) -> None:
    _bad_minutes(month, 7)
    month.window("scheduled_maintenance", 5.5, 10.5, announced_before_ms=NOTICE_MS - 1, known_before_ms=NOTICE_MS)
    assert month.verdict(7) == Seen("down", "", 1, 1)
    assert month.listed() == [("w", "notice_too_short", 4)]


def test_x1_unproven_notice_excludes_and_is_listed(month: Scenario) -> None:
    _bad_minutes(month, 7, 8)
    _bad_minutes(month, 8, service="voice")
    month.window("scheduled_maintenance", 5, 10, announced_before_ms=NOTICE_MS, known_before_ms=NOTICE_MS - 1)
    assert month.states([7, 8]) == ["excluded", "excluded"]
    assert month.listed() == [("w", "notice_unproven", 3)]


def test_x1_unproven_notice_is_void_if_the_policy_says_so(month: Scenario) -> None:
    _bad_minutes(month, 7)
    month.window("scheduled_maintenance", 5, 10, announced_before_ms=NOTICE_MS, known_before_ms=NOTICE_MS - 1, id="a")
    month.window("scheduled_maintenance", 20, 25, announced_before_ms=NOTICE_MS, known_before_ms=NOTICE_MS, id="b")
    _bad_minutes(month, 20)
    month.rule(unproven_notice="void")
    assert month.states([7, 20]) == ["down", "excluded"]
    assert month.listed() == [("a", "notice_unproven", 5)]


def test_x1_maintenance_needs_no_evidence_and_proves_nothing_by_it(month: Scenario) -> None:
    _bad_minutes(month, 7)
    month.window("scheduled_maintenance", 5, 10, announced_before_ms=HOUR_MS, evidence="ticket 7")
    assert month.verdict(7).state == "down"


@pytest.mark.parametrize(("start", "noted"), [(120, False), (119, True), (271, True), (270, False)])
def test_x1_outside_usual_hours_it_excludes_with_a_warning(month: Scenario, start: int, noted: bool) -> None:
    _bad_minutes(month, start)
    month.window("scheduled_maintenance", start, start + 30, announced_before_ms=NOTICE_MS)
    assert month.verdict(start).state == "excluded"
    told = month_notes(month.client, apply_policy(month.name, month.policy))
    notes = [note for note in told if "maintenance" in note]
    assert [("outside the usual hours" in note, "2026-09-01" in note) for note in notes] == [(True, True)] * noted


def test_x2_the_60th_emergency_minute_is_excused_the_61st_not(month: Scenario) -> None:
    _bad_minutes(month, 100, 159, 160)
    month.window("emergency_maintenance", 100, 161, announced_before_ms=1)
    assert month.states([100, 159, 160]) == ["excluded", "excluded", "down"]
    assert month.listed() == [("w", "emergency_budget_spent", 1)]


def test_x2_the_budget_is_the_union_in_time_order(month: Scenario) -> None:
    _bad_minutes(month, 39, 59, 60)
    _bad_minutes(month, 39, 59, 60, service="voice")
    month.window("emergency_maintenance", 20, 70, id="b", services=["voice"], announced_before_ms=1)
    month.window("emergency_maintenance", 0, 40, id="a", services=["sms"], announced_before_ms=1)
    assert month.states([39, 59, 60]) == ["excluded", "down", "down"]
    assert month.states([39, 59, 60], "voice") == ["excluded", "excluded", "down"]
    assert month.listed() == [("b", "emergency_budget_spent", 10)]


def test_x2_one_services_emergency_spends_the_platforms_budget(month: Scenario) -> None:
    _bad_minutes(month, 100, service="voice")
    month.window("emergency_maintenance", 0, 60, id="a", services=["sms"], announced_before_ms=1)
    month.window("emergency_maintenance", 100, 110, id="b", services=["voice"], announced_before_ms=1)
    assert month.verdict(100, "voice").state == "down"
    assert month.listed() == [("b", "emergency_budget_spent", 10)]


def test_x2_the_budget_is_spent_by_whole_minutes_whatever_else(month: Scenario) -> None:
    _bad_minutes(month, 60, 61)
    month.window("scheduled_maintenance", 0, 30, id="s", announced_before_ms=NOTICE_MS)
    month.window("emergency_maintenance", 0.5, 62, announced_before_ms=1)
    assert month.states([60, 61]) == ["excluded", "down"]
    assert month.listed() == [("w", "emergency_budget_spent", 1)]


def test_x2_every_calendar_month_has_its_own_budget(empty: Client) -> None:
    august, september = Scenario(empty, "2026-08"), Scenario(empty, "2026-09")
    september.window("emergency_maintenance", -90, 61, announced_before_ms=1)
    for number in (-31, -30, 59, 60):
        september.minute(number).requests(platform=1)
    last = 44_640
    assert september.states([59, 60]) == ["excluded", "down"]
    assert august.states([last - 31, last - 30]) == ["excluded", "down"]
    assert (september.listed(), august.listed()) == (
        [("w", "emergency_budget_spent", 1)],
        [("w", "emergency_budget_spent", 30)],
    )


def test_x2_the_budget_is_the_policys(month: Scenario) -> None:
    _bad_minutes(month, 100, 101)
    month.window("emergency_maintenance", 100, 102, announced_before_ms=1)
    assert month.rule(emergency_minutes=1).states([100, 101]) == ["excluded", "down"]


def test_x2_an_emergency_declared_late_excludes_and_is_listed(month: Scenario) -> None:
    _bad_minutes(month, 100, 200)
    month.window("emergency_maintenance", 100, 110, id="in-time", known_before_ms=0)
    month.window("emergency_maintenance", 200, 210, id="late", known_before_ms=-1)
    assert month.states([100, 200]) == ["excluded", "excluded"]
    assert month.listed() == [("late", "declared_afterwards", 1)]


def test_x3_with_evidence_probe_failures_are_excused(month: Scenario) -> None:
    for number, kind in enumerate(EVIDENCED):
        month.minute(number).probes(failed=1)
        month.window(kind, number, number + 1, id=kind, evidence="https://status.example/1")
    assert month.verdicts(range(6)) == [Seen("excluded", kind, 0, 0) for kind in EVIDENCED]


def test_x3_without_evidence_a_window_is_void_and_listed(month: Scenario) -> None:
    for number, kind in enumerate(EVIDENCED):
        month.minute(number).probes(failed=1)
        month.window(kind, number, number + 1, id=f"w{number}", evidence="")
    assert month.verdicts(range(6)) == [Seen("down", "", 1, 1)] * 6
    assert month.listed() == [(f"w{number}", "no_evidence", 1) for number in range(6)]


def test_x3_outages_of_others_do_not_excuse_our_faults(month: Scenario) -> None:
    for number, kind in enumerate(EVIDENCED):
        month.minute(number).requests(platform=1)
        month.minute(number + 10).messages(ok=3, platform=1)
        month.window(kind, number, number + 1, id=kind, evidence="ticket 7")
        month.window(kind, number + 10, number + 11, id=f"{kind}-2", evidence="ticket 7")
    expected = ["down" if kind in THIRD_PARTY else "excluded" for kind in EVIDENCED]
    assert month.states(range(6)) == month.states(range(10, 16)) == expected


def test_x3_declared_afterwards_it_excludes_and_is_listed(month: Scenario) -> None:
    _bad_minutes(month, 7, 8, 107)
    _bad_minutes(month, 8, service="email")
    month.window("ddos", 5, 10, id="late", evidence="ticket 7", known_before_ms=-DAY_MS)
    month.window("ddos", 105, 110, id="in-time", evidence="ticket 7")
    assert month.states([7, 8, 107]) == ["excluded"] * 3
    assert month.listed() == [("late", "declared_afterwards", 3)]


def test_x3_an_excluded_minute_names_every_listed_window(month: Scenario) -> None:
    _bad_minutes(month, 7, 9)
    month.window("ddos", 5, 8, id="a", evidence="ticket 7", known_before_ms=-1)
    month.window("ddos", 6, 10, id="b", evidence="ticket 8", known_before_ms=-1)
    month.window("regulatory_shutdown", 6, 10, id="c", evidence="order 9", known_before_ms=-1)
    assert month.listed() == [
        ("a", "declared_afterwards", 1),
        ("b", "declared_afterwards", 2),
        ("c", "declared_afterwards", 0),
    ]


def test_x4_the_first_kind_that_can_excuse_is_taken(month: Scenario) -> None:
    # In minute n all kinds from the n-th on, and ten minutes later the same with faults of ours.
    for number in range(8):
        month.minute(number).probes(failed=1)
        month.minute(number + 10).requests(platform=1)
        for of, start in (("a", 0), ("b", 10)):
            month.window(
                IN_ORDER[number],
                start,
                start + number + 1,
                id=f"{of}{9 - number}",
                evidence="ticket 7",
                announced_before_ms=NOTICE_MS,
            )
    assert [seen.kind for seen in month.verdicts(range(8))] == list(IN_ORDER)
    assert [seen.kind for seen in month.verdicts(range(10, 18))] == [
        next(kind for kind in IN_ORDER[number:] if kind in OWN) for number in range(8)
    ]


def test_x4_the_highest_revision_wins_even_if_it_is_void(month: Scenario) -> None:
    _bad_minutes(month, 7)
    month.window("ddos", 5, 10, evidence="ticket 7").window("ddos", 5, 10, evidence="", revision=1)
    assert month.verdict(7).state == "down"
    assert month.listed() == [("w", "no_evidence", 5)]


def test_x4_a_retracted_declaration_never_was(month: Scenario) -> None:
    _bad_minutes(month, 7)
    month.window("ddos", 5, 10, evidence="ticket 7").window("ddos", 5, 10, retracted=True, revision=1)
    assert month.verdict(7).state == "down"
    assert month.listed() == []
    month.window("ddos", 5, 10, evidence="ticket 7", revision=2)
    assert month.verdict(7).state == "excluded"


def test_x4_a_window_is_of_its_services_alone(month: Scenario) -> None:
    _bad_minutes(month, 7)
    _bad_minutes(month, 7, service="voice")
    _bad_minutes(month, 7, service="email")
    month.window("ddos", 5, 10, evidence="ticket 7", services=["voice", "email"])
    assert [month.verdict(7, name).state for name in ("sms", "voice", "email")] == ["down", "excluded", "excluded"]


def test_x4_what_lies_outside_the_month_is_not_listed(month: Scenario) -> None:
    month.window("ddos", -10, 0, id="before").window("ddos", -10, 1, id="into").window(
        "ddos", 43_200, 43_210, id="after"
    )
    assert month.listed() == [("into", "no_evidence", 1)]


@pytest.mark.parametrize(("excluded", "uptime"), [("up", "99.0000"), ("removed", "98.9953")])
def test_x5_excluded_minutes_count_as_the_policy_says(month: Scenario, excluded: str, uptime: str) -> None:
    _bad_minutes(month, *range(632))
    month.window("ddos", 0, 200, evidence="ticket 7")
    found = month.rule(excluded=excluded).service()
    assert (found["total_minutes"], found["down_minutes"]) == (43_200, 432)
    assert found["excluded_minutes"] == {"ddos": 200}
    assert found["uptime"] == found["uptime_low"] == found["uptime_high"] == uptime
