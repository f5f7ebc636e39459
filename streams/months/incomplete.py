"""Why a month is not complete: a code and fields for programs, and the words made of them for people (contract B5)."""

from collections.abc import Iterable
from typing import assert_never

from streams.judge.summary import IncompleteReason, incomplete_reasons
from streams.rules.month.completeness import OpenCode

__all__ = ["IncompleteReason", "OpenCode", "describe_reasons", "incomplete_reasons"]


def describe_reasons(reasons: Iterable[IncompleteReason]) -> list[str]:
    """A line for people on each thing that is waited for, with all the partitions that wait for it."""
    places: dict[str, list[str]] = {}
    for reason in reasons:
        places.setdefault(_words(reason), []).append(_place(reason))
    return [f"{words}: {', '.join(found)}" for words, found in places.items()]


def _words(reason: IncompleteReason) -> str:
    match reason.code:
        case OpenCode.NOT_READ_YET:
            return "not read yet"
        case OpenCode.BEFORE_MONTH_END_AND_GRACE:
            return f"seen to {reason.seen_to}, before the month's end and the grace ({reason.until})"
        case OpenCode.RECEIPTS_MAY_COME:
            return f"seen to {reason.seen_to}, final receipts may come until {reason.until}"
        case OpenCode.BACKLOG_UNREAD:
            return f"a backlog is unread since {reason.seen_to}"
        case never:
            assert_never(never)


def _place(reason: IncompleteReason) -> str:
    return reason.topic if reason.partition is None else f"{reason.topic}/{reason.partition}"
