"""Values as policy files write them.

Instants, ratios as `1/100`, durations as `60s`, `5m`, `72h` or `30d`, hours as `02:00-05:00`, parts as `20 of 30`.
"""

import re
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.instants import MINUTE_MS, InstantError, parse_instant

DAY_MS: Final = 86_400_000
_UNITS_MS: Final = {"ms": 1, "s": 1_000, "m": MINUTE_MS, "h": 3_600_000, "d": DAY_MS}
_LONGEST_DAYS: Final = 366
LONGEST_MINUTES: Final = _LONGEST_DAYS * 24 * 60
"""No duration of a policy is longer, so that none leads from a month of this century out of what an instant can be."""
_LONGEST_LIMIT_DAYS: Final = 30


class PolicyError(ValueError):
    """A policy that cannot be used; the message names the file and the key."""


class Ratio(NamedTuple):
    """A fraction between 0 and 1, compared by cross-multiplying."""

    numerator: int
    denominator: int


class PartOf(NamedTuple):
    """So many, `least`, of so many."""

    least: int
    of: int


def greater(one: Ratio, other: Ratio) -> bool:
    """Whether one ratio is above another."""
    return one.numerator * other.denominator > other.numerator * one.denominator


def instant_ms(key: str, text: str) -> int:
    """An instant in milliseconds."""
    try:
        return parse_instant(text)
    except InstantError as error:
        raise PolicyError(f"{key}: {text!r}: {error}") from error


def zone(name: str) -> str:
    """The name of a zone of the tz database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PolicyError(f"zone: {name!r} is no zone of the tz database") from error
    return name


def ratio(key: str, text: str) -> Ratio:
    """A fraction between 0/1 and 1/1."""
    found = re.fullmatch(r"([0-9]{1,9})/([1-9][0-9]{0,8})", text, re.ASCII)
    if found is None or int(found[1]) > int(found[2]):
        raise PolicyError(f"{key}: {text!r} is no fraction between 0/1 and 1/1")
    return Ratio(int(found[1]), int(found[2]))


def duration_ms(key: str, text: str) -> int:
    """A duration in milliseconds."""
    found = re.fullmatch(r"([0-9]{1,9})(ms|[smhd])", text, re.ASCII)
    if found is None:
        raise PolicyError(f"{key}: {text!r} is no duration such as 200ms, 60s, 5m, 72h or 30d")
    return _at_most(_LONGEST_DAYS, key, text, int(found[1]) * _UNITS_MS[found[2]])


def waited_ms(key: str, text: str) -> int:
    """A duration of at least a millisecond."""
    found = duration_ms(key, text)
    if found == 0:
        raise PolicyError(f"{key}: {text!r} is no time at all: write at least 1ms")
    return found


def limit_ms(key: str, text: str) -> int:
    """A duration that others are counted by (P1, P2, P4), in milliseconds; 32 bits hold it."""
    return _at_most(_LONGEST_LIMIT_DAYS, key, text, waited_ms(key, text))


def _at_most(days: int, key: str, text: str, found_ms: int) -> int:
    if found_ms > days * DAY_MS:
        raise PolicyError(f"{key}: {text!r} is longer than {days} days")
    return found_ms


def duration_minutes(key: str, text: str, *, most: int = LONGEST_MINUTES) -> int:
    """A duration of whole minutes, at least one and at most `most`, in minutes."""
    minutes, rest = divmod(duration_ms(key, text), MINUTE_MS)
    if rest:
        raise PolicyError(f"{key}: {text!r} is not made of whole minutes")
    if not 1 <= minutes <= most:
        raise PolicyError(f"{key}: {text!r} is not within 1m and {most}m")
    return minutes


def part(key: str, text: str, *, of_at_least: int = 1, of_at_most: int) -> PartOf:
    """`20 of 30`: at least one, and no more than all; all are within the bounds given."""
    found = re.fullmatch(r"([0-9]{1,9}) of ([0-9]{1,9})", text, re.ASCII)
    if found is None:
        raise PolicyError(f"{key}: {text!r} is not written as 20 of 30")
    least, of = int(found[1]), int(found[2])
    if not of_at_least <= of <= of_at_most:
        raise PolicyError(f"{key}: {text!r}: the second number must be within {of_at_least} and {of_at_most}")
    if not 1 <= least <= of:
        raise PolicyError(f"{key}: {text!r}: the first number must be within 1 and the second, {of}")
    return PartOf(least, of)


def hours(key: str, text: str) -> tuple[int, int]:
    """`02:00-05:00` as the first minute of the day and the first after it."""
    found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])", text, re.ASCII)
    if found is None:
        raise PolicyError(f"{key}: {text!r} is not written as 02:00-05:00")
    start, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if start >= end:
        raise PolicyError(f"{key}: {text!r} does not end after it starts")
    return start, end
