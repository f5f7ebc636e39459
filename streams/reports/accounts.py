"""Who gets a monthly report (§6.2), and what of an account's record took effect within the month (M4)."""

from collections.abc import Iterable, Mapping, Sequence

from schemas.account import Account
from schemas.instants import format_instant
from streams.core.errors import Code, ZectoError
from streams.reports.model import Change
from streams.rules.accounts import AccountVersion, effective_at, effective_within
from streams.rules.calendar import MonthSpan

Versions = Mapping[str, Sequence[AccountVersion]]

_ENTERPRISE = "premium"


def is_enterprise(versions: Sequence[AccountVersion], span: MonthSpan) -> bool:
    """Whether an account had enterprise support at any instant of the month: one day is enough."""
    return any(one.support_tier == _ENTERPRISE for one in effective_within(versions, span.start_ms, span.end_ms))


def enterprise_accounts(accounts: Versions, span: MonthSpan) -> list[str]:
    """All accounts that get a report of the month, by id.

    Raises:
        ZectoError: nobody.
    """
    found = [account_id for account_id, versions in sorted(accounts.items()) if is_enterprise(versions, span)]
    if not found:
        raise ZectoError(
            f"no account had enterprise support in {span.month}, so no monthly report is owed (§6.2)",
            code=Code.NOT_ENTITLED,
        )
    return found


def check_enterprise(account_id: str, accounts: Versions, span: MonthSpan) -> None:
    """Refuse an account that gets no report.

    Raises:
        ZectoError: nobody knows it, it came after the month, or it had standard support throughout.
    """
    versions = accounts.get(account_id, ())
    if not versions:
        raise ZectoError(f"no account {account_id}: no record of accounts names it", code=Code.NOT_ENTITLED)
    holding = effective_within(versions, span.start_ms, span.end_ms)
    if not holding:
        raise ZectoError(f"account {account_id} begins on {format_instant(versions[0].effective_from_ms)[:10]}, after "
            f"{span.month}", code=Code.NOT_ENTITLED)  # fmt: skip
    if not is_enterprise(versions, span):
        raise ZectoError(
            f"account {account_id} had {holding[0].support_tier} support in {span.month}: monthly reports are for "
            "enterprise customers (§6.2)",
            code=Code.NOT_ENTITLED,
        )


def at_start(versions: Sequence[AccountVersion], span: MonthSpan) -> Account:
    """What an account's month goes by (M4); one that began within the month by its first record."""
    return effective_at(versions, span.start_ms) or effective_within(versions, span.start_ms, span.end_ms)[0]


def changes(versions: Sequence[AccountVersion], span: MonthSpan) -> list[Change]:
    """What took effect after the month's start, a sentence an instant."""
    before = effective_at(versions, span.start_ms)
    view: list[Change] = []
    for version in versions:
        if span.start_ms < version.effective_from_ms < span.end_ms:
            sentence = "; ".join(_differences(before, version.account))
            if sentence:
                view.append(Change(at=format_instant(version.effective_from_ms), sentence=sentence))
            before = version.account
    return view


def _differences(before: Account | None, after: Account) -> Iterable[str]:
    if before is None:
        yield f"the account begins, plan {after.plan}, {after.support_tier} support"
        return
    if before.plan != after.plan:
        yield f"plan {after.plan}, before {before.plan}"
    if before.support_tier != after.support_tier:
        yield f"{after.support_tier} support, before {before.support_tier}"
    if (before.fees, before.currency) != (after.fees, after.currency):
        yield "other platform fees"
    if before.policy != after.policy:
        yield f"policy {after.policy or 'of all'}, before {before.policy or 'of all'}"
    if bool(before.suspended) != bool(after.suspended):
        yield "suspended (§8.3)" if after.suspended else "no longer suspended"
