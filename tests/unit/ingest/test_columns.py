"""A block becomes columns: what each record turns into, and that a broken one costs its neighbours nothing."""

import re
from importlib.resources import files

import pytest

from schemas.codes import CodeTable, Responsible, assemble_tables
from schemas.reference import code_tables
from streams.ingest.encode.facts import FACT_TABLES
from streams.ingest.encode.numbers import PLAN, SERVICE, STAGE, STATE
from streams.rules.classify import Outcome, OutcomeRules
from streams.rules.identity import content_hash, identity_key
from tests.unit.ingest.making import RECORDED_AT_MS, VALID, record, rows, stored

BROKEN = {
    "null": None,
    "empty": b"",
    "not JSON": b"{",
    "not an object": b"[]",
    "not UTF-8": b'{"x": "\xff"}',
    "too long": b" " * 65_537,
    "too deep": b"[" * 60_000,
    "too deep in a field that nobody reads": b'{"x":' + b"[" * 600 + b"]" * 600 + b"}",
}


@pytest.mark.parametrize("topic", VALID)
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_b3_a_broken_record_is_set_aside_its_neighbours_count(topic: str, broken: bytes | None) -> None:
    made = stored(topic, record(topic), broken, record(topic))

    assert [row["offset"] for row in rows(made, topic)] == [0, 2]
    assert [(dead_letter.offset, dead_letter.value) for dead_letter in made.dead_letters] == [(1, broken)]
    assert made.tables["dead_letters"].to_pylist()[0]["is_null"] == (broken is None)
    assert (made.row.records, made.row.dead_letters) == (3, 1)


@pytest.mark.parametrize("topic", VALID)
def test_every_missing_field_is_a_dead_letter_with_its_path(topic: str) -> None:
    for name in VALID[topic]:
        made = stored(topic, record(topic, **{name: None}))
        assert [dead_letter.path for dead_letter in made.dead_letters] == [f"$.{name}"]
        assert rows(made, topic) == []


def test_a_request_becomes_one_row_of_the_ledger() -> None:
    value = record(
        "api.requests",
        status=503,
        error="operator_unavailable",
        duration_ms=12.0009,
        total_ms=30,
        source="gw",
        revision=3,
    )
    made = stored("api.requests", value)

    assert rows(made, "api.requests") == [
        {
            "service": 1,
            "minute": 1_788_263_940,
            "identity": identity_key("r-1"),
            "content": content_hash(value),
            "minute_ms": 30_250,
            "revision": 3,
            "stage": 0,
            "plan": 0,
            "outcome": 9,
            "reason": "platform_error:operator_unavailable",
            "status": 503,
            "error": "operator_unavailable",
            "account_id": "a-1",
            "route": "",
            "region": "",
            "source": "gw",
            "duration_us": 12_000,
            "total_us": 30_000,
            "unnamed": False,
            "mended": "",
            "request_id": "r-1",
            "partition": 0,
            "offset": 0,
            "recorded_at": rows(made, "api.requests")[0]["recorded_at"],
        }
    ]
    assert int(rows(made, "api.requests")[0]["recorded_at"].timestamp() * 1000) == RECORDED_AT_MS
    assert made.row.touched.services.tolist() == [1]
    assert made.row.touched.minutes.tolist() == [1_788_263_940]
    assert made.row.digest == content_hash(value)


def test_i1_a_receipt_belongs_to_its_messages_minute() -> None:
    made = stored("carrier.receipts", record("carrier.receipts", state="failed", code_system="gsm_map", code="map:2"))
    (row,) = rows(made, "carrier.receipts")
    assert (row["minute"], row["submitted_ms"]) == (1_788_263_880, 30_250)
    assert (row["state"], row["template"], row["part"], row["hd_us"]) == (3, None, 1, None)
    assert row["resolution_us"] == 1_000
    assert (row["outcome"], row["reason"]) == (2, "gsm_map_error:map:2")
    assert row["message_id"] == "m-1"


