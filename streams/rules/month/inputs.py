"""What is known of a span of minutes: counts, manifests, dead letters, declarations, and how far all is read.

(n,) is one number a minute of the frame, element i being minute `frame.first + i`; (m,) is one an entry. Counts are
int64, never negative, and never written to.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from schemas.declaration import Kind
from schemas.fields import Service
from schemas.manifest import CountedTopic
from streams.rules.month.exact import Counts, Flags
from streams.rules.month.span import MinuteFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeCounts:
    """(n,) each: requests or messages by outcome (C1). `accepted` and `enroute` are messages still pending (C3)."""

    ok: Counts
    platform: Counts
    operator: Counts
    customer: Counts
    content: Counts
    recipient: Counts
    unknown: Counts
    claimed: Counts
    accepted: Counts
    enroute: Counts

    @classmethod
    def none(cls, size: int) -> "OutcomeCounts":
        """No request or message in any of as many minutes."""
        return cls(**dict.fromkeys(cls.__slots__, _no_counts(size)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficCounts:
    """What is known of the requests, or the messages, of a service; all (n,)."""

    in_scope: OutcomeCounts
    out_of_scope: OutcomeCounts
    """Counted apart and used nowhere else (C5)."""
    heard: Counts
    """Identities with any valid record in scope, whatever counts (I4, B2)."""
    corrected: Counts
    """Identities corrected in our favour, or newly in scope (I4)."""
    corrected_settled: Counts
    """Of these, those that count neither as unknown nor as claimed and are not only newly in scope (c of B4)."""
    corrected_claimed: Counts
    """Of these, those that count as claimed (I4)."""
    corrected_valid: Counts
    """Of all corrected, those that count as ok (k of B4)."""
    collisions: Counts
    """Collisions that count as missing (I3); none among messages."""

    @classmethod
    def none(cls, size: int) -> "TrafficCounts":
        """No request or message in any of as many minutes."""
        outcomes, counts = OutcomeCounts.none(size), dict.fromkeys(cls.__slots__[2:], _no_counts(size))
        return cls(in_scope=outcomes, out_of_scope=outcomes, **counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCounts:
    """What is known of one service; all (n,) but for the first record."""

    requests: TrafficCounts
    messages: TrafficCounts
    vantages_ok: Counts
    """Vantages that probed and did not fail (V2)."""
    vantages_failed: Counts
    """Vantages all of whose probes failed (V2)."""
    probes_corrected: Counts
    """Probes that had failed in a lower revision (I4)."""
    conflicts: Counts
    """Identities whose records contradict each other (I3)."""
    unsourced: Counts
    """Requests and messages with a record that names no source (B3)."""
    unnamed: Counts
    """Records whose id names nothing (I1)."""
    mended: Mapping[str, Counts] = field(default_factory=dict)
    """Records that count although an optional field of theirs was not readable, by field (B3)."""
    first_record: int | None = None
    """The minute of the service's first valid or missing record, if that lies before the frame (B2)."""

    @classmethod
    def none(cls, size: int) -> "ServiceCounts":
        """No record in any of as many minutes."""
        none, traffic = _no_counts(size), TrafficCounts.none(size)
        return cls(
            requests=traffic,
            messages=traffic,
            vantages_ok=none,
            vantages_failed=none,
            probes_corrected=none,
            conflicts=none,
            unsourced=none,
            unnamed=none,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestSeries:
    """The manifests of a source for a service and topic (B3), and what came of it.

    `minutes` (m,) are minutes since the epoch, ascending, each once; they may lie outside the frame. A source that sent
    records and no manifest has a series without minutes.
    """

    topic: CountedTopic
    source: str
    service: Service
    minutes: Counts
    counts: Counts
    """(m,): what the effective manifest counts, by I2."""
    greatest: Counts
    """(m,): the greatest count of any revision, at least the effective one (I4)."""
    final: Flags
    """(m,): the source sends no more after this minute."""
    corrected: Flags
    """(m,): the count was lowered, or the manifest became final later (I4)."""
    recorded_ms: Counts
    """(m,): the broker timestamp of the earliest manifest for the minute."""
    seen: Counts
    """(n,): distinct identities with a record that carries this source; of requests, one of the lowest revision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterSeries:
    """Dead letters placed by lenient reading (B3): of a topic, a source ('' if it names none) and a service."""

    topic: CountedTopic
    source: str
    service: Service | None
    """None: not readable, so it counts for every service."""
    minutes: Counts
    """(m,): minutes since the epoch, each once."""
    counts: Counts
    """(m,): distinct dead letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LostOffsets:
    """Offsets that nobody can read any more (B3). Instants are broker timestamps; None: there was none."""

    topic: str
    frontier_ms: int | None
    """The last frontier before the hole."""
    last_read_ms: int | None
    """Of the last record that was read before it."""
    first_after_ms: int
    """Of the first record after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationRevision:
    """One record of a declaration, services named one by one; several may have one revision (X)."""

    declaration_id: str
    revision: int
    content: int
    """The hash of its bytes, by which one of two records of a revision is current (I2)."""
    kind: Kind
    services: frozenset[Service]
    start_ms: int
    end_ms: int
    announced_at_ms: int
    recorded_at_ms: int
    """The broker timestamp of its earliest copy."""
    evidence: str = ""
    retracted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedDeclaration:
    """A dead letter of `sla.declarations`, with its id as far as that can be read (X4)."""

    declaration_id: str
    recorded_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPartition:
    """A partition of an input topic as the broker lists it.

    No partition: at a cut a topic is read alike everywhere. No frontier: nothing is read, or the topic is not listed.
    """

    topic: str
    partition: int | None
    frontier_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanInputs:
    """All that decides a span of minutes; its order in any tuple decides nothing."""

    frame: MinuteFrame
    services: Mapping[Service, ServiceCounts]
    """All of the platform's services."""
    partitions: tuple[ReadPartition, ...]
    """All partitions of all input topics."""
    as_of_ms: int
    """The instant the answer is given for: when partitions were last listed, or the cut that was asked for."""
    manifests: tuple[ManifestSeries, ...] = ()
    dead_letters: tuple[DeadLetterSeries, ...] = ()
    lost: tuple[LostOffsets, ...] = ()
    declarations: tuple[DeclarationRevision, ...] = ()
    refused: tuple[RefusedDeclaration, ...] = ()
    holidays: Collection[date] = ()
    """Public holidays of the policy's country (K3)."""

    def frontier_ms(self, topic: str = "") -> int:
        """The least frontier of all partitions, or of a topic's (B5); 0 where nothing is read or listed."""
        return min((part.frontier_ms or 0 for part in self.partitions if topic in ("", part.topic)), default=0)


def _no_counts(size: int) -> Counts:
    """As many zeros in the room of one."""
    return np.broadcast_to(np.int64(0), (size,))
