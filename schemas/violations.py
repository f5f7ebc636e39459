"""What can be wrong with a record: a value that the decoder returns, never an exception."""

from dataclasses import dataclass
from enum import StrEnum, unique

from schemas.fields import Service
from schemas.instants import InstantError, parse_instant
from schemas.numbers import EXACT_MOST, NoDurationError, microseconds


@unique
class Reason(StrEnum):
    """Why a record is a dead letter; written to the headers of `sla.dead-letters`."""

    NULL_VALUE = "null_value"
    TOO_LONG = "too_long"
    TOO_LARGE = "too_large"
    """Longer than a dead letter can be: a stand-in is kept instead of it."""
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    NOT_AN_OBJECT = "not_an_object"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    NOT_IN_ENUM = "not_in_enum"
    OUT_OF_BOUNDS = "out_of_bounds"
    BAD_INSTANT = "bad_instant"
    BAD_ORDER = "bad_order"
    EXPIRED_MINUTE = "expired_minute"
    """Nothing is wrong with it: the ledger's rows of its month have expired, so it can no longer be counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """What is wrong and where: `path` is `$.field`, or `$` for the record as a whole."""

    reason: Reason
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """What can be read of a record, or of an element of an array, that cannot count (B3); None: not readable.

    `time_ms` is of `time`; of receipts, of `submitted_at` or else of `time`; of claims, of `submitted_at`. `identity`
    is the id as written with the part, where service and minute are readable too and the id names something (I1).
    """

    service: Service | None = None
    time_ms: int | None = None
    source: str | None = None
    record_id: str | None = None
    account_id: str | None = None
    identity: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidRecord:
    """A record that cannot count, with what could still be read of it (B3).

    `elements` has one entry for each element of a value that is an array, and one for every other value.
    """

    reason: Reason
    path: str
    elements: tuple[Readable, ...] = (Readable(),)


def instant_violation(**instants: str) -> Violation | None:
    """The first of the named fields that is no instant by T1; a trailing underscore of a name is not part of it."""
    for name, text in instants.items():
        try:
            parse_instant(text)
        except InstantError:
            return Violation(reason=Reason.BAD_INSTANT, path=f"$.{name.rstrip('_')}")
    return None


def duration_violation(*, least_ms: int = 0, most_ms: int = EXACT_MOST, **durations: object) -> Violation | None:
    """The first of the named fields that is neither absent nor a number within the bounds (T1)."""
    for name, value in durations.items():
        if value is None:
            continue
        try:
            microseconds(value, least_ms, most_ms)
        except NoDurationError:
            return Violation(reason=Reason.OUT_OF_BOUNDS, path=f"$.{name}")
    return None


def span_violation(start: str, end: str, path: str) -> Violation | None:
    """A violation at `path` unless start < end; both are instants already known to be valid."""
    if parse_instant(start) < parse_instant(end):
        return None
    return Violation(reason=Reason.BAD_ORDER, path=path)
