"""What accounts say against records, and say too late: listed beside a month (C5, M4)."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from streams.audit.instants import MINUTE_MS, short_instant_text
from streams.audit.kept import AuditAccount, AuditRecords
from streams.audit.policy import AuditSpan


def plan_mismatches(records: AuditRecords, span: AuditSpan) -> list[dict[str, Any]]:
    """Requests and messages labelled with another plan than their account's own record had for their minute (C5)."""
    plans = _Plans(records)
    found: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for of in (records.requests, records.receipts):
        for (service, minute, _), same in of.items():
            if span.first <= minute < span.end:
                for label, plan in _contradictions(same, plans, minute):
                    found[service, label, plan] += 1
    return [
        {"service": service, "label": label, "plan": plan, "records": number}
        for (service, label, plan), number in sorted(found.items())
    ]


class _Plans:
    """The plan of each account over time: of several records for one instant the greatest counts (I2)."""

    def __init__(self, records: AuditRecords) -> None:
        latest: dict[tuple[str, int], tuple[int, int, str]] = {}
        for account in records.accounts.values():
            at, claim = (
                (account.account_id, account.effective_from_ms),
                (account.revision, account.content, account.plan),
            )
            latest[at] = max(latest.get(at, claim), claim)
        self._by_account: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for (account_id, from_ms), (_, _, plan) in sorted(latest.items()):
            self._by_account[account_id].append((from_ms, plan))

    def of(self, account_id: str, at_ms: int) -> str | None:
        """The plan in force at an instant; None: the account has no record for it."""
        history = self._by_account.get(account_id, [])
        at = bisect_right(history, at_ms, key=lambda entry: entry[0])
        return history[at - 1][1] if at else None


def _contradictions(same: Any, plans: _Plans, minute: int) -> Iterator[tuple[str, str]]:  # noqa: ANN401  either kind
    """Each label of an identity's records that is not its account's plan, with that plan."""
    for label, account_id in {(record.plan, record.account_id) for record in same}:
        plan = plans.of(account_id, minute * MINUTE_MS)
        if plan is not None and plan != label:
            yield label, plan


def backdated_accounts(records: AuditRecords, span: AuditSpan) -> list[dict[str, Any]]:
    """Account records that the broker had later than they say they took effect, some of that time in the month (M4)."""
    late = [
        account
        for account in records.accounts.values()
        if account.recorded_at_ms > account.effective_from_ms
        and account.effective_from_ms < span.end * MINUTE_MS
        and account.recorded_at_ms > span.first * MINUTE_MS
    ]
    return [
        {
            "account_id": account.account_id,
            "revision": account.revision,
            "effective_from": short_instant_text(account.effective_from_ms),
        }
        for account in sorted(late, key=_order)
    ]


def _order(account: AuditAccount) -> tuple[str, int, int, int]:
    return account.account_id, account.effective_from_ms, account.revision, account.recorded_at_ms
