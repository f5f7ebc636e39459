"""The month as `month` gives it: what a worker has judged of it if that is current, else judged anew."""

from clickhouse_connect.driver.client import Client

from streams.judge.stored import stored_or_judged
from streams.judge.summary import (
    WINDOW_KINDS,
    BackdatedAccount,
    ListedDeclaration,
    ListedHole,
    MonthSummary,
    OutOfScope,
    PlanMismatch,
    PlatformSummary,
    ServiceSummary,
    summary_of,
)
from streams.rules.policy import PolicyChoice

__all__ = [
    "WINDOW_KINDS",
    "BackdatedAccount",
    "ListedDeclaration",
    "ListedHole",
    "MonthSummary",
    "OutOfScope",
    "PlanMismatch",
    "PlatformSummary",
    "ServiceSummary",
    "read_month",
    "summary_of",
]


def read_month(client: Client, choice: PolicyChoice, *, cut_ms: int | None = None) -> MonthSummary:
    """The month as it is now, or was known at a cut that the frontier has reached."""
    return stored_or_judged(client, choice, cut_ms=cut_ms)
