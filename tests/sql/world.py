"""Small random worlds of records around a month's border, as ledger rows, with what the plain rules make of them.

Everything is drawn from a seed. Ids, sources and times come from small pools, so that identities meet: revisions,
conflicts, late deliveries, duplicates, other stages, holes and silences all occur within a few hundred rows.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from schemas.instants import MINUTE_MS
from schemas.policies import Policy
from streams.rules.calendar import MonthSpan, month_bounds

SERVICES: Final = ("sms", "voice", "whatsapp", "email")
ZONE: Final = "Asia/Karachi"
MONTH: Final = "2026-09"
TOPICS: Final = ("api.requests", "carrier.receipts")
_OUTCOMES: Final = ("ok", "platform", "operator", "customer", "content", "recipient", "unknown")
_ENDS: Final = ("delivered", "failed", "expired", "rejected", "deleted", "unknown")
_KINDS: Final = (
    "scheduled_maintenance",
    "emergency_maintenance",
    "operator_outage",
    "internet_backbone",
    "dns",
    "force_majeure",
    "ddos",
    "regulatory_shutdown",
    "telemetry_gap",
)

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class World:
    """Rows by table, and how far each topic is read."""

    seed: int
    policy: Policy
    span: MonthSpan
    tables: dict[str, list[Row]] = field(default_factory=dict)
    frontier_ms: int
    receipts_frontier_ms: int


def build_world(seed: int, policy: Policy) -> World:
    """The world of a seed, within a few hours of the start and the end of the month."""
    dice = random.Random(seed)
    span = month_bounds(MONTH, ZONE)
    policy = replace(
        policy,
        failures_at_least=dice.choice((1, 1, 2)),
        unproven_notice=dice.choice(("excludes", "void")),
        excluded=dice.choice(("up", "removed")),
        emergency_minutes=dice.choice((3, 60)),
        silence_expected=dice.choice((1, 10)),
        silence_max_minutes=dice.choice((30, 1440)),
        hole_max_minutes=dice.choice((5, 1440)),
    )
    minutes = [
        *range(span.start_ms - 90 * MINUTE_MS, span.start_ms + 60 * MINUTE_MS, MINUTE_MS),
        *range(span.end_ms - 60 * MINUTE_MS, span.end_ms + 30 * MINUTE_MS, MINUTE_MS),
    ]
    busy = [minute for minute in minutes if dice.random() < dice.choice((0.3, 0.9))]
    frontier_ms = dice.choice(
        (span.end_ms - 30 * MINUTE_MS + 7, span.end_ms + 90 * MINUTE_MS, span.end_ms + 9 * 86_400_000)
    )
    return World(
        seed=seed,
        policy=policy,
        span=span,
        tables={
            "ledger_requests": [row for at in busy for row in _requests(dice, at)],
            "ledger_receipts": [row for at in busy for row in _receipts(dice, at)],
            "ledger_probes": [row for at in minutes for row in _probes(dice, at)],
            "declarations": [
                row for number in range(dice.randint(0, 14)) for row in _declaration(dice, number, minutes)
            ],
            "manifests": [row for at in minutes for row in _manifests(dice, at)] if dice.random() < 0.5 else [],
            "dead_letters": [_dead_letter(dice, number, minutes) for number in range(dice.randint(0, 8))],
            "lost": [_lost(dice, minutes)] if dice.random() < 0.3 else [],
        },
        frontier_ms=frontier_ms,
        receipts_frontier_ms=frontier_ms,
    )


def at(instant_ms: int) -> datetime:
    """An instant as the client wants it."""
    return datetime.fromtimestamp(instant_ms // 1000, UTC).replace(microsecond=instant_ms % 1000 * 1000)


def _place(dice: random.Random, minute_ms: int) -> Row:
    return {
        "service": dice.choice(("sms", "sms", "voice")),
        "minute": minute_ms,
        "content": dice.getrandbits(64),
        "partition": dice.randrange(4),
        "offset": dice.randrange(10**6),
        "recorded_at": minute_ms + dice.randrange(10**6),
    }


def _twice(dice: random.Random, row: Row) -> Iterator[Row]:
    """The row, and now and then the same record read again elsewhere."""
    yield row
    if dice.random() < 0.1:
        yield row | {
            "partition": dice.randrange(4),
            "offset": dice.randrange(10**6),
            "recorded_at": row["recorded_at"] + 5000,
        }


def _requests(dice: random.Random, minute_ms: int) -> Iterator[Row]:
    for _ in range(dice.choice((0, 1, 2, 6))):
        outcome = dice.choice(("ok", "ok", "ok", *_OUTCOMES))
        yield from _twice(
            dice,
            _place(dice, minute_ms)
            | {
                "identity": dice.randrange(4).to_bytes(16, "big"),
                "revision": dice.choice((0, 0, 0, 1)),
                "stage": dice.choice(("ga", "ga", "ga", "ga", "beta")),
                "plan": dice.choice(("paid", "paid", "paid", "paid", "trial")),
                "outcome": outcome,
                "reason": f"http_status:{outcome}",
                "status": _OUTCOMES.index(outcome) + 200,
                "error": "",
                "source": dice.choice(("", "a", "a", "b")),
            },
        )


def _receipts(dice: random.Random, minute_ms: int) -> Iterator[Row]:
    for _ in range(dice.choice((0, 1, 4))):
        state = dice.choice(("accepted", "enroute", "delivered", *_ENDS))
        outcome = {"delivered": "ok", "accepted": "accepted", "enroute": "enroute"}.get(state) or dice.choice(
            _OUTCOMES[1:]
        )
        coded = state not in ("delivered", "accepted", "enroute") and dice.random() < 0.7
        yield from _twice(
            dice,
            _place(dice, minute_ms)
            | {
                "identity": dice.randrange(4).to_bytes(16, "big"),
                "time": minute_ms + dice.choice((0, 999, 1000, 70_000)),
                "state": state,
                "stage": dice.choice(("ga", "ga", "ga", "preview")),
                "plan": "paid",
                "outcome": outcome,
                "reason": f"smpp_status:{outcome}",
                "code_system": "smpp_status" if coded else "",
                "code": dice.choice(("0x1", "0x2")) if coded else "",
                "source": dice.choice(("", "a", "b")),
            },
        )


def _probes(dice: random.Random, minute_ms: int) -> Iterator[Row]:
    for _ in range(dice.choice((0, 0, 0, 0, 1, 2))):
        yield from _twice(
            dice,
            _place(dice, minute_ms)
            | {
                "identity": dice.randrange(3).to_bytes(16, "big"),
                "revision": dice.choice((0, 0, 1)),
                "ok": dice.random() < 0.4,
                "status": dice.choice((200, 503)),
            },
        )


def _declaration(dice: random.Random, number: int, minutes: list[int]) -> Iterator[Row]:
    start = dice.choice(minutes) + dice.choice((0, 0, 1, 30_000))
    kind = dice.choice(_KINDS)
    for revision in range(dice.choice((1, 1, 2))):
        notice = 48 * 3_600_000 + dice.choice((-1, 0, 1, 10**9))
        yield {
            "declaration_id": f"d{number}",
            "content": dice.getrandbits(64),
            "revision": revision,
            "kind": kind,
            "services": dice.choice((["*"], ["sms"], ["sms", "voice"])),
            "start": start,
            "end": start + dice.choice((MINUTE_MS, MINUTE_MS + 1, 10 * MINUTE_MS, 95 * MINUTE_MS)),
            "announced_at": start - notice,
            "evidence": dice.choice(("", "https://status.example/1", "ticket 7")),
            "retracted": dice.random() < 0.15,
            "recorded_at": start - dice.choice((notice, notice, 0, -1)),
        }


def _manifests(dice: random.Random, minute_ms: int) -> Iterator[Row]:
    for topic in TOPICS:
        if dice.random() < 0.8:
            for revision in range(dice.choice((1, 1, 1, 2))):
                yield {
                    "topic": topic,
                    "source": "a",
                    "service": "sms",
                    "minute": minute_ms,
                    "content": dice.getrandbits(64),
                    "revision": revision,
                    "count": dice.randrange(4),
                    "recorded_at": minute_ms + MINUTE_MS + 40_000 * revision,
                }


def _dead_letter(dice: random.Random, number: int, minutes: list[int]) -> Row:
    return {
        "topic": dice.choice(TOPICS),
        "content": number.to_bytes(16, "big"),
        "is_null": False,
        "service": dice.choice(("", "sms", "voice")),
        "minute": dice.choice((None, dice.choice(minutes))),
        "source": dice.choice(("", "a")),
        "recorded_at": dice.choice(minutes) + 61,
    }


def _lost(dice: random.Random, minutes: list[int]) -> Row:
    first = dice.choice(minutes) + dice.randrange(MINUTE_MS)
    return {"topic": "api.requests", "first_recorded_at": first, "last_recorded_at": first + dice.choice((0, 200_000))}
