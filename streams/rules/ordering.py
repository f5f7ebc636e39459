"""Which record counts for an identity (contract I2) and which contradict each other (I3).

Keys are compared as tuples; the greatest counts. They depend on content alone, so arrival, offsets and clocks cannot
change what counts. This is the plain reference to which `sql/queries/evaluate_minutes.sql` is held by tests.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Final, NamedTuple

from schemas.carrier_receipt import State
from streams.rules.classify import Outcome

_DOUBT: Final = {Outcome.OK: 0, Outcome.UNKNOWN: 2, Outcome.PLATFORM: 3}
_ANOTHERS_FAILURE: Final = 1

_RANK_PENDING: Final = 0
_RANK_FAILED: Final = 1
_RANK_DELIVERED: Final = 2
_RANKS: Final[dict[State, int]] = {
    "accepted": _RANK_PENDING,
    "enroute": _RANK_PENDING,
    "delivered": _RANK_DELIVERED,
}


class RequestFacts(NamedTuple):
    """What of a request can contradict another of its identity and revision (I3)."""

    revision: int
    status: int
    error: str
    stage: str
    plan: str


def in_scope(stage: str, plan: str) -> bool:
    """Whether a record counts at all (C5): generally available (§8.1) and paid for (§8.2)."""
    return stage == "ga" and plan == "paid"


def request_order(*, revision: int, scope: bool, outcome: Outcome, content: int) -> tuple[int, ...]:
    """Higher revision; in scope before not; then in doubt against us; then the greater content hash."""
    return (revision, scope, _DOUBT.get(outcome, _ANOTHERS_FAILURE), content)


def receipt_order(*, state: State, code: str, time_ms: int, content: int) -> tuple[int, ...]:
    """Delivered before failed before pending; then by time: of deliveries the first, of the rest the last.

    Among failures one with a code comes before one without, whatever their times.
    """
    rank = _RANKS.get(state, _RANK_FAILED)
    if rank == _RANK_DELIVERED:
        return (rank, 0, -time_ms, content)
    return (rank, rank == _RANK_FAILED and bool(code), time_ms, content)


def probe_order(*, revision: int, ok: bool, content: int) -> tuple[int, ...]:
    """Higher revision; failed before succeeded; then the greater content hash."""
    return (revision, not ok, content)


def manifest_order(*, revision: int, count: int, content: int) -> tuple[int, ...]:
    """Higher revision; greater count; then the greater content hash."""
    return (revision, count, content)


def low_volume_order(*, revision: int, content: int) -> tuple[int, ...]:
    """Declarations, accounts, tickets, templates, claims: higher revision; then the greater content hash."""
    return (revision, content)


def requests_conflict(records: Iterable[RequestFacts]) -> bool:
    """Whether requests of one identity contradict each other within a revision (I3)."""
    return _disagree((record.revision, record[1:]) for record in records)


def probes_conflict(records: Iterable[tuple[int, bool, int | None]]) -> bool:
    """Whether probes of one identity, each (revision, ok, status), contradict each other within a revision (I3)."""
    return _disagree((revision, (ok, status)) for revision, ok, status in records)


def receipts_conflict(records: Iterable[tuple[State, int, str, str]]) -> bool:
    """Whether failed receipts of one message, each (state, time, code system, code), differ in code at one time (I3).

    A receipt without a code contradicts none: it only says less.
    """
    return _disagree(
        (time_ms, (code_system, code))
        for state, time_ms, code_system, code in records
        if code and _RANKS.get(state, _RANK_FAILED) == _RANK_FAILED
    )


def _disagree(claims: Iterable[tuple[Hashable, Hashable]]) -> bool:
    claims_of: defaultdict[Hashable, set[Hashable]] = defaultdict(set)
    for subject, claim in claims:
        claims_of[subject].add(claim)
    return any(len(different) > 1 for different in claims_of.values())
