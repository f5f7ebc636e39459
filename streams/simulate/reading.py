"""What a record says, read field by field: whole, mended, or dead (contract T1, I1, B3).

A plain reading beside the pipeline's: JSON without types, a check a field. It has to know no more than what the
simulator's records hold.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, get_args

import msgspec
import xxhash

from schemas.declaration import Kind
from schemas.fields import SERVICES, Service
from schemas.instants import parse_instant

MINUTE_MS: Final = 60_000
_MOST_BYTES: Final = 65_536
_MOST_MS: Final = 2**53 - 1
_NAMES_NOTHING: Final = frozenset(("", "-", "0", "null", "nil", "none", "undefined"))
_NO_COLON: Final = re.compile(r"([+-][0-9]{2})([0-9]{2})$")
_NAMED_TEXT: Final = re.compile(r'"([a-z_]+)"\s*:\s*"([^"\\]*)"')

Check = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Cut:
    """A text that was too long, and what is left of it."""

    text: str


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """A record that counts: its fields as values, which optional ones were mended, and the hash of its bytes (I2)."""

    fields: Mapping[str, Any]
    mended: tuple[str, ...]
    content: int


@dataclass(frozen=True, slots=True)
class DeadRecord:
    """A record, or an element of an array, that cannot count, and what of it can be read leniently (B3)."""

    service: Service | None
    minute: int | None
    source: str
    record_id: str | None
    part: int


def read(topic: str, value: bytes | None) -> ReadRecord | list[DeadRecord]:
    """A record of an input topic, or its dead letters: one, or one an element of an array."""
    required, optional = _FIELDS[topic]
    parsed = _parsed(value)
    if isinstance(parsed, dict) and value is not None and len(value) <= _MOST_BYTES:
        fields = _required(required, parsed)
        if fields is not None and _agrees(topic, fields):
            mended = tuple(_add_optional(optional, parsed, fields))
            return ReadRecord(fields, mended, xxhash.xxh3_64_intdigest(value))
    return [_dead(topic, one) for one in _objects(parsed, value)]


def names_nothing(record_id: str) -> bool:
    """Whether an id is a blank or a placeholder (I1)."""
    return record_id.strip().lower() in _NAMES_NOTHING


def _parsed(value: bytes | None) -> Any:  # noqa: ANN401  any JSON
    try:
        return _DECODER.decode(value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _required(checks: Mapping[str, Check], parsed: dict[str, Any]) -> dict[str, Any] | None:
    """The required fields; None if one is missing, unreadable or too long."""
    fields = {}
    for name, check in checks.items():
        try:
            found = check(parsed[name])
        except (KeyError, ValueError, TypeError):
            return None
        if isinstance(found, _Cut) and name != "source":
            return None
        fields[name] = found.text if isinstance(found, _Cut) else found
    return fields


def _agrees(topic: str, fields: Mapping[str, Any]) -> bool:
    if topic == "sla.declarations":
        alone = "*" not in fields["services"] or len(fields["services"]) == 1
        return alone and bool(fields["start"] < fields["end"])
    return True


def _add_optional(checks: Mapping[str, Check], parsed: dict[str, Any], fields: dict[str, Any]) -> Iterator[str]:
    """Puts readable optional fields into `fields`; yields the names of the others, null being absent (B3)."""
    for name, check in checks.items():
        value = parsed.get(name)
        if value is None:
            continue
        try:
            found = check(value)
        except (ValueError, TypeError):
            yield name
            continue
        if isinstance(found, _Cut):
            yield name
            found = found.text
        fields[name] = found


def _objects(parsed: Any, value: bytes | None) -> list[dict[str, Any]]:  # noqa: ANN401  any JSON
    """What names of fields can be looked up in: an object, each element of an array, or named texts of anything."""
    if isinstance(parsed, list):
        return [one if isinstance(one, dict) else {} for one in parsed] or [{}]
    if isinstance(parsed, dict):
        return [parsed]
    return [dict(_NAMED_TEXT.findall((value or b"").decode("utf-8", "replace")))]


def _dead(topic: str, fields: dict[str, Any]) -> DeadRecord:
    service = fields.get("service")
    decided = "submitted_at" if topic == "carrier.receipts" else "time"
    of_identity = _lenient_minute(fields.get(decided))
    minute = of_identity if of_identity is not None else _lenient_minute(fields.get("time"))
    record_id = fields.get(_ID_OF[topic])
    placed = of_identity is not None or topic not in ("api.requests", "carrier.receipts")
    named = isinstance(record_id, str) and not names_nothing(record_id) and placed
    source = fields.get("source")
    return DeadRecord(
        service=service if service in SERVICES else None,
        minute=minute,
        source=source[:64] if isinstance(source, str) else "",
        record_id=record_id if named else None,
        part=fields.get("part", 1),
    )


def _lenient_minute(value: object) -> int | None:
    """The minute of an instant, with or without a colon in its offset."""
    if not isinstance(value, str):
        return None
    try:
        return parse_instant(_NO_COLON.sub(r"\1:\2", value)) // MINUTE_MS
    except ValueError:
        return None


def _text(limit: int) -> Check:
    def check(value: object) -> str | _Cut:
        if not isinstance(value, str):
            raise TypeError
        return value if len(value) <= limit else _Cut(value[:limit])

    return check


def _identifier(value: object) -> str:
    """An id of any length: one over its limit is kept as its hash, which tells it apart as well (I1)."""
    if not isinstance(value, str):
        raise TypeError
    return value


def _one_of(*values: str) -> Check:
    def check(value: object) -> object:
        if value not in values:
            raise ValueError
        return value

    return check


def _whole(least: int, most: int) -> Check:
    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value):
            raise ValueError
        if not least <= value <= most:
            raise ValueError
        return int(value)

    return check


def _status(value: object) -> int:
    number: int = _whole(0, 599)(value)
    if 0 < number < 100:  # noqa: PLR2004  HTTP
        raise ValueError
    return number


def _duration_us(value: object) -> int:
    """Microseconds; finer digits are cut off (T1)."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value <= _MOST_MS:
        raise ValueError
    return int(value * 1000)


