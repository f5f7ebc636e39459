"""The distinct records of all topics, by the identities of contract I1.

This is the plain accounting beside the pipeline: a list of records an identity, no columns, no SQL. It knows records
and code tables, and nothing of the code that it is compared with. Broker timestamps are not the simulator's to know:
where a record comes without one, it is taken to have come long after everything.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import xxhash

from schemas.fields import Service
from schemas.reference import code_tables
from streams.simulate.outcomes import ExpectedOutcome, PlainCodes, receipt_outcome, request_outcome
from streams.simulate.reading import MINUTE_MS, DeadRecord, ReadRecord, names_nothing, read

LONG_AFTER_MS: Final = 4_000_000_000_000
"""The broker timestamp of a record that came without one."""

Minute = tuple[Service, int]
"""A service and a UTC minute (minutes since the epoch)."""
Identity = tuple[Service, int, str, int]
"""Service, minute, id, and part of a message (0 for all else)."""
Counted = tuple[str, str, Service, int]
"""Topic, source, service, minute: what a manifest counts."""


class TrafficRecord(NamedTuple):
    """A request or a receipt, as far as the rules look at it. A receipt has no revision, a request no submission."""

    content: int
    revision: int
    in_scope: bool
    outcome: ExpectedOutcome
    time_ms: int
    submitted_ms: int
    account_id: str
    claim: tuple[object, ...]
    """What contradicts another record of one revision, time and account (I3)."""
    source: str
    unnamed: bool
    mended: tuple[str, ...]
    coded: bool
    """Whether a code of another system than `platform` shows that a carrier had it (C3), or any code (I2)."""
    carried: bool
    resolution_ms: int


class ProbeRecord(NamedTuple):
    """A probe, as far as the rules look at it."""

    content: int
    revision: int
    failed: bool
    time_ms: int
    status: int | None
    unnamed: bool
    mended: tuple[str, ...]


class CountedRecord(NamedTuple):
    """A manifest: in the order of I2, the greater one counts."""

    revision: int
    counted: int
    not_final: bool
    content: int
    mended: tuple[str, ...]
    recorded_ms: int


class DeclaredRecord(NamedTuple):
    """A revision of a declaration: in the order of I2, the greater one is current."""

    revision: int
    content: int
    kind: str
    services: tuple[str, ...]
    start_ms: int
    end_ms: int
    announced_ms: int
    recorded_ms: int
    evidence: str
    retracted: bool


@dataclass(slots=True)
class PlainAccounting:
    """Takes records in any order, any number of times; `truth.describe_month` turns it into months."""

    codes: PlainCodes = field(default_factory=lambda: PlainCodes(code_tables()))
    requests: dict[Identity, list[TrafficRecord]] = field(default_factory=dict)
    messages: dict[Identity, list[TrafficRecord]] = field(default_factory=dict)
    probes: dict[Minute, dict[tuple[str, str], list[ProbeRecord]]] = field(default_factory=dict)
    """By service-minute, vantage and id."""
    declarations: dict[str, list[DeclaredRecord]] = field(default_factory=dict)
    manifests: dict[Counted, list[CountedRecord]] = field(default_factory=dict)
    dead_letters: dict[tuple[str, bytes | None], tuple[int, list[DeadRecord]]] = field(default_factory=dict)
    """By topic and bytes: the earliest broker timestamp, and what can be read of each element."""
    taken: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def take(self, topic: str, value: bytes | None, recorded_ms: int = LONG_AFTER_MS) -> None:
        """Account for one record of an input topic, as the broker stamped it."""
        self.taken[topic] += 1
        take = _TAKERS.get(topic)
        if take is None:
            return
        found = read(topic, value)
        if isinstance(found, ReadRecord):
            take(self, found, value or b"", recorded_ms)
            return
        earlier = self.dead_letters.get((topic, value))
        self.dead_letters[topic, value] = min(recorded_ms, earlier[0] if earlier else recorded_ms), found

    def counting_dead_letters(self) -> Iterator[tuple[str, DeadRecord, int]]:
        """Dead letters that no readable record of their identity has mended, with topic and broker timestamp (B3)."""
        for (topic, _), (recorded_ms, elements) in self.dead_letters.items():
            if topic in ("api.requests", "carrier.receipts"):
                identities = self.requests if topic == "api.requests" else self.messages
                for dead in elements:
                    if not _is_mended(topic, dead, identities):
                        yield topic, dead, recorded_ms

    def _take_request(self, record: ReadRecord, value: bytes, _recorded_ms: int) -> None:
        fields = record.fields
        stage, plan, source = fields.get("stage", "ga"), fields.get("plan", "paid"), fields.get("source", "")
        said = TrafficRecord(
            content=record.content,
            revision=fields.get("revision", 0),
            in_scope=(stage, plan) == ("ga", "paid"),
            outcome=request_outcome(fields, self.codes),
            time_ms=fields["time"],
            submitted_ms=0,
            account_id=fields["account_id"],
            claim=(fields["status"], fields.get("error", ""), stage, plan, source),
            source=source,
            unnamed=names_nothing(fields["request_id"]),
            mended=record.mended,
            coded=False,
            carried=False,
            resolution_ms=1,
        )
        identity = fields["service"], fields["time"] // MINUTE_MS, _named(fields["request_id"], value), 0
        _add(self.requests.setdefault(identity, []), said)

    def _take_receipt(self, record: ReadRecord, value: bytes, _recorded_ms: int) -> None:
        fields = record.fields
        coded = fields.get("code", "") != ""
        said = TrafficRecord(
            content=record.content,
            revision=0,
            in_scope=(fields.get("stage", "ga"), fields.get("plan", "paid")) == ("ga", "paid"),
            outcome=receipt_outcome(fields, self.codes),
            time_ms=fields["time"],
            submitted_ms=fields["submitted_at"],
            account_id=fields["account_id"],
            claim=(),
            source=fields.get("source", ""),
            unnamed=names_nothing(fields["message_id"]),
            mended=record.mended,
            coded=coded,
            carried=_shows_a_carrier(fields, coded=coded),
            resolution_ms=fields.get("resolution_ms", 1),
        )
        minute = fields["submitted_at"] // MINUTE_MS
        identity = fields["service"], minute, _named(fields["message_id"], value), fields.get("part", 1)
        _add(self.messages.setdefault(identity, []), said)

    def _take_probe(self, record: ReadRecord, value: bytes, _recorded_ms: int) -> None:
        fields = record.fields
        said = ProbeRecord(
            content=record.content,
            revision=fields.get("revision", 0),
            failed=not fields["ok"],
            time_ms=fields["time"],
            status=fields.get("status"),
            unnamed=names_nothing(fields["probe_id"]),
            mended=record.mended,
        )
        of_minute = self.probes.setdefault((fields["service"], fields["time"] // MINUTE_MS), {})
        _add(of_minute.setdefault((fields["vantage"], _named(fields["probe_id"], value)), []), said)

    def _take_manifest(self, record: ReadRecord, _value: bytes, recorded_ms: int) -> None:
        fields = record.fields
        said = CountedRecord(
            revision=fields.get("revision", 0),
            counted=fields["count"],
            not_final=not fields.get("final", False),
            content=record.content,
            mended=record.mended,
            recorded_ms=recorded_ms,
        )
        counted = fields["topic"], fields["source"], fields["service"], fields["minute"] // MINUTE_MS
        _add_earliest(self.manifests.setdefault(counted, []), said)

    def _take_declaration(self, record: ReadRecord, _value: bytes, recorded_ms: int) -> None:
        fields = record.fields
        said = DeclaredRecord(
            revision=fields.get("revision", 0),
            content=record.content,
            kind=fields["kind"],
            services=fields["services"],
            start_ms=fields["start"],
            end_ms=fields["end"],
            announced_ms=fields["announced_at"],
            recorded_ms=recorded_ms,
            evidence=fields.get("evidence", ""),
            retracted=fields.get("retracted", False),
        )
        _add_earliest(self.declarations.setdefault(fields["declaration_id"], []), said)


_TAKERS: Final[dict[str, Callable[[PlainAccounting, ReadRecord, bytes, int], None]]] = {
    "api.requests": PlainAccounting._take_request,  # noqa: SLF001  its own
    "carrier.receipts": PlainAccounting._take_receipt,  # noqa: SLF001
    "probes": PlainAccounting._take_probe,  # noqa: SLF001
    "telemetry.manifests": PlainAccounting._take_manifest,  # noqa: SLF001
    "sla.declarations": PlainAccounting._take_declaration,  # noqa: SLF001
}


def _named(record_id: str, value: bytes) -> str:
    """An id, or the hash of the record's bytes in place of one that names nothing (I1)."""
    return f"#{xxhash.xxh3_128_hexdigest(value)}" if names_nothing(record_id) else f"={record_id}"


def _shows_a_carrier(fields: Mapping[str, Any], *, coded: bool) -> bool:
    if fields["state"] in ("enroute", "delivered"):
        return True
    return fields["state"] != "accepted" and coded and fields.get("code_system") != "platform"


def _is_mended(topic: str, dead: DeadRecord, identities: Mapping[Identity, object]) -> bool:
    if dead.service is None or dead.minute is None or dead.record_id is None:
        return False
    part = dead.part if topic == "carrier.receipts" else 0
    return (dead.service, dead.minute, f"={dead.record_id}", part) in identities


def _add(records: list[Any], said: TrafficRecord | ProbeRecord) -> None:
    """Adds a record unless its bytes are there already (I2)."""
    if all(one.content != said.content for one in records):
        records.append(said)


def _add_earliest(records: list[Any], said: CountedRecord | DeclaredRecord) -> None:
    """Adds a record; of several copies the earliest says when it was had (X)."""
    for place, one in enumerate(records):
        if one.content == said.content:
            records[place] = min(one, said, key=lambda copy: copy.recorded_ms)
            return
    records.append(said)
