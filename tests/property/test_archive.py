"""An archive gives every byte back."""

from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.archive import ArchivedRecord, bytes_of, format_line, parse_line, text_of
from streams.operations.produce import archived_record

_BYTES = st.none() | st.binary() | st.text().map(str.encode) | st.just(b'{"base64": "AA=="}')


@given(key=_BYTES, value=_BYTES, headers=st.lists(st.tuples(st.text(), _BYTES)), offset=st.integers(0, 2**63 - 1))
def test_key_value_and_headers_come_back_byte_for_byte(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes | None]], offset: int
) -> None:
    record = ArchivedRecord(
        topic="api.requests",
        partition=3,
        offset=offset,
        timestamp_ms=1_780_000_000_123,
        key=text_of(key),
        value=text_of(value),
        headers=[(name, text_of(content)) for name, content in headers],
    )
    line = format_line(record)
    assert b"\n" not in line
    assert parse_line(line) == record
    assert archived_record(line) == (key, value, headers)
    assert bytes_of(text_of(value)) == value
