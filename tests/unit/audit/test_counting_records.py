"""The auditor's counting half: which record counts, what became of it, what cannot be read (I1-I4, B3, C2, C3)."""

import json
from typing import Any, Final

import pytest

from streams.audit.codes import RequestFacts, read_codes
from streams.audit.collecting import collect
from streams.audit.counting import know
from streams.audit.known import AuditCounts, Known
from streams.audit.policy import choose_span, read_policies
from streams.audit.reading import Raw, Source
from streams.audit.records import RECEIPTS, REQUESTS
from streams.audit.seen import Seen

SPAN: Final = choose_span("2026-09", None, read_policies())
CODES: Final = read_codes()
MINUTE: Final = SPAN.first + 600
SEEN: Final = Seen(clock_ms=(SPAN.end + 10_000) * 60_000)
WITHIN_US: Final = SPAN.policy.answer_within_us
_AT: Final = "2026-09-01T10:00:%02dZ"


def known(*sent: tuple[str, Any]) -> Known:
    raws = [
        Raw(topic, 0, offset, 7, told if isinstance(told, bytes) else json.dumps(told).encode())
        for offset, (topic, told) in enumerate(sent)
    ]
    source = Source(records=lambda: iter(raws), starts={})
    return know(collect(source, SPAN.policy, CODES, as_of_ms=7, progress=lambda *_: None), SPAN, SEEN)


def counts(*sent: tuple[str, Any], service: str = "sms") -> AuditCounts:
    [(place, found)] = known(*sent).counts.items()
    assert place == (service, MINUTE + 300)
    return found


