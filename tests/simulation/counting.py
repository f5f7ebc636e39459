"""Counts of a service-minute from the rows of the ledger, a record at a time, by `streams.rules.counting`."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeVar, get_args

import sql
from schemas.fields import SERVICES as NAMES
from schemas.fields import Service
from streams.counting.rows import MAPS
from streams.ingest.encode.numbers import SERVICE
from streams.rules.classify import Outcome
from streams.rules.counting import CountedIdentity, CountedProbeIdentity, count_message, count_probe, count_request
from streams.rules.ordering import CountedProbe, CountedReceipt, CountedRequest

SERVICES: Final[dict[int, Service]] = {SERVICE[name]: name for name in NAMES}
EDITION: Final = 2**40
"""What a version of the contract's second edition lies above."""
_KINDS: Final[tuple[sql.Kind, ...]] = get_args(sql.Kind)
_NAME: Final = re.compile(r"^ {4}[^ F].* AS (\w+),?$", re.MULTILINE)
OF_KIND: Final = {kind: tuple(_NAME.findall(sql.query(f"count_{kind}").split("FROM")[0])) for kind in _KINDS}
"""What is counted of each kind, by the columns of `minutes`."""
COLUMNS: Final = ("service", "minute", "version", *dict.fromkeys(name for names in OF_KIND.values() for name in names))
"""The columns of `minutes`."""
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
    counts: Counter[str] = Counter()
    names: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for kind, records in zip(_KINDS, (requests, receipts, probes), strict=True):
        of_kind, of_names = count_kind(kind, place, records, handover_within_ms=handover_within_ms)
        counts.update(of_kind)
        for column, numbers in of_names.items():
            names[column].update(numbers)
    return {
        **{name: counts.get(name, 0) for name in COLUMNS},
        "version": EDITION + counts["records"],
        "service": SERVICES[service],
        "minute": datetime.fromtimestamp(minute, UTC),
        **{name: dict(sorted(names[name].items())) for name in MAPS},
    }


def count_kind(
    kind: sql.Kind, place: Place, records: Collection[Any], *, handover_within_ms: int = HANDOVER_WITHIN_MS
) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """What the distinct records of one kind add to a service-minute: numbers by column, and by column and name."""
    counts = Counter(records=len(records), unnamed=sum(record.unnamed for record in records))
    names = {"mended": Counter(field for record in records for field in record.mended.split(",") if field)}
    match kind:
        case "requests":
            requests = [count_request([one.counted for one in of]) for of in _by(records, "identity")]
            counts += _traffic("requests", requests)
            counts["requests_collisions"] = sum(one.collisions for one in requests)
            counts["conflicts"] = sum(one.conflict for one in requests)
            counts["unsourced"] = _unsourced(records)
            names["request_sources"] = Counter(source for one in requests for source in one.sources)
        case "messages":
            messages = [
                count_message(SERVICES[place[0]], [one.counted for one in of], handover_within_ms=handover_within_ms)
                for of in _by(records, "identity")
            ]
            counts += _traffic("messages", messages)
            counts["unsourced"] = _unsourced(records)
            names["message_sources"] = Counter(source for one in messages for source in one.sources)
        case "probes":
            probes = [
                (of[0].vantage, count_probe([one.counted for one in of])) for of in _by(records, "vantage", "identity")
            ]
            counts += _probes(probes)
            counts["conflicts"] = sum(probe.conflict for _, probe in probes)
    return counts, names


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
