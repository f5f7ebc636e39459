"""A judged month as `month --json` tells it, by service (contract V4, V5, B3, B4, B5, C5, M1, M2, X4)."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from schemas.instants import format_instant
from streams.judge.accounts import AccountListings
from streams.judge.judged_month import JudgedMonth
from streams.rules.month.completeness import OpenCode, OpenReason
from streams.rules.month.counted import ServiceNumbers
from streams.rules.month.judging import ServiceJudgement, SpanJudgement, SpanVerdict
from streams.rules.month.uptime import SpanUptime
from streams.rules.months import percent
from streams.rules.verdict import EXCLUDING_KINDS, MinuteState

WINDOW_KINDS: Final = EXCLUDING_KINDS


class IncompleteReason(msgspec.Struct, frozen=True, kw_only=True):
    """One reason, of one partition; `partition` is null in a month as of a cut, which is read alike everywhere.

    Instants in UTC: `seen_to`, the partition's frontier, null where nothing is read; `until`, what the frontier has to
    reach for the reason to go, null where that is not settled beforehand.
    """

    code: OpenCode
    topic: str
    partition: int | None
    seen_to: str | None
    until: str | None


class PlatformSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes of the platform, or of a service; percentages are strings, rounded down, null if unobserved (M1, M2)."""

    total_minutes: int
    good_minutes: int
    down_minutes: int
    down_minutes_low: int
    down_minutes_high: int
    down_minutes_high_lost: int
    excluded_minutes: dict[str, int]
    idle_minutes: int
    blind_minutes: int
    pending_minutes: int
    unobserved: bool
    uptime: str | None
    uptime_low: str | None
    uptime_low_lost: str | None
    uptime_high: str | None
    credit_uptime: str | None
    credit_percent: int | None


class OutOfScope(msgspec.Struct, frozen=True, kw_only=True):
    """Requests and messages that are out of scope; `failed` are platform, unknown or claimed (C5)."""

    ok: int
    failed: int


class ServiceSummary(PlatformSummary, frozen=True, kw_only=True):
    """A service's minutes, and what is counted beside them."""

    conflicts: int
    collisions: int
    missing_records: int
    unknown_records: int
    corrected_in_our_favour: int
    unnamed_records: int
    mended_records: dict[str, int]
    out_of_scope: OutOfScope
    out_of_scope_down_minutes: int
    late_manifests: int
    source_completeness: str


class ListedDeclaration(msgspec.Struct, frozen=True, kw_only=True):
    """A declaration that a customer must be told of, with the minutes concerned (X4); a refused one has no kind."""

    declaration_id: str
    revision: int
    kind: str
    reason: str
    minutes: int