def request(status: int = 200, *, second: int = 1, **more: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401  any JSON
    told = {"request_id": "r", "time": _AT % second, "service": "sms", "account_id": "a", "status": status}
    return REQUESTS, told | more


def receipt(state: str, *, at: str = _AT % 2, **more: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401  any JSON
    told = {"message_id": "m", "service": "sms", "account_id": "a", "submitted_at": _AT % 1, "time": at}
    return RECEIPTS, told | {"state": state} | more


def test_i1_an_id_that_names_nothing_is_each_records_own() -> None:
    found = counts(*(request(500, request_id=name, route=str(n)) for n, name in enumerate(["-", "NULL", " ", "", "-"])))
    assert (found.requests.inside, found.unnamed) == ({"platform": 5}, 5)


def test_i1_parts_of_a_message_count_each() -> None:
    assert counts(receipt("delivered"), receipt("failed", part=2)).messages.inside == {"ok": 1, "unknown": 1}


def test_i2_in_doubt_the_record_against_us_counts() -> None:
    found = counts(request(200), request(500), request(404))
    assert (found.requests.inside, found.conflicts) == ({"platform": 1}, 1)


def test_i3_other_requests_under_one_id_are_collisions() -> None:
    found = counts(request(200), request(500, second=2), request(200, account_id="b"), request(200, revision=1))
    assert (found.requests.collisions, found.conflicts) == (2, 0)
    assert counts(request(200), request(200, second=2, plan="trial", revision=1)).requests.collisions == 0


@pytest.mark.parametrize(
    ("later", "corrected"),
    [
        ({"status": 200}, (1, 1, 0, 1)),
        ({"status": 404}, (1, 1, 0, 0)),
        ({"status": 503, "error": "operator_timeout"}, (1, 0, 1, 0)),
        ({"status": 418}, (1, 0, 0, 0)),
        ({"status": 200, "stage": "beta"}, (1, 1, 0, 0)),
        ({"status": 500, "route": "/"}, (0, 0, 0, 0)),
    ],
)
def test_i4_a_failure_corrected_in_our_favour_is_counted(later: dict[str, Any], corrected: tuple[int, ...]) -> None:
    traffic = counts(request(500), request(revision=1, **later)).requests
    found = (
        traffic.corrected, traffic.corrected_settled, traffic.corrected_claimed, traffic.corrected_valid
    )  # fmt: skip
    assert found == corrected
    assert traffic.heard == 1


def test_i4_a_success_newly_in_scope_is_counted_apart() -> None:
    traffic = counts(request(200, plan="trial"), request(200, revision=1)).requests
    assert (traffic.corrected, traffic.corrected_settled, traffic.corrected_valid) == (1, 0, 1)


@pytest.mark.parametrize(("minute", "second", "outcome"), [(10, 2, "ok"), (10, 1, "ok"), (10, 3, "platform")])
def test_c3_a_message_held_too_long_is_ours(minute: int, second: int, outcome: str) -> None:
    """Ten minutes and a second of resolution after it was submitted."""
    late = f"2026-09-01T10:{minute}:{second:02d}Z"
    assert counts(receipt("delivered", at=late, resolution_ms=1_000)).messages.inside == {outcome: 1}


def test_c3_what_a_carrier_once_had_stays_enroute() -> None:
    assert counts(receipt("enroute"), receipt("accepted", at=_AT % 9)).messages.inside == {"enroute": 1}


def test_i2_of_an_email_a_bounce_is_final() -> None:
    sent = [receipt("delivered", service="email"), receipt("failed", at=_AT % 3, service="email")]
    assert counts(*sent, service="email").messages.inside == {"unknown": 1}
    sent[1] = receipt("failed", at=_AT % 2, service="email")
    assert counts(*sent, service="email").messages.inside == {"ok": 1}


@pytest.mark.parametrize(
    ("status", "error", "duration_us", "total_us", "outcome"),
    [
        (200, "internal_error", None, None, "platform"),
        (499, "", None, None, "unknown"),
        (499, "", WITHIN_US - 1, None, "customer"),
        (499, "", WITHIN_US, None, "platform"),
        (200, "client_closed", 0, None, "customer"),
        (0, "operator_timeout", None, None, "claimed"),
        (404, "operator_timeout", None, None, "claimed"),
        (302, "operator_timeout", None, None, "ok"),
        (0, "", None, None, "platform"),
        (0, "rate_limited", None, None, "customer"),
        (103, "", None, None, "platform"),
        (101, "", WITHIN_US, None, "ok"),
        (200, "", WITHIN_US - 1, WITHIN_US, "ok"),
        (200, "", WITHIN_US, None, "platform"),
        (200, "", None, WITHIN_US, "unknown"),
        (200, "", None, WITHIN_US - 1, "ok"),
        (404, "no_such_error", None, None, "customer"),
        (418, "", None, None, "unknown"),
        (498, "", None, None, "customer"),
        (511, "", None, None, "platform"),
        (599, "rate_limited", None, None, "platform"),
    ],
)
def test_c2_a_request_by_the_first_rule_that_fits(
    status: int, error: str, duration_us: int | None, total_us: int | None, outcome: str
) -> None:
    facts = RequestFacts(status=status, error=error, time_ms=0, duration_us=duration_us, total_us=total_us)
    assert CODES.request_ending(facts, WITHIN_US).outcome == outcome


@pytest.mark.parametrize(
    ("system", "code", "reason"),
    [
        ("smpp_status", 11, "smpp_command_status:0x0000000B"),
        ("smpp_status", "b", "smpp_command_status:0x0000000B"),
        ("smpp_status", "0X0B", "smpp_command_status:0x0000000B"),
        ("smpp_status", "11", "smpp_command_status:0x00000011"),
        ("smpp_status", "0x4ff", "smpp_command_status:0x00000400-0x000004FF"),
        ("smpp_status", "0x500", "smpp_message_state:UNDELIV"),
        ("gsm_map", "MAP:01", "gsm_map_error:map:1"),
        ("q850", "017", "q850_cause:17"),
        ("whatsapp", 250, "whatsapp_error:200-299"),
        ("vendor", "routemobile:144", "vendor_dlr_err:routemobile:144-196"),
        ("vendor", "routemobile:0144", "smpp_message_state:UNDELIV"),
    ],
)
def test_c3_codes_are_known_in_any_spelling(system: str, code: str | int, reason: str) -> None:
    assert CODES.receipt_ending("failed", system, code, 0).reason == reason


def test_b3_a_dead_letter_with_a_record_was_mended() -> None:
    topic, told = request(500)
    broken = {**told, "account_id": 7}
    place = (topic, "", "sms", MINUTE + 300)
    assert known((topic, broken), (topic, {**broken, "request_id": "other"})).dead_letters == {place: 2}
    assert known((topic, broken), (topic, told)).dead_letters == {}


def test_b3_dead_letters_count_by_bytes_and_by_element() -> None:
    topic, told = request(500)
    array = json.dumps([{**told, "account_id": 7}] * 3).encode()
    assert sum(known((topic, array), (topic, array)).dead_letters.values()) == 3