def test_t1_durations_are_kept_to_the_microsecond() -> None:
    durations = {"resolution_ms": 1.0009, "connect_ms": 0, "duration_ms": 2**53 - 1, "hd_ms": 0.25}
    (row,) = rows(stored("carrier.receipts", record("carrier.receipts", **durations)), "carrier.receipts")
    assert [row[name] for name in ("resolution_us", "connect_us", "duration_us", "hd_us")] == [
        1_000,
        0,
        9_007_199_254_740_991_000,
        250,
    ]
    (probe,) = rows(stored("probes", record("probes", duration_ms=0.001)), "probes")
    assert probe["duration_us"] == 1


@pytest.mark.parametrize(
    ("took", "outcome"),
    [
        ({"duration_ms": 29_999.9999}, Outcome.OK),
        ({"duration_ms": 30_000}, Outcome.PLATFORM),
        ({"total_ms": 29_999.9999}, Outcome.OK),
        ({"total_ms": 30_000}, Outcome.UNKNOWN),
        ({"duration_ms": 29_999.9999, "total_ms": 30_000}, Outcome.OK),
        ({}, Outcome.OK),
    ],
)
def test_c2_a_late_answer_is_known_to_the_microsecond(took: dict[str, float], outcome: Outcome) -> None:
    beside = [record("api.requests", duration_ms=5), record("api.requests")]
    made = stored("api.requests", beside[0], record("api.requests", **took), beside[1])
    assert [row["outcome"] for row in rows(made, "api.requests")] == [0, outcome, 0]


def test_p6_an_automatic_response_is_kept_apart_from_a_persons() -> None:
    values = [record("support.tickets", automatic=automatic) for automatic in (True, False, None)]
    assert [row["automatic"] for row in rows(stored("support.tickets", *values), "support.tickets")] == [
        True,
        False,
        False,
    ]


def test_c3_states_and_codes_are_kept_in_one_spelling() -> None:
    said = [("READ", "whatsapp", 131_026), ("Failed", "smpp_status", 11), ("failed", "smpp_status", "0xB")]
    values = [record("carrier.receipts", state=state, code_system=of, code=code) for state, of, code in said]
    found = rows(stored("carrier.receipts", *values), "carrier.receipts")
    assert [(row["state"], row["code"], row["outcome"]) for row in found] == [
        (2, "131026", Outcome.OK),
        (3, "0x0000000B", Outcome.CUSTOMER),
        (3, "0xB", Outcome.CUSTOMER),
    ]


@pytest.mark.parametrize(
    ("field", "kept", "out"),
    [("duration_ms", [0, 2**53 - 1], [-1, 2**53]), ("resolution_ms", [1, 60_000], [0, 60_001])],
)
def test_t1_bounds_of_durations_hold_in_a_block(field: str, kept: list[int], out: list[int]) -> None:
    column = field.replace("_ms", "_us")
    default = {"duration_us": None, "resolution_us": 1_000}[column]
    for value in out:
        values = [record("carrier.receipts", **{field: duration}) for duration in (*kept, value)]
        found = rows(stored("carrier.receipts", *values), "carrier.receipts")
        assert [row["mended"] for row in found] == ["", "", field]
        assert [row[column] for row in found] == [*(duration * 1_000 for duration in kept), default]


def test_an_explicit_null_is_an_absent_field() -> None:
    made = stored("carrier.receipts", record("carrier.receipts")[:-1] + b',"template":null,"stage":null,"code":null}')
    (row,) = rows(made, "carrier.receipts")
    assert (row["template"], row["stage"], row["code"]) == (None, 0, "")


def test_c4_a_dated_row_decides_from_its_date_on() -> None:
    edge_ms = 1_788_263_970_250
    base = code_tables()
    dated = CodeTable(name="platform_error", rows={"x": ((edge_ms, Responsible.OPERATOR), (-1, Responsible.CUSTOMER))})
    tables = assemble_tables({**base.tables, "platform_error": dated})
    rules = OutcomeRules(tables=tables, answer_within_us=1)
    times = ["2026-09-01T11:59:30.249Z", "2026-09-01T11:59:30.25Z", "2026-09-01T11:59:30.251Z"]
    values = [record("api.requests", time=time, status=500, error="x") for time in times]
    values += [record("api.requests", time=time, status=400, error="x") for time in times]
    made = stored("api.requests", *values, rules=rules)
    assert [row["outcome"] for row in rows(made, "api.requests")] == [1, 9, 9, 3, 9, 9]


