"""Why a month is not complete: a code and fields for programs, and the words made of them for people (contract B5)."""

from collections.abc import Iterable
from enum import StrEnum
from typing import assert_never

import msgspec


class IncompleteCode(StrEnum):
    """Every reason there is, as docs/reference/month-json.md lists them."""

    NOT_READ_YET = "not_read_yet"
    BEFORE_MONTH_END_AND_GRACE = "before_month_end_and_grace"
    RECEIPTS_MAY_COME = "receipts_may_come"
    BACKLOG_UNREAD = "backlog_unread"


class IncompleteReason(msgspec.Struct, frozen=True, kw_only=True):
    """One reason, of one partition; `partition` is null in a month as of a cut, which is read alike everywhere.

    Instants in UTC: `seen_to`, the partition's frontier, null where nothing is read; `until`, what the frontier has to
    reach for the reason to go, null where that is not settled beforehand.
    """

    code: IncompleteCode
    topic: str
    partition: int | None
    seen_to: str | None
    until: str | None


def describe_reasons(reasons: Iterable[IncompleteReason]) -> list[str]:
    """A line for people on each thing that is waited for, with all the partitions that wait for it."""
    places: dict[str, list[str]] = {}
    for reason in reasons:
        places.setdefault(_words(reason), []).append(_place(reason))
    return [f"{words}: {', '.join(found)}" for words, found in places.items()]


def _words(reason: IncompleteReason) -> str:
    match reason.code:
        case IncompleteCode.NOT_READ_YET:
            return "not read yet"
        case IncompleteCode.BEFORE_MONTH_END_AND_GRACE:
            return f"seen to {reason.seen_to}, before the month's end and the grace ({reason.until})"
        case IncompleteCode.RECEIPTS_MAY_COME:
            return f"seen to {reason.seen_to}, final receipts may come until {reason.until}"
        case IncompleteCode.BACKLOG_UNREAD:
            return f"a backlog is unread since {reason.seen_to}"
        case never:
            assert_never(never)


def _place(reason: IncompleteReason) -> str:
    return reason.topic if reason.partition is None else f"{reason.topic}/{reason.partition}"
