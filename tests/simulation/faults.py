"""What may go wrong, how often in this seed, and how often it did: counted when it happens, by step."""

import random
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class BrokenError(AssertionError):
    """An invariant does not hold."""


class Fault(StrEnum):
    """At a step: when a call of a worker reaches whom it calls."""

    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    FAILS = "fails, not applied"
    APPLIED_BUT_FAILS = "applied, reported failed"
    TORN = "applied in part, reported failed"
    LATE = "reported failed, applied later"
    SLOW = "takes long"
    PAUSE = "worker stands still"


class Event(StrEnum):
    """At any time, whatever the workers are doing."""

    KILL = "worker killed"
    CLOSE = "worker told to stop"
    STOP = "worker stopped for a while"
    JOIN = "another worker comes"
    REBALANCE = "rebalance"
    CLOCK_FORWARD = "worker's clock leaps forward"
    CLOCK_BACK = "worker's clock leaps back"
    RETENTION = "records deleted"
    PARTITION_ADDED = "partition added"
    TOPIC_RECREATED = "topic created anew"
    ENGINE_AWAY = "database away"
    BROKER_AWAY = "broker away"
    OFFSETS_GONE = "committed offsets deleted"
    SAME_ELSEWHERE = "record again in another partition"
    SAME_AGAIN = "record again at another offset"
    REORDERED = "record after a later one"
    LATE = "record of a minute that was final"
    ACROSS_MONTHS = "record of a month that was over"
    BAD_RECORD = "bad record"
    MARKER = "offset without a record"
    EMPTY_BLOCK = "block without a record"
    OTHER_BORDERS = "read again with other block borders"
    SKIPPED = "reader overtaken by retention"
    COMMIT_REFUSED = "commit refused after a rebalance"
    ZOMBIE_WRITE = "write of a worker whose partition moved"
    RESUMED = "worker goes on after its partitions moved"
    PARTIAL_READ = "answer breaks off"
    STALE_EVALUATION = "minutes written from an older view"
    UNVOUCHED = "record in the ledger that was gone before a block told of it"
    UNCOUNTED = "record in the ledger that only who closes the month has found"
    GAVE_UP = "worker stops for want of the broker"
    RELEASE_TIMED_OUT = "partitions gone before they were released"


_RATES: Final = (0.003, 0.01, 0.03)
# What is asked all the time meets its faults anyhow; what happens once in a seed must meet them too.
_WEIGHTS: Final = {
    "fetch": 0.3,
    "heartbeat": 0.3,
    "sync": 0.3,
    "describe": 0.5,
    "decode": 0.5,
    "commit": 2,
    "ask checkpoints": 2,
    "ask earlier lives": 2,
    "insert frontiers": 2,
    "insert ledger_requests": 2,
    "insert ledger_receipts": 2,
    "insert ledger_probes": 3,
    "insert blocks stored": 3,
    "insert manifests": 6,
    "insert declarations": 6,
    "insert dead_letters": 6,
    "publish letters": 6,
    "ask what they owe": 20,
    "insert blocks lost": 20,
    "ask uncounted minutes": 20,
}

# A clock ahead of the broker's loosens what may be asked of every frontier after it.
_SHARES: Final = {Event.CLOCK_FORWARD: 0.15, Event.TOPIC_RECREATED: 0.3}


@dataclass(slots=True)
class Faults:
    """The faults of a seed: a random part of all, so that each also meets the others' absence (swarm testing)."""

    dice: random.Random
    rates: dict[Fault, float] = field(default_factory=dict)
    events: set[Event] = field(default_factory=set)
    fired: Counter[tuple[str, str]] = field(default_factory=Counter)
    healed: bool = False

    def __post_init__(self) -> None:
        """Draw which faults this seed knows."""
        rate = self.dice.choice(_RATES)
        chosen = [fault for fault in Fault if self.dice.random() < 0.5]
        self.rates = {fault: rate * _SHARES_OF_RATE.get(fault, 1) for fault in chosen}
        self.events = {event for event in Event if self.dice.random() < _SHARES.get(event, 0.5)}

    def draw(self, step: str) -> Fault | None:
        """Which fault meets this step, if any; the caller counts it once it has happened."""
        if self.healed:
            return None
        at = self.dice.random() / _WEIGHTS.get(step, 1)
        for fault, rate in self.rates.items():
            if at < rate:
                return fault
            at -= rate
        return None

    def note(self, fault: Fault | Event, step: str = "") -> None:
        """It happened."""
        self.fired[fault.value, step] += 1


# A crash ends all that might follow in a life; few steps can be done in part.
_SHARES_OF_RATE: Final = {Fault.CRASH_BEFORE: 0.3, Fault.CRASH_AFTER: 0.3, Fault.TORN: 3}
