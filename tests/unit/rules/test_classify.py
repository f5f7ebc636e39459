"""C1-C4: whose failure an outcome is."""

import re
from importlib.resources import files

import pytest

from schemas.carrier_receipt import CodeSystem, State
from schemas.codes import CodeTables, assemble_tables, parse_code_table
from schemas.instants import parse_instant
from schemas.reference import code_tables
from streams.rules.classify import Outcome, classify_receipt, classify_request

NOW = parse_instant("2026-09-01T00:00:00Z")
TABLES = code_tables()


@pytest.mark.parametrize(
    ("status", "error", "outcome", "reason"),
    [
        (100, "", Outcome.OK, "http_status:100"),
        (200, "internal_error", Outcome.OK, "http_status:200"),
        (399, "", Outcome.OK, "http_status:399"),
        (0, "", Outcome.PLATFORM, "http_status:000"),
        (0, "operator_unavailable", Outcome.PLATFORM, "http_status:000"),
    ],
)
def test_c2_the_status_alone_decides_success_and_silence(
    status: int, error: str, outcome: Outcome, reason: str
) -> None:
    assert classify_request(status, error, NOW, TABLES) == (outcome, reason)


@pytest.mark.parametrize(
    ("status", "error", "outcome", "reason"),
    [
        (400, "", Outcome.CUSTOMER, "http_status:400"),
        (451, "", Outcome.CONTENT, "http_status:451"),
        (499, "", Outcome.UNKNOWN, "http_status:499"),
        (498, "", Outcome.CUSTOMER, "http_status:498"),
        (400, "no_such_error", Outcome.CUSTOMER, "http_status:400"),
        (400, "internal_validation_bug", Outcome.PLATFORM, "platform_error:internal_validation_bug"),
        (400, "spam_blocked", Outcome.CONTENT, "platform_error:spam_blocked"),
        (400, "opted_out", Outcome.RECIPIENT, "platform_error:opted_out"),
        (404, "operator_rejected", Outcome.OPERATOR, "platform_error:operator_rejected"),
        (499, "rate_limited", Outcome.CUSTOMER, "platform_error:rate_limited"),
        (498, "queue_full", Outcome.PLATFORM, "platform_error:queue_full"),
    ],
)
def test_c2_a_known_error_overrides_the_status_of_a_4xx(status: int, error: str, outcome: Outcome, reason: str) -> None:
    assert classify_request(status, error, NOW, TABLES) == (outcome, reason)


@pytest.mark.parametrize(
    ("status", "error", "outcome", "reason"),
    [
        (500, "", Outcome.PLATFORM, "http_status:500"),
        (599, "", Outcome.PLATFORM, "http_status:599"),
        (511, "", Outcome.PLATFORM, "http_status:511"),
        (503, "operator_unavailable", Outcome.OPERATOR, "platform_error:operator_unavailable"),
        (503, "rate_limited", Outcome.PLATFORM, "http_status:503"),
        (500, "spam_blocked", Outcome.PLATFORM, "http_status:500"),
        (503, "overloaded", Outcome.PLATFORM, "platform_error:overloaded"),
        (503, "no_such_error", Outcome.PLATFORM, "http_status:503"),
    ],
)
def test_c2_a_5xx_is_ours_unless_an_operators(status: int, error: str, outcome: Outcome, reason: str) -> None:
    assert classify_request(status, error, NOW, TABLES) == (outcome, reason)


def one_table(name: str, *lines: str) -> CodeTables:
    text = "\n".join(("code,name,responsible,final,notes,source,valid_from", *lines))
    return assemble_tables({**TABLES.tables, name: parse_code_table(name, text, name)})


def test_c2_an_open_5xx_is_unknown_without_a_clearer_error() -> None:
    tables = one_table("http_status", "520,,unknown,yes,,,", "521,,none,yes,,,")
    assert classify_request(520, "", NOW, tables) == (Outcome.UNKNOWN, "http_status:520")
    assert classify_request(521, "", NOW, tables) == (Outcome.UNKNOWN, "http_status:521")
    assert classify_request(520, "rate_limited", NOW, tables).outcome is Outcome.UNKNOWN
    assert classify_request(520, "internal_error", NOW, tables).outcome is Outcome.PLATFORM
    assert classify_request(520, "dns_failure", NOW, tables).outcome is Outcome.OPERATOR


