"""The truth beside the pipeline, at the edges of the contract."""

import json

import pytest

from schemas.instants import format_instant, parse_instant
from streams.simulate import MonthTruth, PlainAccounting, ServiceTruth, month_minutes
from streams.simulate.truth import describe_minutes

_START_MS = parse_instant("2026-09-10T22:00:00Z")
"""03:00 in Karachi, when maintenance is usual."""
_MINUTE_MS = 60_000
_DAY = range(_START_MS // _MINUTE_MS - 120, _START_MS // _MINUTE_MS + 1_320)


def _at(minute: int, second: int = 5) -> str:
    return format_instant(_START_MS + minute * _MINUTE_MS + second * 1000)


class _World:
    def __init__(self) -> None:
        self.accounting = PlainAccounting()
        self.count = 0

    def send(self, to: str, /, **fields: object) -> None:
        self.accounting.take(to, json.dumps(fields).encode())

    def requests(self, number: int, status: int = 200, minute: int = 0, **more: object) -> None:
        for _ in range(number):
            self.count += 1
            fields = {"request_id": f"r{self.count}", "time": _at(minute), "service": "sms", "account_id": "a"}
            self.send("api.requests", **{**fields, "status": status, **more})

    def serve(self, *minutes: int, number: int = 5) -> None:
        """Some good requests in each of these minutes."""
        for minute in minutes:
            self.requests(number, minute=minute)

    def receipt(self, state: str, second: int, minute: int = 0, message_id: str = "m", **more: object) -> None:
        fields = {"message_id": message_id, "service": "sms", "account_id": "a", "submitted_at": _at(minute, 0)}
        self.send("carrier.receipts", **{**fields, "time": _at(minute, second), "state": state, **more})

    def probe(self, *, ok: bool, minute: int = 0, vantage: str = "v", **more: object) -> None:
        fields = {"probe_id": f"p{minute}", "time": _at(minute), "service": "sms", "vantage": vantage}
        self.send("probes", **fields, ok=ok, **more)

    def declare(self, kind: str, first: int, minutes: int, *, notice_ms: int = 48 * 3_600_000, **more: object) -> None:
        self.count += 1
        start_ms = _START_MS + first * _MINUTE_MS
        fields = {
            "declaration_id": f"d{self.count}",
            "kind": kind,
            "services": ["sms"],
            "start": format_instant(start_ms),
            "end": format_instant(start_ms + minutes * _MINUTE_MS),
            "announced_at": format_instant(start_ms - notice_ms),
            "evidence": "report",
        }
        self.send("sla.declarations", **{**fields, **more})

    def manifest(self, minute: int, count: int, topic: str = "api.requests", **more: object) -> None:
        fields = {"source": "lb", "service": "sms", "minute": _at(minute, 0), "topic": topic, "count": count}
        self.send("telemetry.manifests", **fields, **more)

    def day(self) -> MonthTruth:
        """What the day around the first minute comes out as."""
        return describe_minutes(self.accounting, _DAY)

    def sms(self) -> ServiceTruth:
        return self.day().services["sms"]

    def states(self, *minutes: int) -> list[str]:
        """The states of minutes, the kind behind where excluded."""
        found = self.day().states
        return [" ".join(found["sms", _START_MS // _MINUTE_MS + minute]).strip() for minute in minutes]

    def bounds(self, minute: int = 0) -> tuple[bool, bool, bool]:
        """Whether a minute is bad at best, at worst for what was lost alone, and at worst."""
        truth = self.day()
        one = truth.minutes["sms"][_START_MS // _MINUTE_MS + minute - _DAY.start]
        return one.bad_at_best, one.bad_if_lost, one.bad_at_worst

    def listed(self) -> dict[str, int]:
        """Reasons of listings with their minutes."""
        return {row.reason: row.minutes for row in self.day().listed_declarations}


@pytest.fixture
def world() -> _World:
    return _World()


def test_t3_a_month_is_karachis_with_its_own_minutes() -> None:
    assert len(month_minutes("2026-02")) == 40_320
    assert month_minutes("2026-09").start * _MINUTE_MS == parse_instant("2026-08-31T19:00:00Z")
    assert len(month_minutes("2008-06")) == 43_200 - 60


def test_v1_a_fourth_failure_in_ten_minutes_makes_minutes_bad(world: _World) -> None:
    for minute in (0, 4, 9):
        world.requests(9, minute=minute)
        world.requests(1, status=500, minute=minute)
    assert world.states(0, 4, 9) == ["good"] * 3
    world.requests(1, status=500, minute=9)
    assert world.states(0, 4, 9) == ["good", "good", "down"]


def test_v1_the_eleventh_minute_before_is_not_summed(world: _World) -> None:
    for minute, failures in ((0, 1), (10, 3)):
        world.requests(9, minute=minute)
        world.requests(failures, status=500, minute=minute)
    assert world.states(10) == ["good"]


@pytest.mark.parametrize(("good", "state"), [(396, "good"), (395, "down")])
def test_v1_exactly_one_percent_is_good_one_record_less_down(world: _World, good: int, state: str) -> None:
    world.requests(good)
    world.requests(4, status=500)
    assert world.states(0) == [state]


def test_v1_a_lone_failure_is_bad_if_nothing_was_asked(world: _World) -> None:
    world.requests(1, status=500, minute=0)
    world.requests(1, minute=20)
    world.requests(1, status=500, minute=21)
    assert world.states(0, 21) == ["down", "good"]


def test_i1_an_id_that_names_nothing_is_none(world: _World) -> None:
    for second in range(4):
        world.requests(1, status=500, request_id="-", time=_at(0, second))
    assert (world.states(0), world.sms().unnamed_records) == (["down"], 4)


def test_i1_each_part_of_a_message_counts_on_its_own(world: _World) -> None:
    for part in (1, 2):
        world.receipt("failed", 3, part=part, code_system="platform", code="queue_expired")
    world.receipt("delivered", 5, part=2)
    assert (world.states(0), world.sms().corrected_in_our_favour) == (["good"], 1)


def test_i1_repeated_and_reordered_records_are_the_same_truth(world: _World) -> None:
    world.requests(3, status=503)
    world.requests(2)
    once = world.day()
    world.count = 0
    world.requests(3, status=503)
    assert world.day() == once


def test_i2_a_bounce_after_a_delivery_is_final_for_email(world: _World) -> None:
    for service in ("sms", "email"):
        world.receipt("delivered", 3, service=service)
        world.receipt("failed", 9, service=service, code_system="platform", code="queue_expired")
    found = world.day().states
    at = _START_MS // _MINUTE_MS
    assert (found["sms", at][0], found["email", at][0]) == ("good", "down")


def test_i3_two_requests_under_one_id_are_missing_not_conflicts(world: _World) -> None:
    world.requests(1, request_id="r")
    world.requests(1, request_id="r", status=500)
    assert (world.sms().conflicts, world.sms().collisions) == (1, 0)
    world.requests(1, request_id="r", account_id="b")
    assert (world.sms().collisions, world.sms().missing_records) == (1, 1)


def test_i4_a_correction_counts_and_is_bad_at_worst(world: _World) -> None:
    for number in range(4):
        world.requests(1, request_id=f"r{number}", status=500)
        world.requests(1, request_id=f"r{number}", revision=1)
    assert (world.states(0), world.sms().corrected_in_our_favour, world.bounds()) == (["good"], 4, (False, False, True))


def test_i4_newly_in_scope_is_counted_and_no_doubt(world: _World) -> None:
    world.requests(1, request_id="r", stage="beta")
    world.requests(1, request_id="r", revision=1)
    assert (world.sms().corrected_in_our_favour, world.bounds()) == (1, (False, False, False))


def test_c2_who_waited_long_enough_went_for_our_fault(world: _World) -> None:
    waited = ((29_999.9999, "idle"), (30_000, "down"))
    for minute, (duration_ms, state) in enumerate(waited):
        world.requests(2, status=499, duration_ms=duration_ms, minute=20 * minute)
        assert world.states(20 * minute) == [state]
    world.requests(2, status=499, minute=40)
    assert (world.states(40), world.sms().unknown_records) == (["idle"], 2)


def test_c2_a_slow_answer_fails_by_its_first_byte_alone(world: _World) -> None:
    world.requests(2, duration_ms=30_000)
    world.requests(2, total_ms=30_000, minute=20)
    world.requests(2, duration_ms=29_999, total_ms=90_000, minute=40)
    assert (world.states(0, 20, 40), world.sms().unknown_records) == (["down", "idle", "good"], 2)


def test_t4_the_first_byte_is_the_answer_not_the_last(world: _World) -> None:
    world.requests(2, duration_ms=29_999, total_ms=90_000)
    assert (world.states(0), world.sms().unknown_records) == (["good"], 0)


def test_c3_held_is_past_ten_minutes_and_the_resolution(world: _World) -> None:
    for minute, later_ms in ((0, 600_001), (20, 600_002)):
        for number in range(2):
            submitted_ms = _START_MS + minute * _MINUTE_MS
            later = format_instant(submitted_ms + later_ms)
            world.receipt("delivered", 0, minute=minute, message_id=f"m{number}", time=later)
    assert world.states(0, 20) == ["good", "down"]


def test_c3_an_untaken_message_is_ours_a_taken_one_unknown(world: _World) -> None:
    world.receipt("accepted", 1, minute=0)
    world.receipt("accepted", 3, minute=20)
    world.receipt("enroute", 2, minute=20)
    assert (world.states(0, 20), world.sms().unknown_records) == (["down", "idle"], 1)


def test_c3_spellings_of_a_code_do_not_matter(world: _World) -> None:
    for number, code in enumerate(("0x0000000B", "b", "0X0b", 11)):
        world.receipt("failed", 3, message_id=f"m{number}", code_system="smpp_status", code=code)
    assert {one.outcome for records in world.accounting.messages.values() for one in records} == {
        world.accounting.messages["sms", _START_MS // _MINUTE_MS, "=m0", 1][0].outcome
    }
    assert world.sms().unknown_records == 0


@pytest.mark.parametrize(("code", "unknown"), [("10", 0), ("0x010", 0), ("100", 1), ("0100", 1)])
def test_c3_leading_zeros_alone_do_not_matter(world: _World, code: str, unknown: int) -> None:
    world.receipt("failed", 3, code_system="q850", code=code)
    assert world.sms().unknown_records == unknown


def test_c5_beta_and_trial_are_counted_apart(world: _World) -> None:
    world.serve(0)
    world.requests(3, status=500, stage="beta")
    world.requests(1, status=500, plan="trial")
    sms = world.sms()
    assert (world.states(0), sms.out_of_scope, sms.out_of_scope_down_minutes) == (["good"], {"ok": 0, "failed": 4}, 1)


def test_c7_claimed_failures_need_a_window_that_vouches(world: _World) -> None:
    for minute in (0, 1):
        world.serve(minute)
        world.requests(4, status=503, error="operator_unavailable", minute=minute)
    world.declare("operator_outage", 1, 1, notice_ms=-3_600_000)
    assert (world.states(0, 1), world.bounds(0)[2], world.bounds(1)[2]) == (["good", "good"], True, False)
    assert world.listed()["vouches"] == 1


def test_v2_failing_vantages_must_outnumber_the_others(world: _World) -> None:
    for minute, outcomes in enumerate(((False,), (False, True), (False, False, True), (True, True, False))):
        for number, ok in enumerate(outcomes):
            world.probe(ok=ok, minute=minute, vantage=f"v{number}")
    assert world.states(0, 1, 2, 3) == ["down", "idle", "down", "good"]
    assert [world.bounds(minute) for minute in (1, 2)] == [(False, True, True), (False, True, True)]


@pytest.mark.parametrize(("notice_ms", "state"), [(172_800_000, "excluded"), (172_799_999, "down")])
def test_x1_maintenance_needs_48_hours_to_the_millisecond(world: _World, notice_ms: int, state: str) -> None:
    world.requests(2, status=503)
    world.declare("scheduled_maintenance", 0, 1, notice_ms=notice_ms)
    assert world.states(0)[0].split()[0] == state


def test_x1_maintenance_after_five_is_void(world: _World) -> None:
    for minute in (119, 120):
        world.requests(2, status=503, minute=minute)
    world.declare("scheduled_maintenance", 119, 2)
    assert world.states(119, 120) == ["excluded scheduled_maintenance", "down"]
    assert world.listed()["outside_usual_hours"] == 1


def test_x1_what_lasts_longer_than_was_said_is_an_overrun(world: _World) -> None:
    for minute in (0, 1):
        world.requests(2, status=503, minute=minute)
    world.declare("scheduled_maintenance", 0, 1, declaration_id="mw")
    world.declare("scheduled_maintenance", 0, 2, declaration_id="mw", revision=1, notice_ms=0)
    assert world.states(0, 1) == ["excluded scheduled_maintenance", "down"]
    assert (world.listed()["overrun"], world.listed()["revised"]) == (1, 2)


def test_x2_the_61st_emergency_minute_of_the_month_is_down(world: _World) -> None:
    for minute in range(61):
        world.requests(2, status=503, minute=minute)
    world.declare("emergency_maintenance", 0, 40, services=["*"])
    world.declare("emergency_maintenance", 30, 31)
    assert world.states(0, 59, 60) == [*["excluded emergency_maintenance"] * 2, "down"]


@pytest.mark.parametrize(
    ("notice_ms", "evidence", "reason"),
    [
        (-60_000, "report", "excludes"),
        (-59_999, "report", "foretold"),
        (-60_000 - 604_800_000, "report", "excludes"),
        (-60_001 - 604_800_000, "report", "declared_too_late"),
        (-60_000, " ", "no_evidence"),
    ],
)
def test_x3_a_fault_of_others_is_declared_after_it(world: _World, notice_ms: int, evidence: str, reason: str) -> None:
    world.requests(2, status=503)
    world.declare("ddos", 0, 1, notice_ms=notice_ms, evidence=evidence)
    assert world.listed()[reason] == 1
    assert world.states(0) == ["excluded ddos" if reason == "excludes" else "down"]
    assert world.bounds()[2]


def test_x3_an_operators_outage_does_not_excuse_our_faults(world: _World) -> None:
    world.probe(ok=False, minute=0)
    world.requests(2, status=503, minute=1)
    world.declare("operator_outage", 0, 2, notice_ms=-3_600_000)
    assert world.states(0, 1) == ["excluded operator_outage", "down"]


def test_x4_a_refused_declaration_is_listed_in_its_months(world: _World) -> None:
    value = b'{"declaration_id":"mw-9"}'
    world.accounting.take("sla.declarations", value, _START_MS)
    (row,) = world.day().listed_declarations
    assert (row.declaration_id, row.reason, row.kind, row.minutes) == ("mw-9", "refused", "", 0)
    assert describe_minutes(world.accounting, range(_DAY.stop, _DAY.stop + 60)).listed_declarations == []


def test_t2_half_a_minute_excuses_nothing_but_a_gap_blinds(world: _World) -> None:
    world.requests(2, status=503)
    world.declare("scheduled_maintenance", 0, 1, start=_at(0, 1))
    world.requests(1, minute=1)
    world.declare("telemetry_gap", 1, 1, start=_at(1, 59))
    assert world.states(0, 1) == ["down", "blind"]
    assert world.bounds(1) == (False, True, True)


def _busy_weeks(world: _World, *weeks: int) -> None:
    for week in weeks:
        world.serve(*range(-week * 10_080 - 31, -week * 10_080 + 71), number=1)


def test_b2_a_minute_is_silent_by_two_busy_weeks(world: _World) -> None:
    _busy_weeks(world, 1, 2)
    world.serve(*range(-31, 0), *range(40, 71), number=1)
    assert world.states(0, 39) == ["blind", "blind"]
    assert world.day().services["sms"].credit_percent is not None


def test_b2_one_busy_week_of_three_leaves_a_doubt(world: _World) -> None:
    world.serve(-3 * 10_080 - 600)
    _busy_weeks(world, 1)
    world.serve(-2 * 10_080 + 1, number=20)
    world.serve(*range(-31, 0), *range(40, 71), number=1)
    assert (world.states(20), world.bounds(20)) == (["idle"], (False, True, True))


def test_b2_fifteen_expected_records_make_a_silence_fourteen_not(world: _World) -> None:
    _busy_weeks(world, 1, 2)
    world.serve(*range(-31, 0), *range(14, 71), number=1)
    assert world.states(5) == ["idle"]
    world = _World()
    _busy_weeks(world, 1, 2)
    world.serve(*range(-31, 0), *range(15, 71), number=1)
    assert world.states(5) == ["blind"]


def test_b3_missing_records_that_decide_a_minute_make_it_blind(world: _World) -> None:
    world.requests(100, source="lb")
    world.manifest(0, 103, final=True)
    assert world.states(0) == ["good"]
    world.manifest(0, 104, final=True, revision=1)
    assert (world.states(0), world.sms().missing_records) == (["blind"], 4)


def test_b3_an_hour_of_manifests_makes_a_hole_possible(world: _World) -> None:
    for minute in range(-60, 0):
        world.requests(1, source="lb", minute=minute)
        world.manifest(minute, 1)
    assert [(hole.source, hole.minutes) for hole in world.day().manifest_holes] == [("lb", 1320)]
    world.manifest(-1, 1, revision=1, final=True)
    assert (world.day().manifest_holes, world.sms().corrected_in_our_favour) == ([], 1)


def test_b3_a_dead_letter_counts_once_until_it_is_mended(world: _World) -> None:
    for _ in range(2):
        world.requests(1, request_id="broken", account_id=7)
    assert [of.missing_records for of in world.day().services.values()] == [1, 0, 0, 0]
    world.requests(1, request_id="broken", service="fax")
    assert [of.missing_records for of in world.day().services.values()] == [2, 1, 1, 1]
    world.requests(1, request_id="broken")
    assert [of.missing_records for of in world.day().services.values()] == [1, 1, 1, 1]


def test_b3_elements_of_an_array_are_dead_letters_each(world: _World) -> None:
    line = b'{"request_id":"r","time":"2026-09-10T22:00:05+0000","service":"sms"}'
    world.accounting.take("api.requests", b"[" + line + b"," + line + b"]")
    assert world.sms().missing_records == 2


def test_b3_null_and_empty_dead_letters_are_two(world: _World) -> None:
    for value in (None, b"", None):
        world.accounting.take("api.requests", value, _START_MS)
    assert [of.missing_records for of in world.day().services.values()] == [2, 2, 2, 2]


def test_b3_an_unreadable_optional_field_costs_no_outcome(world: _World) -> None:
    world.requests(2, status=500, error="e" * 65, duration_ms="fast")
    assert (world.states(0), world.sms().mended_records) == (["down"], {"duration_ms": 2, "error": 2})


def test_b4_unproven_maintenance_lifts_no_worst_case(world: _World) -> None:
    world.requests(2, status=499)
    assert world.bounds()[2]
    world.declare("scheduled_maintenance", 0, 1)
    assert world.bounds()[2]


def test_v5_the_platform_is_down_with_any_service(world: _World) -> None:
    world.serve(0)
    world.requests(2, status=500, service="voice")
    world.declare("telemetry_gap", 1, 1, services=["email"])
    platform = world.day().platform
    assert (platform.down_minutes, platform.blind_minutes) == (1, 1)


@pytest.mark.parametrize(("bad", "uptime", "percent"), [(1, "99.9305", 0), (2, "99.8611", 10), (15, "98.9583", 25)])
def test_m1_and_m2_uptime_is_rounded_down_before_the_tier(world: _World, bad: int, uptime: str, percent: int) -> None:
    for minute in range(bad):
        world.requests(2, status=500, minute=minute)
    assert (world.sms().uptime, world.sms().credit_percent) == (uptime, percent)


def test_m2_every_blind_minute_counts_as_down_for_credit(world: _World) -> None:
    world.declare("telemetry_gap", 0, 2)
    assert (world.sms().uptime, world.sms().credit_uptime, world.sms().credit_percent) == ("100.0000", "99.8611", 10)


def test_m2_a_service_of_which_nothing_is_known_is_unobserved(world: _World) -> None:
    world.serve(0)
    found = world.day()
    assert (found.services["voice"].uptime, found.services["voice"].credit_percent) == (None, None)
    assert (found.services["sms"].uptime, found.platform.uptime) == ("100.0000", "100.0000")
