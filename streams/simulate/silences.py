"""Which minutes of a service are silent, and which are in doubt (contract B2)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

WEEK: Final = 7 * 1_440
_DAY: Final = 1_440
_HOUR: Final = 60
_HALF_HOUR: Final = 30
_WEEKS: Final = 4
_EXPECTED: Final = 15
_BUSY: Final = 20
_IMAGES: Final = 2
_YOUNG: Final = 2 * WEEK
_PROBED: Final = 30
_NEVER: Final = 1 << 40


@dataclass(slots=True)
class QuietMinutes:
    """Indices of minutes: silent ones, and those in doubt."""

    silent: set[int] = field(default_factory=set)
    in_doubt: set[int] = field(default_factory=set)


def measured(
    heard: Sequence[int], missing: Sequence[int], *, first_record: int | None, judged: range, over: int
) -> QuietMinutes:
    """By one measure, holidays aside.

    Args:
        heard: identities with a valid record, by minute of the frame.
        missing: records missing.
        first_record: where in the frame the service's first record lies.
        judged: which minutes are asked about.
        over: how many minutes of the frame are over for the frontier.
    """
    first = _NEVER if first_record is None else first_record
    weight = [one + other for one, other in zip(heard, missing, strict=True)]
    sums, active = _sums(weight), _sums([number > 0 for number in weight])
    quiet = QuietMinutes()
    for run in runs_without(heard, over):
        if run.stop > judged.start and run.start < judged.stop and _is_expected(sums, run, first):
            for minute in range(max(run.start, judged.start), min(run.stop, judged.stop)):
                _judge(minute, run, active, first, quiet)
    return quiet


def without_probes(probed: Sequence[bool], valid: Sequence[int], *, judged: range, over: int) -> set[int]:
    """Minutes with V = 0 in the first day of a run without any probe, if the hour before had many."""
    found: set[int] = set()
    for run in runs_without([int(one) for one in probed], over):
        before = sum(probed[max(0, run.start - _HOUR) : run.start])
        if before >= _PROBED:
            found.update(at for at in run[:_DAY] if at in judged and not valid[at])
    return found


def runs_without(counts: Sequence[int], over: int) -> Iterator[range]:
    """Maximal runs of minutes of which nothing is counted, before `over`."""
    start = None
    for at in range(over):
        if counts[at]:
            if start is not None:
                yield range(start, at)
            start = None
        elif start is None:
            start = at
    if start is not None:
        yield range(start, over)


def _judge(minute: int, run: range, active: Sequence[int], first: int, quiet: QuietMinutes) -> None:
    images = [minute - week * WEEK for week in range(1, _WEEKS + 1) if minute - week * WEEK >= first]
    around = [(_between(active, at - _HALF_HOUR, at), _between(active, at, at + _HALF_HOUR)) for at in images]
    busy = sum(before >= _BUSY and after >= _BUSY for before, after in around)
    young = minute - first < _YOUNG and minute - run.start < _DAY
    if busy >= (1 if young else _IMAGES):
        quiet.silent.add(minute)
    elif not images or any(before and after for before, after in around):
        quiet.in_doubt.add(minute)


def _is_expected(sums: Sequence[int], run: range, first: int) -> bool:
    age = run.start - first
    if age < WEEK:
        return _between(sums, run.start - _HOUR, run.start) * len(run) >= _EXPECTED * _HOUR
    weeks = sorted(_between(sums, run.start - week * WEEK, run.stop - week * WEEK) for week in range(1, _WEEKS + 1))
    return (weeks[-1] if age < _YOUNG else weeks[-2]) >= _EXPECTED


def _sums(counts: Sequence[int]) -> list[int]:
    return [0, *accumulate(counts)]


def _between(sums: Sequence[int], start: int, stop: int) -> int:
    last = len(sums) - 1
    return sums[min(max(stop, 0), last)] - sums[min(max(start, 0), last)]
