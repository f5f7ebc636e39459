"""The lines of an archive."""

import json

import pytest

from streams.core.errors import ZectoError
from streams.kafka.archive import ArchivedRecord, format_line, parse_line, text_of


def test_a_line_gives_text_bytes_as_base64_and_null() -> None:
    line = format_line(
        ArchivedRecord(
            topic="sla.dead-letters",
            partition=0,
            offset=7,
            timestamp_ms=1_780_000_000_123,
            key=text_of(None),
            value=text_of(b"\xff{"),
            headers=[("reason", text_of(b"not_utf8")), ("reason", text_of(None))],
        )
    )
    assert json.loads(line) == {
        "topic": "sla.dead-letters",
        "partition": 0,
        "offset": 7,
        "timestamp_ms": 1_780_000_000_123,
        "key": None,
        "value": {"base64": "/3s="},
        "headers": [["reason", "not_utf8"], ["reason", None]],
    }


@pytest.mark.parametrize("line", [b"{}", b"no", b'{"topic": "t"}'])
def test_a_line_not_of_an_archive_is_one_line(line: bytes) -> None:
    with pytest.raises(ZectoError, match="not a line of an archive") as caught:
        parse_line(line)
    assert "\n" not in str(caught.value)


def test_base64_that_is_none_is_refused() -> None:
    line = b'{"topic":"t","partition":0,"offset":0,"timestamp_ms":0,"key":null,"value":{"base64":"*"},"headers":[]}'
    with pytest.raises(ZectoError, match="not a line of an archive"):
        parse_line(line)
