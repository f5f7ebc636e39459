"""To whom a monthly report is owed (§6.2), and what is said of an account's record (M4)."""

from typing import Any

import pytest

from schemas.account import Account
from streams.core.errors import ZectoError
from streams.reports.accounts import at_start, changes, check_enterprise, enterprise_accounts
from streams.rules.accounts import AccountRecord, AccountVersion, history
from streams.rules.calendar import month_bounds

SPAN = month_bounds("2026-09", "Asia/Karachi")


def versions(*to_record: dict[str, Any]) -> list[AccountVersion]:
    usual: dict[str, Any] = {
        "account_id": "a",
        "plan": "paid",
        "support_tier": "premium",
        "fees": {},
        "currency": "PKR",
    }
    return history(
        AccountRecord(account=Account(**usual | one), content=number, recorded_ms=0)
        for number, one in enumerate(to_record)
    )


STANDARD = {"effective_from": "2026-01-01T00:00:00Z", "support_tier": "standard"}


@pytest.mark.parametrize(
    ("began", "amounts"),
    [
        ("2026-09-30T18:59:59.999Z", True),
        ("2026-09-30T19:00:00Z", False),
        ("2026-08-31T19:00:00Z", True),
    ],
)
def test_whoever_had_enterprise_support_in_the_month_is_reported(began: str, amounts: bool) -> None:
    accounts = {"a": versions(STANDARD, {"effective_from": began})}
    if amounts:
        assert enterprise_accounts(accounts, SPAN) == ["a"]
        check_enterprise("a", accounts, SPAN)
        return
    with pytest.raises(ZectoError, match="no account had enterprise support in 2026-09"):
        enterprise_accounts(accounts, SPAN)
    with pytest.raises(ZectoError, match=r"account a had standard support in 2026-09: .* enterprise customers"):
        check_enterprise("a", accounts, SPAN)


def test_whoever_ceased_enterprise_at_the_months_start_is_not_reported() -> None:
    gone = versions(
        {"effective_from": "2026-01-01T00:00:00Z"},
        {"effective_from": "2026-08-31T19:00:00Z", "support_tier": "standard"},
    )
    with pytest.raises(ZectoError, match="had standard support"):
        check_enterprise("a", {"a": gone}, SPAN)


def test_unknown_and_later_accounts_are_refused_in_a_line() -> None:
    with pytest.raises(ZectoError, match="no account b: no record of accounts names it"):
        check_enterprise("b", {}, SPAN)
    with pytest.raises(ZectoError, match="account a begins on 2026-09-30, after 2026-09"):
        check_enterprise("a", {"a": versions({"effective_from": "2026-09-30T19:00:00Z"})}, SPAN)


def test_m4_the_months_start_decides_and_later_changes_are_noted() -> None:
    of = versions(
        {"effective_from": "2026-01-01T00:00:00Z", "plan": "trial"},
        {"effective_from": "2026-09-10T00:00:00Z", "fees": {"sms": "1.00"}, "suspended": True},
        {"effective_from": "2026-10-10T00:00:00Z", "support_tier": "standard"},
    )
    assert at_start(of, SPAN).plan == "trial"
    (change,) = changes(of, SPAN)
    assert (change.at, change.sentence) == (
        "2026-09-10T00:00:00Z",
        "plan paid, before trial; other platform fees; suspended (§8.3)",
    )


def test_an_account_begun_in_the_month_uses_its_first_record() -> None:
    of = versions({"effective_from": "2026-09-10T00:00:00Z"})
    assert at_start(of, SPAN).account_id == "a"
    assert changes(of, SPAN)[0].sentence == "the account begins, plan paid, premium support"
