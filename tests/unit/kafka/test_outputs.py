"""What goes to `sla.minutes` and `sla.dead-letters`, as bytes and headers."""

from datetime import UTC, datetime

import pytest

from schemas.violations import Reason
from streams.ingest.ports import RejectedRecord
from streams.kafka.outputs import dead_letter_headers, minute_counts
from tests.dead_letter_headers import read_headers

_ROW = {
    "service": "sms",
    "minute": datetime(2026, 9, 1, 12, 34, tzinfo=UTC),
    "version": 7,
    "requests_ok": 3,
    "requests_out_of_scope": 1,
    "messages_ok": 2,
    "messages_enroute": 1,
    "probes_failed": 4,
    "conflicts": 1,
    "unsourced": 2,
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
    assert (counts.service, counts.minute, counts.version) == ("sms", "2026-09-01T12:34:00Z", 7)
    assert (counts.requests.ok, counts.requests.out_of_scope, counts.requests.platform) == (3, 1, 0)
    assert (counts.messages.ok, counts.messages.enroute) == (2, 1)
    assert (counts.probes.ok, counts.probes.failed) == (0, 4)
    assert (counts.conflicts, counts.unsourced) == (1, 2)
    assert (counts.request_sources, counts.message_sources) == ({"gw-1": 3}, {})


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


def test_a_record_without_a_value_differs_from_an_empty_one() -> None:
    assert "null" in dict(dead_letter_headers(_dead_letter(None)))
    assert "null" not in dict(dead_letter_headers(_dead_letter(b"")))
