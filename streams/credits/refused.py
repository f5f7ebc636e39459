"""Claims and account records that were refused as dead letters: they are told, and a claim is due an answer (K2)."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

from clickhouse_connect.driver.client import Client

from schemas.readable import readable_elements
from streams.clickhouse.session import Row, rows

# One that came again, readable, is mended. Of an account it is any record that reached the broker later: which of its
# dates the refused one had cannot be read.
_CLAIMS: Final = """
SELECT *
FROM
(
    SELECT
        lower(hex(content)) || '-' || toString(element) AS dead_letter, record_id, account_id, reason, path,
        toUnixTimestamp64Milli(recorded_at) AS recorded_ms, excerpt, element
    FROM dead_letters FINAL
    WHERE topic = 'sla.claims'
)
WHERE (account_id, record_id) NOT IN (SELECT account_id, claim_id FROM claims)
ORDER BY recorded_ms, dead_letter
"""
_ACCOUNTS: Final = """
WITH latest AS (SELECT account_id, max(recorded_at) AS recorded_at FROM accounts GROUP BY account_id)
SELECT refused.dead_letter AS dead_letter, refused.id AS record_id, refused.id AS account_id, refused.reason AS reason,
    refused.path AS path, toUnixTimestamp64Milli(refused.recorded_at) AS recorded_ms
FROM
(
    SELECT
        lower(hex(content)) || '-' || toString(element) AS dead_letter,
        if(account_id = '', record_id, account_id) AS id, reason, path, recorded_at
    FROM dead_letters FINAL
    WHERE topic = 'accounts'
) AS refused
LEFT JOIN latest ON latest.account_id = refused.id
WHERE refused.recorded_at > latest.recorded_at
ORDER BY recorded_ms, dead_letter
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRecord:
    """A record that could not be read: why, and where in it. Ids are empty where they could not be read either.

    `dead_letter` names it: the hash of its bytes, and which element of an array it was. `submitted_ms` is None unless a
    claim says it readably.
    """

    dead_letter: str
    record_id: str
    account_id: str
    reason: str
    path: str
    recorded_ms: int
    submitted_ms: int | None = None


def read_refused_claims(client: Client) -> list[RefusedRecord]:
    """Claims that were refused and did not come again readable, in the order in which the broker recorded them."""
    return [_refused_claim(row) for row in rows(client, _CLAIMS, {})]


def read_refused_accounts(client: Client) -> list[RefusedRecord]:
    """Account records that were refused after the account's latest readable one, in the order of the broker."""
    return [RefusedRecord(**row) for row in rows(client, _ACCOUNTS, {})]


def of_account(refused: Sequence[RefusedRecord], account_id: str) -> list[RefusedRecord]:
    """Those of one account."""
    return [one for one in refused if account_id and one.account_id == account_id]


def _refused_claim(row: Row) -> RefusedRecord:
    names = (field.name for field in fields(RefusedRecord) if field.name in row)
    readable = readable_elements("sla.claims", row["excerpt"].encode())
    place = row["element"]
    submitted_ms = readable[place].time_ms if place < len(readable) else None
    return RefusedRecord(**{name: row[name] for name in names}, submitted_ms=submitted_ms)
