"""What can be wrong with a record: a value that the decoder returns, never an exception."""

from dataclasses import dataclass
from enum import StrEnum, unique

from schemas.instants import InstantError, parse_instant


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
class InvalidRecord:
    """A record that cannot count, with what could still be read of it (contract B3).

    `service`, `time_ms` (of `time`; of `submitted_at` in receipts) and `source` are None where they are not readable.
    """

    reason: Reason
    path: str
    service: str | None
    time_ms: int | None
    source: str | None


def instant_violation(**instants: str) -> Violation | None:
    """The first of the named fields that is no instant by T1; a trailing underscore of a name is not part of it."""
    for name, text in instants.items():
        try:
            parse_instant(text)
        except InstantError:
            return Violation(reason=Reason.BAD_INSTANT, path=f"$.{name.rstrip('_')}")
    return None


def span_violation(start: str, end: str, path: str) -> Violation | None:
    """A flaw at `path` unless start < end; both are instants already known to be valid."""
    if parse_instant(start) < parse_instant(end):
        return None
    return Violation(reason=Reason.BAD_ORDER, path=path)