@pytest.mark.parametrize("status", [1, 99, 600, -1])
def test_a_status_outside_0_and_100_to_599_is_refused(status: int) -> None:
    values = [record("api.requests", request_id=f"r-{number}") for number in range(2_500)]
    values[1_700] = record("api.requests", status=status)
    made = stored("api.requests", *values)
    assert [dead_letter.offset for dead_letter in made.dead_letters] == [1_700]
    assert [row["offset"] for row in rows(made, "api.requests")] == [n for n in range(2_500) if n != 1_700]


@pytest.mark.parametrize("field", ["submitted_at", "time"])
def test_t1_each_instant_of_a_receipt_is_checked(field: str) -> None:
    values = [record("carrier.receipts", **{field: time}) for time in ("2026-09-01T11:00:00", "1600-01-01T00:00:00Z")]
    made = stored("carrier.receipts", values[0], record("carrier.receipts"), values[1])
    assert [(dead_letter.offset, dead_letter.path) for dead_letter in made.dead_letters] == [
        (0, f"$.{field}"),
        (2, f"$.{field}"),
    ]
    assert [row["offset"] for row in rows(made, "carrier.receipts")] == [1]


def test_more_than_five_minutes_ahead_is_counted_and_kept() -> None:
    values = [record("api.requests", time=f"2026-09-01T12:05:00.{ms:03d}Z") for ms in (0, 1, 2, 3, 4)]
    made = stored("api.requests", *values)  # the broker's clock is 12:00:00.000 to 12:00:00.004
    assert made.row.ahead_of_clock == 0
    late = stored("api.requests", values[1], values[1])
    assert late.row.ahead_of_clock == 1
    assert len(rows(late, "api.requests")) == 2


def test_an_empty_block_is_a_span_without_records() -> None:
    made = stored("api.requests")
    assert (made.tables, made.row.records, len(made.row.touched)) == ({}, 0, 0)


def test_low_volume_records_touch_no_minute() -> None:
    for topic in FACT_TABLES:
        assert len(stored(topic, record(topic)).row.touched) == 0


def test_i1_a_manifests_minute_is_floored() -> None:
    (row,) = rows(stored("telemetry.manifests", record("telemetry.manifests")), "telemetry.manifests")
    assert row["minute"] == 1_788_263_940


def test_the_digest_covers_dead_records_of_the_block_too() -> None:
    values = [record("api.requests"), b"{", None, record("api.requests")]
    expected = sum(content_hash(value or b"") for value in values) % 2**64
    assert stored("api.requests", *values).row.digest == expected


@pytest.mark.parametrize(
    ("column", "numbers"), [("service", SERVICE), ("stage", STAGE), ("plan", PLAN), ("state", STATE)], ids=str
)
def test_enumerations_are_numbered_as_in_the_table_definitions(column: str, numbers: dict[str, int]) -> None:
    definitions = (files("sql") / "migrations" / "0001_create_ledger.sql").read_text()
    found = re.findall(rf"^    {column} +Enum8\((.*?)\)", definitions, re.MULTILINE)
    assert found
    for names in found:
        assert dict(re.findall(r"'(\w+)' = (\d)", names)) == {name: str(number) for name, number in numbers.items()}


def test_c1_outcomes_are_numbered_as_in_the_tables() -> None:
    definitions = (files("sql") / "migrations" / "0014_count_by_the_second_edition.sql").read_text("utf-8")
    found = re.findall(r"^    MODIFY COLUMN outcome Enum8\((.*?)\)", definitions, re.MULTILINE)
    for names in found:
        numbers = dict(re.findall(r"'(\w+)' = (\d)", names))
        assert numbers == {outcome.label: str(outcome.value) for outcome in Outcome if outcome.label in numbers}
    assert max(names.count("=") for names in found) == len(Outcome)
