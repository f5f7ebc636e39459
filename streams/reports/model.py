"""What a monthly report says (§6.2): exact integers, decimals and texts, with what is not known beside what is.

A report is a month, which all accounts share, and what one account had of it. The same values are the same report: it
holds no instant of its own making. Percentages are texts of four decimals, rounded down (M1).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec


class ReportPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a report."""


class StatementStatus(ReportPart, frozen=True, kw_only=True):
    """What the month's numbers rest on: its last statement or amendment, or the ledger so far.

    `number` is the document's, None while the month is not closed: then `because` says why its numbers may change.
    """

    number: int | None
    cut: str
    sha256: str
    because: Sequence[str]


class Exclusion(ReportPart, frozen=True, kw_only=True):
    """Minutes that do not count as downtime, and the clause that says so (§2.4, X1-X4)."""

    kind: str
    clause: str
    minutes: int


class StateRun(ReportPart, frozen=True, kw_only=True):
    """So many minutes of one state from a minute of the local day on, counted from midnight."""

    state: str
    first: int
    minutes: int


class ReportDay(ReportPart, frozen=True, kw_only=True):
    """A local day, `YYYY-MM-DD`, in runs that leave no minute out; 1,440 minutes, but for a change of the clock."""

    date: str
    runs: Sequence[StateRun]

    def minutes_in(self, state: str) -> int:
        """How many of its minutes are in a state."""
        return sum(run.minutes for run in self.runs if run.state == state)


class ServiceUptime(ReportPart, frozen=True, kw_only=True):
    """A service's month: V4, B4, M1, M2.

    `is_met` is the guarantee (§2.1) by the headline, decided on integers; `is_certain`: both bounds say the same.
    """

    service: str
    total_minutes: int
    good_minutes: int
    down_minutes: int
    down_minutes_low: int
    down_minutes_high: int
    idle_minutes: int
    blind_minutes: int
    pending_minutes: int
    excluded: Sequence[Exclusion]
    uptime: str
    uptime_low: str
    uptime_high: str
    credit_uptime: str
    credit_percent: int
    is_met: bool
    is_certain: bool
    missing_records: int
    unknown_records: int
    conflicts: int
    is_proven: bool
    """Whether every source reported how much it sent, minute by minute (B3)."""
    days: Sequence[ReportDay]

    @property
    def excluded_minutes(self) -> int:
        """Minutes that were bad and are excused."""
        return sum(one.minutes for one in self.excluded)


class ReportIncident(ReportPart, frozen=True, kw_only=True):
    """Downtime of a service that may be claimed for (K1); an end may lie beyond the month's border.

    `down_minutes` are those of the incident that lie in the month.
    """

    service: str
    start: str
    end: str
    down_minutes: int


class ReportDeclaration(ReportPart, frozen=True, kw_only=True):
    """A declared window that is listed for customers, and why (X1-X4)."""

    declaration_id: str
    kind: str
    reason: str
    minutes: int


class Terms(ReportPart, frozen=True, kw_only=True):
    """What of the policy a reader must know to read the month: X5, K1, K2, M3."""

    excluded_count_as_up: bool
    joined_minutes: int
    claim_within_ms: int
    cap_percent: int


class ReportMonth(ReportPart, frozen=True, kw_only=True):
    """What all accounts under one policy share of a month."""

    month: str
    zone: str
    policy: str
    in_force: bool
    terms: Terms
    total_minutes: int
    target: str
    allowed_minutes: str
    """Downtime that the guarantee leaves, in minutes to a tenth, rounded down (§2.2)."""
    as_of: str
    """Up to when tickets, templates and claims are reported; the month's end and the wait for receipts, at most."""
    whole_days_before: str
    """The local day that performance is counted up to: itself, if the month is not over, not included."""
    statement_status: StatementStatus
    services: Sequence[ServiceUptime]
    incidents: Sequence[ReportIncident]
    declarations: Sequence[ReportDeclaration]

    @property
    def is_closed(self) -> bool:
        """Whether a statement is behind it, so that no number of uptime changes without an amendment."""
        return self.statement_status.number is not None


