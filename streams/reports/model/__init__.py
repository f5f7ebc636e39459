"""What a monthly report says (§6.2): exact integers, decimals and texts, with what is not known beside what is.

A report is a month, which all accounts share, and what one account had of it. The same values are the same report: it
holds no instant of its own making. Percentages are texts of four decimals, rounded down (M1).
"""

from streams.reports.model.account import (
    Change,
    Curve,
    Guarantee,
    OpenCredit,
    OperatorDelivery,
    ReportAccount,
    ReportClaim,
    ReportCredit,
    ReportTicket,
    TicketGroup,
)
from streams.reports.model.month import (
    Exclusion,
    PlatformUptime,
    ReportDay,
    ReportDeclaration,
    ReportHole,
    ReportIncident,
    ReportMonth,
    ServiceUptime,
    StatementStatus,
    StateRun,
    Terms,
)
from streams.reports.model.part import ReportPart

__all__ = [
    "Change",
    "Curve",
    "Exclusion",
    "Guarantee",
    "OpenCredit",
    "OperatorDelivery",
    "PlatformUptime",
    "Report",
    "ReportAccount",
    "ReportClaim",
    "ReportCredit",
    "ReportDay",
    "ReportDeclaration",
    "ReportHole",
    "ReportIncident",
    "ReportMonth",
    "ReportPart",
    "ReportTicket",
    "ServiceUptime",
    "StateRun",
    "StatementStatus",
    "Terms",
    "TicketGroup",
]


class Report(ReportPart, frozen=True, kw_only=True):
    """A month for an account."""

    month: ReportMonth
    account: ReportAccount