def test_c2_every_status_has_one_outcome_5xx_never_anothers() -> None:
    for status in (0, *range(100, 600)):
        outcome = classify_request(status, "", NOW, TABLES).outcome
        assert outcome <= Outcome.UNKNOWN
        assert (outcome is Outcome.OK) == (100 <= status <= 399)
        if status >= 500:
            assert outcome in (Outcome.PLATFORM, Outcome.UNKNOWN)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [("delivered", Outcome.OK), ("accepted", Outcome.ACCEPTED), ("enroute", Outcome.ENROUTE)],
)
def test_c3_delivered_accepted_and_enroute_need_no_table(state: State, outcome: Outcome) -> None:
    assert classify_receipt(state, "platform", "queue_full", NOW, TABLES) == (outcome, f"state:{state}")


@pytest.mark.parametrize(
    ("state", "system", "code", "outcome", "reason"),
    [
        ("failed", "platform", "queue_expired", Outcome.PLATFORM, "platform_error:queue_expired"),
        ("failed", "gsm_map", "map:1", Outcome.CUSTOMER, "gsm_map_error:map:1"),
        ("rejected", "q850", "1", Outcome.CUSTOMER, "q850_cause:1"),
        ("failed", "smpp_status", "0x00000002", Outcome.PLATFORM, "smpp_command_status:0x00000002"),
        ("failed", "smpp_status", "0x00000000", Outcome.UNKNOWN, "smpp_command_status:0x00000000"),
        ("failed", "smtp", "5.0.0", Outcome.UNKNOWN, "smtp_enhanced_status:5.0.0"),
        ("failed", "whatsapp", "no such code", Outcome.UNKNOWN, "smpp_message_state:UNDELIV"),
        ("failed", "platform", "", Outcome.UNKNOWN, "smpp_message_state:UNDELIV"),
        ("failed", None, "queue_expired", Outcome.UNKNOWN, "smpp_message_state:UNDELIV"),
        ("expired", None, "", Outcome.UNKNOWN, "smpp_message_state:EXPIRED"),
        ("rejected", None, "", Outcome.UNKNOWN, "smpp_message_state:REJECTD"),
        ("deleted", None, "", Outcome.UNKNOWN, "smpp_message_state:DELETED"),
        ("unknown", None, "", Outcome.UNKNOWN, "smpp_message_state:UNKNOWN"),
    ],
)
def test_c3_a_failure_is_its_codes_else_its_states(
    state: State, system: CodeSystem | None, code: str, outcome: Outcome, reason: str
) -> None:
    assert classify_receipt(state, system, code, NOW, TABLES) == (outcome, reason)


def test_c3_the_state_table_decides_where_no_code_does() -> None:
    tables = one_table("smpp_message_state", "EXPIRED,,recipient,yes,,,")
    assert classify_receipt("expired", "vendor", "x", NOW, tables).outcome is Outcome.RECIPIENT
    assert classify_receipt("failed", "vendor", "x", NOW, tables).outcome is Outcome.UNKNOWN


def test_c4_a_row_applies_from_its_date_by_record_time() -> None:
    tables = one_table("http_status", "429,,customer,yes,,,", "429,,platform,yes,,,2026-09-01T00:00:00Z")
    assert classify_request(429, "", NOW - 1, tables).outcome is Outcome.CUSTOMER
    assert classify_request(429, "", NOW, tables).outcome is Outcome.PLATFORM


def test_c4_an_error_that_was_not_yet_known_overrides_nothing() -> None:
    tables = one_table("platform_error", "new_bug,,platform,yes,,,2026-09-01T00:00:00Z")
    assert classify_request(400, "new_bug", NOW - 1, tables) == (Outcome.CUSTOMER, "http_status:400")
    assert classify_request(400, "new_bug", NOW, tables) == (Outcome.PLATFORM, "platform_error:new_bug")
    assert classify_receipt("failed", "platform", "new_bug", NOW - 1, tables).outcome is Outcome.UNKNOWN


def test_c1_outcomes_are_numbered_as_in_the_ledger() -> None:
    ddl = (files("sql") / "migrations" / "0001_create_ledger.sql").read_text("utf-8")
    for numbering in re.findall(r"outcome\s+Enum8\(([^)]*)\)", ddl):
        for label, number in re.findall(r"'(\w+)' = (\d+)", numbering):
            assert Outcome(int(number)).label == label
