"""The pipeline's decoder and the auditor's, which share nothing, over records from a seed: do they read the same?"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import msgspec

from schemas.decoding import RECORDS, Record, decode
from schemas.instants import MINUTE_MS, parse_instant
from schemas.violations import InvalidRecord
from streams.audit.records import MANIFESTS, TOPICS, Fields, salvage, understand
from tests.fuzz.mutating import mutated

__all__ = ["TOPICS", "Difference", "Outcome", "compare"]

_INSTANTS: Final = ("time", "submitted_at", "minute", "start", "end", "announced_at")


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that the two do not read alike."""

    topic: str
    value: bytes | None
    by_pipeline: object
    by_auditor: object


@dataclass(slots=True)
class Outcome:
    """What came of a topic's values, by the reason of the refused ones; `valid` beside them."""

    counts: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)


def compare(topic: str, seed: int, count: int) -> Outcome:
    """Read so many values of a topic both ways."""
    outcome = Outcome()
    for value in mutated(topic, seed, count):
        found = decode(topic, value)
        outcome.counts[found.reason if isinstance(found, InvalidRecord) else "valid"] += 1
        outcome.differences += _differences(topic, value, found)
    return outcome


def _differences(topic: str, value: bytes | None, found: Record | InvalidRecord) -> Iterator[Difference]:
    understood = understand(topic, value)
    if isinstance(found, InvalidRecord):
        if understood is not None:
            yield Difference(topic, value, found, understood)
        # what is readable of a dead letter decides where a record is missing; of a manifest nothing is
        if topic != MANIFESTS:
            minute = None if found.time_ms is None else found.time_ms // MINUTE_MS
            by_pipeline, by_auditor = (found.service, minute, found.source), tuple(salvage(topic, value))
            if by_pipeline != by_auditor:
                yield Difference(topic, value, by_pipeline, by_auditor)
        return
    # by their texts: True equals 1, and they are not the same
    by_pipeline_text, by_auditor_text = _text(_fields(found)), _text(understood and _said(topic, understood))
    if by_pipeline_text != by_auditor_text:
        yield Difference(topic, value, by_pipeline_text, by_auditor_text)


def _fields(record: Record) -> dict[str, object]:
    """A record's fields but for those that are as if nothing had been said, instants in milliseconds."""
    said = msgspec.to_builtins(record)
    defaults = _DEFAULTS[type(record)]
    return {
        name: parse_instant(value) if name in _INSTANTS else value
        for name, value in said.items()
        if value is not None and (name not in defaults or value != defaults[name])
    }


def _said(topic: str, understood: Fields) -> dict[str, object]:
    """The same of what the auditor understood; it keeps fields that no record has, and knows no defaults."""
    record = RECORDS[topic]
    defaults = _DEFAULTS[record]
    return {
        name: value
        for name in record.__struct_fields__
        if (value := understood.get(name)) is not None and (name not in defaults or value != defaults[name])
    }


def _text(fields: object) -> str:
    return repr(sorted(fields.items()) if isinstance(fields, dict) else fields)


def _defaults(record: type[Record]) -> dict[str, object]:
    return {
        one.name: msgspec.to_builtins(one.default)
        for one in msgspec.structs.fields(record)
        if one.default is not msgspec.NODEFAULT
    }


_DEFAULTS: Final = {record: _defaults(record) for record in RECORDS.values()}
