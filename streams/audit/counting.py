"""From records to what is known: the counts of each service-minute, manifests, dead letters (B3, C1-C6)."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from streams.audit.choosing import (
    AuditedIdentity,
    choose_manifest,
    choose_probe,
    collisions,
    count_message,
    count_request,
    distinct_mended,
    distinct_unnamed,
    is_manifest_corrected,
    is_probe_corrected,
    probes_conflict,
    requests_conflict,
)
from streams.audit.holidays import public_holidays
from streams.audit.ids import is_nameless
from streams.audit.instants import MINUTE_MS
from streams.audit.kept import AuditProbe, AuditReceipt, AuditRecords, AuditRequest, Unread
from streams.audit.known import (
    CLAIMED,
    OK,
    UNKNOWN,
    AuditCounts,
    AuditTraffic,
    Known,
    ManifestClaim,
    Minute,
    RefusedWindow,
    Series,
)
from streams.audit.policy import AuditPolicy, AuditSpan
from streams.audit.records import DECLARATIONS, RECEIPTS, REQUESTS
from streams.audit.seen import Seen
from streams.audit.silences import local_time


def know(records: AuditRecords, span: AuditSpan, seen: Seen) -> Known:
    """All that decides the minutes of a month, from all that was read."""
    policy = span.policy
    counting = _Counting(policy)
    counting.take(records)
    return Known(
        frontier_ms=seen.all_ms,
        receipts_frontier_ms=seen.receipts_ms,
        as_of_ms=seen.clock_ms,
        counts=dict(counting.counts),
        manifests={series: dict(claims) for series, claims in counting.manifests.items()},
        seen=counting.seen,
        dead_letters=_dead_letters(records),
        lost=records.lost,
        windows=list(records.windows.values()),
        refused=_refused(records),
        holidays=public_holidays(
            policy.holidays, {local_time(minute, policy.zone).year for minute in (span.first, span.end)}
        ),
    )


class _Counting:
    def __init__(self, policy: AuditPolicy) -> None:
        self._policy = policy
        self.counts: defaultdict[Minute, AuditCounts] = defaultdict(AuditCounts)
        self.manifests: defaultdict[Series, dict[int, ManifestClaim]] = defaultdict(dict)
        self.seen: defaultdict[Series, Counter[int]] = defaultdict(Counter)

    def take(self, records: AuditRecords) -> None:
        for (service, minute, _), requests in records.requests.items():
            self._take_request(service, minute, requests)
        for (service, minute, _), receipts in records.receipts.items():
            self._take_message(service, minute, receipts)
        self._take_probes(records)
        for (topic, source, service, minute), manifests in records.manifests.items():
            self.manifests[topic, source, service][minute] = ManifestClaim(
                identities=choose_manifest(manifests).identities,
                greatest=max(one.identities for one in manifests),
                final=choose_manifest(manifests).final,
                corrected=is_manifest_corrected(manifests),
                recorded_at_ms=min(manifests.values()),
            )
            _add_mended(self.counts[service, minute], distinct_mended(manifests))

    def _take_request(self, service: str, minute: int, requests: Collection[AuditRequest]) -> None:
        at = self.counts[service, minute]
        counted = count_request(requests)
        _add(at.requests, counted)
        at.requests.collisions += collisions(requests, counted)
        at.conflicts += requests_conflict(requests)
        lowest = min(request.revision for request in requests)
        self._note_sources(
            (REQUESTS, service, minute), {request.source for request in requests if request.revision == lowest}
        )
        _note_quality(at, requests)

    def _take_message(self, service: str, minute: int, receipts: Collection[AuditReceipt]) -> None:
        at = self.counts[service, minute]
        _add(at.messages, count_message(receipts, service, self._policy.handover_within_ms))
        self._note_sources((RECEIPTS, service, minute), {receipt.source for receipt in receipts})
        _note_quality(at, receipts)

    def _note_sources(self, place: tuple[str, str, int], sources: set[str]) -> None:
        topic, service, minute = place
        for source in sources - {""}:
            self.seen[topic, source, service][minute] += 1

    def _take_probes(self, records: AuditRecords) -> None:
        vantages: defaultdict[tuple[str, int, str], list[bool]] = defaultdict(list)
        for (service, minute, vantage, _), probes in records.probes.items():
            at = self.counts[service, minute]
            vantages[service, minute, vantage].append(choose_probe(probes).ok)
            at.probes_corrected += is_probe_corrected(probes)
            at.conflicts += probes_conflict(probes)
            _note_names(at, probes)
        for (service, minute, _), outcomes in vantages.items():
            at = self.counts[service, minute]
            at.vantages_ok += any(outcomes)
            at.vantages_failed += not any(outcomes)


def _add(traffic: AuditTraffic, counted: AuditedIdentity) -> None:
    side = traffic.inside if counted.in_scope else traffic.outside
    side[counted.outcome] = side.get(counted.outcome, 0) + 1
    traffic.heard += counted.heard
    if counted.corrected:
        is_open = counted.in_scope and counted.outcome in (UNKNOWN, CLAIMED)
        traffic.corrected += 1
        traffic.corrected_settled += not is_open and not counted.only_newly_in_scope
        traffic.corrected_claimed += counted.in_scope and counted.outcome == CLAIMED
        traffic.corrected_valid += counted.in_scope and counted.outcome == OK


def _note_quality(at: AuditCounts, records: Collection[AuditRequest] | Collection[AuditReceipt]) -> None:
    at.unsourced += any(not record.source for record in records)
    _note_names(at, records)


def _note_names(
    at: AuditCounts, records: Collection[AuditRequest] | Collection[AuditReceipt] | Collection[AuditProbe]
) -> None:
    at.unnamed += distinct_unnamed(records)
    _add_mended(at, distinct_mended(records))


def _add_mended(at: AuditCounts, mended: Mapping[str, int]) -> None:
    for name, number in mended.items():
        at.mended[name] = at.mended.get(name, 0) + number


def _dead_letters(records: AuditRecords) -> Counter[tuple[str, str, str | None, int]]:
    """Those that were not mended, by topic, source, service and minute."""
    dead: Counter[tuple[str, str, str | None, int]] = Counter()
    for unread in records.unread.values():
        if unread.topic != DECLARATIONS and not _was_mended(unread, records):
            record = unread.record
            minute = unread.recorded_at_ms // MINUTE_MS if record.minute is None else record.minute
            dead[unread.topic, record.source, record.service, minute] += 1
    return dead


def _was_mended(unread: Unread, records: AuditRecords) -> bool:
    """Whether its identity is readable and has a record (B3)."""
    record = unread.record
    if record.service is None or record.minute is None or record.record_id is None or not record.names_minute:
        return False
    if is_nameless(record.record_id):
        return False
    if unread.topic == REQUESTS:
        return (record.service, record.minute, (False, record.record_id, 1)) in records.requests
    return (record.service, record.minute, (False, record.record_id, record.part)) in records.receipts


def _refused(records: AuditRecords) -> list[RefusedWindow]:
    return [
        RefusedWindow(unread.record.shown_id, unread.recorded_at_ms)
        for unread in records.unread.values()
        if unread.topic == DECLARATIONS
    ]
