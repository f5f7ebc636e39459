"""C1-C4: whose failure an outcome is."""

import re
from importlib.resources import files

import pytest

from schemas.carrier_receipt import CodeSystem, State
from schemas.codes import CodeTables, assemble_tables, parse_code_table
from schemas.instants import parse_instant
from schemas.reference import code_tables
from streams.rules.classify import AnswerTimes, Outcome, OutcomeRules, classify_receipt, classify_request

NOW = parse_instant("2026-09-01T00:00:00Z")
WITHIN_US = 30_000_000
RULES = OutcomeRules(tables=code_tables(), answer_within_us=WITHIN_US)
UNMEASURED = AnswerTimes()
IN_TIME = AnswerTimes(duration_us=WITHIN_US - 1)
TOO_LATE = AnswerTimes(duration_us=WITHIN_US)
LONG = AnswerTimes(total_us=WITHIN_US)


def outcome_of(status: int, error: str = "", took: AnswerTimes = UNMEASURED) -> Outcome:
    return classify_request(status, error, took, NOW, RULES).outcome


@pytest.mark.parametrize("status", [0, 100, 101, 200, 399, 404, 499, 500, 599])
def test_c2_1_our_own_error_is_ours_whatever_the_status(status: int) -> None:
    found = classify_request(status, "database_unavailable", IN_TIME, NOW, RULES)
    assert found == (Outcome.PLATFORM, "platform_error:database_unavailable")


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        (499, "", "http_status:499"),
        (499, "rate_limited", "http_status:499"),
        (499, "operator_unavailable", "http_status:499"),
        (0, "client_closed", "platform_error:client_closed"),
        (200, "client_closed", "platform_error:client_closed"),
        (503, "client_closed", "platform_error:client_closed"),
    ],
)
def test_c2_2_whoever_let_the_client_go_answers(status: int, error: str, reason: str) -> None:
    for took, outcome in (
        (IN_TIME, Outcome.CUSTOMER),
        (TOO_LATE, Outcome.PLATFORM),
        (UNMEASURED, Outcome.UNKNOWN),
        (LONG, Outcome.UNKNOWN),
    ):
        assert classify_request(status, error, took, NOW, RULES) == (outcome, reason)


@pytest.mark.parametrize("status", [0, 100, 400, 404, 498, 500, 503, 599])
def test_c2_3_an_operators_failure_by_our_word_is_claimed(status: int) -> None:
    found = classify_request(status, "operator_unavailable", TOO_LATE, NOW, RULES)
    assert found == (Outcome.CLAIMED, "platform_error:operator_unavailable")


@pytest.mark.parametrize("status", [101, 200, 399])
def test_c2_3_an_answer_that_went_through_is_not_claimed(status: int) -> None:
    assert outcome_of(status, "operator_unavailable", IN_TIME) is Outcome.OK


@pytest.mark.parametrize("status", [0, 100, 102, 103, 199])
def test_c2_4_no_answer_is_ours_unless_an_error_tells(status: int) -> None:
    assert outcome_of(status) is Outcome.PLATFORM
    assert outcome_of(status, "no_such_error") is Outcome.PLATFORM
    assert outcome_of(status, "rate_limited") is Outcome.CUSTOMER
    assert outcome_of(status, "spam_blocked") is Outcome.CONTENT
    assert outcome_of(status, "opted_out") is Outcome.RECIPIENT


def test_c2_4_a_log_without_status_says_nothing_of_us() -> None:
    assert classify_request(0, "status_unknown", UNMEASURED, NOW, RULES) == (
        Outcome.UNKNOWN,
        "platform_error:status_unknown",
    )


@pytest.mark.parametrize(
    ("took", "outcome", "reason"),
    [
        (UNMEASURED, Outcome.OK, "http_status:200"),
        (IN_TIME, Outcome.OK, "http_status:200"),
        (TOO_LATE, Outcome.PLATFORM, "answer_within:200"),
        (AnswerTimes(total_us=WITHIN_US - 1), Outcome.OK, "http_status:200"),
        (LONG, Outcome.UNKNOWN, "answer_within:200"),
        (AnswerTimes(duration_us=WITHIN_US - 1, total_us=WITHIN_US), Outcome.OK, "http_status:200"),
        (AnswerTimes(duration_us=WITHIN_US, total_us=WITHIN_US), Outcome.PLATFORM, "answer_within:200"),
    ],
)
def test_c2_5_an_answer_too_late_is_no_answer(took: AnswerTimes, outcome: Outcome, reason: str) -> None:
    assert classify_request(200, "", took, NOW, RULES) == (outcome, reason)
    assert outcome_of(399, "", took) is outcome
    assert outcome_of(200, "invalid_request", took) is outcome


def test_c2_5_a_sockets_life_has_no_limit() -> None:
    assert classify_request(101, "", TOO_LATE, NOW, RULES) == (Outcome.OK, "http_status:101")


@pytest.mark.parametrize(
    ("status", "error", "outcome", "reason"),
    [
        (400, "", Outcome.CUSTOMER, "http_status:400"),
        (451, "", Outcome.CONTENT, "http_status:451"),
        (418, "", Outcome.UNKNOWN, "http_status:418"),
        (498, "", Outcome.CUSTOMER, "http_status:498"),
        (400, "no_such_error", Outcome.CUSTOMER, "http_status:400"),
        (404, "spam_blocked", Outcome.CONTENT, "platform_error:spam_blocked"),
        (418, "opted_out", Outcome.RECIPIENT, "platform_error:opted_out"),
        (404, "status_unknown", Outcome.UNKNOWN, "platform_error:status_unknown"),
    ],
)
def test_c2_6_an_error_then_the_table_then_the_customer(status: int, error: str, outcome: Outcome, reason: str) -> None:
    assert classify_request(status, error, TOO_LATE, NOW, RULES) == (outcome, reason)


