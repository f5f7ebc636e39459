"""Which minutes are covered: by windows that excuse (X1-X4), by gaps (B1, B3), by silences (B2)."""

from collections import defaultdict
from itertools import pairwise
from typing import Final

from schemas.declaration import Declaration
from schemas.fields import SERVICES, Service
from schemas.instants import parse_instant
from streams.simulate.accounting import MINUTE_MS, Minute, PlainAccounting
from streams.simulate.facts import SimulatedMinutes

_NOTICE_MS: Final = 48 * 3_600_000
_EMERGENCY_MINUTES: Final = 60
_SILENCE_EXPECTED: Final = 600
_SILENCE_BEFORE: Final = 60
_DAY_MINUTES: Final = 1_440
KINDS: Final = (
    "scheduled_maintenance", "emergency_maintenance", "operator_outage", "internet_backbone", "dns", "force_majeure",
    "ddos", "regulatory_shutdown",
)  # fmt: skip
THIRD_PARTIES: Final = frozenset(("operator_outage", "internet_backbone", "dns"))
_NEED_EVIDENCE: Final = frozenset(KINDS[2:])


def gaps_of(accounting: PlainAccounting) -> set[Minute]:
    """Service-minutes touched by a declared gap, or without a manifest between two of a source."""
    gaps = {
        (service, minute)
        for declaration in _effective_declarations(accounting)
        if declaration.kind == "telemetry_gap"
        for service in _services_of(declaration)
        for minute in range(
            parse_instant(declaration.start) // MINUTE_MS, -(-parse_instant(declaration.end) // MINUTE_MS)
        )
    }
    by_source: defaultdict[tuple[str, str, Service], list[int]] = defaultdict(list)
    for topic, source, service, minute in accounting.manifests:
        by_source[topic, source, service].append(minute)
    for (_, _, service), minutes in by_source.items():
        minutes.sort()
        for before, after in pairwise(minutes):
            if after - before - 1 <= _DAY_MINUTES:
                gaps.update((service, minute) for minute in range(before + 1, after))
    return gaps


def silences_of(accounting: PlainAccounting, facts: dict[Minute, SimulatedMinutes]) -> set[Minute]:
    """Service-minutes without a record or manifest, in runs in which at least ten were to be expected."""
    recorded: defaultdict[Service, set[int]] = defaultdict(set)
    for identities in (accounting.requests, accounting.messages):
        for service, minute, _ in identities:
            recorded[service].add(minute)
    for _, _, service, minute in accounting.manifests:
        recorded[service].add(minute)
    silences: set[Minute] = set()
    for service, minutes in recorded.items():
        ordered = sorted(minutes)
        for before, after in pairwise(ordered):
            length = after - before - 1
            if not 1 <= length <= _DAY_MINUTES:
                continue
            valid = 0
            for minute in range(before + 1 - _SILENCE_BEFORE, before + 1):
                fact = facts.get((service, minute))
                if fact is not None:
                    valid += fact.requests.valid + fact.messages.valid
            if valid * length >= _SILENCE_EXPECTED:
                silences.update((service, minute) for minute in range(before + 1, after))
    return silences


def _effective_declarations(accounting: PlainAccounting) -> list[Declaration]:
    return [declaration for _, declaration in accounting.declarations.values() if not declaration.retracted]


def _services_of(declaration: Declaration) -> tuple[Service, ...]:
    return tuple(service for service in SERVICES if service in declaration.services or "*" in declaration.services)


def excuses_of(accounting: PlainAccounting, month: range) -> dict[Minute, set[str]]:
    """By service-minute the kinds of valid windows that cover it whole (T2, X1-X3)."""
    windows: list[tuple[Declaration, range]] = []
    emergency: set[int] = set()
    for declaration in _effective_declarations(accounting):
        start_ms, end_ms = parse_instant(declaration.start), parse_instant(declaration.end)
        whole = range(max(month.start, -(-start_ms // MINUTE_MS)), min(month.stop, end_ms // MINUTE_MS))
        if declaration.kind == "scheduled_maintenance":
            if start_ms - parse_instant(declaration.announced_at) < _NOTICE_MS:
                continue
        elif declaration.kind == "emergency_maintenance":
            emergency.update(whole)
        elif declaration.kind not in _NEED_EVIDENCE or not declaration.evidence:
            continue
        windows.append((declaration, whole))
    budgeted = set(sorted(emergency)[:_EMERGENCY_MINUTES])
    excuses: defaultdict[Minute, set[str]] = defaultdict(set)
    for declaration, whole in windows:
        for service in _services_of(declaration):
            for minute in whole:
                if declaration.kind != "emergency_maintenance" or minute in budgeted:
                    excuses[service, minute].add(declaration.kind)
    return excuses
