"""Accounts and claims as ClickHouse holds them: of each the record that counts (I2, M4, K2)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from schemas.account import Account
from schemas.fields import Service
from schemas.instants import format_instant
from streams.clickhouse.session import rows
from streams.rules.accounts import AccountVersion, history
from streams.rules.claims import Claimed

_ACCOUNTS: Final = """
SELECT account_id, content, revision, toUnixTimestamp64Milli(effective_from) AS effective_from_ms,
    plan, support_tier, fees, currency, policy, suspended
FROM accounts FINAL
WHERE empty({only:Array(String)}) OR account_id IN {only:Array(String)}
"""
# Of two records under one claim's id the greater content counts (I2): claims have no revision.
_CLAIMS: Final = """
SELECT claim_id, argMax(account_id, content) AS account_id, argMax(service, content) AS service,
    toUnixTimestamp64Milli(argMax(`from`, content)) AS from_ms, toUnixTimestamp64Milli(argMax(`to`, content)) AS to_ms,
    toUnixTimestamp64Milli(argMax(submitted_at, content)) AS submitted_ms, argMax(evidence, content) AS evidence
FROM claims
GROUP BY claim_id
ORDER BY submitted_ms, claim_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClaim:
    """A claim with whose it is and what for."""

    account_id: str
    service: Service
    claimed: Claimed
    evidence: Sequence[str]


def read_accounts(client: Client, only: Sequence[str] = ()) -> dict[str, list[AccountVersion]]:
    """Every account in time, by id; `only` these, if any are named."""
    found: defaultdict[str, list[tuple[Account, int]]] = defaultdict(list)
    for row in rows(client, _ACCOUNTS, {"only": list(only)}):
        found[row["account_id"]].append((_account(row), row["content"]))
    return {account_id: history(records) for account_id, records in sorted(found.items())}


def read_claims(client: Client) -> list[AccountClaim]:
    """Every claim, in the order of submission."""
    return [
        AccountClaim(
            account_id=row["account_id"],
            service=row["service"],
            claimed=Claimed(
                claim_id=row["claim_id"],
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
