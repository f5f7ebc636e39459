"""The truth beside the pipeline, at the edges of the contract."""

import json

import pytest

from schemas.instants import format_instant, parse_instant
from streams.simulate import MonthTruth, PlainAccounting, ServiceTruth, describe_month, month_minutes

_MONTH = "2026-09"
_NOON_MS = parse_instant("2026-09-10T12:00:00Z")
_MINUTE_MS = 60_000


def _at(minute: int, second: int = 5) -> str:
    return format_instant(_NOON_MS + minute * _MINUTE_MS + second * 1000)


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

    def receipt(self, state: str, second: int, minute: int = 0, message_id: str = "m", **more: object) -> None:
        fields = {"message_id": message_id, "service": "sms", "account_id": "a", "submitted_at": _at(minute, 0)}
        self.send("carrier.receipts", **{**fields, "time": _at(minute, second), "state": state, **more})

    def probe(self, *, ok: bool, minute: int = 0, number: int = 0) -> None:
        fields = {"probe_id": f"p{minute}-{number}", "time": _at(minute), "service": "sms", "vantage": "v"}
        self.send("probes", **fields, ok=ok)

    def declare(self, kind: str, first: int, minutes: int, *, notice_ms: int = 48 * 3_600_000, **more: object) -> None:
        self.count += 1
        start_ms = _NOON_MS + first * _MINUTE_MS
        fields = {
            "declaration_id": f"d{self.count}",
            "kind": kind,
            "services": ["sms"],
            "start": format_instant(start_ms),
            "end": format_instant(start_ms + minutes * _MINUTE_MS),
            "announced_at": format_instant(start_ms - notice_ms),
        }
        self.send("sla.declarations", **{**fields, **more})

    def manifest(self, minute: int, count: int, topic: str = "api.requests") -> None:
        self.send("telemetry.manifests", source="lb", service="sms", minute=_at(minute, 0), topic=topic, count=count)

    def month(self) -> MonthTruth:
        return describe_month(self.accounting, _MONTH)

    def sms(self) -> ServiceTruth:
        return self.month().services["sms"]

    def state(self, minute: int = 0) -> tuple[str, str]:
        return self.month().states["sms", _NOON_MS // _MINUTE_MS + minute]


@pytest.fixture
def world() -> _World:
    return _World()


def test_t3_a_month_is_karachis_with_its_own_minutes() -> None:
    assert len(month_minutes("2026-02")) == 40_320
    assert month_minutes("2026-09").start * _MINUTE_MS == parse_instant("2026-08-31T19:00:00Z")
    assert len(month_minutes("2008-06")) == 43_200 - 60


@pytest.mark.parametrize(("good", "state"), [(99, "good"), (98, "down")])
def test_v1_exactly_one_percent_is_good_one_record_less_down(world: _World, good: int, state: str) -> None:
    world.requests(good)
    world.requests(1, status=500)
    assert world.state() == (state, "")


def test_i1_repeated_and_reordered_records_are_the_same_truth(world: _World) -> None:
    world.requests(3, status=503)
    world.requests(2)
    once = world.month()
    world.count = 0
    world.requests(3, status=503)
    assert world.month() == once


def test_i2_revisions_then_doubt_against_us_decide(world: _World) -> None:
    world.requests(1, status=500, request_id="r", revision=0)
    world.requests(1, status=200, request_id="r", revision=1)
    assert (world.state()[0], world.sms().conflicts) == ("good", 0)
    world.requests(1, status=500, request_id="r", revision=1)
    assert (world.state()[0], world.sms().conflicts) == ("down", 1)


def test_i2_the_first_delivery_beats_failures_before_and_after_it(world: _World) -> None:
    world.receipt("failed", 3, code_system="platform", code="queue_expired")
    assert world.state()[0] == "down"
    world.receipt("delivered", 30)
    world.receipt("failed", 50, code_system="platform", code="queue_expired")
    assert world.state()[0] == "good"


def test_i3_one_time_with_two_codes_is_a_conflict(world: _World) -> None:
    world.receipt("failed", 3, code_system="platform", code="queue_expired")
    world.receipt("failed", 4, code_system="platform", code="opted_out")
    assert world.sms().conflicts == 0
    world.receipt("failed", 4, code_system="platform", code="queue_full")
    assert world.sms().conflicts == 1


def test_c2_an_operators_error_excuses_a_503_a_customers_not(world: _World) -> None:
    world.requests(1, status=503, error="operator_unavailable")
    assert world.state()[0] == "idle"
    world.requests(1, status=503, error="rate_limited", minute=1)
    assert world.state(1)[0] == "down"
    world.requests(1, status=400, error="internal_validation_bug", minute=2)
    assert world.state(2)[0] == "down"


def test_c3_an_untaken_message_is_ours_a_taken_one_unknown(world: _World) -> None:
    world.receipt("accepted", 1, minute=0)
    world.receipt("accepted", 1, minute=1)
    world.receipt("enroute", 2, minute=1)
    assert (world.state(0)[0], world.state(1)[0]) == ("down", "idle")
    assert world.sms().unknown_records == 1


def test_c5_beta_and_trial_are_used_nowhere(world: _World) -> None:
    world.requests(1, status=500, stage="beta")
    world.requests(1, status=500, plan="trial")
    assert world.state()[0] == "idle"


def test_v2_failed_probes_decide_only_where_nothing_was_served(world: _World) -> None:
    world.probe(ok=False)
    world.probe(ok=False, minute=1)
    world.probe(ok=True, minute=1, number=1)
    world.probe(ok=False, minute=2)
    world.requests(1, minute=2)
    assert [world.state(minute)[0] for minute in range(3)] == ["down", "good", "good"]


@pytest.mark.parametrize(("notice_ms", "state"), [(172_800_000, "excluded"), (172_799_999, "down")])
def test_x1_maintenance_needs_48_hours_to_the_millisecond(world: _World, notice_ms: int, state: str) -> None:
    world.requests(1, status=503)
    world.declare("scheduled_maintenance", 0, 1, notice_ms=notice_ms)
    assert world.state()[0] == state


def test_x2_the_61st_emergency_minute_of_the_month_is_down(world: _World) -> None:
    for minute in range(61):
        world.requests(1, status=503, minute=minute)
    world.declare("emergency_maintenance", 0, 40, services=["*"])
    world.declare("emergency_maintenance", 30, 31)
    assert [world.state(minute)[0] for minute in (0, 59, 60)] == ["excluded", "excluded", "down"]
    assert world.sms().excluded_minutes == {"emergency_maintenance": 60}


def test_x3_an_operators_outage_does_not_excuse_our_faults(world: _World) -> None:
    world.probe(ok=False, minute=0)
    world.requests(1, status=503, minute=1)
    world.probe(ok=False, minute=2)
    world.declare("operator_outage", 0, 2, evidence="ticket 7")
    world.declare("operator_outage", 2, 1)
    assert [world.state(minute) for minute in range(3)] == [("excluded", "operator_outage"), ("down", ""), ("down", "")]


def test_x4_the_first_kind_and_highest_revision_decide(world: _World) -> None:
    for minute in range(3):
        world.requests(1, status=503, minute=minute)
    world.declare("ddos", 0, 3, evidence="report", declaration_id="ddos")
    world.declare("scheduled_maintenance", 0, 1)
    world.declare("ddos", 0, 2, evidence="report", declaration_id="ddos", revision=1)
    assert [world.state(minute) for minute in range(3)] == [
        ("excluded", "scheduled_maintenance"),
        ("excluded", "ddos"),
        ("down", ""),
    ]
    world.declare("ddos", 0, 2, evidence="report", declaration_id="ddos", revision=2, retracted=True)
    assert world.state(1)[0] == "down"


def test_t2_half_a_minute_excuses_nothing_but_a_gap_blinds(world: _World) -> None:
    world.requests(1, status=503)
    world.declare("ddos", 0, 1, evidence="report", start=_at(0, 1))
    world.requests(1, minute=1)
    world.declare("telemetry_gap", 1, 1, start=_at(1, 59))
    assert (world.state(0)[0], world.state(1)[0]) == ("down", "blind")
    assert (world.sms().down_minutes_low, world.sms().down_minutes_high) == (1, 2)


def test_b2_ten_expected_records_make_a_silence_nine_not(world: _World) -> None:
    world.requests(60, minute=0)
    world.requests(1, minute=11)
    assert world.state(5)[0] == "blind"
    world.requests(1, minute=10)
    assert world.state(5)[0] == "idle"
    world.requests(59, minute=100)
    world.requests(1, minute=111)
    assert world.state(105)[0] == "idle"


def test_b3_a_shortfall_moves_bounds_a_manifest_hole_blinds(world: _World) -> None:
    world.requests(1, source="lb", minute=0)
    world.manifest(0, 3)
    world.manifest(2, 0)
    assert (world.state(0)[0], world.state(1)[0], world.state(2)[0]) == ("good", "blind", "idle")
    assert (world.sms().missing_records, world.sms().down_minutes_high) == (2, 2)


def test_b3_a_dead_letter_counts_once_and_not_beside_shortfall(world: _World) -> None:
    for _ in range(2):
        world.requests(1, request_id="broken", account_id=7)
    assert [of.missing_records for of in world.month().services.values()] == [1, 0, 0, 0]
    world.requests(1, request_id="broken", service="fax")
    assert [of.missing_records for of in world.month().services.values()] == [2, 1, 1, 1]
    world.requests(1, request_id="counted", source="lb", account_id=7)
    world.manifest(0, 1)
    assert world.sms().missing_records == 3


def test_b4_doubt_moves_the_bounds_and_own_windows_cover_it(world: _World) -> None:
    world.requests(1, status=499, minute=0)
    world.requests(1, status=499, minute=1)
    world.requests(1, status=500, minute=2)
    world.requests(99, status=499, minute=2)
    world.declare("ddos", 1, 1, evidence="report")
    sms = world.sms()
    assert (sms.down_minutes_low, sms.down_minutes, sms.down_minutes_high) == (0, 1, 2)


def test_m1_and_m2_uptime_is_rounded_down_before_the_tier(world: _World) -> None:
    for minute in range(43):
        world.requests(1, status=500, minute=minute)
    assert (world.sms().uptime, world.sms().credit_percent) == ("99.9004", 0)
    world.requests(1, status=500, minute=43)
    assert (world.sms().uptime, world.sms().credit_percent) == ("99.8981", 10)


def test_m2_too_many_blind_minutes_count_as_down_for_credit(world: _World) -> None:
    world.declare("telemetry_gap", 0, 43)
    assert world.sms().credit_uptime == "100.0000"
    world.declare("telemetry_gap", 43, 1)
    assert (world.sms().uptime, world.sms().credit_uptime, world.sms().credit_percent) == ("100.0000", "99.8981", 10)
