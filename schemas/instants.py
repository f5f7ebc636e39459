"""Instants (contract T1): RFC 3339 text to whole milliseconds since the epoch in UTC, and back.

An instant is `YYYY-MM-DDThh:mm:ss[.f]` with one to nine fractional digits and `Z` or `±hh:mm`. Digits beyond the
millisecond are cut off, never rounded. Bounds are half-open: 2000-01-01T00:00:00Z <= instant < 2100-01-01T00:00:00Z.
`-00:00` (RFC 3339: the local offset is unknown, the instant is not) reads as UTC.
"""

import datetime as dt
from typing import Annotated, Final

from msgspec import Meta

MINUTE_MS: Final = 60_000
FIRST_MS: Final = 946_684_800_000
"""2000-01-01T00:00:00Z, the first valid instant."""
END_MS: Final = 4_102_444_800_000
"""2100-01-01T00:00:00Z, the first instant no longer valid."""
MONTHS_FIRST_MS: Final = 943_920_000_000
"""1999-11-30T00:00:00Z: no month that holds a valid instant begins earlier, whatever its zone."""
MONTHS_END_MS: Final = 4_105_209_600_000
"""2100-02-02T00:00:00Z: no month that holds a valid instant ends later, whatever its zone."""

PATTERN: Final = (
    r"^(1999|20[0-9]{2}|2100)-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
"""The shape alone, for JSON Schema; `parse_instant` also knows the calendar and the bounds."""

Instant = Annotated[
    str,
    Meta(
        description="T1: an instant with `Z` or an offset, between 2000-01-01 and 2100-01-01 (exclusive)",
        extra_json_schema={"pattern": PATTERN},
    ),
]
"""Text that `parse_instant` reads. It stays text in a record, because reading it is cached by its first characters."""

_MINUTE_CHARS: Final = 16
_CLOCK_CHARS: Final = 7
_FINER_DIGITS: Final = 6
_CACHED: Final = 65_536
_EPOCH_DAY: Final = dt.date(1970, 1, 1).toordinal()
_DAY_MINUTES: Final = 1440
_OFFSET_CHARS: Final = 6
_LAST_HOUR: Final = 23
_LAST_SIXTIETH: Final = 59

# `2026-09-01T12:34` to milliseconds, and `:56.789Z` to milliseconds after that minute, less the offset. Both are
# emptied when full, so that no stream of odd instants can grow them.
_minutes: dict[str, int] = {}
_tails: dict[str, int] = {}


class InstantError(ValueError):
    """A text that is no instant by T1; the message says why."""


def parse_instant(text: str) -> int:
    """Milliseconds since the epoch, UTC (T1); finer digits are cut off.

    Raises:
        InstantError: the text is no instant, or lies outside 2000 to 2100.
    """
    try:
        instant_ms = _minutes[text[:_MINUTE_CHARS]] + _tails[text[_MINUTE_CHARS:]]
    except KeyError:
        instant_ms = _any_ms(text)
    if FIRST_MS <= instant_ms < END_MS:
        return instant_ms
    raise InstantError("outside 2000-01-01 to 2100-01-01")


def parse_instant_of_month(text: str) -> int:
    """As `parse_instant`, of any instant of a month that holds a valid one.

    The first and the last month reach beyond the instants that a record may carry (T3); questions and documents about
    them name such minutes.

    Raises:
        InstantError: the text is no instant, or lies in no such month.
    """
    instant_ms = _any_ms(text)
    if MONTHS_FIRST_MS <= instant_ms < MONTHS_END_MS:
        return instant_ms
    raise InstantError("outside 1999-11-30 to 2100-02-02")


def format_instant(instant_ms: int) -> str:
    """The shortest text of an instant: UTC, milliseconds only where there are any."""
    seconds, milliseconds = divmod(instant_ms, 1000)
    moment = dt.datetime.fromtimestamp(seconds, tz=dt.UTC)
    fraction = f".{milliseconds:03d}" if milliseconds else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _any_ms(text: str) -> int:
    return _minute_ms(text[:_MINUTE_CHARS]) + _tail_ms(text[_MINUTE_CHARS:])


def _minute_ms(head: str) -> int:
    known = _minutes.get(head)
    if known is not None:
        return known
    if len(head) < _MINUTE_CHARS or head[4] != "-" or head[7] != "-" or head[10] != "T" or head[13] != ":":
        raise InstantError("not YYYY-MM-DDThh:mm:ss with Z or an offset")
    year, month, day = _number(head[0:4]), _number(head[5:7]), _number(head[8:10])
    hour, minute = _number(head[11:13]), _number(head[14:16])
    if hour > _LAST_HOUR or minute > _LAST_SIXTIETH:
        raise InstantError("no such time of day")
    try:
        days = dt.date(year, month, day).toordinal() - _EPOCH_DAY
    except ValueError as error:
        raise InstantError("no such day in the calendar") from error
    return _remember(_minutes, head, (days * _DAY_MINUTES + hour * 60 + minute) * MINUTE_MS)


def _tail_ms(tail: str) -> int:
    known = _tails.get(tail)
    if known is not None:
        return known
    zone_chars = 1 if tail.endswith("Z") else _OFFSET_CHARS
    clock, zone = tail[:-zone_chars], tail[-zone_chars:]
    finer = clock[_CLOCK_CHARS:]
    if finer:
        # Cut before the cache, which a thousand times as many texts would otherwise flood.
        if len(finer) > _FINER_DIGITS:
            raise InstantError("a fraction has one to nine digits")
        _number(finer)
        return _tail_ms(clock[:_CLOCK_CHARS] + zone)
    return _remember(_tails, tail, _clock_ms(clock) - _offset_ms(zone))


def _clock_ms(clock: str) -> int:
    seconds, point, fraction = clock[1:].partition(".")
    if clock[:1] != ":" or len(seconds) != 2:  # noqa: PLR2004  two digits
        raise InstantError("seconds are not two digits followed by Z or an offset")
    second = _number(seconds)
    if second > _LAST_SIXTIETH:
        raise InstantError("seconds go from 00 to 59")
    if not point:
        return second * 1000
    if not fraction:
        raise InstantError("a fraction has one to nine digits")
    return second * 1000 + _number(fraction.ljust(3, "0"))


def _offset_ms(zone: str) -> int:
    if zone == "Z":
        return 0
    if len(zone) != _OFFSET_CHARS or zone[0] not in "+-" or zone[3] != ":":
        raise InstantError("no offset: an instant ends in Z or ±hh:mm")
    hours, minutes = _number(zone[1:3]), _number(zone[4:6])
    if hours > _LAST_HOUR or minutes > _LAST_SIXTIETH:
        raise InstantError("an offset goes to 23:59")
    offset_ms = (hours * 60 + minutes) * MINUTE_MS
    return -offset_ms if zone[0] == "-" else offset_ms


def _number(digits: str) -> int:
    # int() alone would take signs, blanks, underscores and the digits of other scripts.
    if not (digits.isascii() and digits.isdigit()):
        raise InstantError("letters where digits belong")
    return int(digits)


def _remember(cache: dict[str, int], key: str, value: int) -> int:
    if len(cache) >= _CACHED:
        cache.clear()
    cache[key] = value
    return value
