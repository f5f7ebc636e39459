"""Which record counts for an identity (contract I2): orders of content alone.

Keys are compared as tuples; the greatest counts. Arrival, offsets and clocks have no part in them. With
`streams.rules.counting` this is the plain reference to which the views `effective_*_as_of` are held by tests.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from schemas.carrier_receipt import State
from schemas.fields import Service
from streams.rules.classify import Outcome

_DOUBT: Final = {Outcome.OK: 0, Outcome.CLAIMED: 2, Outcome.UNKNOWN: 3, Outcome.PLATFORM: 4}
_ANOTHERS_FAILURE: Final = 1

_RANK_PENDING: Final = 0
_RANK_FAILED: Final = 1
_RANK_DELIVERED: Final = 2
_RANKS: Final[dict[State, int]] = {
    "accepted": _RANK_PENDING,
    "enroute": _RANK_PENDING,
    "delivered": _RANK_DELIVERED,
}


class CountedRequest(NamedTuple):
    """What of a request decides whether it counts, and as what."""

    content: int
    revision: int
    time_ms: int
    account_id: str
    status: int
    error: str
    stage: str
    plan: str
    source: str
    outcome: Outcome

    @property
    def scope(self) -> bool:
        """Whether it is in scope (C5)."""
        return in_scope(self.stage, self.plan)


class CountedReceipt(NamedTuple):
    """What of a receipt decides whether it counts, and as what."""

    content: int
    submitted_at_ms: int
    time_ms: int
    resolution_us: int
    state: State
    code_system: str
    code: str
    stage: str
    plan: str
    source: str
    outcome: Outcome

    @property
    def scope(self) -> bool:
        """Whether it is in scope (C5)."""
        return in_scope(self.stage, self.plan)

    @property
    def is_final(self) -> bool:
        """Whether it says what became of the message."""
        return self.rank != _RANK_PENDING

    @property
    def is_delivery(self) -> bool:
        """Whether it says that the message arrived."""
        return self.rank == _RANK_DELIVERED

    @property
    def rank(self) -> int:
        """0 on the way, 2 delivered, 1 any other end (I2)."""
        return _RANKS.get(self.state, _RANK_FAILED)


class CountedProbe(NamedTuple):
    """What of a probe decides whether it counts."""

    content: int
    revision: int
    time_ms: int
    ok: bool
    status: int | None


def in_scope(stage: str, plan: str) -> bool:
    """Whether a record counts at all (C5): generally available (§8.1) and paid for (§8.2)."""
    return stage == "ga" and plan == "paid"


def doubt(outcome: Outcome) -> int:
    """How much an outcome speaks against us: platform, unknown, claimed, another's failure, ok (I2, I4)."""
    return _DOUBT.get(outcome, _ANOTHERS_FAILURE)


def request_order(record: CountedRequest) -> tuple[int, ...]:
    """Higher revision; in scope before not; then in doubt against us; then the greater content hash."""
    return (record.revision, record.scope, doubt(record.outcome), record.content)


def receipt_order(record: CountedReceipt) -> tuple[int, ...]:
    """In scope before not; delivered, failed, pending; then by time: of deliveries the first, of the rest the last.

    Among failures one with a code comes before one without, whatever their times.
    """
    if record.rank == _RANK_DELIVERED:
        return (record.scope, record.rank, 0, -record.time_ms, record.content)
    coded = record.rank == _RANK_FAILED and bool(record.code)
    return (record.scope, record.rank, coded, record.time_ms, record.content)


def effective_receipt(service: Service, receipts: Iterable[CountedReceipt]) -> CountedReceipt:
    """The receipt that counts for a message: the greatest, but for an e-mail that bounced after its first delivery."""
    ascending = sorted(receipts, key=receipt_order)
    greatest = ascending[-1]
    if service == "email" and greatest.is_delivery:
        for receipt in reversed(ascending):
            is_bounce = receipt.rank == _RANK_FAILED and receipt.scope == greatest.scope
            if is_bounce and receipt.time_ms > greatest.time_ms:
                return receipt
    return greatest


def probe_order(record: CountedProbe) -> tuple[int, ...]:
    """Higher revision; failed before succeeded; then the greater content hash."""
    return (record.revision, not record.ok, record.content)


def manifest_order(*, revision: int, count: int, final: bool, content: int) -> tuple[int, ...]:
    """Higher revision; greater count; not final before final; then the greater content hash."""
    return (revision, count, not final, content)


def low_volume_order(*, revision: int, content: int, submitted_ms: int = 0) -> tuple[int, ...]:
    """Declarations, accounts, claims and the like: higher revision; earlier submission; the greater content hash."""
    return (revision, -submitted_ms, content)