class ListedHole(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes of the month of which a source that counted every minute sent no manifest (B3)."""

    topic: str
    source: str
    service: str
    minutes: int


class PlanMismatch(msgspec.Struct, frozen=True, kw_only=True):
    """Requests and messages labelled with a plan that contradicts their account's own record (C5)."""

    service: str
    label: str
    plan: str
    records: int


class BackdatedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account record that reached the broker later than it says it took effect (M4).

    When it did is no part of the month: the same records produced a second time would give another.
    """

    account_id: str
    revision: int
    effective_from: str


class MonthSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One calendar month under one policy; the field order is that of `month --json`."""

    month: str
    policy: str
    in_force: bool
    zone: str
    complete: bool
    incomplete_because: list[IncompleteReason]
    services: dict[str, ServiceSummary]
    platform: PlatformSummary
    listed_declarations: list[ListedDeclaration]
    manifest_holes: list[ListedHole]
    plan_mismatch: list[PlanMismatch]
    account_backdated: list[BackdatedAccount]


def summary_of(judged: JudgedMonth) -> MonthSummary:
    """What `month` says of a judged month."""
    choice, judgement = judged.choice, judged.judgement
    return MonthSummary(
        month=choice.span.month,
        policy=choice.policy.policy_id,
        in_force=choice.in_force,
        zone=choice.policy.zone,
        complete=judgement.complete,
        incomplete_because=incomplete_reasons(judgement.open_reasons),
        services={service: _service(one) for service, one in judgement.services.items()},
        platform=PlatformSummary(**_minutes(judgement.platform)),
        listed_declarations=_listed(judgement),
        manifest_holes=[
            ListedHole(topic=hole.topic, source=hole.source, service=hole.service, minutes=hole.minutes)
            for hole in judgement.manifest_holes
        ],
        plan_mismatch=_mismatches(judged.accounts),
        account_backdated=_backdated(judged.accounts),
    )


def incomplete_reasons(reasons: Iterable[OpenReason]) -> list[IncompleteReason]:
    """Why a month is open, with its instants as text."""
    return [
        IncompleteReason(
            code=reason.code,
            topic=reason.topic,
            partition=reason.partition,
            seen_to=_text(reason.seen_to_ms),
            until=_text(reason.until_ms),
        )
        for reason in reasons
    ]


def _service(one: ServiceJudgement) -> ServiceSummary:
    return ServiceSummary(**_minutes(one.verdict), **_counted(one.numbers))


def _minutes(verdict: SpanVerdict) -> dict[str, Any]:
    totals = verdict.totals
    return {
        "total_minutes": totals.total,
        "good_minutes": totals.by_state[MinuteState.GOOD],
        "down_minutes": totals.by_state[MinuteState.DOWN],
        "down_minutes_low": totals.down_at_best,
        "down_minutes_high": totals.down_at_worst,
        "down_minutes_high_lost": totals.down_if_lost,
        "excluded_minutes": dict(totals.excluded),
        "idle_minutes": totals.by_state[MinuteState.IDLE],
        "blind_minutes": totals.by_state[MinuteState.BLIND],
        "pending_minutes": totals.by_state[MinuteState.PENDING],
        "unobserved": verdict.uptime is None,
        **_percentages(verdict.uptime),
    }


def _percentages(uptime: SpanUptime | None) -> dict[str, str | int | None]:
    shares = ("uptime", "uptime_low", "uptime_low_lost", "uptime_high", "credit_uptime")
    if uptime is None:
        return dict.fromkeys((*shares, "credit_percent"))
    return {name: percent(getattr(uptime, name)) for name in shares} | {"credit_percent": uptime.credit_percent}


def _counted(numbers: ServiceNumbers) -> dict[str, Any]:
    return {
        "conflicts": numbers.conflicts,
        "collisions": numbers.collisions,
        "missing_records": numbers.missing_records,
        "unknown_records": numbers.unknown_records,
        "corrected_in_our_favour": numbers.corrected_in_our_favour,
        "unnamed_records": numbers.unnamed_records,
        "mended_records": dict(numbers.mended_records),
        "out_of_scope": OutOfScope(ok=numbers.out_of_scope_ok, failed=numbers.out_of_scope_failed),
        "out_of_scope_down_minutes": numbers.out_of_scope_down_minutes,
        "late_manifests": numbers.late_manifests,
        "source_completeness": "proven" if numbers.proven_complete else "unproven",
    }


def _listed(judgement: SpanJudgement) -> list[ListedDeclaration]:
    return [
        ListedDeclaration(
            declaration_id=row.declaration_id,
            revision=row.revision,
            kind=row.kind or "",
            reason=row.reason,
            minutes=row.minutes,
        )
        for row in judgement.listings
    ]


def _mismatches(accounts: AccountListings) -> list[PlanMismatch]:
    return [
        PlanMismatch(service=one.service, label=one.label, plan=one.plan, records=one.records)
        for one in accounts.mislabelled
    ]


def _backdated(accounts: AccountListings) -> list[BackdatedAccount]:
    return [
        BackdatedAccount(
            account_id=one.account_id,
            revision=one.revision,
            effective_from=format_instant(one.effective_ms),
        )
        for one in accounts.backdated
    ]


def _text(instant_ms: int | None) -> str | None:
    return None if instant_ms is None else format_instant(instant_ms)
