"""When a minute fails: enough of its requests or messages, here and in the minutes before (V1)."""

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from streams.audit.policy import AuditPolicy


class AuditTally(NamedTuple):
    """Failures of ours, and what was valid (C6), in one reading of a minute."""

    failed: int
    valid: int


def failing(tallies: Sequence[AuditTally], policy: AuditPolicy) -> list[bool]:
    """V1 for every minute from the tenth on: the first nine only enter its sums."""
    window = policy.failures_window
    if not any(tally.failed for tally in tallies):
        return [False] * (len(tallies) - window + 1)
    failed_sums = _window_sums((tally.failed for tally in tallies), window)
    valid_sums = _window_sums((tally.valid for tally in tallies), window)
    lately = [AuditTally(*sums) for sums in zip(failed_sums, valid_sums, strict=True)]
    return [fails(here, sums, policy) for here, sums in zip(tallies[window - 1 :], lately, strict=True)]


def fails(here: AuditTally, lately: AuditTally, policy: AuditPolicy) -> bool:
    """V1 for one minute, and the sums of the minutes that end with it."""
    if here.failed == 0:
        return False
    if here.failed == here.valid and (lately.failed > 1 or lately.valid == here.valid):
        return True
    return lately.failed >= policy.failures_at_least and _exceeds(here, policy) and _exceeds(lately, policy)


def _exceeds(tally: AuditTally, policy: AuditPolicy) -> bool:
    """Whether F/V > r, by cross-multiplied integers."""
    ratio = policy.failure_ratio
    return tally.failed * ratio.denominator > ratio.numerator * tally.valid


def _window_sums(numbers: Iterable[int], window: int) -> list[int]:
    """The sum of each `window` consecutive numbers."""
    sums = list(accumulate(numbers, initial=0))
    return [after - before for before, after in zip(sums, sums[window:], strict=False)]


def runs(minutes: Sequence[int], end: int) -> Iterable[tuple[int, int]]:
    """The runs [first, stop) between consecutive minutes of these, in order, and from the last one to the end."""
    if not minutes:
        return
    for before, after in pairwise([*minutes, max(end, minutes[-1] + 1)]):
        if after > before + 1:
            yield before + 1, after
