"""The records that bear on a month, by what they are about: identities, manifests, declarations, dead letters (I1)."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import xxhash

from streams.audit.codes import Codes
from streams.audit.instants import MINUTE_MS, NEVER_READ_MS
from streams.audit.policy import AuditSpan
from streams.audit.reading import LostSpan, Progress, Raw, Source
from streams.audit.records import (
    DECLARATIONS,
    RECEIPTS,
    REQUESTS,
    SERVICES,
    UnreadableRecord,
    salvage,
    understand,
)

Minute = tuple[str, int]
"""A service and a minute since the epoch."""
Identity = tuple[str, int, str]
"""A service, a minute since the epoch, an id (I1)."""
Place = tuple[str, int, int]
"""Topic, partition and offset of a record."""

_PROGRESS_EVERY: Final = 10_000


class AuditRequest(NamedTuple):
    """What of a request decides anything; `content` is the xxh3-64 of its bytes (I2)."""

    revision: int
    status: int
    error: str
    stage: str
    plan: str
    outcome: str
    reason: str
    source: str
    content: int


class AuditReceipt(NamedTuple):
    """What of a receipt decides anything."""

    state: str
    time_ms: int
    code_system: str
    code: str
    in_scope: bool
    outcome: str
    reason: str
    source: str
    content: int


class AuditProbe(NamedTuple):
    """What of a probe decides anything."""

    revision: int
    ok: bool
    status: int | None
    content: int


class ManifestCount(NamedTuple):
    """A manifest's claim, ordered as I2 says."""

    revision: int
    identities: int
    content: int


@dataclass(slots=True, kw_only=True)
class AuditWindow:
    """A declared window; `recorded_at_ms` is the earliest broker timestamp of these bytes."""

    declaration_id: str
    revision: int
    content: int
    kind: str
    services: tuple[str, ...]
    start_ms: int
    end_ms: int
    announced_at_ms: int
    recorded_at_ms: int
    evidence: str
    retracted: bool


class Unread(NamedTuple):
    """A dead letter: the earliest broker timestamp of its bytes, and what can be read of it."""

    recorded_at_ms: int
    dead_letter: UnreadableRecord


@dataclass(slots=True)
class AuditRecords:
    """All records of the minutes that decide a month, by what they are about."""

    requests: defaultdict[Identity, list[AuditRequest]] = field(default_factory=lambda: defaultdict(list))
    receipts: defaultdict[Identity, list[AuditReceipt]] = field(default_factory=lambda: defaultdict(list))
    probes: defaultdict[Identity, list[AuditProbe]] = field(default_factory=lambda: defaultdict(list))
    manifests: dict[tuple[str, str, str, int], ManifestCount] = field(default_factory=dict)
    windows: dict[tuple[str, int], AuditWindow] = field(default_factory=dict)
    unread: dict[tuple[str, bytes, bool], Unread] = field(default_factory=dict)
    holes: list[LostSpan] = field(default_factory=list)
    places: defaultdict[Minute, list[Place]] = field(default_factory=lambda: defaultdict(list))
    read: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    refused: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))


def collect(source: Source, span: AuditSpan, codes: Codes, *, as_of_ms: int, progress: Progress) -> AuditRecords:
    """Read everything once.

    `as_of_ms` is when the ends of the partitions were asked for: where a hole that nothing follows ends.
    """
    return _Collector(span, codes).read(source, as_of_ms, progress)


