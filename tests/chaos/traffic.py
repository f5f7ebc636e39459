"""What a chaos run produces: a story of the simulator, and what its month must come out as."""

import functools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from streams.core.clock import now_ms
from streams.simulate import MonthTruth, PlainAccounting, Plan, describe_month, month_minutes, month_of, plan, records
from streams.simulate.planning import Manifests
from streams.simulate.stream import SimulatedRecord

RECORDS_MIN: Final = 100_000
_AIM: Final = 100_000
_MINUTE_MS: Final = 60_000
_DAY_MINUTES: Final = 1_440
_DAYS_OF_EVERYTHING: Final = 20
_MONTHS: Final = ("2025-12", "2026-02", "2026-06", "2026-09")
# How many stories there are in all: telling one takes seconds, and the faults are what a seed is about.
_STORIES: Final = 12
_ELSEWHERE_SHARE: Final = 0.01
_SHUFFLED_SHARE: Final = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """All records of a run in the order of sending; `truth` is None where it depends on when they arrive."""

    month: str
    records: Sequence[SimulatedRecord]
    truth: MonthTruth | None


def past_traffic(seed: int) -> Traffic:
    """A story of a month long over: bad, late, revised and repeated records among it, in order or shuffled.

    Every twelfth seed tells the same one. One record in a hundred is sent to another partition, too.
    """
    return _told(seed % _STORIES)


def present_traffic(seed: int) -> Traffic:
    """A story that ends now, so that the records' own times meet their broker timestamps; all of it has manifests."""
    end = now_ms() // _MINUTE_MS
    first = max(month_minutes(month_of(now_ms())).start, end - _DAY_MINUTES)

    def planned(aim: int) -> Plan:
        return plan(
            seed,
            start_ms=first * _MINUTE_MS,
            minutes=_DAY_MINUTES,
            records=aim,
            manifests="all",
            broken_share=0.002,
            duplicate_share=0.05,
        )

    sent = _also_elsewhere(_enough(planned), random.Random(f"{seed}/elsewhere"))
    return Traffic(month=month_of(now_ms()), records=sent, truth=None)


@functools.lru_cache(maxsize=_STORIES)
def _told(story: int) -> Traffic:
    chosen = random.Random(f"{story}/story")
    month = chosen.choice(_MONTHS)
    minutes = month_minutes(month)
    everything = story % 4 == 0
    length = (_DAYS_OF_EVERYTHING if everything else chosen.choice((1, 1, 2))) * _DAY_MINUTES
    # at times the traffic runs over the month's border
    first = chosen.randrange(minutes.start - length // 2, minutes.stop - length // 2)
    manifests: Manifests = chosen.choice(("none", "some", "all"))
    shuffled = chosen.random() < _SHUFFLED_SHARE

    def planned(aim: int) -> Plan:
        return plan(
            story,
            start_ms=first * _MINUTE_MS,
            minutes=length,
            records=aim,
            preset="everything" if everything else "week",
            manifests=manifests,
            broken_share=0.002,
            duplicate_share=0.05,
            shuffle=shuffled,
        )

    sent = _enough(planned)
    accounting = PlainAccounting()
    for topic, _, value in sent:
        accounting.take(topic, value)
    return Traffic(month=month, records=_also_elsewhere(sent, chosen), truth=describe_month(accounting, month))


def _enough(planned: Callable[[int], Plan]) -> list[SimulatedRecord]:
    aim = _AIM
    while len(sent := list(records(planned(aim)))) < RECORDS_MIN:
        aim = aim * RECORDS_MIN // len(sent) + 5_000
    return sent


def _also_elsewhere(sent: Sequence[SimulatedRecord], chosen: random.Random) -> list[SimulatedRecord]:
    twice: list[SimulatedRecord] = []
    for topic, key, value in sent:
        twice.append((topic, key, value))
        if chosen.random() < _ELSEWHERE_SHARE:
            twice.append((topic, b"elsewhere-%d" % len(twice), value))
    return twice
