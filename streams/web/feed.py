"""What the feed serves, read from ClickHouse: pages of decisions in the order of the log, statements by their names."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from clickhouse_connect.driver.client import Client
from msgspec import Meta, Struct

from schemas.credit_decision import CreditDecision
from streams.clickhouse.session import rows
from streams.statements.document_store import DocumentStore, StoredDocument

_DECISIONS: Final = """
SELECT account_id, fee, month, number, toString(decision_id) AS decision_id, kind, amount, due, decimal_places,
    currency, percent, claim_id, policy, statement, invoice_month, offset
FROM credit_decisions FINAL
WHERE offset >= {from:UInt64} AND {account:String} IN ('', account_id) AND {month:String} IN ('', month)
ORDER BY offset
LIMIT {limit:UInt32}
"""


class Links(Struct, frozen=True, kw_only=True):
    """Where the proof of a decision is: the statement or amendment that it follows from, with every minute."""

    statement: Annotated[str | None, Meta(description="null: nobody has closed the month")]


class LinkedDecision(Struct, frozen=True, kw_only=True):
    """A decision as its record says it, and where to look further."""

    decision: CreditDecision
    links: Links


class DecisionPage(Struct, frozen=True, kw_only=True):
    """Effective decisions, in the order in which they were published."""

    decisions: Sequence[LinkedDecision]
    next: Annotated[int, Meta(ge=0, description="the cursor of what follows, now or later: go on from there")]


class StatementEntry(Struct, frozen=True, kw_only=True):
    """A statement (number 0) or amendment: its cut, its hash, and where it is."""

    month: str
    policy: str
    number: int
    cut: str
    sha256: str
    href: str


class StatementList(Struct, frozen=True, kw_only=True):
    """Every effective document."""

    statements: Sequence[StatementEntry]


def decision_page(client: Client, *, cursor: int, limit: int, account_id: str, month: str) -> DecisionPage:
    """At most `limit` decisions from a cursor on; its `next` is where to go on, also when there is nothing more yet."""
    asked = {"from": cursor, "account": account_id, "month": month, "limit": limit}
    found = rows(client, _DECISIONS, asked)
    following = int(found[-1]["offset"]) + 1 if found else cursor
    return DecisionPage(decisions=[_linked(row) for row in found], next=following)


def statement_list(client: Client, *, month: str) -> StatementList:
    """The documents of a month, or of all."""
    return StatementList(statements=[_entry(one) for one in DocumentStore(client).listed(month)])


def statement_document(client: Client, month: str, policy: str, number: int) -> StoredDocument | None:
    """A document with its bytes; None: there is none, or it is not as it was made."""
    kept = DocumentStore(client).take(month, policy, number)
    return kept[0] if len(kept) == 1 and kept[0].is_whole else None


def href_of(month: str, policy: str, number: int) -> str:
    """Where a document is."""
    return f"/v1/statements/{month}/{policy}/{number}"


def _linked(row: Mapping[str, Any]) -> LinkedDecision:
    fields = {name: row[name] for name in CreditDecision.__struct_fields__}
    places = row["decimal_places"]
    decision = CreditDecision(**fields | {name: f"{row[name]:.{places}f}" for name in ("amount", "due")})
    number = decision.statement
    href = None if number is None else href_of(decision.month, decision.policy, number)
    return LinkedDecision(decision=decision, links=Links(statement=href))


def _entry(one: StoredDocument) -> StatementEntry:
    return StatementEntry(
        month=one.month,
        policy=one.policy,
        number=one.number,
        cut=one.cut,
        sha256=one.sha256,
        href=href_of(one.month, one.policy, one.number),
    )
