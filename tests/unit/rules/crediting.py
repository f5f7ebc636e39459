"""Accounts, months and claims for tests of credits: September 2026 in Karachi, 43,200 minutes."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Final

from schemas.account import Account, FeeKey
from schemas.fields import SERVICES, Service
from schemas.instants import MINUTE_MS, format_instant
from schemas.policies import credit_percent
from schemas.reference import minor_units, policies
from streams.rules.accounts import AccountRecord, AccountVersion, history
from streams.rules.amounts_due import AccountMonth, CreditBasis
from streams.rules.calendar import MonthSpan, month_bounds
from streams.rules.claims import Claimed, ClaimTerms
from streams.rules.incidents import Incident, incidents_of
from streams.rules.month_fees import fees_of_month

ZONE: Final = "Asia/Karachi"
SPAN: Final = month_bounds("2026-09", ZONE)
NEXT: Final = month_bounds("2026-10", ZONE)
DAY_MS: Final = 86_400_000
TERMS: Final = ClaimTerms(cap_percent=50, claim_days=30, zone=ZONE)
FEES: Final[tuple[FeeKey, ...]] = (*SERVICES, "platform")
_TIERS: Final = policies()[0].tiers


def at(minute: int) -> int:
    """The start of a minute, counted from September's first."""
    return SPAN.start_ms + minute * MINUTE_MS


def account(*, from_ms: int = 0, **changed: object) -> Account:
    """A paying account with a fee of 50,000.00 for sms, from 2026 on or from an instant."""
    fields: dict[str, object] = {
        "account_id": "acme",
        "effective_from": format_instant(from_ms) if from_ms else "2026-01-01T00:00:00Z",
        "plan": "paid",
        "support_tier": "standard",
        "fees": {"sms": "50000.00"},
        "currency": "PKR",
    }
    return Account(**(fields | changed))  # type: ignore[arg-type]


def record(*, from_ms: int = 0, content: int = 1, recorded_ms: int = 0, **changed: object) -> AccountRecord:
    """A record of it, as the broker had it."""
    return AccountRecord(account=account(from_ms=from_ms, **changed), content=content, recorded_ms=recorded_ms)


def versions(*records: AccountRecord) -> list[AccountVersion]:
    """What holds when, by these records; by one without anything special if there is none."""
    return history(records or (record(),))


def paying(fees: Mapping[str, str], currency: str = "PKR") -> list[AccountVersion]:
    """An account with these fees all year."""
    return versions(record(fees=fees, currency=currency))


def basis(
    down: Mapping[Service, range],
    *,
    span: MonthSpan = SPAN,
    complete: bool = True,
    in_force: bool = True,
    statement: int | None = 0,
    unobserved: Sequence[FeeKey] = (),
) -> CreditBasis:
    """A month in which services were down in these minutes, counted from September's first."""
    runs = {service: [(at(one.start), at(one.stop))] for service, one in down.items()}
    whole = {service: incidents_of(runs.get(service, ())) for service in SERVICES}
    minutes = {service: {at(one) for one in down.get(service, ())} & {*span.minutes()} for service in SERVICES}
    lost: dict[FeeKey, int] = {service: len(found) for service, found in minutes.items()}
    lost["platform"] = len(set[int]().union(*minutes.values()))
    return CreditBasis(
        span=span,
        in_force=in_force,
        complete=complete,
        statement=statement,
        percents={fee: None if fee in unobserved else _percent(lost[fee], span) for fee in FEES},
        incidents={service: [one for one in whole[service] if minutes[service]] for service in SERVICES},
    )


def _percent(lost: int, span: MonthSpan) -> int:
    uptime = Fraction(span.total_minutes - lost, span.total_minutes)
    return credit_percent(_TIERS, uptime.numerator, uptime.denominator)


def month_of_account(of: CreditBasis, known: Sequence[AccountVersion], **changed: object) -> AccountMonth:
    """What an account's claims are held against."""
    fees = fees_of_month(known, of.span)
    found = {currency: minor_units().of(currency, date(2026, 9, 1)) for one in fees.values() for currency in one}
    fields: dict[str, object] = {
        "basis": of,
        "terms": TERMS,
        "versions": known,
        "fees": fees,
        "minor_units": {currency: places for currency, places in found.items() if places is not None},
    }
    return AccountMonth(**(fields | changed))  # type: ignore[arg-type]


def claim(
    claim_id: str = "c-1", service: Service = "sms", first: int = 0, end: int = 43_200, *, submitted_ms: int = 0
) -> Claimed:
    """A claim of these minutes, submitted on the twentieth day if no other instant is given."""
    return Claimed(
        claim_id=claim_id,
        service=service,
        from_ms=at(first),
        to_ms=at(end),
        submitted_ms=submitted_ms or SPAN.start_ms + 20 * DAY_MS,
    )


def incidents(*runs: tuple[int, int]) -> list[Incident]:
    """Incidents of these minutes, [first, end)."""
    return incidents_of((at(first), at(end)) for first, end in runs)