@pytest.mark.parametrize("status", [500, 511, 520, 523, 530, 561, 599])
@pytest.mark.parametrize("error", ["", "rate_limited", "status_unknown", "no_such_error"])
def test_c2_7_every_5xx_is_ours_by_the_letter(status: int, error: str) -> None:
    assert classify_request(status, error, IN_TIME, NOW, RULES) == (Outcome.PLATFORM, f"http_status:{status}")


@pytest.mark.parametrize(
    ("state", "outcome"),
    [("delivered", Outcome.OK), ("accepted", Outcome.ACCEPTED), ("enroute", Outcome.ENROUTE)],
)
def test_c3_a_state_that_is_no_failure_needs_no_code(state: State, outcome: Outcome) -> None:
    assert classify_receipt(state, "platform", "queue_full", NOW, RULES) == (outcome, f"state:{state}")


@pytest.mark.parametrize(
    ("state", "system", "code", "outcome", "reason"),
    [
        ("failed", "smpp_status", "0x0000000B", Outcome.CUSTOMER, "smpp_command_status:0x0000000B"),
        ("failed", "smpp_status", "b", Outcome.CUSTOMER, "smpp_command_status:0x0000000B"),
        ("failed", "smpp_status", "0x3FF", Outcome.UNKNOWN, "smpp_message_state:UNDELIV"),
        ("failed", "smpp_status", "0x400", Outcome.UNKNOWN, "smpp_command_status:0x00000400-0x000004FF"),
        ("failed", "gsm_map", "MAP:027", Outcome.RECIPIENT, "gsm_map_error:map:27"),
        ("failed", "whatsapp", "0131026", Outcome.RECIPIENT, "whatsapp_error:131026"),
        ("failed", "vendor", "routemobile:144", Outcome.OPERATOR, "vendor_dlr_err:routemobile:144-196"),
        ("failed", "vendor", "routemobile:197", Outcome.UNKNOWN, "smpp_message_state:UNDELIV"),
        ("failed", "platform", "queue_full", Outcome.PLATFORM, "platform_error:queue_full"),
        ("failed", "platform", "operator_timeout", Outcome.CLAIMED, "platform_error:operator_timeout"),
        ("failed", "platform", "Operator_timeout", Outcome.UNKNOWN, "smpp_message_state:UNDELIV"),
        ("failed", "gsm_map", "map:2", Outcome.OPERATOR, "gsm_map_error:map:2"),
        ("failed", "q850", "16", Outcome.UNKNOWN, "q850_cause:16"),
        ("failed", "gsm_map", "map:999", Outcome.UNKNOWN, "smpp_message_state:UNDELIV"),
        ("failed", "gsm_map", "", Outcome.UNKNOWN, "smpp_message_state:UNDELIV"),
        ("failed", None, "map:2", Outcome.UNKNOWN, "smpp_message_state:UNDELIV"),
        ("rejected", None, None, Outcome.UNKNOWN, "smpp_message_state:REJECTD"),
        ("deleted", None, "", Outcome.UNKNOWN, "smpp_message_state:DELETED"),
        ("unknown", None, "", Outcome.UNKNOWN, "smpp_message_state:UNKNOWN"),
    ],
)
def test_c3_a_known_code_decides_else_the_state(
    state: State, system: CodeSystem | None, code: str | None, outcome: Outcome, reason: str
) -> None:
    assert classify_receipt(state, system, code, NOW, RULES) == (outcome, reason)


def changed(table: str, *lines: str) -> OutcomeRules:
    base = code_tables()
    header = "code,name,responsible,final,notes,source,valid_from"
    text = files("schemas").joinpath(f"codes/{table}.csv").read_text("utf-8")
    undated = [f"{line}," for line in re.split(r"\r?\n", text)[1:] if line]
    parsed = parse_code_table(table, "\n".join([header, *undated, *lines]), f"{table}.csv")
    tables: CodeTables = assemble_tables({**base.tables, table: parsed})
    return OutcomeRules(tables=tables, answer_within_us=WITHIN_US)


def test_c4_the_records_own_time_decides_which_row_counts() -> None:
    rules = changed("http_status", "429,shed,platform,temporary,,,2026-09-01T00:00:00Z")
    assert classify_request(429, "", UNMEASURED, NOW - 1, rules).outcome is Outcome.CUSTOMER
    assert classify_request(429, "", UNMEASURED, NOW, rules).outcome is Outcome.PLATFORM


def test_c4_before_its_date_an_error_is_not_known() -> None:
    rules = changed("platform_error", "new_bug,,platform,yes,,,2026-09-01T00:00:00Z")
    assert classify_request(400, "new_bug", UNMEASURED, NOW - 1, rules) == (Outcome.CUSTOMER, "http_status:400")
    assert classify_request(400, "new_bug", UNMEASURED, NOW, rules) == (Outcome.PLATFORM, "platform_error:new_bug")
    assert classify_receipt("failed", "platform", "new_bug", NOW - 1, rules).outcome is Outcome.UNKNOWN


def test_c3_a_row_of_its_own_precedes_a_range() -> None:
    rules = changed("whatsapp_error", "250,,platform,yes,,,2026-09-01T00:00:00Z")
    assert classify_receipt("failed", "whatsapp", "250", NOW, rules).reason == "whatsapp_error:250"
    assert classify_receipt("failed", "whatsapp", "250", NOW - 1, rules).reason == "whatsapp_error:200-299"
    assert classify_receipt("failed", "whatsapp", "251", NOW, rules).reason == "whatsapp_error:200-299"
