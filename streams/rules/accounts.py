"""An account in time: which of its records holds when, and which fees cover a service (contract M3, M4, M6, I2)."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.account import Account, FeeKey
from schemas.fields import Service
from schemas.instants import parse_instant
from streams.rules.ordering import low_volume_order


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    """A record of an account, its content's hash (I2), and its earliest broker timestamp (M6)."""

    account: Account
    content: int
    recorded_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountVersion:
    """What holds for an account from an instant on."""

    effective_from_ms: int
    account: Account


def history(records: Iterable[AccountRecord], *, before_ms: int | None = None) -> list[AccountVersion]:
    """The versions of one account in the order of time: of those from one instant the one that counts (I2).

    `records` are the account's, in any order and as often as they came; with `before_ms` only those that reached the
    broker before it (M6). A higher revision with another date does not undo what was effective before: each date has
    its own.
    """
    counted: dict[int, AccountRecord] = {}
    for record in records:
        if before_ms is not None and record.recorded_ms >= before_ms:
            continue
        effective_from_ms = parse_instant(record.account.effective_from)
        known = counted.get(effective_from_ms)
        if known is None or _order(record) > _order(known):
            counted[effective_from_ms] = record
    return [AccountVersion(effective_from_ms=at_ms, account=one.account) for at_ms, one in sorted(counted.items())]


def effective_at(versions: Sequence[AccountVersion], at_ms: int) -> Account | None:
    """What holds at an instant; None: the account did not exist yet. `versions` are in the order of time."""
    place = bisect_right(versions, at_ms, key=lambda version: version.effective_from_ms)
    return versions[place - 1].account if place else None


def effective_within(versions: Sequence[AccountVersion], from_ms: int, to_ms: int) -> list[Account]:
    """Everything that holds at some instant of [from, to)."""
    first = effective_at(versions, from_ms)
    later = [version.account for version in versions if from_ms < version.effective_from_ms < to_ms]
    return [*([] if first is None else [first]), *later]


def fees_concerned(service: Service) -> tuple[FeeKey, ...]:
    """The fees that a claim of a service concerns: its own, and that of the platform (M3)."""
    return service, "platform"


def _order(record: AccountRecord) -> tuple[int, ...]:
    return low_volume_order(revision=record.account.revision or 0, content=record.content)
