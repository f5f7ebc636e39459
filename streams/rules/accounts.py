"""An account in time: which of its records holds when, and which fee a service is paid by (contract M3, M4, I2)."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.account import Account, FeeKey
from schemas.fields import Service
from schemas.instants import parse_instant
from streams.rules.ordering import low_volume_order


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountVersion:
    """What holds for an account from an instant on; `content` is the record's hash (I2)."""

    effective_from_ms: int
    content: int
    account: Account


def history(records: Iterable[tuple[Account, int]]) -> list[AccountVersion]:
    """The versions of one account in the order of time: of those from one instant the one that counts (I2).

    `records` are the account's records, each with its content hash, in any order and as often as they came. A higher
    revision with another date does not undo what was effective before: each date has its own.
    """
    counted: dict[int, AccountVersion] = {}
    for account, content in records:
        version = AccountVersion(
            effective_from_ms=parse_instant(account.effective_from), content=content, account=account
        )
        known = counted.get(version.effective_from_ms)
        if known is None or _order(version) > _order(known):
            counted[version.effective_from_ms] = version
    return sorted(counted.values(), key=lambda version: version.effective_from_ms)


def effective_at(versions: Sequence[AccountVersion], at_ms: int) -> Account | None:
    """What holds at an instant; None: the account did not exist yet. `versions` are in the order of time."""
    place = bisect_right(versions, at_ms, key=lambda version: version.effective_from_ms)
    return versions[place - 1].account if place else None


def effective_within(versions: Sequence[AccountVersion], from_ms: int, to_ms: int) -> list[Account]:
    """Everything that holds at some instant of [from, to)."""
    first = effective_at(versions, from_ms)
    later = [version.account for version in versions if from_ms < version.effective_from_ms < to_ms]
    return [*([] if first is None else [first]), *later]


def fee_of(service: Service, fees: Mapping[FeeKey, str]) -> FeeKey | None:
    """The fee that a claim for this service is about: its own, else the bundle's, else none."""
    candidates: tuple[FeeKey, ...] = (service, "platform")
    return next((key for key in candidates if key in fees), None)


def services_of(fee: FeeKey, services: Iterable[Service]) -> list[Service]:
    """The services whose uptime decides a fee: of a bundle all, and the lowest of them counts."""
    return [service for service in services if fee in ("platform", service)]


def _order(version: AccountVersion) -> tuple[int, ...]:
    return low_volume_order(revision=version.account.revision or 0, content=version.content)
