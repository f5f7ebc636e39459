"""The month by service, as `month --json` gives it (contract V4, B4, B5, M1, M2)."""

from datetime import datetime
from typing import Final

import msgspec
from clickhouse_connect.driver.client import Client

from schemas.fields import SERVICES
from schemas.instants import format_instant
from streams.clickhouse.inlined_views import Whole
from streams.clickhouse.session import Row
from streams.core.instants import to_ms
from streams.months.incomplete import IncompleteCode, IncompleteReason

WINDOW_KINDS: Final = (
    "scheduled_maintenance",
    "emergency_maintenance",
    "operator_outage",
    "internet_backbone",
    "dns",
    "force_majeure",
    "ddos",
    "regulatory_shutdown",
)

_SERVICES_SQL: Final = """
SELECT m.*, c.source_completeness AS source_completeness
FROM months(month = {month:String}, policy = {policy:String}) AS m
INNER JOIN source_completeness(month = {month:String}, policy = {policy:String}) AS c ON c.service = m.service
"""
# Only late windows that excuse are listed with minutes that verdicts tell; most months are spared these.
_LATE_SQL: Final = """
SELECT count() AS windows
FROM windows(month = {month:String}, policy = {policy:String})
WHERE void_reason = '' AND (unproven OR declared_after)
"""
_LISTED_SQL: Final = "SELECT * FROM listed_declarations(month = {month:String}, policy = {policy:String})"
_LISTED_WITHOUT_LATE_SQL: Final = """
SELECT * FROM void_declarations(month = {month:String}, policy = {policy:String}) ORDER BY declaration_id, reason
"""
_PROGRESS_SQL: Final = "SELECT * FROM month_progress(month = {month:String}, policy = {policy:String})"


class ServiceSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes of one service in the month; percentages are strings, rounded down (M1)."""

    total_minutes: int
    good_minutes: int
    down_minutes: int
    down_minutes_low: int
    down_minutes_high: int
    excluded_minutes: dict[str, int]
    idle_minutes: int
    blind_minutes: int
    pending_minutes: int
    uptime: str
    uptime_low: str
    uptime_high: str
    credit_uptime: str
    credit_percent: int
    conflicts: int
    missing_records: int
    unknown_records: int
    source_completeness: str


class ListedDeclaration(msgspec.Struct, frozen=True, kw_only=True):
    """A declaration that a customer must be told of, with the minutes concerned (X1-X4)."""

    declaration_id: str
    revision: int
    kind: str
    reason: str
    minutes: int


class MonthSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One calendar month under one policy; the field order is that of `month --json`."""

    month: str
    policy: str
    in_force: bool
    zone: str
    complete: bool
    incomplete_because: list[IncompleteReason]
    services: dict[str, ServiceSummary]
    listed_declarations: list[ListedDeclaration]


def read_month(client: Client, *, month: str, policy_id: str, zone: str, in_force: bool) -> MonthSummary:
    """The month as the ledger has it now, under one policy."""
    asked = {"month": month, "policy": policy_id}
    return read_month_in(Whole(client, asked), month=month, policy_id=policy_id, zone=zone, in_force=in_force)


def read_month_as_of(
    client: Client, *, month: str, policy_id: str, zone: str, in_force: bool, cut_ms: int
) -> MonthSummary:
    """The month as it was known at a cut that the frontier has reached: what is stamped at it or later is not there.

    Every partition is read to the cut itself, so `incomplete_because` names topics only (B5).
    """
    whole = Whole(client, {"month": month, "policy": policy_id}, cut_ms=cut_ms)
    return read_month_in(whole, month=month, policy_id=policy_id, zone=zone, in_force=in_force)


def read_incomplete_because(client: Client, *, month: str, policy_id: str) -> list[IncompleteReason]:
    """Why the month is not complete now, by partition; empty: it is complete (B5)."""
    asked = {"month": month, "policy": policy_id}
    return [reason for row in Whole(client, asked).rows(_PROGRESS_SQL) for reason in _reasons(row)]


def read_month_in(whole: Whole, *, month: str, policy_id: str, zone: str, in_force: bool) -> MonthSummary:
    """The month as the views of `whole` tell it, so that what else is asked of them is seen equally far."""
    # Complete by what was seen before anything is counted: what is counted afterwards can only be more (B5).
    reasons = [reason for row in whole.rows(_PROGRESS_SQL) for reason in _reasons(row)]
    found = {row["service"]: row for row in whole.rows(_SERVICES_SQL)}
    return MonthSummary(
        month=month,
        policy=policy_id,
        in_force=in_force,
        zone=zone,
        complete=not reasons,
        incomplete_because=reasons,
        services={service: _service_month(found[service]) for service in SERVICES},
        listed_declarations=_listed(whole),
    )


def _listed(whole: Whole) -> list[ListedDeclaration]:
    (late,) = whole.rows(_LATE_SQL)
    found = whole.rows(_LISTED_SQL if late["windows"] else _LISTED_WITHOUT_LATE_SQL)
    return [msgspec.convert(dict(row), ListedDeclaration) for row in found]


def _service_month(row: Row) -> ServiceSummary:
    excluded = row["excluded_minutes"]
    fields = {name: row[name] for name in ServiceSummary.__struct_fields__}
    fields["excluded_minutes"] = {kind: excluded[kind] for kind in WINDOW_KINDS if excluded.get(kind)}
    return msgspec.convert(fields, ServiceSummary)


def _reasons(row: Row) -> list[IncompleteReason]:
    """Why this partition keeps the month from being complete, by its row of `month_progress` (B5)."""
    seen_ms = to_ms(row["frontier"])
    if seen_ms == 0:
        return [_reason(row, IncompleteCode.NOT_READ_YET)]
    reasons = []
    if row["owes_minutes"]:
        reasons.append(_reason(row, IncompleteCode.BEFORE_MONTH_END_AND_GRACE, seen_ms, row["minutes_until"]))
    elif row["owes_receipts"]:
        reasons.append(_reason(row, IncompleteCode.RECEIPTS_MAY_COME, seen_ms, row["receipts_until"]))
    if row["backlog"]:
        reasons.append(_reason(row, IncompleteCode.BACKLOG_UNREAD, seen_ms))
    return reasons


def _reason(
    row: Row, code: IncompleteCode, seen_ms: int | None = None, until: datetime | None = None
) -> IncompleteReason:
    return IncompleteReason(
        code=code,
        topic=row["topic"],
        partition=row["partition"],
        seen_to=None if seen_ms is None else format_instant(seen_ms),
        until=None if until is None else format_instant(to_ms(until)),
    )
