"""What stands beside the table of a month for people: everything that is not 0, in words."""

from collections.abc import Iterator, Mapping
from typing import Final

from streams.months.month import ListedDeclaration, MonthSummary, PlatformSummary, ServiceSummary

LISTING_WORDS: Final[Mapping[str, str]] = {
    "excludes": "excluded",
    "vouches": "vouched for: what only we tell counts as the operator's, or the worst case is lifted",
    "notice_too_short": "void: declared less than the notice beforehand",
    "overrun": "void: beyond the window that was announced in time",
    "outside_usual_hours": "void: outside the usual hours",
    "declared_afterwards": "void: declared after they had begun",
    "emergency_budget_spent": "void: beyond what the month allows of emergency maintenance",
    "no_evidence": "void: without evidence",
    "foretold": "void: declared before they were over",
    "declared_too_late": "void: declared too long afterwards",
    "notice_unproven": "excluded by a notice that only the declaration itself dates",
    "revised": "in windows that a later revision moved",
    "retracted": "in a window that was retracted",
    "telemetry_gap": "in which records were lost",
    "refused": "refused as unreadable",
}
"""What the reasons of X4 say of the minutes beside them."""


def remarks_of(name: str, found: PlatformSummary) -> Iterator[str]:
    """What is to be said of a service, or of the platform."""
    if found.excluded_minutes:
        kinds = ", ".join(f"{kind.replace('_', ' ')} {minutes:,}" for kind, minutes in found.excluded_minutes.items())
        yield f"{name}: excluded minutes by kind: {kinds}"
    if found.uptime_low != found.uptime_high:
        yield (
            f"{name}: down between {found.down_minutes_low:,} and {found.down_minutes_high:,} minutes; no more than "
            f"{found.down_minutes_high_lost:,} ({found.uptime_low_lost} %) if only what was lost had failed (B4)"
        )
    if found.credit_uptime != found.uptime:
        yield f"{name}: blind minutes count against us: the tier is that of {found.credit_uptime} % (M2)"
    if isinstance(found, ServiceSummary):
        yield from (f"{name}: {words}" for words in _records(found))


def remarks_of_month(month: MonthSummary) -> Iterator[str]:
    """What is to be said of the month as a whole: holes of sources, what accounts say, what sources prove (B3, C5)."""
    for hole in month.manifest_holes:
        yield (
            f"{hole.service}: source {hole.source or '(unnamed)'} sent no manifest of {hole.topic} for "
            f"{_minutes(hole.minutes)} (B3)"
        )
    for label in month.plan_mismatch:
        yield (
            f"{label.service}: plan_mismatch: {label.records:,} records are labelled {label.label}, the account's own "
            f"record says {label.plan} (C5)"
        )
    for late in month.account_backdated:
        yield (
            f"account {late.account_id}, revision {late.revision}: took effect {late.effective_from}, and reached the "
            "broker later (M4)"
        )
    unproven = [
        name
        for name, found in month.services.items()
        if not found.unobserved and found.source_completeness != "proven" and _has_traffic(found)
    ]
    if unproven:
        yield f"{', '.join(unproven)}: completeness at the source is unproven: no manifest for every minute (B3)"


def listed_words(listed: ListedDeclaration) -> str:
    """A row of the listings in words (X4)."""
    kind = f" ({listed.kind.replace('_', ' ')})" if listed.kind else ""
    words = LISTING_WORDS.get(listed.reason, listed.reason.replace("_", " "))
    name = listed.declaration_id or "whose id cannot be read"
    if listed.reason == "refused":
        return f"declaration {name}: {words}"
    return f"declaration {name}{kind}, revision {listed.revision}: {_minutes(listed.minutes)} {words}"


def _records(found: ServiceSummary) -> Iterator[str]:
    if found.missing_records or found.unknown_records:
        yield f"{found.missing_records:,} records missing (B3), {found.unknown_records:,} of unknown outcome"
    if found.corrected_in_our_favour:
        yield f"{found.corrected_in_our_favour:,} corrected in our favour; at worst they count as before (I4)"
    if found.conflicts:
        yield f"{found.conflicts:,} identities were reported in contradicting ways (I3)"
    if found.collisions:
        yield f"{found.collisions:,} other requests under one id, which count as missing (I3)"
    if found.unnamed_records:
        yield f"{found.unnamed_records:,} records whose id names nothing (I1)"
    if found.mended_records:
        fields = ", ".join(f"{field} {records:,}" for field, records in found.mended_records.items())
        yield f"optional fields that could not be read, left out or cut: {fields} (B3)"
    if found.late_manifests:
        yield f"{found.late_manifests:,} manifests reached the broker more than a day after their minute (B3)"
    scope = found.out_of_scope
    if scope.ok or scope.failed:
        yield (
            f"out of scope: {scope.ok:,} ok, {scope.failed:,} failed; with them {found.out_of_scope_down_minutes:,} "
            "more minutes would be bad (C5)"
        )


def _has_traffic(found: ServiceSummary) -> bool:
    return found.total_minutes > found.idle_minutes + found.pending_minutes


def _minutes(number: int) -> str:
    return f"{number:,} minute{'' if number == 1 else 's'}"
