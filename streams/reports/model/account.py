"""What one account had of a month: performance, tickets, credits and claims."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from streams.reports.model.part import ReportPart


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
    currency: str
    claim_id: str
    invoice_month: str


class OpenCredit(ReportPart, frozen=True, kw_only=True):
    """An amount that is due and was not decided yet (`claim_by` empty), or might be claimed until then (§5.4, K5).

    `at_least`: the month is not complete, and may miss more. No amount: nobody knows the currency's minor unit.
    """

    fee: str
    amount: Decimal | None
    currency: str
    at_least: bool
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
    credited: Mapping[str, Decimal]
    """By currency."""
    credits: Sequence[ReportCredit]
    open_credits: Sequence[OpenCredit]
    claims: Sequence[ReportClaim]
