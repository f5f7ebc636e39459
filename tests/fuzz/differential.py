"""The pipeline's decoder and the auditor's, which share nothing, over records from a seed: do they read the same?"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from schemas.carrier_receipt import state_of
from schemas.decoding import Understood, understand
from schemas.instants import MINUTE_MS, parse_instant
from schemas.numbers import microseconds
from schemas.violations import InvalidRecord, Readable
from streams.audit import lenient, records
from streams.audit.ids import is_nameless
from streams.audit.records import DECLARATIONS, MANIFESTS, RECEIPTS, REQUESTS, SERVICES
from streams.audit.records import MONTH_TOPICS as TOPICS
from tests.fuzz.mutating import mutated

__all__ = ["TOPICS", "Difference", "Outcome", "compare", "differences"]

_MENDED_BY_IDENTITY: Final = (REQUESTS, RECEIPTS)
_SHOWN_MAX: Final = 300
_INSTANTS: Final = ("time", "submitted_at", "minute", "start", "end", "announced_at", "effective_from")


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
        found = understand(topic, value)
        outcome.counts[found.reason if isinstance(found, InvalidRecord) else "valid"] += 1
        outcome.differences += differences(topic, value)
    return outcome


def differences(topic: str, value: bytes | None) -> Iterator[Difference]:
    """Where the two part over one value: what it says, what of it is mended, or what is readable if it cannot count."""
    found, audited = understand(topic, value), records.understand(topic, value)
    if isinstance(found, InvalidRecord):
        if audited is not None:
            yield Difference(topic, value, found, audited)
        elif topic not in (MANIFESTS, "accounts"):
            pairs = [_readable(topic, one) for one in found.elements], [_salvaged(topic, value)]
            yield from _unlike(topic, value, pairs[0], pairs[1][0])
    elif audited is None:
        yield Difference(topic, value, found, None)
    else:
        yield from _unlike(topic, value, _said(found), {**audited.fields, "mended": sorted(audited.mended)})


def _unlike(topic: str, value: bytes | None, by_pipeline: object, by_auditor: object) -> Iterator[Difference]:
    # by their texts: True equals 1, and they are not the same
    if _text(by_pipeline) != _text(by_auditor):
        yield Difference(topic, value, by_pipeline, by_auditor)


def _readable(topic: str, one: Readable) -> tuple[object, ...]:
    if topic == DECLARATIONS:
        return (_shown(one.record_id or ""),)
    minute = None if one.time_ms is None else one.time_ms // MINUTE_MS
    return one.service, minute, one.source or "", one.identity if topic in _MENDED_BY_IDENTITY else None


def _salvaged(topic: str, value: bytes | None) -> list[tuple[object, ...]]:
    found = lenient.salvage(topic, value)
    if topic == DECLARATIONS:
        return [(_shown(one.shown_id),) for one in found]
    return [
        (one.service, one.minute, one.source, _identity(one) if topic in _MENDED_BY_IDENTITY else None) for one in found
    ]


def _shown(record_id: str) -> str:
    """An id for people; a number of hundreds of digits is none."""
    return record_id if len(record_id) < _SHOWN_MAX else ""


def _identity(one: lenient.UnreadableRecord) -> tuple[str, int] | None:
    is_placed = one.service is not None and one.names_minute
    return (one.record_id, one.part) if is_placed and one.record_id and not is_nameless(one.record_id) else None


def _said(found: Understood) -> dict[str, object]:
    """A record's fields in the auditor's shape, but for those of which nothing was said."""
    written = {name: getattr(found.record, name) for name in found.record.__struct_fields__}
    defaults = {
        one.name: one.default for one in msgspec.structs.fields(found.record) if one.default is not msgspec.NODEFAULT
    }
    return {
        **{
            name: _value(name, value)
            for name, value in written.items()
            if value is not None and (name not in defaults or value != defaults[name])
        },
        "mended": sorted(found.mended),
    }


def _value(name: str, value: Any) -> object:  # noqa: ANN401  as the record has it
    if name in _INSTANTS:
        return parse_instant(value)
    if name.endswith("_ms"):
        return microseconds(value)
    if name == "state":
        return state_of(value)
    if name == "services":
        return SERVICES if "*" in value else tuple(service for service in SERVICES if service in value)
    return value


def _text(fields: object) -> str:
    """Without what is as if nothing had been said: the auditor keeps a default that a record spells out."""
    if isinstance(fields, dict):
        return repr(sorted((name, value) for name, value in fields.items() if value not in _NOTHING_SAID.get(name, ())))
    return repr(fields)


_NOTHING_SAID: Final[dict[str, tuple[object, ...]]] = {
    "stage": ("ga",),
    "plan": ("paid",),
    "revision": (0,),
    "part": (1,),
    "resolution_ms": (1_000,),
    "retracted": (False,),
    "suspended": (False,),
    "final": (False,),
    "automatic": (False,),
    **dict.fromkeys(
        ("route", "error", "region", "source", "operator", "code", "policy", "evidence", "title", "note"), ("",)
    ),
}
