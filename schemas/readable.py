"""What can be read of a record that cannot count: where and of whom it is missing (contract B3)."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from schemas.any_json import READ_ERRORS, read_json
from schemas.carrier_receipt import DEFAULT_PART
from schemas.fields import SERVICES
from schemas.ids import names_nothing
from schemas.instants import InstantError, parse_instant
from schemas.numbers import whole
from schemas.raw_value import READ_BYTES, is_shallow
from schemas.violations import Readable

_ID_FIELDS: Final = {
    "api.requests": "request_id",
    "carrier.receipts": "message_id",
    "probes": "probe_id",
    "sla.declarations": "declaration_id",
    "support.tickets": "ticket_id",
    "whatsapp.templates": "template_id",
    "sla.claims": "claim_id",
}
_TIME_FIELDS: Final = {
    "carrier.receipts": ("submitted_at", "time"),
    "telemetry.manifests": ("minute",),
    "sla.claims": ("submitted_at",),
}
_PARTED: Final = "carrier.receipts"
_PARTS: Final = range(1, 256)
_SOURCE_CHARACTERS: Final = 64
_OFFSET_WITHOUT_COLON: Final = re.compile(r"(.+[+-][0-9]{2})([0-9]{2})", re.ASCII)
# A field of an object whose JSON cannot be read: its name and its text; of a part its number.
_LAST_TEXT: Final = re.compile(r'"(\w{1,32})"\s{0,64}:\s{0,64}("(?:[^"\\]+|\\.)*+")', re.ASCII | re.DOTALL)
_LAST_PART: Final = re.compile(r'"part"\s{0,64}:\s{0,64}([0-9]{1,3})(?![0-9.eE])', re.ASCII)

_NOTHING: Final = Readable()


def readable_elements(topic: str, value: bytes | None) -> tuple[Readable, ...]:
    """What is readable of a value that holds no record: of each element if it is an array of some, else of the whole.

    Where its JSON cannot be read at all, the last text of each field counts.
    """
    if value is None or len(value) > READ_BYTES:
        return (_NOTHING,)
    found = _any_fields(value)
    elements = found if isinstance(found, list) and found else [found]
    return tuple(_readable(topic, element) if isinstance(element, dict) else _NOTHING for element in elements)


def _any_fields(value: bytes) -> Any:  # noqa: ANN401
    text = value.decode("utf-8-sig", "replace")
    if is_shallow(value):
        try:
            return read_json(text.encode())
        except READ_ERRORS:
            pass
    return _last_texts(text)


def _last_texts(text: str) -> dict[str, object]:
    fields: dict[str, object] = {name: _text(written) for name, written in _LAST_TEXT.findall(text)}
    parts = _LAST_PART.findall(text)
    return {**fields, "part": int(parts[-1])} if parts else fields


def _text(written: str) -> str | None:
    try:
        text: str = json.loads(written, strict=False)
        text.encode()
    except ValueError:  # an escape that is none, or half of a surrogate pair
        return None
    return text


def _readable(topic: str, fields: Mapping[str, Any]) -> Readable:
    times_ms = [_instant_ms(fields.get(name)) for name in _TIME_FIELDS.get(topic, ("time",))]
    service, record_id = fields.get("service"), fields.get(_ID_FIELDS.get(topic, ""))
    service = service if isinstance(service, str) and service in SERVICES else None
    is_placed = service is not None and times_ms[0] is not None
    return Readable(
        service=service,
        time_ms=next((time_ms for time_ms in times_ms if time_ms is not None), None),
        source=_source(fields.get("source")),
        record_id=_shown_id(record_id),
        account_id=_shown_id(fields.get("account_id")),
        identity=_identity(record_id, _part(topic, fields)) if is_placed else None,
    )


def _identity(record_id: object, part: int) -> tuple[str, int] | None:
    return (record_id, part) if isinstance(record_id, str) and not names_nothing(record_id) else None


def _instant_ms(text: object) -> int | None:
    if not isinstance(text, str):
        return None
    for written in (text, _OFFSET_WITHOUT_COLON.sub(r"\1:\2", text)):
        try:
            return parse_instant(written)
        except InstantError:
            continue
    return None


def _source(text: object) -> str | None:
    return text[:_SOURCE_CHARACTERS] if isinstance(text, str) and text else None


def _shown_id(value: object) -> str | None:
    value = whole(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def _part(topic: str, fields: Mapping[str, Any]) -> int:
    part = whole(fields.get("part")) if topic == _PARTED else None
    return part if type(part) is int and part in _PARTS else DEFAULT_PART
