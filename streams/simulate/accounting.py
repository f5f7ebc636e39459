"""The distinct records of all topics, distinguished by the rules of identity alone (contract I1-I3, C1-C6, B3).

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
from schemas.fields import SERVICES, Service
from schemas.instants import parse_instant
from schemas.manifest import Manifest
from schemas.probe import Probe
from schemas.reference import code_tables
from schemas.violations import InvalidRecord

MINUTE_MS: Final = 60_000


@unique
class ExpectedOutcome(IntEnum):
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

_OUTCOMES: Final = {
    Responsible.PLATFORM: ExpectedOutcome.PLATFORM,
    Responsible.OPERATOR: ExpectedOutcome.OPERATOR,
    Responsible.CUSTOMER: ExpectedOutcome.CUSTOMER,
    Responsible.CONTENT: ExpectedOutcome.CONTENT,
    Responsible.RECIPIENT: ExpectedOutcome.RECIPIENT,
    Responsible.UNKNOWN: ExpectedOutcome.UNKNOWN,
    Responsible.NONE: ExpectedOutcome.UNKNOWN,
}
_DOUBT: Final = {ExpectedOutcome.OK: 0, ExpectedOutcome.PLATFORM: 3, ExpectedOutcome.UNKNOWN: 2}
_CODE_TABLES: Final = {
    "smpp_status": "smpp_command_status", "gsm_map": "gsm_map_error", "q850": "q850_cause", "sip": "sip_status",
    "whatsapp": "whatsapp_error", "smtp": "smtp_enhanced_status", "vendor": "vendor_dlr_err",
    "platform": "platform_error",
}  # fmt: skip
_STATE_CODES: Final = {
    "failed": "UNDELIV", "expired": "EXPIRED", "rejected": "REJECTD", "deleted": "DELETED", "unknown": "UNKNOWN",
}  # fmt: skip


@dataclass(slots=True)
class _Greatest:
    """What counts for an identity so far: the greatest order (I2), what it says, and who said what (I3)."""

    order: tuple[int, ...]
    outcome: ExpectedOutcome
    claim: tuple[object, ...] | None
    claims: set[tuple[object, ...]] | None = None


@dataclass(slots=True)
class PlainAccounting:
    """Takes records in any order, any number of times; `truth.describe_month` turns it into months."""

    tables: CodeTables = field(default_factory=code_tables)
    requests: dict[Identity, _Greatest] = field(default_factory=dict)
    messages: dict[Identity, _Greatest] = field(default_factory=dict)
    probes: dict[Identity, _Greatest] = field(default_factory=dict)
    declarations: dict[str, tuple[tuple[int, int], Declaration]] = field(default_factory=dict)
    manifests: dict[Counted, tuple[int, int]] = field(default_factory=dict)
    sourced: defaultdict[Counted, set[str]] = field(default_factory=lambda: defaultdict(set))
    sources: defaultdict[Minute, set[str]] = field(default_factory=lambda: defaultdict(set))
    dead_letters: dict[tuple[str, bytes | None], InvalidRecord] = field(default_factory=dict)
    taken: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _outcomes: dict[tuple[object, ...], ExpectedOutcome] = field(default_factory=dict)

    def take(self, topic: str, value: bytes | None) -> None:
        """Account for one record of an input topic."""
        self.taken[topic] += 1
        if topic not in RECORDS:
            return
        record: Record | InvalidRecord = decode(topic, value)
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
                greatest = self.declarations.get(record.declaration_id)
                if greatest is None or order > greatest[0]:
                    self.declarations[record.declaration_id] = (order, record)
            case InvalidRecord():
                self.dead_letters.setdefault((topic, value), record)
            case _:
                pass

    def missing_dead_letters(self) -> dict[tuple[str, Service, int], int]:
        """Dead letters by topic, service and minute, without those of which the time cannot be read (B3).

        Those count in the minute in which they reached the broker, which a producer does not know.
        """
        missing: defaultdict[tuple[str, Service, int], int] = defaultdict(int)
        for (topic, _), invalid in self.dead_letters.items():
            if topic not in ("api.requests", "carrier.receipts") or invalid.time_ms is None:
                continue
            minute = invalid.time_ms // MINUTE_MS
            for service in SERVICES:
                if invalid.service not in (None, service):
                    continue
                if invalid.source is not None and (topic, invalid.source, service, minute) in self.manifests:
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
        outcome = self._outcomes.get(kind)
        if outcome is None:
            # the tables' dates decide by the record's own time; without dated rows a pair has one fate
            outcome = self._request_outcome(record.status, error, time_ms)
            if not self.tables.edges_ms:
                self._outcomes[kind] = outcome
        in_scope = stage == "ga" and plan == "paid"
        self._note_source(record.source, "api.requests", record.service, minute, record.request_id)
        _keep_greatest(
            self.requests,
            (record.service, minute, record.request_id),
            (revision, in_scope, _DOUBT.get(outcome, 1), content),
            outcome if in_scope else ExpectedOutcome.OUT_OF_SCOPE,
            (revision, record.status, error, stage, plan),
        )

    def _take_receipt(self, record: CarrierReceipt, content: int) -> None:
        submitted_ms, time_ms = parse_instant(record.submitted_at), parse_instant(record.time)
        minute = submitted_ms // MINUTE_MS
        code = record.code or ""
        outcome = self._receipt_outcome(record, code, submitted_ms)
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
        _keep_greatest(
            self.messages,
            (record.service, minute, record.message_id),
            order,
            outcome if in_scope else ExpectedOutcome.OUT_OF_SCOPE,
            claim,
        )

    def _take_probe(self, record: Probe, content: int) -> None:
        minute = parse_instant(record.time) // MINUTE_MS
        revision = record.revision or 0
        _keep_greatest(
            self.probes,
            (record.service, minute, record.probe_id),
            (revision, not record.ok, content),
            ExpectedOutcome.OK if record.ok else ExpectedOutcome.PLATFORM,
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

    def _request_outcome(self, status: int, error: str, time_ms: int) -> ExpectedOutcome:
        """C2, by the letter."""
        if status == 0:
            return ExpectedOutcome.PLATFORM
        if status < 400:  # noqa: PLR2004  HTTP
            return ExpectedOutcome.OK
        known = self.tables.responsible("platform_error", error, time_ms) if error else None
        listed = self.tables.responsible("http_status", f"{status:03d}", time_ms)
        if status < 500:  # noqa: PLR2004  HTTP
            return _OUTCOMES[known or listed or Responsible.CUSTOMER]
        if known is Responsible.OPERATOR:
            return ExpectedOutcome.OPERATOR
        if known is Responsible.PLATFORM:
            return ExpectedOutcome.PLATFORM
        return (
            ExpectedOutcome.UNKNOWN if listed in (Responsible.UNKNOWN, Responsible.NONE) else ExpectedOutcome.PLATFORM
        )

    def _receipt_outcome(self, record: CarrierReceipt, code: str, submitted_ms: int) -> ExpectedOutcome:
        """C3, by the letter."""
        match record.state:
            case "delivered":
                return ExpectedOutcome.OK
            case "accepted":
                return ExpectedOutcome.ACCEPTED
            case "enroute":
                return ExpectedOutcome.ENROUTE
        known = None
        if record.code_system and code:
            known = self.tables.responsible(_CODE_TABLES[record.code_system], code, submitted_ms)
        if known is None:
            known = self.tables.responsible("smpp_message_state", _STATE_CODES[record.state], submitted_ms)
        return _OUTCOMES[known or Responsible.UNKNOWN]


def conflicting(claims: set[tuple[object, ...]]) -> bool:
    """Whether two claims of one revision (receipts: of one time) differ (I3): the first field says which."""
    return len(claims) > len({claim[0] for claim in claims})


def _hash(value: bytes | None) -> int:
    number: int = xxhash.xxh3_64_intdigest(value or b"")
    return number


def _keep_greatest(
    greatest_by_identity: dict[Identity, _Greatest],
    identity: Identity,
    order: tuple[int, ...],
    outcome: ExpectedOutcome,
    claim: tuple[object, ...] | None,
) -> None:
    greatest = greatest_by_identity.get(identity)
    if greatest is None:
        greatest_by_identity[identity] = _Greatest(order, outcome, claim)
        return
    if claim is not None and claim != greatest.claim:
        if greatest.claims is None:
            greatest.claims = set() if greatest.claim is None else {greatest.claim}
        greatest.claims.add(claim)
    if order > greatest.order:
        greatest.order, greatest.outcome = order, outcome
