"""Whether anything was seen of a service in a month, and whether its sources prove that all of it was (M2, B3)."""

from collections.abc import Iterator

from streams.audit.instants import MINUTE_MS
from streams.audit.judging import Judged
from streams.audit.known import ManifestClaim
from streams.audit.records import RECEIPTS, REQUESTS
from streams.audit.silences import Doubt


def is_unobserved(judged: Judged, service: str) -> bool:
    """Whether the month has no record, probe, manifest or dead letter of it, and no minute in doubt or in a gap."""
    span = range(judged.first, judged.end)
    known = judged.known
    return not (
        any(known.counts[of, minute].has_record for of, minute in known.counts if of == service and minute in span)
        or any(True for _ in _claims(judged, service))
        or any(of in (None, service) and minute in span for _, _, of, minute in known.dead_letters)
        or any(verdict.doubt > Doubt.NONE or verdict.gap for verdict in judged.verdicts[service])
        or any(of == service and minute in span for of, minute in judged.missing.in_hole)
    )


def is_proven(judged: Judged, service: str) -> bool:
    """Whether every record names its source, and each of these sent all its manifests of the month (B3)."""
    span = range(judged.first, judged.end)
    known = judged.known
    if judged.gaps.manifests_lost or any(verdict.counts.unsourced for verdict in judged.verdicts[service]):
        return False
    named = {
        source
        for (_, source, of), seen in known.seen.items()
        if of == service and any(number and minute in span for minute, number in seen.items())
    }
    return bool(named) and all(
        all(minute in known.manifests.get((topic, source, service), {}) for minute in span)
        for source in named
        for topic in (REQUESTS, RECEIPTS)
    )


def late_manifests(judged: Judged, service: str) -> int:
    """Manifests of the month that reached the broker long after their minute (B3)."""
    return sum(
        claim.recorded_at_ms > (minute + 1) * MINUTE_MS + judged.policy.late_manifest_ms
        for minute, claim in _claims(judged, service)
    )


def corrected_manifests(judged: Judged, service: str) -> int:
    """Manifests of the month whose count was lowered, or that became final later (I4)."""
    return sum(claim.corrected for _, claim in _claims(judged, service))


def _claims(judged: Judged, service: str) -> Iterator[tuple[int, ManifestClaim]]:
    for (_, _, of), claims in judged.known.manifests.items():
        if of == service:
            yield from ((minute, claim) for minute, claim in claims.items() if judged.first <= minute < judged.end)