class Guarantee(ReportPart, frozen=True, kw_only=True):
    """A share held against its target (§3, P1-P5): `within` of `counted`; `is_met` None: nothing was counted.

    `limit_ms` is what `within` is measured by, where it is a time; quantiles are None where there is none.
    """

    service: str
    name: str
    rule: str
    clause: str
    limit_ms: int | None
    within: int
    counted: int
    unmeasured: int
    share: str
    target: str
    is_met: bool | None
    quantiles_ms: Mapping[str, int | None]


class Curve(ReportPart, frozen=True, kw_only=True):
    """Response times of a service's requests: how many took no longer than each edge, and longer than the one before.

    Edges ascend, with those at which nothing was counted, from the last one that no request kept within; `beyond` are
    requests that took longer than every edge there is.
    """

    service: str
    limit_ms: int
    target: str
    counts: Sequence[tuple[int, int]]
    beyond: int

    @property
    def total(self) -> int:
        """All requests that were measured."""
        return sum(count for _, count in self.counts) + self.beyond


class OperatorDelivery(ReportPart, frozen=True, kw_only=True):
    """Messages of a service by the operator that took them, as P3 counts them; `operator` is empty where none is named.

    `share` is empty where nothing was counted.
    """

    service: str
    operator: str
    delivered: int
    failed: int
    share: str


class TicketGroup(ReportPart, frozen=True, kw_only=True):
    """Tickets of one tier and priority: answered in time, too late, or open and not late yet (P6)."""

    tier: str
    priority: str
    target_ms: int
    tickets: int
    in_time: int
    late: int
    open: int


class ReportTicket(ReportPart, frozen=True, kw_only=True):
    """A ticket opened in the month; durations by the clock of its tier (§4.1), None: not answered, not resolved."""

    ticket_id: str
    tier: str
    priority: str
    service: str
    opened_at: str
    target_ms: int
    response_ms: int | None
    resolution_ms: int | None
    is_late: bool


class ReportCredit(ReportPart, frozen=True, kw_only=True):
    """A published decision; `amount` is what it adds, of either sign (K4)."""

    fee: str
    kind: str
    percent: int
    amount: Decimal
    claim_id: str
    invoice_month: str


class OpenCredit(ReportPart, frozen=True, kw_only=True):
    """An amount that is due and was not decided yet (`claim_by` empty), or might be claimed until then (§5.4)."""

    fee: str
    amount: Decimal
    claim_by: str


class ReportClaim(ReportPart, frozen=True, kw_only=True):
    """A claim that touches the month, as it is judged: a state and every reason against it (K2)."""

    claim_id: str
    state: str
    refusals: Sequence[str]


class Change(ReportPart, frozen=True, kw_only=True):
    """What of an account's record took effect within the month, in words."""

    at: str
    sentence: str


class ReportAccount(ReportPart, frozen=True, kw_only=True):
    """What one account had of the month; plan, fees and currency are those at its start (M4).

    Performance is not `complete` while days are to be counted or messages are on their way: `pending_messages` (C3).
    """

    account_id: str
    plan: str
    currency: str
    fees: Mapping[str, Decimal]
    is_suspended: bool
    changes: Sequence[Change]
    is_complete: bool
    pending_messages: int
    guarantees: Sequence[Guarantee]
    curves: Sequence[Curve]
    operators: Sequence[OperatorDelivery]
    groups: Sequence[TicketGroup]
    tickets: Sequence[ReportTicket]
    credited: Decimal
    credits: Sequence[ReportCredit]
    open_credits: Sequence[OpenCredit]
    claims: Sequence[ReportClaim]


class Report(ReportPart, frozen=True, kw_only=True):
    """A month for an account."""

    month: ReportMonth
    account: ReportAccount
