"""A month as all accounts under one policy share it: uptime, incidents, declarations, and what they rest on."""

from collections.abc import Mapping, Sequence

from streams.reports.model.part import ReportPart


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


class PlatformUptime(ReportPart, frozen=True, kw_only=True):
    """The month of a service, or of the platform as a whole: V4, V5, B4, M1, M2.

    Percentages are empty where nothing was observed (M2), and `is_met` is None then: else it is the guarantee (§2.1) by
    the headline, decided on integers; `is_certain`: both bounds say the same.
    """

    service: str
    total_minutes: int
    good_minutes: int
    down_minutes: int
    down_minutes_low: int
    down_minutes_high: int
    down_minutes_high_lost: int
    idle_minutes: int
    blind_minutes: int
    pending_minutes: int
    excluded: Sequence[Exclusion]
    uptime: str
    uptime_low: str
    uptime_low_lost: str
    uptime_high: str
    credit_uptime: str
    credit_percent: int | None
    is_met: bool | None
    is_certain: bool
    days: Sequence[ReportDay]

    @property
    def excluded_minutes(self) -> int:
        """Minutes that are excused."""
        return sum(one.minutes for one in self.excluded)

    @property
    def is_observed(self) -> bool:
        """Whether anything speaks of it (M2)."""
        return self.is_met is not None


class ServiceUptime(PlatformUptime, frozen=True, kw_only=True):
    """What is counted of a service beside its minutes (B3, C5, I1, I3, I4)."""

    missing_records: int
    unknown_records: int
    corrected_records: int
    conflicts: int
    collisions: int
    unnamed_records: int
    mended_records: Mapping[str, int]
    """By the optional field that could not be read."""
    out_of_scope_ok: int
    out_of_scope_failed: int
    out_of_scope_down_minutes: int
    late_manifests: int
    is_proven: bool
    """Whether every source reported how much it sent, minute by minute (B3)."""


class ReportHole(ReportPart, frozen=True, kw_only=True):
    """Minutes of which a source that counts every minute sent no manifest (B3)."""

    topic: str
    source: str
    service: str
    minutes: int


class ReportIncident(ReportPart, frozen=True, kw_only=True):
    """A run of minutes of a service that are down or blind (K1); an end may lie beyond the month's border.

    `minutes` are those of them that lie in the month.
    """

    service: str
    start: str
    end: str
    minutes: int


class ReportDeclaration(ReportPart, frozen=True, kw_only=True):
    """A declaration that is listed for customers, and why (X1-X4); one that was refused has no kind."""

    declaration_id: str
    revision: int
    kind: str
    reason: str
    minutes: int


class Terms(ReportPart, frozen=True, kw_only=True):
    """What of the policy a reader must know to read the month: X5, K2, M3."""

    excluded_count_as_up: bool
    claim_days: int
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
    platform: PlatformUptime
    incidents: Sequence[ReportIncident]
    declarations: Sequence[ReportDeclaration]
    holes: Sequence[ReportHole]

    @property
    def measured(self) -> Sequence[PlatformUptime]:
        """The services, then the platform as a whole (V5)."""
        return [*self.services, self.platform]

    @property
    def is_closed(self) -> bool:
        """Whether a statement is behind it, so that no number of uptime changes without an amendment."""
        return self.statement_status.number is not None
