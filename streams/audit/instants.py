"""Instants by T1: text to whole milliseconds since the epoch, cut and never rounded; and back."""

import re
from datetime import UTC, date, datetime
from typing import Final

MINUTE_MS: Final = 60_000
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_FIRST_MS: Final = (date(2000, 1, 1).toordinal() - _EPOCH_DAY) * 86_400_000
_END_MS: Final = (date(2100, 1, 1).toordinal() - _EPOCH_DAY) * 86_400_000
NEVER_READ_MS: Final = _FIRST_MS
"""The earliest instant a record may carry: where a hole before the first record ever read begins (B3)."""

_SHAPE: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{1,9}))?"
    r"(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"
)


def read_instant(text: object) -> int | None:
    """Milliseconds since the epoch in UTC, or None: no text, no instant by T1, or not within 2000 to 2099."""
    instant_ms = read_any_instant(text)
    return None if instant_ms is None or not _FIRST_MS <= instant_ms < _END_MS else instant_ms


def read_any_instant(text: object) -> int | None:
    """As read_instant, of whatever year: a month at the edge of these holds minutes that no record can name."""
    if type(text) is not str:
        return None
    found = _SHAPE.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, off_hours, off_minutes = found.groups()
    try:
        days = date(int(year), int(month), int(day)).toordinal() - _EPOCH_DAY
    except ValueError:
        return None
    instant_ms = (((days * 24 + int(hour)) * 60 + int(minute)) * 60 + int(second)) * 1000
    if fraction:
        instant_ms += int((fraction + "00")[:3])
    if sign:
        offset_ms = (int(off_hours) * 60 + int(off_minutes)) * MINUTE_MS
        instant_ms -= offset_ms if sign == "+" else -offset_ms
    return instant_ms


def minute_text(minute: int) -> str:
    """A minute since the epoch as `2026-09-01T10:00:00Z`."""
    return datetime.fromtimestamp(minute * 60, tz=UTC).isoformat()[:19] + "Z"


def short_instant_text(instant_ms: int) -> str:
    """An instant in UTC, with milliseconds only where there are any, as `month --json` has it."""
    return instant_text(instant_ms).replace(".000Z", "Z")


def instant_text(instant_ms: int) -> str:
    """An instant in UTC, to the millisecond."""
    return f"{datetime.fromtimestamp(instant_ms // 1000, tz=UTC):%Y-%m-%dT%H:%M:%S}.{instant_ms % 1000:03d}Z"
