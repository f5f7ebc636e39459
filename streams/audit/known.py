"""What is known of the minutes of a span, as plain numbers: all that the judging half is given.

Minutes are whole minutes since the epoch in UTC; instants are milliseconds. Whatever no entry names did not happen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

OK: Final = "ok"
PLATFORM: Final = "platform"
UNKNOWN: Final = "unknown"
CLAIMED: Final = "claimed"
ACCEPTED: Final = "accepted"
ENROUTE: Final = "enroute"
OUTCOMES: Final = (OK, PLATFORM, "operator", "customer", "content", "recipient", UNKNOWN, CLAIMED)
"""How a request or message ends (C1); a message is `accepted` or `enroute` while it is pending (C3)."""

Minute = tuple[str, int]
"""A service and a minute."""
Series = tuple[str, str, str]
"""A topic, a source and a service (B3)."""


@dataclass(slots=True)
class AuditTraffic:
    """The requests, or the messages, of a service-minute."""

    inside: dict[str, int] = field(default_factory=dict)
    """In scope, by outcome (C1)."""
    outside: dict[str, int] = field(default_factory=dict)
    """Out of scope, by outcome (C5)."""
    heard: int = 0
    """Identities with any valid record in scope, whatever counts (I4)."""
    corrected: int = 0
    """Identities corrected in our favour, newly in scope or not (I4)."""
    corrected_settled: int = 0
    """Of these, those that count neither as unknown nor as claimed and are not only newly in scope (B4)."""
    corrected_claimed: int = 0
    """Of these, those that count as claimed (I4)."""
    corrected_valid: int = 0
    """Of all corrected, those that count as ok or as ours (B4)."""
    collisions: int = 0
    """Other requests under one id that count as missing (I3)."""


@dataclass(slots=True)
class AuditCounts:
    """What a service-minute holds."""

    requests: AuditTraffic = field(default_factory=AuditTraffic)
    messages: AuditTraffic = field(default_factory=AuditTraffic)
    vantages_ok: int = 0
    """Vantages that probed and did not fail (V2)."""
    vantages_failed: int = 0
    """Vantages all of whose probes failed (V2)."""
    probes_corrected: int = 0
    """Probes that had failed in a lower revision (I4)."""
    conflicts: int = 0
    """Identities whose records contradict each other (I3)."""
    unsourced: int = 0
    """Requests and messages with a record that names no source (B3)."""
    unnamed: int = 0
    """Records whose id names nothing (I1)."""
    mended: dict[str, int] = field(default_factory=dict)
    """Records by an optional field of theirs that could not be read (B3)."""

    @property
    def has_record(self) -> bool:
        """Whether there is any request, message or probe (M2)."""
        sides = (self.requests, self.messages)
        return bool(self.vantages_ok + self.vantages_failed) or any(
            sum(side.inside.values()) + sum(side.outside.values()) for side in sides
        )


class ManifestClaim(NamedTuple):
    """What a source says that it sent in a minute, by the manifest that counts (I2, B3)."""

    identities: int
    greatest: int
    """The greatest count of any revision (I4)."""
    final: bool
    corrected: bool
    """The count was lowered, or the manifest became final later (I4)."""
    recorded_at_ms: int
    """The broker timestamp of the earliest manifest for the minute."""


class LostSpan(NamedTuple):
    """Records of a topic that nobody read (B3); instants are broker timestamps, None: there was none."""

    topic: str
    last_read_ms: int | None
    """Of the last record read before them."""
    until_ms: int
    """Of the first record after them."""
    frontier_ms: int | None = None
    """The last frontier before them."""


class AuditWindow(NamedTuple):
    """One record of a declaration (X); `recorded_at_ms` is the broker timestamp of its earliest copy."""

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


class RefusedWindow(NamedTuple):
    """A declaration that was refused as a dead letter, by its id as far as that can be read (X4)."""

    declaration_id: str
    recorded_at_ms: int


@dataclass(slots=True, kw_only=True)
class Known:
    """All that decides a span of minutes."""

    frontier_ms: int
    """Of all input topics (B5)."""
    receipts_frontier_ms: int
    as_of_ms: int
    """The instant that the answer is given for: which pending minutes are over (B4)."""
    counts: Mapping[Minute, AuditCounts]
    manifests: Mapping[Series, Mapping[int, ManifestClaim]]
    seen: Mapping[Series, Mapping[int, int]]
    """Distinct identities with a record that carries the source; of requests, one of the lowest revision (B3)."""
    dead_letters: Mapping[tuple[str, str, str | None, int], int]
    """By topic, source ('' if it names none), service (None: not readable) and minute (B3)."""
    lost: Sequence[LostSpan] = ()
    windows: Sequence[AuditWindow] = ()
    refused: Sequence[RefusedWindow] = ()
    holidays: frozenset[date] = frozenset()
