"""The records that bear on a month, by what they are about: identities, manifests, declarations, dead letters (I1)."""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

import xxhash

from streams.audit.codes import Codes, RequestFacts
from streams.audit.ids import ACCOUNT_MAX, ID_MAX, is_nameless, kept_id, name_of
from streams.audit.instants import MINUTE_MS
from streams.audit.kept import AuditAccount, AuditManifest, AuditProbe, AuditReceipt, AuditRecords, AuditRequest, Unread
from streams.audit.known import AuditWindow, LostSpan
from streams.audit.lenient import salvage
from streams.audit.policy import AuditPolicy
from streams.audit.reading import Progress, Raw, Source
from streams.audit.records import DECLARATIONS, RECEIPTS, REQUESTS, SERVICES, RecordSaid, understand

_PROGRESS_EVERY: Final = 10_000


def collect(source: Source, policy: AuditPolicy, codes: Codes, *, as_of_ms: int, progress: Progress) -> AuditRecords:
    """Read everything once.

    `as_of_ms` is when the ends of the partitions were asked for: where a hole that nothing follows ends.
    """
    return _Collector(policy, codes).read(source, as_of_ms, progress)


class _Collector:
    def __init__(self, policy: AuditPolicy, codes: Codes) -> None:
        self._answer_within_us = policy.answer_within_us
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
            if start > 0:
                _, until_ms = self._firsts.get((topic, partition), (start, as_of_ms))
                self._all.lost.append(LostSpan(topic, None, until_ms))
        self._all.lost += source.lost
        return self._all

    def _take(self, raw: Raw) -> None:
        self._all.read[raw.topic] += 1
        at = (raw.topic, raw.partition)
        here = (raw.offset, raw.timestamp_ms)
        self._firsts[at] = min(here, self._firsts.get(at, here))
        understood = understand(raw.topic, raw.value)
        if understood is None or raw.value is None:
            self._take_dead_letter(raw)
            return
        for place in self._keep(raw, raw.value, understood):
            self._all.places[place].append((raw.topic, raw.partition, raw.offset))

    def _keep(self, raw: Raw, value: bytes, understood: RecordSaid) -> Iterator[tuple[str, int]]:
        """Keep a valid record; returns its service-minutes."""
        fields, content = understood.fields, xxhash.xxh3_64_intdigest(value)
        match raw.topic:
            case "api.requests":
                minute = fields["time"] // MINUTE_MS
                name = name_of(fields["request_id"], value)
                self._all.requests[fields["service"], minute, name].append(self._request(understood, content))
            case "carrier.receipts":
                minute = fields["submitted_at"] // MINUTE_MS
                name = name_of(fields["message_id"], value, fields.get("part", 1))
                self._all.receipts[fields["service"], minute, name].append(self._receipt(understood, content))
            case "probes":
                minute = fields["time"] // MINUTE_MS
                name = name_of(fields["probe_id"], value)
                probe = _probe(understood, content)
                self._all.probes[fields["service"], minute, fields["vantage"], name].append(probe)
            case "telemetry.manifests":
                minute = fields["minute"] // MINUTE_MS
                self._take_manifest(raw, understood, minute, content)
            case "accounts":
                self._take_account(raw, fields, content)
                return
            case _:
                self._take_window(raw, fields, content)
                return
        yield fields["service"], minute

    def _request(self, understood: RecordSaid, content: int) -> AuditRequest:
        fields = understood.fields
        facts = RequestFacts(
            status=fields["status"],
            error=fields.get("error", ""),
            time_ms=fields["time"],
            duration_us=fields.get("duration_ms"),
            total_us=fields.get("total_ms"),
        )
        ending = self._codes.request_ending(facts, self._answer_within_us)
        return AuditRequest(
            content=content,
            revision=fields.get("revision", 0),
            time_ms=fields["time"],
            account_id=kept_id(fields["account_id"], ACCOUNT_MAX),
            status=fields["status"],
            error=facts.error,
            stage=fields.get("stage", "ga"),
            plan=fields.get("plan", "paid"),
            source=fields.get("source", ""),
            outcome=ending.outcome,
            reason=ending.reason,
            unnamed=is_nameless(fields["request_id"]),
            mended=understood.mended,
        )

    def _receipt(self, understood: RecordSaid, content: int) -> AuditReceipt:
        fields = understood.fields
        code_system, code = fields.get("code_system", ""), fields.get("code", "")
        ending = self._codes.receipt_ending(fields["state"], code_system, code, fields["submitted_at"])
        return AuditReceipt(
            content=content,
            state=fields["state"],
            time_ms=fields["time"],
            late_ms=fields["time"] - fields["submitted_at"],
            resolution_us=fields.get("resolution_ms", 1_000),
            code_system=code_system,
            has_code=code != "",
            in_scope=fields.get("stage", "ga") == "ga" and fields.get("plan", "paid") == "paid",
            source=fields.get("source", ""),
            account_id=kept_id(fields["account_id"], ACCOUNT_MAX),
            plan=fields.get("plan", "paid"),
            outcome=ending.outcome,
            reason=ending.reason,
            unnamed=is_nameless(fields["message_id"]),
            mended=understood.mended,
        )

    def _take_manifest(self, raw: Raw, understood: RecordSaid, minute: int, content: int) -> None:
        fields = understood.fields
        manifest = AuditManifest(
            content=content,
            revision=fields.get("revision", 0),
            identities=fields["count"],
            final=fields.get("final", False),
            mended=understood.mended,
        )
        claims = self._all.manifests[fields["topic"], fields["source"], fields["service"], minute]
        claims[manifest] = min(raw.timestamp_ms, claims.get(manifest, raw.timestamp_ms))

    def _take_window(self, raw: Raw, fields: dict[str, Any], content: int) -> None:
        window = AuditWindow(
            declaration_id=kept_id(fields["declaration_id"], ID_MAX),
            revision=fields.get("revision", 0),
            content=content,
            kind=fields["kind"],
            services=fields["services"],
            start_ms=fields["start"],
            end_ms=fields["end"],
            announced_at_ms=fields["announced_at"],
            recorded_at_ms=raw.timestamp_ms,
            evidence=fields.get("evidence", ""),
            retracted=fields.get("retracted", False),
        )
        known = self._all.windows.get((window.declaration_id, content), window)
        earliest_ms = min(known.recorded_at_ms, raw.timestamp_ms)
        self._all.windows[window.declaration_id, content] = known._replace(recorded_at_ms=earliest_ms)

    def _take_account(self, raw: Raw, fields: dict[str, Any], content: int) -> None:
        account = AuditAccount(
            account_id=kept_id(fields["account_id"], ACCOUNT_MAX),
            effective_from_ms=fields["effective_from"],
            revision=fields.get("revision", 0),
            content=content,
            plan=fields["plan"],
            recorded_at_ms=raw.timestamp_ms,
        )
        known = self._all.accounts.get((account.account_id, content), account)
        earliest_ms = min(known.recorded_at_ms, raw.timestamp_ms)
        self._all.accounts[account.account_id, content] = known._replace(recorded_at_ms=earliest_ms)

    def _take_dead_letter(self, raw: Raw) -> None:
        self._all.refused[raw.topic] += 1
        if raw.topic not in (REQUESTS, RECEIPTS, DECLARATIONS):
            return
        # a record without a value and an empty one are two
        content = hashlib.sha256(raw.value or b"").digest()
        for element, record in enumerate(salvage(raw.topic, raw.value)):
            key = (raw.topic, content, raw.value is None, element)
            known = self._all.unread.get(key, Unread(raw.topic, raw.timestamp_ms, record))
            earliest_ms = min(known.recorded_at_ms, raw.timestamp_ms)
            self._all.unread[key] = known._replace(recorded_at_ms=earliest_ms)
            minute = raw.timestamp_ms // MINUTE_MS if record.minute is None else record.minute
            for service in SERVICES if record.service is None else (record.service,):
                self._all.places[service, minute].append((raw.topic, raw.partition, raw.offset))


def _probe(understood: RecordSaid, content: int) -> AuditProbe:
    fields = understood.fields
    return AuditProbe(
        content=content,
        revision=fields.get("revision", 0),
        time_ms=fields["time"],
        ok=fields["ok"],
        status=fields.get("status"),
        unnamed=is_nameless(fields["probe_id"]),
        mended=understood.mended,
    )
