"""Accounts with what befalls them in a month, and what they claim (contract M3, M4, M6, K2)."""

from typing import Any, Final

from schemas.claim import Claim
from schemas.fields import Service
from schemas.instants import format_instant
from streams.simulate.plot import DAY_MINUTES, MINUTE_MS, Plan

_LONG_BEFORE: Final = "2026-01-01T00:00:00+05:00"
_STANDARD: Final[tuple[tuple[str, str, dict[str, str], str], ...]] = (
    ("hbl-alerts", "premium", {"sms": "450000.00", "voice": "120000.00"}, "PKR"),
    ("daraz-orders", "standard", {"platform": "900000.00"}, "PKR"),
    ("clinic-shifa", "standard", {"whatsapp": "18500.50", "email": "3333.33"}, "PKR"),
    ("bykea", "standard", {"sms": "1234.567"}, "KWD"),
)


def account_records(plan: Plan) -> list[dict[str, Any]]:
    """Accounts that were always there, and where the plan has claims those that join, leave and are suspended."""
    accounts = [
        _account(account_id, _LONG_BEFORE, fees, tier=tier, currency=currency)
        for account_id, tier, fees, currency in _STANDARD
    ]
    return accounts + _changing_accounts(plan) if plan.claims else accounts


def claim(
    name: str, account_id: str, service: Service, span: tuple[int, int], submitted_after_days: int, *, start_ms: int
) -> Claim:
    """A claim for minutes [first, end) of a plan, submitted so many days after their end."""
    first, end = (start_ms + minute * MINUTE_MS for minute in span)
    return Claim(
        claim_id=name,
        account_id=account_id,
        service=service,
        from_=format_instant(first),
        to=format_instant(end),
        submitted_at=format_instant(end + submitted_after_days * DAY_MINUTES * MINUTE_MS),
        evidence=["our monitoring"],
    )


def _changing_accounts(plan: Plan) -> list[dict[str, Any]]:
    day_10, day_20 = (format_instant(plan.start_ms + days * DAY_MINUTES * MINUTE_MS) for days in (10, 20))
    fees = {"sms": "30000.00"}
    return [
        # joined on the tenth day; left on the twentieth; suspended on the twentieth; on trial all the time
        _account("kirana-store-17", day_10, fees),
        _account("foodpanda-pk", _LONG_BEFORE, fees),
        _account("foodpanda-pk", day_20, {}, revision=1),
        _account("k-electric", _LONG_BEFORE, fees),
        _account("k-electric", day_20, fees, revision=1, suspended=True),
        _account("lums-admissions", _LONG_BEFORE, fees, plan="trial"),
    ]


def _account(
    account_id: str,
    effective_from: str,
    fees: dict[str, str],
    *,
    plan: str = "paid",
    tier: str = "standard",
    currency: str = "PKR",
    revision: int = 0,
    suspended: bool = False,
) -> dict[str, Any]:
    return {
        "account_id": account_id, "effective_from": effective_from, "plan": plan, "support_tier": tier, "fees": fees,
        "currency": currency, "revision": revision, "suspended": suspended,
    }  # fmt: skip
