"""Which version of the contract applies to a month (contract M5)."""

from collections.abc import Sequence
from typing import NamedTuple

from schemas.policies import Policy
from streams.rules.calendar import MonthSpan, month_bounds


class PolicyChoice(NamedTuple):
    """The policy of a month, whether it was in force then, and the month in its zone."""

    policy: Policy
    in_force: bool
    span: MonthSpan


def policy_of_month(month: str, policies: Sequence[Policy]) -> PolicyChoice:
    """The version effective at the start of the month, else the first one; `policies` are by effective date (M5).

    Raises:
        MonthError: no such month.
    """
    chosen = apply_policy(month, policies[0])
    for policy in policies[1:]:
        later = apply_policy(month, policy)
        if policy.effective_from_ms <= later.span.start_ms:
            chosen = later
    return chosen


def apply_policy(month: str, policy: Policy) -> PolicyChoice:
    """The month under a given policy: in force if the month begins when it has taken effect (M5)."""
    span = month_bounds(month, policy.zone)
    return PolicyChoice(policy=policy, in_force=policy.effective_from_ms <= span.start_ms, span=span)
