"""Counts of a service-minute from the rows of the ledger, by the orders of `streams.rules`, a record at a time."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from schemas.carrier_receipt import State
from streams.ingest.encode.numbers import SERVICE
from streams.rules import ordering
from streams.rules.classify import Outcome

SERVICES: Final = {number: name for name, number in SERVICE.items()}
_REQUEST_OUTCOMES: Final = ("ok", "platform", "operator", "customer", "content", "recipient", "unknown", "out_of_scope")
_MESSAGE_OUTCOMES: Final = (*_REQUEST_OUTCOMES[:7], "accepted", "enroute", "out_of_scope")
COLUMNS: Final = (
    "service",
    "minute",
    "version",
    *(f"requests_{outcome}" for outcome in _REQUEST_OUTCOMES),
    *(f"messages_{outcome}" for outcome in _MESSAGE_OUTCOMES),
    "probes_ok",
    "probes_failed",
    "conflicts",
    "unsourced",
    "request_sources",
    "message_sources",
)
"""The columns of `minutes`, in its order."""

Place = tuple[int, int]
"""A service's number and the start of a minute in seconds."""


class Request(NamedTuple):
    identity: bytes
    content: int
    recorded_at_ms: int
    source: str
    revision: int
    stage: str
    plan: str
    outcome: Outcome
    status: int
    error: str


class Receipt(NamedTuple):
    identity: bytes
    content: int
    recorded_at_ms: int
    source: str
    stage: str
    plan: str
    outcome: Outcome
    state: State
    time_ms: int
    code_system: str
    code: str


class Probe(NamedTuple):
    identity: bytes
    content: int
    recorded_at_ms: int
    revision: int
    ok: bool
    status: int | None


def request_order(row: Request) -> tuple[int, ...]:
    scope = ordering.in_scope(row.stage, row.plan)
    return ordering.request_order(revision=row.revision, scope=scope, outcome=row.outcome, content=row.content)


def receipt_order(row: Receipt) -> tuple[int, ...]:
    return ordering.receipt_order(state=row.state, code=row.code, time_ms=row.time_ms, content=row.content)


def probe_order(row: Probe) -> tuple[int, ...]:
    return ordering.probe_order(revision=row.revision, ok=row.ok, content=row.content)


def count_minute(
    place: Place, requests: Collection[Request], receipts: Collection[Receipt], probes: Collection[Probe]
) -> dict[str, Any]:
    """A row of `minutes` from the distinct records of a service-minute."""
    service, minute = place
    chosen: Counter[str] = Counter()
    conflicts = unsourced = 0
    for of in _by_identity(requests):
        chosen[f"requests_{_outcome(max(of, key=request_order))}"] += 1
        conflicts += ordering.requests_conflict(
            ordering.RequestFacts(r.revision, r.status, r.error, r.stage, r.plan) for r in of
        )
        unsourced += any(not r.source for r in of)
    for of_message in _by_identity(receipts):
        chosen[f"messages_{_outcome(max(of_message, key=receipt_order))}"] += 1
        conflicts += ordering.receipts_conflict((r.state, r.time_ms, r.code_system, r.code) for r in of_message)
        unsourced += any(not r.source for r in of_message)
    for of_probe in _by_identity(probes):
        chosen["probes_ok" if max(of_probe, key=probe_order).ok else "probes_failed"] += 1
        conflicts += ordering.probes_conflict((p.revision, p.ok, p.status) for p in of_probe)
    return {
        "service": SERVICES[service],
        "minute": datetime.fromtimestamp(minute, UTC),
        "version": len(requests) + len(receipts) + len(probes),
        **{name: chosen[name] for name in COLUMNS[3:-4]},
        "conflicts": conflicts,
        "unsourced": unsourced,
        "request_sources": _sources(requests),
        "message_sources": _sources(receipts),
    }


Row = Any


def _by_identity(rows: Iterable[Row]) -> Iterable[list[Row]]:
    found: defaultdict[bytes, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.identity].append(row)
    return found.values()


def _outcome(row: Request | Receipt) -> str:
    return row.outcome.name.lower() if ordering.in_scope(row.stage, row.plan) else "out_of_scope"


def _sources(rows: Iterable[Request | Receipt]) -> Mapping[str, int]:
    pairs = {(row.source, row.identity) for row in rows if row.source}
    return dict(sorted(Counter(source for source, _ in pairs).items()))


Count = Callable[[Place, Collection[Request], Collection[Receipt], Collection[Probe]], dict[str, Any]]
