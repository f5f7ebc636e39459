"""What a record says, or that it cannot count: every field of the five topics that make a month.

Written from the page of the records and docs/decisions/0002-what-is-accepted-in-a-record-and-what-is-refused.md. A
record that cannot count is a dead letter: what can still be read of it decides where it is missing (B3).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from streams.audit.instants import MINUTE_MS, read_instant
from streams.audit.json_text import NotJsonError, RepeatedKeys, depth_of, parse

REQUESTS: Final = "api.requests"
RECEIPTS: Final = "carrier.receipts"
PROBES: Final = "probes"
DECLARATIONS: Final = "sla.declarations"
MANIFESTS: Final = "telemetry.manifests"
TOPICS: Final = (REQUESTS, RECEIPTS, PROBES, DECLARATIONS, MANIFESTS)
"""The topics that decide a month; accounts, claims, tickets and templates come into play with credits."""

SERVICES: Final = ("sms", "voice", "whatsapp", "email")
KINDS: Final = (
    "scheduled_maintenance", "emergency_maintenance", "operator_outage", "internet_backbone", "dns", "force_majeure",
    "ddos", "regulatory_shutdown",
)  # fmt: skip
"""The kinds of windows that exclude, in the order in which they claim a minute (X4)."""
GAP: Final = "telemetry_gap"

MAX_BYTES: Final = 65_536
READ_BYTES: Final = 8_388_608
"""Of a longer value nothing is read, so that it is missing where it arrived, of every service (B3)."""
MAX_DEPTH: Final = 512

Fields = dict[str, object]
Check = Callable[[object], bool]


class UnreadableRecord(NamedTuple):
    """A record that cannot count, with what can still be read of it."""

    service: str | None
    minute: int | None
    source: str | None


def text(least: int, most: int | None = None) -> Check:
    """A string of so many characters."""
    return lambda value: type(value) is str and least <= len(value) and (most is None or len(value) <= most)


def whole(least: int, most: int) -> Check:
    """An integer within bounds; no boolean, no 200.0."""
    return lambda value: type(value) is int and least <= value <= most


def choice(*names: str) -> Check:
    """One of some strings."""
    return lambda value: type(value) is str and value in names


def _flag(value: object) -> bool:
    return type(value) is bool


def _instant(value: object) -> bool:
    return type(value) is str


def _status(value: object) -> bool:
    return type(value) is int and (value == 0 or 100 <= value <= 599)  # noqa: PLR2004  HTTP


def _services(value: object) -> bool:
    if type(value) is not list or not value:
        return False
    return value == ["*"] or all(type(name) is str and name in SERVICES for name in value)


def _each_service(value: object) -> bool:
    return type(value) is list and bool(value) and all(type(name) is str and name in (*SERVICES, "*") for name in value)


_ID: Final = text(1, 128)
_TEXT_64: Final = text(0, 64)
_MILLISECONDS: Final = whole(0, 4_294_967_295)
_REVISION: Final = whole(0, 65_535)
_SERVICE: Final = choice(*SERVICES)
_LABELS: Final[dict[str, Check]] = {
    "region": _TEXT_64,
    "source": _TEXT_64,
    "stage": choice("ga", "beta", "preview", "experimental"),
    "plan": choice("paid", "trial", "promotional"),
}

_REQUIRED: Final[Mapping[str, dict[str, Check]]] = {
    REQUESTS: {"request_id": _ID, "time": _instant, "service": _SERVICE, "account_id": text(1, 64), "status": _status},
    RECEIPTS: {
        "message_id": _ID,
        "service": _SERVICE,
        "account_id": text(1, 64),
        "submitted_at": _instant,
        "time": _instant,
        "state": choice("accepted", "enroute", "delivered", "failed", "expired", "rejected", "deleted", "unknown"),
    },
    PROBES: {"probe_id": _ID, "time": _instant, "service": _SERVICE, "vantage": text(1, 64), "ok": _flag},
    DECLARATIONS: {
        "declaration_id": _ID,
        "kind": choice(*KINDS, GAP),
        "services": _services,
        "start": _instant,
        "end": _instant,
        "announced_at": _instant,
    },
    MANIFESTS: {
        "source": text(1, 64),
        "service": _SERVICE,
        "minute": _instant,
        "topic": choice(REQUESTS, RECEIPTS),
        "count": whole(0, 9_007_199_254_740_991),
    },
}

_OPTIONAL: Final[Mapping[str, dict[str, Check]]] = {
    REQUESTS: {
        "duration_ms": _MILLISECONDS,
        "route": text(0, 200),
        "error": _TEXT_64,
        "revision": _REVISION,
        **_LABELS,
    },
    RECEIPTS: {
        "operator": _TEXT_64,
        "code_system": choice("smpp_status", "gsm_map", "q850", "sip", "whatsapp", "smtp", "vendor", "platform"),
        "code": _TEXT_64,
        "template": _flag,
        "resolution_ms": _MILLISECONDS,
        "connect_ms": _MILLISECONDS,
        "duration_ms": _MILLISECONDS,
        "hd_ms": _MILLISECONDS,
        **_LABELS,
    },
    PROBES: {"status": _status, "duration_ms": _MILLISECONDS, "revision": _REVISION},
    DECLARATIONS: {
        "revision": _REVISION,
        "evidence": text(0),
        "retracted": _flag,
        "title": text(0),
        "note": text(0),
    },
    MANIFESTS: {"revision": _REVISION},
}

_INSTANTS: Final[Mapping[str, tuple[str, ...]]] = {
    topic: tuple(name for name, check in fields.items() if check is _instant) for topic, fields in _REQUIRED.items()
}
# What must be true of every value given for a field, where more than that is asked of the one that counts.
_OF_EACH: Final[Mapping[Check, Check]] = {_status: whole(0, 599), _services: _each_service}
_TIME_FIELD: Final = {RECEIPTS: "submitted_at"}
_IS_SOURCE: Final = text(1, 64)


def understand(topic: str, value: bytes | None) -> Fields | None:
    """The fields of a valid record, its instants in milliseconds; None: it cannot count."""
    if value is None or len(value) > MAX_BYTES:
        return None
    try:
        decoded = value.decode()
        if depth_of(decoded) > MAX_DEPTH:
            return None
        fields = parse(decoded)
    except (UnicodeDecodeError, NotJsonError):
        return None
    if not isinstance(fields, dict) or not _fits(topic, fields):
        return None
    if isinstance(fields, RepeatedKeys) and not _takes(topic, fields.earlier):
        return None
    for name in _INSTANTS[topic]:
        fields[name] = read_instant(fields[name])
        if fields[name] is None:
            return None
    if topic == DECLARATIONS and fields["start"] >= fields["end"]:
        return None
    return fields


def salvage(topic: str, value: bytes | None) -> UnreadableRecord:
    """What of a record that cannot count is readable: by a forgiving look at its text."""
    if len(value or b"") > READ_BYTES:
        return UnreadableRecord(None, None, None)
    try:
        fields = parse((value or b"").decode("utf-8-sig", "replace"))
    except NotJsonError:
        fields = None
    if not isinstance(fields, dict):
        return UnreadableRecord(None, None, None)
    service, source = fields.get("service"), fields.get("source")
    time_ms = read_instant(fields.get(_TIME_FIELD.get(topic, "time")))
    return UnreadableRecord(
        service if isinstance(service, str) and service in SERVICES else None,
        None if time_ms is None else time_ms // MINUTE_MS,
        source if isinstance(source, str) and _IS_SOURCE(source) else None,
    )


def _takes(topic: str, pairs: Iterable[tuple[str, object]]) -> bool:
    """Whether each value of a field, the earlier ones too, is of its type, within its bounds, among its choices."""
    for name, value in pairs:
        required, optional = _REQUIRED[topic].get(name), _OPTIONAL[topic].get(name)
        if required is not None and not _OF_EACH.get(required, required)(value):
            return False
        if optional is not None and value is not None and not _OF_EACH.get(optional, optional)(value):
            return False
    return True


def _fits(topic: str, fields: Fields) -> bool:
    for name, check in _REQUIRED[topic].items():
        if name not in fields or not check(fields[name]):
            return False
    for name, check in _OPTIONAL[topic].items():
        # null: the producer has said nothing
        value = fields.get(name)
        if value is not None and not check(value):
            return False
    return True
