"""What goes to `sla.minutes` and `sla.dead-letters`, as bytes and headers."""

import dataclasses
import hashlib
from datetime import UTC, datetime

import msgspec
import pytest

from schemas.raw_value import WHOLE_BYTES
from schemas.violations import Reason
from streams.ingest.ports import RejectedRecord
from streams.kafka.large_value import HEAD_BYTES, held
from streams.kafka.outputs import dead_letter_headers, dead_letter_value, minute_counts
from tests.dead_letter_headers import read_headers
from tests.simulation.counting import COLUMNS

_PARTS = ("requests", "messages", "probes", "vantages")

_ROW = {
    "service": "sms",
    "minute": datetime(2026, 9, 1, 12, 34, tzinfo=UTC),
    "version": 2**40 + 7,
    "records": 7,
    "requests_ok": 3,
    "requests_out_of_scope_ok": 1,
    "requests_corrected_valid": 2,
    "messages_ok": 2,
    "messages_enroute": 1,
    "probes_failed": 4,
    "vantages_failed": 2,
    "conflicts": 1,
    "unsourced": 2,
    "unnamed": 3,
    "mended": {"route": 1},
    "request_sources": {"gw-1": 3},
    "message_sources": {},
}


def _dead_letter(value: bytes | None) -> RejectedRecord:
    return RejectedRecord(
        value=value,
        topic="api.requests",
        partition=3,
        offset=42,
        timestamp_ms=1_700_000_000_000,
        reason=Reason.NOT_JSON,
        path="$",
    )


def test_a_row_of_minutes_becomes_its_record() -> None:
    counts = minute_counts(_ROW)
    assert (counts.service, counts.minute) == ("sms", "2026-09-01T12:34:00Z")
    assert (counts.version, counts.records) == (2**40 + 7, 7)
    assert (counts.requests.ok, counts.requests.out_of_scope_ok, counts.requests.platform) == (3, 1, 0)
    assert counts.requests.corrected_valid == 2
    assert (counts.messages.ok, counts.messages.enroute) == (2, 1)
    assert (counts.probes.ok, counts.probes.failed) == (0, 4)
    assert (counts.vantages.ok, counts.vantages.failed) == (0, 2)
    assert (counts.conflicts, counts.unsourced, counts.unnamed) == (1, 2, 3)
    assert (counts.mended, counts.request_sources, counts.message_sources) == ({"route": 1}, {"gw-1": 3}, {})


def test_no_column_of_minutes_is_left_out() -> None:
    numbers = {
        name: number for number, name in enumerate(COLUMNS, 1) if name not in _ROW or isinstance(_ROW[name], int)
    }
    record = msgspec.to_builtins(minute_counts(_ROW | numbers))
    published = {f"{part}_{name}": number for part in _PARTS for name, number in record.pop(part).items()}
    assert published | {name: number for name, number in record.items() if name in numbers} == numbers


def test_a_minute_means_utc_however_it_is_given() -> None:
    moment = datetime(2026, 9, 1, 12, 34, tzinfo=UTC)
    for minute in (moment, moment.replace(tzinfo=None), int(moment.timestamp())):
        assert minute_counts(_ROW | {"minute": minute}).minute == "2026-09-01T12:34:00Z"
    with pytest.raises(TypeError):
        minute_counts(_ROW | {"minute": "2026-09-01"})


def test_a_dead_letter_says_where_it_was_read_and_why() -> None:
    headers = dead_letter_headers(_dead_letter(b"{"))
    read = read_headers([(name, value or b"") for name, value in headers])
    assert (read.topic, read.partition, read.offset, read.timestamp_ms) == ("api.requests", 3, 42, 1_700_000_000_000)
    assert (read.reason, read.path) == ("not_json", "$")


@pytest.mark.parametrize("over", [-1, 0, 1, 1_000])
def test_b3_what_no_dead_letter_holds_gets_a_stand_in(over: int) -> None:
    value = b"0123456789abcdef" * ((WHOLE_BYTES + over) // 16) + b"x" * ((WHOLE_BYTES + over) % 16)
    dead_letter = _dead_letter(value)
    read = read_headers([(name, one or b"") for name, one in dead_letter_headers(dead_letter)])
    if over <= 0:
        assert dead_letter_value(dead_letter) == value
        assert (read.size, read.sha256) == (None, None)
    else:
        assert dead_letter_value(dead_letter) == value[:HEAD_BYTES]
        assert (read.size, read.sha256) == (len(value), hashlib.sha256(value).hexdigest())


def test_b3_a_value_never_held_has_the_same_stand_in() -> None:
    value = bytes(range(256)) * 40_000
    beginning, large = held(value)
    passed = dataclasses.replace(_dead_letter(beginning), large=large)
    assert dead_letter_headers(passed) == dead_letter_headers(_dead_letter(value))
    assert dead_letter_value(passed) == dead_letter_value(_dead_letter(value))


def test_a_record_without_a_value_differs_from_an_empty_one() -> None:
    assert "null" in dict(dead_letter_headers(_dead_letter(None)))
    assert "null" not in dict(dead_letter_headers(_dead_letter(b"")))
