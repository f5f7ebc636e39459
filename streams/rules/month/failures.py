"""Whether a minute is bad: by its requests or messages (V1), or by its vantages (V2).

Ratios are compared by cross-multiplying integers.
"""

from typing import Final

import numpy as np

from streams.rules.month.exact import Counts, Flags, Indices, prefix_sums
from streams.rules.month.policy import MonthPolicy

_COMPANY: Final = 2
"""V1: failures in the window from which on the minute's own does not stand alone."""
_WITNESSES: Final = 2
"""V2: vantages that must agree before they outweigh a valid record at worst."""


def is_bad(failed: Counts, valid: Counts, policy: MonthPolicy) -> Flags:
    """(n,): whether minutes are bad by their requests alone, or by their messages alone (V1).

    `failed` and `valid` are F and V; the minutes before the first are taken to be without any.
    """
    bad = np.zeros(failed.size, dtype=np.bool_)
    at = np.flatnonzero(failed >= 1)
    bad[at] = _is_bad_there(
        (failed[at], valid[at]),
        (_lately(failed, at, policy), _lately(valid, at, policy)),
        policy,
    )
    return bad


def outnumbered(ok: Counts, failed: Counts) -> Flags:
    """(n,): whether failing vantages outnumber the others (V2)."""
    return failed > ok


def any_fails(failed: Counts) -> Flags:
    """(n,): whether a vantage fails: enough at worst where nothing is valid (V2)."""
    return failed > 0


def all_fail(ok: Counts, failed: Counts) -> Flags:
    """(n,): whether vantages probed and all of them fail: needed at best where nothing was asked (V2)."""
    all_failed: Flags = (failed > 0) & (ok == 0)
    return all_failed


def witnesses_fail(ok: Counts, failed: Counts) -> Flags:
    """(n,): whether at least two vantages probed and all failed: bad at worst whatever is valid (V2)."""
    agreed: Flags = (failed >= _WITNESSES) & (ok == 0)
    return agreed


def _is_bad_there(own: tuple[Counts, Counts], lately: tuple[Counts, Counts], policy: MonthPolicy) -> Flags:
    """V1 for minutes with a failure, by their own F and V and the sums of these over the window."""
    (failed, valid), (failed_lately, valid_lately) = own, lately
    often = (failed_lately >= policy.failures_at_least) & _exceeds(failed_lately, valid_lately, policy)
    not_alone = (failed_lately >= _COMPANY) | (valid_lately == valid)
    bad: Flags = (_exceeds(failed, valid, policy) & often) | ((failed == valid) & not_alone)
    return bad


def _lately(counts: Counts, at: Indices, policy: MonthPolicy) -> Counts:
    """(k,): the sums of counts over the window that ends with each of these minutes."""
    sums = prefix_sums(counts)
    ends = at + 1
    lately: Counts = sums[ends] - sums[np.maximum(ends - policy.failures_window_minutes, 0)]
    return lately


def _exceeds(failed: Counts, valid: Counts, policy: MonthPolicy) -> Flags:
    """More than the ratio r; exactly r is not."""
    ratio = policy.failure_ratio
    return failed * ratio.denominator > valid * ratio.numerator
