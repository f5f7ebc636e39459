"""The distinct records of all topics, told apart by the rules of identity alone (contract I1-I3, C1-C6, B3).

This is the plain accounting beside the pipeline: one dictionary entry an identity, one comparison a record, no
columns, no SQL. It knows records and code tables, and nothing of the code that it is compared with.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from enum import IntEnum, unique
from typing import Final

import xxhash

from schemas.api_request import ApiRequest
from schemas.carrier_receipt import CarrierReceipt
from schemas.codes import CodeTables, Responsible
from schemas.declaration import Declaration
from schemas.decoding import RECORDS, Record, decode
from schemas.defects import Defect
from schemas.fields import SERVICES, Service
from schemas.instants import parse_instant
from schemas.manifest import Manifest
from schemas.probe import Probe
from schemas.reference import code_tables

MINUTE_MS: Final = 60_000


@unique
class Fate(IntEnum):
    """How a request or message came out; the index of its count."""

    OK = 0
    PLATFORM = 1
    OPERATOR = 2
    CUSTOMER = 3
    CONTENT = 4
    RECIPIENT = 5
    UNKNOWN = 6
    ACCEPTED = 7
    ENROUTE = 8
    OUT_OF_SCOPE = 9


Minute = tuple[Service, int]
"""A service and a UTC minute (minutes since the epoch)."""
Identity = tuple[Service, int, str]
Counted = tuple[str, str, Service, int]
"""Topic, source, service, minute: what a manifest counts."""

_FATES: Final = {
    Responsible.PLATFORM: Fate.PLATFORM,
    Responsible.OPERATOR: Fate.OPERATOR,
    Responsible.CUSTOMER: Fate.CUSTOMER,
    Responsible.CONTENT: Fate.CONTENT,
    Responsible.RECIPIENT: Fate.RECIPIENT,
    Responsible.UNKNOWN: Fate.UNKNOWN,
    Responsible.NONE: Fate.UNKNOWN,
}
_DOUBT: Final = {Fate.OK: 0, Fate.PLATFORM: 3, Fate.UNKNOWN: 2}
_CODE_TABLES: Final = {
    "smpp_status": "smpp_command_status", "gsm_map": "gsm_map_error", "q850": "q850_cause", "sip": "sip_status",
    "whatsapp": "whatsapp_error", "smtp": "smtp_enhanced_status", "vendor": "vendor_dlr_err",
    "platform": "platform_error",
}  # fmt: skip
_STATE_CODES: Final = {
    "failed": "UNDELIV", "expired": "EXPIRED", "rejected": "REJECTD", "deleted": "DELETED", "unknown": "UNKNOWN",
}  # fmt: skip


@dataclass(slots=True)
class _Standing:
    """What counts for an identity so far: the greatest order (I2), what it says, and who said what (I3)."""

    order: tuple[int, ...]
    fate: Fate
    claim: tuple[object, ...] | None
    claims: set[tuple[object, ...]] | None = None


@dataclass(slots=True)
class Reckoning:
    """Takes records in any order, any number of times; `truth.tell_month` turns it into months."""

    tables: CodeTables = field(default_factory=code_tables)
    requests: dict[Identity, _Standing] = field(default_factory=dict)
    messages: dict[Identity, _Standing] = field(default_factory=dict)
    probes: dict[Identity, _Standing] = field(default_factory=dict)
    declarations: dict[str, tuple[tuple[int, int], Declaration]] = field(default_factory=dict)
    manifests: dict[Counted, tuple[int, int]] = field(default_factory=dict)
    sourced: defaultdict[Counted, set[str]] = field(default_factory=lambda: defaultdict(set))
    sources: defaultdict[Minute, set[str]] = field(default_factory=lambda: defaultdict(set))
    letters: dict[tuple[str, bytes | None], Defect] = field(default_factory=dict)
    taken: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _fates: dict[tuple[object, ...], Fate] = field(default_factory=dict)

    def take(self, topic: str, value: bytes | None) -> None:
        """Account for one record of an input topic."""
        self.taken[topic] += 1
        if topic not in RECORDS:
            return
        record: Record | Defect = decode(topic, value)
        match record:
            case ApiRequest():
                self._take_request(record, _hash(value))
            case CarrierReceipt():
                self._take_receipt(record, _hash(value))
            case Probe():
                self._take_probe(record, _hash(value))
            case Manifest():
                self._take_manifest(record)
            case Declaration():
                order = (record.revision or 0, _hash(value))
                standing = self.declarations.get(record.declaration_id)
                if standing is None or order > standing[0]:
                    self.declarations[record.declaration_id] = (order, record)
            case Defect():
                self.letters.setdefault((topic, value), record)
            case _:
                pass

    def missing_letters(self) -> dict[tuple[str, Service, int], int]:
        """Dead letters by topic, service and minute, without those of which the time cannot be read (B3).

        Those count in the minute in which they reached the broker, which a producer does not know.
        """
        missing: defaultdict[tuple[str, Service, int], int] = defaultdict(int)
        for (topic, _), defect in self.letters.items():
            if topic not in ("api.requests", "carrier.receipts") or defect.time_ms is None:
                continue
            minute = defect.time_ms // MINUTE_MS
            for service in SERVICES:
                if defect.service not in (None, service):
                    continue
                if defect.source is not None and (topic, defect.source, service, minute) in self.manifests:
                    continue
                missing[topic, service, minute] += 1
        return dict(missing)

    def _take_request(self, record: ApiRequest, content: int) -> None:
        time_ms = parse_instant(record.time)
        minute = time_ms // MINUTE_MS
        error, stage, plan, revision = (
            record.error or "",
            record.stage or "ga",
            record.plan or "paid",
            record.revision or 0,
        )
        kind = (record.status, error)
        fate = self._fates.get(kind)
        if fate is None:
            # the tables' dates decide by the record's own time; without dated rows a pair has one fate
            fate = self._request_fate(record.status, error, time_ms)
            if not self.tables.edges_ms:
                self._fates[kind] = fate
        in_scope = stage == "ga" and plan == "paid"
        self._note_source(record.source, "api.requests", record.service, minute, record.request_id)
        _stand(
            self.requests,
            (record.service, minute, record.request_id),
            (revision, in_scope, _DOUBT.get(fate, 1), content),
            fate if in_scope else Fate.OUT_OF_SCOPE,
            (revision, record.status, error, stage, plan),
        )

    def _take_receipt(self, record: CarrierReceipt, content: int) -> None:
        submitted_ms, time_ms = parse_instant(record.submitted_at), parse_instant(record.time)
        minute = submitted_ms // MINUTE_MS
        code = record.code or ""
        fate = self._receipt_fate(record, code, submitted_ms)
        in_scope = (record.stage or "ga") == "ga" and (record.plan or "paid") == "paid"
        claim: tuple[object, ...] | None = None
        match record.state:
            case "delivered":
                order = (2, 0, -time_ms, content)
            case "accepted" | "enroute":
                order = (0, 0, time_ms, content)
            case _:
                order = (1, code != "", time_ms, content)
                claim = (time_ms, record.code_system, code) if code else None
        self._note_source(record.source, "carrier.receipts", record.service, minute, record.message_id)
        _stand(
            self.messages,
            (record.service, minute, record.message_id),
            order,
            fate if in_scope else Fate.OUT_OF_SCOPE,
            claim,
        )

    def _take_probe(self, record: Probe, content: int) -> None:
        minute = parse_instant(record.time) // MINUTE_MS
        revision = record.revision or 0
        _stand(
            self.probes,
            (record.service, minute, record.probe_id),
            (revision, not record.ok, content),
            Fate.OK if record.ok else Fate.PLATFORM,
            (revision, record.ok, record.status),
        )

    def _take_manifest(self, record: Manifest) -> None:
        minute = parse_instant(record.minute) // MINUTE_MS
        counted = (record.topic, record.source, record.service, minute)
        order = (record.revision or 0, record.count)
        self.manifests[counted] = max(order, self.manifests.get(counted, order))

    def _note_source(self, source: str | None, topic: str, service: Service, minute: int, record_id: str) -> None:
        self.sources[service, minute].add(source or "")
        if source:
            self.sourced[topic, source, service, minute].add(record_id)

    def _request_fate(self, status: int, error: str, time_ms: int) -> Fate:
        """C2, by the letter."""
        if status == 0:
            return Fate.PLATFORM
        if status < 400:  # noqa: PLR2004  HTTP
            return Fate.OK
        known = self.tables.responsible("platform_error", error, time_ms) if error else None
        listed = self.tables.responsible("http_status", f"{status:03d}", time_ms)
        if status < 500:  # noqa: PLR2004  HTTP
            return _FATES[known or listed or Responsible.CUSTOMER]
        if known is Responsible.OPERATOR:
            return Fate.OPERATOR
        if known is Responsible.PLATFORM:
            return Fate.PLATFORM
        return Fate.UNKNOWN if listed in (Responsible.UNKNOWN, Responsible.NONE) else Fate.PLATFORM

    def _receipt_fate(self, record: CarrierReceipt, code: str, submitted_ms: int) -> Fate:
        """C3, by the letter."""
        match record.state:
            case "delivered":
                return Fate.OK
            case "accepted":
                return Fate.ACCEPTED
            case "enroute":
                return Fate.ENROUTE
        known = None
        if record.code_system and code:
            known = self.tables.responsible(_CODE_TABLES[record.code_system], code, submitted_ms)
        if known is None:
            known = self.tables.responsible("smpp_message_state", _STATE_CODES[record.state], submitted_ms)
        return _FATES[known or Responsible.UNKNOWN]


def conflicting(claims: set[tuple[object, ...]]) -> bool:
    """Whether two claims of one revision (receipts: of one time) differ (I3): the first field tells which."""
    return len(claims) > len({claim[0] for claim in claims})


def _hash(value: bytes | None) -> int:
    number: int = xxhash.xxh3_64_intdigest(value or b"")
    return number


def _stand(
    standings: dict[Identity, _Standing],
    identity: Identity,
    order: tuple[int, ...],
    fate: Fate,
    claim: tuple[object, ...] | None,
) -> None:
    standing = standings.get(identity)
    if standing is None:
        standings[identity] = _Standing(order, fate, claim)
        return
    if claim is not None and claim != standing.claim:
        if standing.claims is None:
            standing.claims = set() if standing.claim is None else {standing.claim}
        standing.claims.add(claim)
    if order > standing.order:
        standing.order, standing.fate = order, fate
