"""Counts of a service-minute from the rows of the ledger, a record at a time, by `streams.rules.counting`."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeVar

import sql
from schemas.fields import SERVICES as NAMES
from schemas.fields import Service
from streams.ingest.encode.numbers import SERVICE
from streams.rules.classify import Outcome
from streams.rules.counting import CountedIdentity, CountedProbeIdentity, count_message, count_probe, count_request
from streams.rules.ordering import CountedProbe, CountedReceipt, CountedRequest

SERVICES: Final[dict[int, Service]] = {SERVICE[name]: name for name in NAMES}
EDITION: Final = 2**40
"""What a version of the contract's second edition lies above."""
COLUMNS: Final = tuple(re.findall(r"\w+", sql.query("insert_minutes").split("(")[1]))
"""The columns of `minutes`, in the order in which they are counted."""
HANDOVER_WITHIN_MS: Final = 600_000

Place = tuple[int, int]
"""A service's number and the start of a minute in seconds."""


class Request(NamedTuple):
    """A distinct request of the ledger."""

    identity: bytes
    content: int
    recorded_at_ms: int
    counted: CountedRequest
    unnamed: bool = False
    mended: str = ""


class Receipt(NamedTuple):
    """A distinct receipt of the ledger."""

    identity: bytes
    content: int
    recorded_at_ms: int
    counted: CountedReceipt
    unnamed: bool = False
    mended: str = ""


class Probe(NamedTuple):
    """A distinct probe of the ledger."""

    identity: bytes
    content: int
    recorded_at_ms: int
    vantage: str
    counted: CountedProbe
    unnamed: bool = False
    mended: str = ""


Row = TypeVar("Row", Request, Receipt, Probe)
Count = Callable[[Place, Collection[Request], Collection[Receipt], Collection[Probe]], dict[str, Any]]


def count_minute(
    place: Place,
    requests: Collection[Request],
    receipts: Collection[Receipt],
    probes: Collection[Probe],
    *,
    handover_within_ms: int = HANDOVER_WITHIN_MS,
) -> dict[str, Any]:
    """A row of `minutes` from the distinct records of a service-minute."""
    service, minute = place
    records: list[Request | Receipt | Probe] = [*requests, *receipts, *probes]
    of_requests = [count_request([one.counted for one in of]) for of in _by(requests, "identity")]
    of_messages = [
        count_message(SERVICES[service], [one.counted for one in of], handover_within_ms=handover_within_ms)
        for of in _by(receipts, "identity")
    ]
    of_probes = [(of[0].vantage, count_probe([one.counted for one in of])) for of in _by(probes, "vantage", "identity")]
    counts = _traffic("requests", of_requests) | _traffic("messages", of_messages) | _probes(of_probes)
    counts |= {
        "version": EDITION + len(records),
        "records": len(records),
        "requests_collisions": sum(one.collisions for one in of_requests),
        "conflicts": sum(one.conflict for one in of_requests) + sum(probe.conflict for _, probe in of_probes),
        "unsourced": _unsourced(requests) + _unsourced(receipts),
        "unnamed": sum(record.unnamed for record in records),
    }
    return {
        **{name: counts.get(name, 0) for name in COLUMNS},
        "service": SERVICES[service],
        "minute": datetime.fromtimestamp(minute, UTC),
        "mended": _sorted(field for record in records for field in record.mended.split(",") if field),
        "request_sources": _sorted(source for one in of_requests for source in one.sources),
        "message_sources": _sorted(source for one in of_messages for source in one.sources),
    }


def _traffic(of: str, identities: Iterable[CountedIdentity]) -> Counter[str]:
    """Requests, or messages, by the names of their columns."""
    counts: Counter[str] = Counter()
    for one in identities:
        outcome = one.outcome.label
        counts.update([f"{of}_{outcome}"] if one.scope else [f"{of}_out_of_scope", f"{of}_out_of_scope_{outcome}"])
        counts[f"{of}_heard"] += one.heard
        corrected = one.corrected or one.newly_in_scope
        in_doubt = one.scope and one.outcome in (Outcome.UNKNOWN, Outcome.CLAIMED)
        counts[f"{of}_corrected"] += corrected
        counts[f"{of}_corrected_settled"] += one.corrected and not in_doubt
        counts[f"{of}_corrected_claimed"] += one.corrected and one.scope and one.outcome is Outcome.CLAIMED
        counts[f"{of}_corrected_valid"] += corrected and one.scope and one.outcome is Outcome.OK
    return counts


def _probes(identities: Collection[tuple[str, CountedProbeIdentity]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    succeeded = {vantage for vantage, one in identities if one.ok}
    counts["vantages_ok"] = len(succeeded)
    counts["vantages_failed"] = len({vantage for vantage, _ in identities} - succeeded)
    for _, one in identities:
        counts["probes_ok" if one.ok else "probes_failed"] += 1
        counts["probes_corrected"] += one.corrected
    return counts


def _unsourced(records: Iterable[Request | Receipt]) -> int:
    return len({record.identity for record in records if not record.counted.source})


def _by(rows: Iterable[Row], *names: str) -> Iterable[list[Row]]:
    found: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(getattr(row, name) for name in names)].append(row)
    return found.values()


def _sorted(names: Iterable[str]) -> Mapping[str, int]:
    return dict(sorted(Counter(names).items()))