class _Collector:
    def __init__(self, span: AuditSpan, codes: Codes) -> None:
        policy = span.policy
        reach = max(policy.silence_minutes_before + policy.silence_max_minutes, policy.hole_max_minutes) + 1
        # silences and holes look across the month's borders, and no further than this (B2, B3)
        self._kept = range(span.first - reach, span.end + reach + 1)
        self._codes = codes
        self._all = AuditRecords()
        self._firsts: dict[tuple[str, int], tuple[int, int]] = {}

    def read(self, source: Source, as_of_ms: int, progress: Progress) -> AuditRecords:
        for number, raw in enumerate(source.records(), start=1):
            self._take(raw)
            if number % _PROGRESS_EVERY == 0:
                progress(raw.topic, number)
        starts = source.starts
        if starts is None:
            starts = {place: offset for place, (offset, _) in self._firsts.items()}
        for (topic, partition), start in starts.items():
            if start > 0 and topic != DECLARATIONS:
                _, until_ms = self._firsts.get((topic, partition), (start, as_of_ms))
                self._all.holes.append(LostSpan(topic, NEVER_READ_MS, until_ms))
        self._all.holes += [lost for lost in source.lost if lost.topic != DECLARATIONS]
        return self._all

    def _take(self, raw: Raw) -> None:
        self._all.read[raw.topic] += 1
        at = (raw.topic, raw.partition)
        here = (raw.offset, raw.timestamp_ms)
        self._firsts[at] = min(here, self._firsts.get(at, here))
        fields = understand(raw.topic, raw.value)
        if fields is None:
            self._take_dead_letter(raw)
            return
        content = xxhash.xxh3_64_intdigest(raw.value)
        for place in self._take_fields(raw, fields, content):
            self._all.places[place].append((raw.topic, raw.partition, raw.offset))

    def _take_fields(self, raw: Raw, fields: dict[str, Any], content: int) -> Iterator[Minute]:
        """Keep a valid record, if it bears on the month; returns its service-minutes."""
        match raw.topic:
            case "api.requests":
                minute = fields["time"] // MINUTE_MS
                if minute in self._kept:
                    self._all.requests[fields["service"], minute, fields["request_id"]].append(
                        self._request(fields, content)
                    )
                    yield fields["service"], minute
            case "carrier.receipts":
                minute = fields["submitted_at"] // MINUTE_MS
                if minute in self._kept:
                    self._all.receipts[fields["service"], minute, fields["message_id"]].append(
                        self._receipt(fields, content)
                    )
                    yield fields["service"], minute
            case "probes":
                minute = fields["time"] // MINUTE_MS
                if minute in self._kept:
                    self._all.probes[fields["service"], minute, fields["probe_id"]].append(
                        AuditProbe(fields.get("revision") or 0, fields["ok"], fields.get("status"), content)
                    )
                    yield fields["service"], minute
            case "telemetry.manifests":
                minute = fields["minute"] // MINUTE_MS
                if minute in self._kept:
                    self._take_manifest(fields, minute, content)
                    yield fields["service"], minute
            case _:
                self._take_window(raw, fields, content)

    def _request(self, fields: dict[str, Any], content: int) -> AuditRequest:
        error = fields.get("error") or ""
        ending = self._codes.request_ending(fields["status"], error, fields["time"])
        return AuditRequest(
            revision=fields.get("revision") or 0,
            status=fields["status"],
            error=error,
            stage=fields.get("stage") or "ga",
            plan=fields.get("plan") or "paid",
            outcome=ending.outcome,
            reason=ending.reason,
            source=fields.get("source") or "",
            content=content,
        )

    def _receipt(self, fields: dict[str, Any], content: int) -> AuditReceipt:
        code_system, code = fields.get("code_system"), fields.get("code") or ""
        ending = self._codes.receipt_ending(fields["state"], code_system, code, fields["submitted_at"])
        return AuditReceipt(
            state=fields["state"],
            time_ms=fields["time"],
            code_system=code_system or "",
            code=code,
            in_scope=(fields.get("stage") or "ga") == "ga" and (fields.get("plan") or "paid") == "paid",
            outcome=ending.outcome,
            reason=ending.reason,
            source=fields.get("source") or "",
            content=content,
        )

    def _take_manifest(self, fields: dict[str, Any], minute: int, content: int) -> None:
        counted = (fields["topic"], fields["source"], fields["service"], minute)
        manifest = ManifestCount(fields.get("revision") or 0, fields["count"], content)
        self._all.manifests[counted] = max(manifest, self._all.manifests.get(counted, manifest))

    def _take_window(self, raw: Raw, fields: dict[str, Any], content: int) -> None:
        services = fields["services"]
        window = AuditWindow(
            declaration_id=fields["declaration_id"],
            revision=fields.get("revision") or 0,
            content=content,
            kind=fields["kind"],
            services=SERVICES if "*" in services else tuple(name for name in SERVICES if name in services),
            start_ms=fields["start"],
            end_ms=fields["end"],
            announced_at_ms=fields["announced_at"],
            recorded_at_ms=raw.timestamp_ms,
            evidence=fields.get("evidence") or "",
            retracted=bool(fields.get("retracted")),
        )
        same = self._all.windows.setdefault((window.declaration_id, content), window)
        same.recorded_at_ms = min(same.recorded_at_ms, raw.timestamp_ms)

    def _take_dead_letter(self, raw: Raw) -> None:
        self._all.refused[raw.topic] += 1
        if raw.topic not in (REQUESTS, RECEIPTS):
            return
        value = raw.value
        # a record without a value and an empty one are two
        key = (raw.topic, hashlib.sha256(value or b"").digest(), value is None)
        known = self._all.unread.get(key)
        if known is None:
            known = Unread(raw.timestamp_ms, salvage(raw.topic, value))
        self._all.unread[key] = known._replace(recorded_at_ms=min(known.recorded_at_ms, raw.timestamp_ms))
        minute = raw.timestamp_ms // MINUTE_MS if known.dead_letter.minute is None else known.dead_letter.minute
        if minute in self._kept:
            for service in SERVICES if known.dead_letter.service is None else (known.dead_letter.service,):
                self._all.places[service, minute].append((raw.topic, raw.partition, raw.offset))


class AuditDigest(NamedTuple):
    """How many distinct requests, receipts and probes there are, and the sum modulo 2^64 of their content hashes.

    It depends on the set alone: neither order nor repetition changes it.
    """

    records: int
    content: int


def digest(records_of_month: AuditRecords, span: AuditSpan) -> AuditDigest:
    """The digest of a month."""
    kept = range(span.first, span.end)
    everything: tuple[Mapping[Identity, Sequence[AuditRequest | AuditReceipt | AuditProbe]], ...] = (
        records_of_month.requests,
        records_of_month.receipts,
        records_of_month.probes,
    )
    distinct = [
        {record.content for record in records}
        for kind in everything
        for (_, minute, _), records in kind.items()
        if minute in kept
    ]
    return AuditDigest(sum(map(len, distinct)), sum(map(sum, distinct)) % (1 << 64))
