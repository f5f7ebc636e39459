"""What a record says, or that it cannot count: every field of the five topics that make a month.

Written from the page of the records. A required field that is missing or unreadable makes a dead letter; an optional
one costs the record nothing but itself, and the record counts as mended (B3).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from streams.audit.fields import (
    EXACT_MAX,
    Reader,
    choice,
    code,
    duration,
    fees,
    flag,
    identifier,
    instant,
    named,
    services,
    source_name,
    state,
    status,
    text,
    whole,
)
from streams.audit.json_text import NotJsonError, parse

REQUESTS: Final = "api.requests"
RECEIPTS: Final = "carrier.receipts"
PROBES: Final = "probes"
DECLARATIONS: Final = "sla.declarations"
MANIFESTS: Final = "telemetry.manifests"
ACCOUNTS: Final = "accounts"
TOPICS: Final = (REQUESTS, RECEIPTS, PROBES, DECLARATIONS, MANIFESTS)
"""The topics that decide the minutes of a month; claims, tickets and templates come into play elsewhere."""
MONTH_TOPICS: Final = (*TOPICS, ACCOUNTS)
"""The topics that a month is written from: what accounts say is listed beside it (C5, M4)."""

SERVICES: Final = ("sms", "voice", "whatsapp", "email")
KINDS: Final = (
    "scheduled_maintenance", "emergency_maintenance", "operator_outage", "internet_backbone", "dns", "force_majeure",
    "ddos", "regulatory_shutdown",
)  # fmt: skip
"""The kinds of windows that exclude, in the order in which they claim a minute (X4)."""
GAP: Final = "telemetry_gap"
PLANS: Final = ("paid", "trial", "promotional")
STATES: Final = ("accepted", "enroute", "delivered", "failed", "expired", "rejected", "deleted", "unknown")

MAX_BYTES: Final = 65_536

Fields = dict[str, Any]

_SERVICE: Final = choice(*SERVICES)
_REVISION: Final = whole(0, 65_535)
_ACCOUNT: Final = identifier
_LABELS: Final[dict[str, Reader]] = {
    "region": text(64),
    "source": text(64),
    "stage": choice("ga", "beta", "preview", "experimental"),
    "plan": choice(*PLANS),
}

_REQUIRED: Final[Mapping[str, dict[str, Reader]]] = {
    REQUESTS: {
        "request_id": identifier,
        "time": instant,
        "service": _SERVICE,
        "account_id": _ACCOUNT,
        "status": status,
    },
    RECEIPTS: {
        "message_id": identifier,
        "service": _SERVICE,
        "account_id": _ACCOUNT,
        "submitted_at": instant,
        "time": instant,
        "state": state(*STATES),
    },
    PROBES: {"probe_id": identifier, "time": instant, "service": _SERVICE, "vantage": named(64), "ok": flag},
    DECLARATIONS: {
        "declaration_id": identifier,
        "kind": choice(*KINDS, GAP),
        "services": services(*SERVICES),
        "start": instant,
        "end": instant,
        "announced_at": instant,
    },
    ACCOUNTS: {
        "account_id": identifier,
        "effective_from": instant,
        "plan": choice(*PLANS),
        "support_tier": choice("standard", "premium"),
        "fees": fees(*SERVICES, "platform"),
        "currency": named(16),
    },
    MANIFESTS: {
        "source": source_name,
        "service": _SERVICE,
        "minute": instant,
        "topic": choice(REQUESTS, RECEIPTS),
        "count": whole(0, EXACT_MAX),
    },
}

_OPTIONAL: Final[Mapping[str, dict[str, Reader]]] = {
    REQUESTS: {
        "duration_ms": duration(),
        "total_ms": duration(),
        "route": text(200),
        "error": text(64),
        "revision": _REVISION,
        **_LABELS,
    },
    RECEIPTS: {
        "operator": text(64),
        "code_system": choice("smpp_status", "gsm_map", "q850", "sip", "whatsapp", "smtp", "vendor", "platform"),
        "code": code,
        "part": whole(1, 255),
        "template": flag,
        "resolution_ms": duration(1, 60_000),
        "connect_ms": duration(),
        "duration_ms": duration(),
        "hd_ms": duration(),
        **_LABELS,
    },
    PROBES: {"status": status, "duration_ms": duration(), "revision": _REVISION},
    DECLARATIONS: {
        "revision": _REVISION,
        "evidence": text(),
        "retracted": flag,
        "title": text(),
        "note": text(),
    },
    ACCOUNTS: {"revision": _REVISION, "policy": text(64), "suspended": flag},
    MANIFESTS: {"revision": _REVISION, "final": flag},
}


class RecordSaid(NamedTuple):
    """A record that counts: its fields, and the optional ones that could not be read whole."""

    fields: Fields
    mended: tuple[str, ...]


def understand(topic: str, value: bytes | None) -> RecordSaid | None:
    """What a record says, its instants in milliseconds and durations in microseconds; None: it cannot count."""
    if value is None or len(value) > MAX_BYTES:
        return None
    try:
        written = parse(value.decode())
    except (UnicodeDecodeError, NotJsonError):
        return None
    return read_fields(topic, written) if isinstance(written, dict) else None


def read_fields(topic: str, written: Mapping[str, object]) -> RecordSaid | None:
    """The fields of an object, or None: a required one is missing or unreadable."""
    fields: Fields = {}
    mended: list[str] = []
    for name, read in _REQUIRED[topic].items():
        found = read(written.get(name))
        if found.kept is None:
            return None
        fields[name] = found.kept
        if not found.is_whole:
            mended.append(name)
    mended += _read_optional(topic, written, fields)
    if topic == DECLARATIONS and fields["start"] >= fields["end"]:
        return None
    return RecordSaid(fields, tuple(mended))


def _read_optional(topic: str, written: Mapping[str, object], fields: Fields) -> Iterator[str]:
    """Add the optional fields; yields those that could not be read whole. Null says nothing, and mends nothing."""
    for name, read in _OPTIONAL[topic].items():
        value = written.get(name)
        if value is None:
            continue
        found = read(value)
        if found.kept is not None:
            fields[name] = found.kept
        if not found.is_whole:
            yield name
