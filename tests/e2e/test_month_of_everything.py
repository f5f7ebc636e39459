"""A month in which every state and every kind of exclusion occurs, through the real broker and engine.

However the records of a month arrive, its `month --json` is the same, byte for byte; one decisive record changes it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

import msgspec
import pytest

from streams.kafka.producer import Producer
from streams.simulate import MonthTruth, PlainAccounting, Plan, describe_month, month_minutes, plan, records
from streams.stack.stack import EmbeddedStack
from tests.conftest import StackFactory
from tests.e2e.running import output, parsed

MONTH = "2026-09"
SEED = 11
WINDOW_KINDS = {
    "scheduled_maintenance",
    "emergency_maintenance",
    "operator_outage",
    "internet_backbone",
    "dns",
    "force_majeure",
    "ddos",
    "regulatory_shutdown",
}
Record = tuple[str, bytes | None, bytes | None]


def _plan(*, shuffle: bool, duplicate_share: float) -> Plan:
    minutes = month_minutes(MONTH)
    return plan(
        SEED,
        start_ms=minutes.start * 60_000,
        minutes=len(minutes),
        records=560_000,
        preset="everything",
        broken_share=0.001,
        duplicate_share=duplicate_share,
        shuffle=shuffle,
    )


def _send(stack: EmbeddedStack, told: Iterable[Record]) -> int:
    count = 0
    with Producer(stack.settings()) as producer:
        for topic, key, value in told:
            producer.send(topic, value, key=key)
            count += 1
    return count


def _month(stack: EmbeddedStack) -> bytes:
    output(stack, "drain", "--timeout", "240")
    return output(stack, "month", MONTH, "--json")


@contextmanager
def _stopped(stack: EmbeddedStack) -> Iterator[EmbeddedStack]:
    """One stack at a time: two cores are few."""
    try:
        yield stack
    finally:
        stack.stop()


@pytest.mark.deep
@pytest.mark.not_in_ci
@pytest.mark.stack
@pytest.mark.timeout(1_800)
def test_shuffled_and_duplicated_a_month_has_the_same_bytes(fresh_stack: StackFactory) -> None:
    accounting = PlainAccounting()

    def reckoned(told: Iterable[Record]) -> Iterator[Record]:
        for topic, key, value in told:
            accounting.take(topic, value)
            yield topic, key, value

    with _stopped(fresh_stack()) as stack:
        sent = _send(stack, reckoned(records(_plan(shuffle=False, duplicate_share=0.0))))
        once_in_order = _month(stack)
    assert sent >= 500_000

    with _stopped(fresh_stack()) as stack:
        shuffled = _plan(shuffle=True, duplicate_share=0.03)
        assert _send(stack, records(shuffled)) > sent
        _send(stack, records(shuffled))
        assert _month(stack) == once_in_order
        _send(stack, _failures_that_decide(stack))
        assert _month(stack) != once_in_order

    _check_everything_occurs(once_in_order, describe_month(accounting, MONTH))


def _failures_that_decide(stack: EmbeddedStack) -> list[Record]:
    """Failures of ours in a minute that was good and has few records: four in ten minutes decide it (V1)."""
    start = month_minutes(MONTH).start
    minutes = parsed(stack, "minutes", "sms", _instant(start), _instant(start + 1440))
    quiet = next(
        minute
        for minute in minutes
        if minute["state"] == "good" and 0 < minute["requests"]["ok"] < 90 and minute["requests"]["platform"] == 0
    )
    failure = {"time": quiet["minute"], "service": "sms", "account_id": "a", "status": 500}
    ids = [f"decisive-{number}" for number in range(4)]
    return [("api.requests", one.encode(), msgspec.json.encode({"request_id": one, **failure})) for one in ids]


def _instant(minute: int) -> str:
    from schemas.instants import format_instant  # noqa: PLC0415  only here

    return format_instant(minute * 60_000)


def _check_everything_occurs(printed: bytes, truth: MonthTruth) -> None:
    month = msgspec.json.decode(printed)
    assert month["complete"], month["incomplete_because"]
    states = {name for of in month["services"].values() for name, count in _states(of).items() if count}
    assert states == {"good", "down", "excluded", "idle", "blind"}
    excluded = {kind for of in month["services"].values() for kind in of["excluded_minutes"]}
    assert excluded == WINDOW_KINDS
    assert {listed["reason"] for listed in month["listed_declarations"]} >= {
        "notice_too_short",
        "no_evidence",
        "emergency_budget_spent",
        "notice_unproven",
        "declared_afterwards",
        "vouches",
        "overrun",
        "outside_usual_hours",
        "foretold",
        "declared_too_late",
        "revised",
        "retracted",
        "telemetry_gap",
    }
    assert month["platform"] == msgspec.to_builtins(truth.platform)
    assert month["listed_declarations"] == msgspec.to_builtins(truth.listed_declarations)
    for service, of in month["services"].items():
        # V4
        assert sum(_states(of).values()) == of["total_minutes"], service
        assert of == msgspec.to_builtins(truth.services[service]), service


def _states(of: dict[str, int]) -> dict[str, int]:
    named = ("good", "down", "idle", "blind", "pending")
    return {
        **{state: of[f"{state}_minutes"] for state in named},
        "excluded": sum(of["excluded_minutes"].values()),  # type: ignore[attr-defined]
    }


@pytest.mark.stack
def test_a_minute_is_pending_until_its_records_must_have_come(stack: EmbeddedStack) -> None:
    from streams.core.clock import now_ms  # noqa: PLC0415  only here

    minute = now_ms() // 60_000
    record = {"request_id": "now", "time": _instant(minute), "service": "voice", "account_id": "a", "status": 200}
    _send(stack, islice([("api.requests", b"now", msgspec.json.encode(record))], 1))
    output(stack, "drain", "--timeout", "60")
    (verdict,) = parsed(stack, "minutes", "voice", _instant(minute), _instant(minute + 1))
    assert (verdict["state"], verdict["requests"]["ok"]) == ("pending", 1)
