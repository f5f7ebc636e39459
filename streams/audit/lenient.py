"""What can still be read of a record that cannot count: minute, service, source and identity (B3)."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from streams.audit.fields import whole
from streams.audit.instants import MINUTE_MS, read_instant
from streams.audit.json_text import NotJsonError, parse
from streams.audit.records import RECEIPTS, REQUESTS, SERVICES

READ_BYTES: Final = 8_388_608
"""Of a longer value nothing is read, so that it is missing where it arrived, of every service."""

_ID_OF: Final = {REQUESTS: "request_id", RECEIPTS: "message_id", "sla.declarations": "declaration_id"}
_NO_COLON: Final = re.compile(r"(.*[+-][0-9]{2})([0-9]{2})", re.DOTALL)
# Any field, known or not: one that is passed over would leave its closing quote to open the next one's name.
_TEXT_FIELD: Final = re.compile(r'"([A-Za-z0-9_]{1,32})"\s{0,64}:\s{0,64}("(?:[^"\\]|\\.)*")', re.DOTALL | re.ASCII)
_PART_FIELD: Final = re.compile(r'"part"\s{0,64}:\s{0,64}([0-9]{1,3})(?![0-9.eE])', re.ASCII)
_PART: Final = whole(1, 255)


class UnreadableRecord(NamedTuple):
    """A record that cannot count, with what can still be read of it; None, or empty: not readable."""

    service: str | None = None
    minute: int | None = None
    source: str = ""
    record_id: str | None = None
    shown_id: str = ""
    """The id for people, a number too (X4)."""
    part: int = 1
    names_minute: bool = False
    """Whether the minute is that of its identity: not of a receipt's own time (I1)."""


def salvage(topic: str, value: bytes | None) -> list[UnreadableRecord]:
    """What is readable of each record: of an array's elements each its own, of an empty one itself."""
    if value is None or len(value) > READ_BYTES:
        return [UnreadableRecord()]
    text = value.decode("utf-8-sig", "replace")
    try:
        written = parse(text)
    except NotJsonError:
        written = dict(_text_fields(text))
    elements = written if isinstance(written, list) and written else [written]
    return [_salvage(topic, element) if isinstance(element, dict) else UnreadableRecord() for element in elements]


def _text_fields(text: str) -> Iterator[tuple[str, object]]:
    """Every `"name": "text"` of what is no JSON; of several of one name the last counts."""
    for name, quoted in _TEXT_FIELD.findall(text):
        try:
            written = json.loads(quoted, strict=False)
            written.encode()
        except ValueError:  # an escape that is none, or half of a surrogate pair
            written = None
        yield name, written
    yield from (("part", int(number)) for number in _PART_FIELD.findall(text))


def _salvage(topic: str, written: Mapping[str, object]) -> UnreadableRecord:
    named_ms = _lenient_instant(written.get("submitted_at" if topic == RECEIPTS else "time"))
    time_ms = _lenient_instant(written.get("time")) if named_ms is None else named_ms
    service, source, record_id = written.get("service"), written.get("source"), written.get(_ID_OF.get(topic, ""))
    part = _PART(written.get("part")).kept
    return UnreadableRecord(
        service=service if isinstance(service, str) and service in SERVICES else None,
        minute=None if time_ms is None else time_ms // MINUTE_MS,
        source=source[:64] if isinstance(source, str) else "",
        record_id=record_id if isinstance(record_id, str) else None,
        shown_id=str(record_id) if isinstance(record_id, str | int) and not isinstance(record_id, bool) else "",
        part=part if isinstance(part, int) else 1,
        names_minute=named_ms is not None,
    )


def _lenient_instant(value: object) -> int | None:
    """An instant, its offset with a colon or without."""
    strict = read_instant(value)
    if strict is not None or not isinstance(value, str):
        return strict
    found = _NO_COLON.fullmatch(value)
    return read_instant(f"{found[1]}:{found[2]}") if found else None