def _instant(value: object) -> int:
    if not isinstance(value, str):
        raise TypeError
    return parse_instant(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _state(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    state = value.lower()
    found: str = _one_of(*_STATES)("delivered" if state == "read" else state)
    return found


def _code(value: object) -> str | int | _Cut:
    if isinstance(value, str):
        found: str | _Cut = _text(64)(value)
        return found
    number: int = _whole(0, _MOST_MS)(value)
    return number


def _services(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise TypeError
    return tuple(_one_of(*SERVICES, "*")(one) for one in value)


_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
_STATES: Final = ("accepted", "enroute", "delivered", "failed", "expired", "rejected", "deleted", "unknown")
_REVISION: Final = {"revision": _whole(0, 65_535)}
_COMMON: Final[dict[str, Check]] = {
    "region": _text(64),
    "source": _text(64),
    "stage": _one_of("ga", "beta", "preview", "experimental"),
    "plan": _one_of("paid", "trial", "promotional"),
}
_ID_OF: Final = {
    "api.requests": "request_id", "carrier.receipts": "message_id", "probes": "probe_id",
    "sla.declarations": "declaration_id", "telemetry.manifests": "source",
}  # fmt: skip
_FIELDS: Final[dict[str, tuple[dict[str, Check], dict[str, Check]]]] = {
    "api.requests": (
        {
            "request_id": _identifier, "time": _instant, "service": _one_of(*SERVICES), "account_id": _identifier,
            "status": _status,
        },
        {
            "duration_ms": _duration_us, "total_ms": _duration_us, "route": _text(200), "error": _text(64),
            **_COMMON, **_REVISION,
        },
    ),
    "carrier.receipts": (
        {
            "message_id": _identifier, "service": _one_of(*SERVICES), "account_id": _identifier,
            "submitted_at": _instant, "time": _instant, "state": _state,
        },
        {
            "operator": _text(64), "code": _code, "part": _whole(1, 255), "template": _flag,
            "code_system": _one_of(
                "smpp_status", "gsm_map", "q850", "sip", "whatsapp", "smtp", "vendor", "platform"
            ),
            "resolution_ms": _whole(1, 60_000), "connect_ms": _duration_us, "duration_ms": _duration_us,
            "hd_ms": _duration_us, **_COMMON,
        },
    ),
    "probes": (
        {
            "probe_id": _identifier, "time": _instant, "service": _one_of(*SERVICES), "vantage": _text(64),
            "ok": _flag,
        },
        {"status": _status, "duration_ms": _duration_us, **_REVISION},
    ),
    "sla.declarations": (
        {
            "declaration_id": _text(64), "kind": _one_of(*get_args(Kind)), "services": _services, "start": _instant,
            "end": _instant, "announced_at": _instant,
        },
        {"evidence": _text(1 << 16), "retracted": _flag, **_REVISION},
    ),
    "telemetry.manifests": (
        {
            "source": _text(64), "service": _one_of(*SERVICES), "minute": _instant,
            "topic": _one_of("api.requests", "carrier.receipts"), "count": _whole(0, _MOST_MS),
        },
        {"final": _flag, **_REVISION},
    ),
}  # fmt: skip
