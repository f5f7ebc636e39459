"""Messages whose final receipt never came (C3), and failures of operators that only the platform tells (C7)."""

from dataclasses import dataclass

import numpy as np

from streams.rules.month.exact import Counts, Flags
from streams.rules.month.inputs import OutcomeCounts, TrafficCounts
from streams.rules.month.policy import MonthPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledCounts:
    """(n,) each: requests or messages by what they count as, once waiting and windows are allowed for."""

    failed: Counts
    """F: failures of the platform, messages that were never handed over among them (C3)."""
    valid: Counts
    """V = ok + platform (C6)."""
    unknown: Counts
    """Unknown, claimed without a window that vouches (C7), and pending ones that a carrier had (C3)."""
    pending: Counts
    """Messages whose final receipt is still waited for."""
    never_handed_over: Counts
    """Of the failures, messages that no carrier ever took (C3)."""
    corrected: Counts
    """c of B4: corrected in our favour, and not unknown."""
    corrected_valid: Counts
    """k of B4: corrected and valid."""


def settle(traffic: TrafficCounts, part: slice, *, waited: Flags, vouched: Flags, policy: MonthPolicy) -> SettledCounts:
    """The requests or messages of some minutes as the verdict reads them (C3, C6, C7, I4).

    Args:
        traffic: (n,) counts of the frame.
        part: which minutes of it; the others are its size.
        waited: whether final receipts of a minute are no longer waited for (C3).
        vouched: whether a window vouches for claimed failures of a minute (C7).
        policy: what a claimed failure is that no window vouches for.
    """
    counts = traffic.in_scope
    accepted, enroute = counts.accepted[part], counts.enroute[part]
    lapsed = np.where(waited, accepted, 0)
    failed = counts.platform[part] + lapsed
    believed = vouched | (policy.told_by_us == "operator")
    return SettledCounts(
        failed=failed,
        valid=counts.ok[part] + failed,
        unknown=counts.unknown[part] + np.where(believed, 0, counts.claimed[part]) + np.where(waited, enroute, 0),
        pending=np.where(waited, 0, accepted + enroute),
        never_handed_over=lapsed,
        corrected=traffic.corrected_settled[part] + np.where(believed, traffic.corrected_claimed[part], 0),
        corrected_valid=traffic.corrected_valid[part],
    )


def heard(traffic: TrafficCounts, waited: Flags) -> Counts:
    """(n,): identities with a valid record, messages that were never handed over among them (B2, C3)."""
    return traffic.heard + np.where(waited, traffic.in_scope.accepted, 0)


def out_of_scope(counts: OutcomeCounts, part: slice, waited: Flags) -> tuple[Counts, Counts, Counts]:
    """ok, failures of the platform, and all that failed, of what is out of scope (C5: platform, unknown, claimed)."""
    platform = counts.platform[part] + np.where(waited, counts.accepted[part], 0)
    undecided = counts.unknown[part] + counts.claimed[part] + np.where(waited, counts.enroute[part], 0)
    return counts.ok[part], platform, platform + undecided
