"""Accounts and claims as ClickHouse holds them: of each the record that counts (I1, I2, M4, K2)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from schemas.account import Account
from schemas.instants import format_instant
from streams.clickhouse.session import rows
from streams.rules.accounts import AccountRecord, AccountVersion, history
from streams.rules.claims import Claimed

_ACCOUNTS: Final = """
SELECT account_id, content, revision, toUnixTimestamp64Milli(effective_from) AS effective_from_ms,
    plan, support_tier, fees, currency, policy, suspended, toUnixTimestamp64Milli(recorded_at) AS recorded_ms
FROM accounts FINAL
WHERE empty({only:Array(String)}) OR account_id IN {only:Array(String)}
"""
# Of two records of one claim the earlier submitted counts, then the greater content (I2): claims have no revision.
_CLAIMS: Final = """
WITH (-toUnixTimestamp64Milli(submitted_at), content) AS place
SELECT account_id, claim_id, argMax(service, place) AS service,
    toUnixTimestamp64Milli(argMax(`from`, place)) AS from_ms, toUnixTimestamp64Milli(argMax(`to`, place)) AS to_ms,
    toUnixTimestamp64Milli(argMax(submitted_at, place)) AS submitted_ms, argMax(evidence, place) AS evidence
FROM claims
GROUP BY account_id, claim_id
ORDER BY submitted_ms, claim_id, account_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClaim:
    """A claim with whose it is; account and claim id together name it (I1)."""

    account_id: str
    claimed: Claimed
    evidence: Sequence[str]


def read_account_records(client: Client, only: Sequence[str] = ()) -> dict[str, list[AccountRecord]]:
    """Every record of every account, by id; `only` these, if any are named."""
    found: defaultdict[str, list[AccountRecord]] = defaultdict(list)
    for row in rows(client, _ACCOUNTS, {"only": list(only)}):
        record = AccountRecord(account=_account(row), content=row["content"], recorded_ms=row["recorded_ms"])
        found[row["account_id"]].append(record)
    return dict(sorted(found.items()))


def read_accounts(client: Client, only: Sequence[str] = ()) -> dict[str, list[AccountVersion]]:
    """Every account in time, by id; `only` these, if any are named."""
    return {account_id: history(records) for account_id, records in read_account_records(client, only).items()}


def read_claims(client: Client) -> list[AccountClaim]:
    """Every claim, in the order of submission."""
    return [
        AccountClaim(
            account_id=row["account_id"],
            claimed=Claimed(
                claim_id=row["claim_id"],
                service=row["service"],
                from_ms=row["from_ms"],
                to_ms=row["to_ms"],
                submitted_ms=row["submitted_ms"],
            ),
            evidence=tuple(row["evidence"]),
        )
        for row in rows(client, _CLAIMS, {})
    ]


def _account(row: Mapping[str, Any]) -> Account:
    to_record = {name: row[name] for name in ("account_id", "revision", "plan", "support_tier", "currency", "policy")}
    return Account(
        **to_record,
        fees=dict(row["fees"]),
        suspended=bool(row["suspended"]),
        effective_from=format_instant(row["effective_from_ms"]),
    )
