"""Fingerprints of what a month is judged from: computed in the engine, for less than reading it."""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Final

from clickhouse_connect.driver.client import Client

import sql
from schemas.instants import MINUTE_MS
from streams.clickhouse.session import rows
from streams.judge.declared import BUDGET_DAYS
from streams.judge.manifests import manifest_minutes
from streams.judge.seen import SeenMonth
from streams.judge.sources import rules_digest
from streams.rules.month.inputs import LostOffsets
from streams.rules.month.span import DAY, MinuteFrame

_COUNTED_DAYS: Final = 29
"""The records of so many days before a month, and of the month, tell which of two looks at it saw more."""
_OF_DAYS: Final = ("days", "days_minutes", "days_sums")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Two equal texts are of the same inputs; the greater version saw no less."""

    text: str
    version: int
    accounts: int
    """How many account records there are."""
    days: Mapping[int, tuple[int, ...]]
    """What is counted of the frame, by UTC day since the epoch: one whose numbers are as before is as before."""


def read_fingerprint(client: Client, seen: SeenMonth) -> Fingerprint:
    """The fingerprint of what is stored now of a month; at a cut, of that and of the cut."""
    (found,) = rows(client, sql.query("judge_fingerprint"), _asked(seen.frame))
    choice = seen.choice
    totals = sorted((name, value) for name, value in found.items() if name not in _OF_DAYS)
    decided_by = (
        *(rules_digest(), choice.span.month, choice.policy.policy_id, choice.in_force, seen.policy),
        *(choice.policy.commitments.credits.holidays, astuple(seen.frame), totals),
        *(_decided(seen), sorted(map(_lost, seen.lost)), seen.progress.known_before_ms),
    )
    grown = ("records", "manifests", "dead_letters", "declarations", "accounts")
    return Fingerprint(
        text=hashlib.sha256(repr(decided_by).encode()).hexdigest()[:32],
        version=seen.progress.as_of_ms + seen.progress.positions + sum(int(found[name]) for name in grown),
        accounts=found["accounts"],
        days={day: tuple(numbers) for day, *numbers in zip(*(found[name] for name in _OF_DAYS), strict=True)},
    )


def _asked(frame: MinuteFrame) -> dict[str, int]:
    manifests_from, manifests_to = manifest_minutes(frame)
    return {
        "first": frame.first,
        "stop": frame.stop,
        "start": frame.start,
        "end": frame.end,
        "counted_from": frame.start - _COUNTED_DAYS * DAY,
        "declared_from": frame.start - BUDGET_DAYS * DAY,
        "manifests_from": manifests_from,
        "manifests_to": manifests_to,
    }


def _decided(seen: SeenMonth) -> tuple[int, ...]:
    """How far all is read, in whole minutes, as far as that decides anything: not at all once a month is long over."""
    progress, frame, policy = seen.progress, seen.frame, seen.policy
    receipts_ms = progress.frontier_ms("carrier.receipts")
    return (
        _within((progress.frontier_ms() - policy.grace_ms) // MINUTE_MS, frame.first, frame.end),
        _within(progress.over_until, frame.first, frame.stop),
        _within((receipts_ms - policy.pending_for_ms) // MINUTE_MS, frame.first, frame.stop),
        _within(progress.as_of_ms // MINUTE_MS, frame.start, frame.end),
    )


def _within(minute: int, first: int, last: int) -> int:
    return min(max(minute, first), last)


def _lost(one: LostOffsets) -> tuple[str, int, int]:
    return one.topic, one.last_read_ms or 0, one.first_after_ms // MINUTE_MS
