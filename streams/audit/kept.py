"""What is kept of records: all that decides anything, by what they are about (I1)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from streams.audit.ids import Name
from streams.audit.known import AuditWindow, LostSpan
from streams.audit.lenient import UnreadableRecord
from streams.audit.policy import AuditSpan

Identity = tuple[str, int, Name]
"""A service, a minute since the epoch, a name (I1)."""
ProbeIdentity = tuple[str, int, str, Name]
"""The same, and a vantage before the name."""
Place = tuple[str, int, int]
"""Topic, partition and offset of a record."""


class AuditRequest(NamedTuple):
    """What of a request decides anything; `content` is the xxh3-64 of its bytes (I2)."""

    content: int
    revision: int
    time_ms: int
    account_id: str
    status: int
    error: str
    stage: str
    plan: str
    source: str
    outcome: str
    reason: str
    unnamed: bool
    mended: tuple[str, ...]

    @property
    def in_scope(self) -> bool:
        """C5."""
        return self.stage == "ga" and self.plan == "paid"


class AuditReceipt(NamedTuple):
    """What of a receipt decides anything; `late_ms` is by how much it is later than its message, T1's digits cut."""

    content: int
    state: str
    time_ms: int
    late_ms: int
    resolution_us: int
    code_system: str
    has_code: bool
    in_scope: bool
    source: str
    account_id: str
    plan: str
    outcome: str
    reason: str
    unnamed: bool
    mended: tuple[str, ...]


class AuditProbe(NamedTuple):
    """What of a probe decides anything."""

    content: int
    revision: int
    time_ms: int
    ok: bool
    status: int | None
    unnamed: bool
    mended: tuple[str, ...]


class AuditManifest(NamedTuple):
    """What of a manifest decides anything."""

    content: int
    revision: int
    identities: int
    final: bool
    mended: tuple[str, ...]


class AuditAccount(NamedTuple):
    """What an account's record says; `recorded_at_ms` is the broker timestamp of its earliest copy."""

    account_id: str
    effective_from_ms: int
    revision: int
    content: int
    plan: str
    recorded_at_ms: int


class Unread(NamedTuple):
    """A dead letter, or an element of one: the earliest broker timestamp of its bytes, and what can be read of it."""

    topic: str
    recorded_at_ms: int
    record: UnreadableRecord


@dataclass(slots=True)
class AuditRecords:
    """All records, by what they are about."""

    requests: defaultdict[Identity, list[AuditRequest]] = field(default_factory=lambda: defaultdict(list))
    receipts: defaultdict[Identity, list[AuditReceipt]] = field(default_factory=lambda: defaultdict(list))
    probes: defaultdict[ProbeIdentity, list[AuditProbe]] = field(default_factory=lambda: defaultdict(list))
    manifests: defaultdict[tuple[str, str, str, int], dict[AuditManifest, int]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    """By topic, source, service and minute: each with its earliest broker timestamp."""
    windows: dict[tuple[str, int], AuditWindow] = field(default_factory=dict)
    accounts: dict[tuple[str, int], AuditAccount] = field(default_factory=dict)
    """By id and content."""
    unread: dict[tuple[str, bytes, bool, int], Unread] = field(default_factory=dict)
    lost: list[LostSpan] = field(default_factory=list)
    places: defaultdict[tuple[str, int], list[Place]] = field(default_factory=lambda: defaultdict(list))
    read: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    refused: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))


class AuditDigest(NamedTuple):
    """How many distinct requests, receipts and probes there are, and the sum modulo 2^64 of their content hashes.

    It depends on the set alone: neither order nor repetition changes it.
    """

    records: int
    content: int


def digest(records_of_month: AuditRecords, span: AuditSpan) -> AuditDigest:
    """The digest of a month."""
    kept = range(span.first, span.end)
    everything: tuple[Mapping[Any, Sequence[AuditRequest | AuditReceipt | AuditProbe]], ...] = (
        records_of_month.requests,
        records_of_month.receipts,
        records_of_month.probes,
    )
    distinct = [
        {record.content for record in records}
        for kind in everything
        for identity, records in kind.items()
        if identity[1] in kept
    ]
    return AuditDigest(sum(map(len, distinct)), sum(map(sum, distinct)) % (1 << 64))
