"""Bytes of a topic to a record, or to what is wrong with them. No bytes make it raise.

A value holds a record if and only if

1. it is not null, is at most `MAX_BYTES` long, is UTF-8 throughout (the JSON decoder alone would let other bytes pass
   in fields that it skips) and nests at most `MAX_DEPTH` levels (how deep the decoder itself can follow depends on the
   stack it is called from), as `schemas.raw_value` tells, and is a JSON object;
2. each required field is there and has the type, bounds and choices of the topic's record, and its `violation()` is
   None. Of duplicate keys the last counts.

What is wrong with an optional field costs the record that field and nothing else: it is mended, see `schemas.mending`.
The topic's decoder of `DECODERS` takes most records that have nothing to mend at once, and what it takes it takes as
`mend` would. The ledger runs it over whole blocks, and calls `understand` only for the records that it refuses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from schemas.account import Account
from schemas.any_json import READ_ERRORS, read_json
from schemas.api_request import ApiRequest
from schemas.carrier_receipt import CarrierReceipt
from schemas.claim import Claim
from schemas.declaration import Declaration
from schemas.manifest import Manifest
from schemas.mending import mend, violation_of
from schemas.numbers import read_number
from schemas.probe import Probe
from schemas.raw_value import raw_violation
from schemas.readable import readable_elements
from schemas.template_event import TemplateEvent
from schemas.ticket_event import TicketEvent
from schemas.violations import InvalidRecord, Reason, Violation

Record = ApiRequest | CarrierReceipt | Probe | Declaration | Manifest | Account | TicketEvent | TemplateEvent | Claim

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
    topic: msgspec.json.Decoder(record, float_hook=read_number) for topic, record in RECORDS.items()
}
"""One prepared decoder a topic. It raises what `DECODE_ERRORS` lists."""

DECODE_ERRORS: Final = READ_ERRORS


@dataclass(frozen=True, slots=True)
class Understood:
    """A record that counts, and the names of those of its fields that could not be read as they are, sorted (B3)."""

    record: Record
    mended: tuple[str, ...] = ()


def decode(topic: str, value: bytes | None) -> Record | InvalidRecord:
    """The record that a topic's value holds, mended where that helps, or what is wrong with it.

    Raises:
        KeyError: the topic is none of those read.
    """
    found = understand(topic, value)
    return found.record if isinstance(found, Understood) else found


def understand(topic: str, value: bytes | None) -> Understood | InvalidRecord:
    """As `decode`, with what was mended.

    Raises:
        KeyError: the topic is none of those read.
    """
    record_type = RECORDS[topic]
    violation = raw_violation(value)
    if violation is None and value is not None:
        found = _mended(record_type, value)
        if isinstance(found, Understood):
            return found
        violation = found
    assert violation is not None  # noqa: S101  a null value has one
    return InvalidRecord(reason=violation.reason, path=violation.path, elements=readable_elements(topic, value))


def _mended(record_type: type[Record], value: bytes) -> Understood | Violation:
    try:
        written = read_json(value)
    except READ_ERRORS as error:
        return violation_of(error)
    if not isinstance(written, dict):
        return Violation(reason=Reason.NOT_AN_OBJECT, path="$")
    found = mend(record_type, written)
    return found if isinstance(found, Violation) else Understood(*found)
