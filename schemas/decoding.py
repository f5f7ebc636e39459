"""Bytes of a topic to a record, or to what is wrong with them. No bytes make it raise.

A record is valid if and only if all of these hold, in this order:

1. the value is not null, is at most `MAX_BYTES` long, is UTF-8 throughout (`is_utf8`; the JSON decoder alone would let
   other bytes pass in fields that it skips) and nests at most `MAX_DEPTH` levels (`is_shallow`, true of all that is no
   longer than `SHALLOW_BYTES`; how deep the decoder itself can follow depends on the stack it is called from);
2. the topic's decoder of `DECODERS` takes it (types, bounds and choices of the fields);
3. its `violation()` is None (statuses, instants, orders: what field types cannot say).

The ledger runs these steps itself over a whole block and calls `decode` only for the records that fail.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import orjson

from schemas.account import Account
from schemas.api_request import ApiRequest
from schemas.carrier_receipt import CarrierReceipt
from schemas.claim import Claim
from schemas.declaration import Declaration
from schemas.fields import SERVICES
from schemas.instants import InstantError, parse_instant
from schemas.manifest import Manifest
from schemas.probe import Probe
from schemas.template_event import TemplateEvent
from schemas.ticket_event import TicketEvent
from schemas.violations import InvalidRecord, Reason, Violation

Record = ApiRequest | CarrierReceipt | Probe | Declaration | Manifest | Account | TicketEvent | TemplateEvent | Claim

MAX_BYTES: Final = 65_536
"""The longest value that can be a record, in bytes."""

WHOLE_BYTES: Final = 4_128_768
"""The longest value that a dead letter carries whole, in bytes: 64 KiB less than what `sla.dead-letters` takes."""

READ_BYTES: Final = 8_388_608
"""The longest value of which anything is read, in bytes: nobody should need more memory than that for one."""

MAX_DEPTH: Final = 512
"""The most levels of arrays and objects in a record, the record itself being one."""

SHALLOW_BYTES: Final = 2 * MAX_DEPTH
"""Up to this length no value can nest deeper than `MAX_DEPTH` and be JSON."""

RECORDS: Final[Mapping[str, type[Record]]] = {
    "api.requests": ApiRequest,
    "carrier.receipts": CarrierReceipt,
    "probes": Probe,
    "sla.declarations": Declaration,
    "telemetry.manifests": Manifest,
    "accounts": Account,
    "support.tickets": TicketEvent,
    "whatsapp.templates": TemplateEvent,
    "sla.claims": Claim,
}
"""The record of each topic read."""

DECODERS: Final[Mapping[str, msgspec.json.Decoder[Any]]] = {
    topic: msgspec.json.Decoder(record) for topic, record in RECORDS.items()
}
"""One prepared decoder a topic. It raises what `DECODE_ERRORS` lists."""

DECODE_ERRORS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_TIME_FIELDS: Final = {"carrier.receipts": "submitted_at", "telemetry.manifests": "minute"}
_SOURCE_CHARS: Final = 64
# The last quote is optional, so that a string that never ends is matched too, and the work stays linear.
_STRING: Final = re.compile(rb'"(?:[^"\\]+|\\.)*"?', re.DOTALL)
_BRACKET: Final = re.compile(rb"[][{}]")
# A string, which is skipped, or a whole number that may be larger than any double. What stands before or after a number
# that is no JSON stays in the text, so that nothing becomes JSON that was none.
_STRING_OR_NUMBER: Final = re.compile(
    rb'"(?:[^"\\]+|\\.)*"?|(?<![-+.\w])-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?(?![-+.\w])', re.DOTALL
)
_PATH: Final = re.compile(r" - at `([^`]*)`(?: in `([^`]*)`)?$")
_MISSING: Final = re.compile(r"^Object missing required field `([^`]*)`")
_MISTYPED: Final = re.compile(r"^Expected `[^`]*`, got `")


def decode(topic: str, value: bytes | None) -> Record | InvalidRecord:
    """The record that a topic's value holds, or its defect with what could still be read.

    Raises:
        KeyError: the topic is none of those read.
    """
    decoder = DECODERS[topic]
    violation = _raw_violation(value)
    if violation is None and value is not None:
        try:
            record: Record = decoder.decode(value)
            violation = record.violation()
            if violation is None:
                return record
        except DECODE_ERRORS as error:
            violation = _violation_of(error)
    assert violation is not None  # noqa: S101  a null value is a flaw
    return _invalid_record(topic, value, violation)


def is_utf8(value: bytes) -> bool:
    """Whether the bytes are UTF-8 throughout; quick for ASCII."""
    if value.isascii():
        return True
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_shallow(value: bytes) -> bool:
    """Whether the value nests at most `MAX_DEPTH` levels; brackets within strings are none."""
    if len(value) <= SHALLOW_BYTES or value.count(b"[") + value.count(b"{") <= MAX_DEPTH:
        return True
    depth = deepest = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", value)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest <= MAX_DEPTH


def _raw_violation(value: bytes | None) -> Violation | None:
    if value is None:
        return Violation(reason=Reason.NULL_VALUE, path="$")
    if len(value) > WHOLE_BYTES:
        return Violation(reason=Reason.TOO_LARGE, path="$")
    if len(value) > MAX_BYTES:
        return Violation(reason=Reason.TOO_LONG, path="$")
    if not is_utf8(value):
        return Violation(reason=Reason.NOT_UTF8, path="$")
    if not is_shallow(value):
        return Violation(reason=Reason.TOO_DEEP, path="$")
    return None


def _violation_of(error: Exception) -> Violation:
    match error:
        case RecursionError():
            return Violation(reason=Reason.TOO_DEEP, path="$")
        case msgspec.ValidationError():
            return _violation_in(str(error))
        case _:
            return Violation(reason=Reason.NOT_JSON, path="$")


def _violation_in(message: str) -> Violation:
    # msgspec tells what and where in words only; every word relied on here has an example in schemas/examples.
    found = _PATH.search(message)
    path = "$" if found is None else (found[2] or found[1])
    missing = _MISSING.match(message)
    if missing is not None:
        return Violation(reason=Reason.MISSING_FIELD, path=f"{path}.{missing[1]}")
    if message.startswith("Invalid enum value"):
        return Violation(reason=Reason.NOT_IN_ENUM, path=path)
    if _MISTYPED.match(message):
        return Violation(reason=Reason.NOT_AN_OBJECT if path == "$" else Reason.WRONG_TYPE, path=path)
    return Violation(reason=Reason.OUT_OF_BOUNDS, path=path)


def _invalid_record(topic: str, value: bytes | None, violation: Violation) -> InvalidRecord:
    fields = _readable_fields(value)
    service, source = fields.get("service"), fields.get("source")
    return InvalidRecord(
        reason=violation.reason,
        path=violation.path,
        service=service if isinstance(service, str) and service in SERVICES else None,
        time_ms=_readable_ms(fields.get(_TIME_FIELDS.get(topic, "time"))),
        source=source if isinstance(source, str) and 1 <= len(source) <= _SOURCE_CHARS else None,
    )


def _readable_fields(value: bytes | None) -> dict[str, Any]:
    if value is None or len(value) > READ_BYTES:
        return {}
    for text in (value, value.decode("utf-8-sig", "replace").encode()):
        for numbers_held in (text, _STRING_OR_NUMBER.sub(_without_number, text)):
            try:
                fields = orjson.loads(numbers_held)
            except orjson.JSONDecodeError:
                continue
            return fields if isinstance(fields, dict) else {}
    return {}


def _without_number(match: re.Match[bytes]) -> bytes:
    """A number by another one that every decoder holds: which it is says nothing of the record's minute (B3)."""
    return match[0] if match[0].startswith(b'"') else b"0"


def _readable_ms(text: object) -> int | None:
    if not isinstance(text, str):
        return None
    try:
        return parse_instant(text)
    except InstantError:
        return None
