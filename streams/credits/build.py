"""The real statements, accounts, claims, log and tables behind `credits` and `claims`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from clickhouse_connect.driver.client import Client

from schemas.policies import Policy
from streams.clickhouse.session import open_session
from streams.core.settings import Settings
from streams.credits.adjudicate import ClaimAdjudicator
from streams.credits.decision_store import DecisionStore
from streams.credits.issue import CreditLog
from streams.credits.records import read_accounts, read_claims
from streams.statements.closed_months import ClosedMonthReader, StatementReader
from streams.statements.document_store import DocumentStore
from streams.statements.log import KafkaClosingLog

OnStatus = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditParts:
    """What claims are judged by, the log of decisions, and where ClickHouse keeps them."""

    adjudicator: ClaimAdjudicator
    log: CreditLog
    decisions: DecisionStore


@contextmanager
def open_credits(settings: Settings, policies: Sequence[Policy], on_status: OnStatus) -> Iterator[CreditParts]:
    """Everything about credits, as long as the session with ClickHouse is open.

    Raises:
        ZectoError: ClickHouse cannot be reached, is not migrated, or refuses.
    """
    with open_session(settings) as client:
        judged_by = adjudicator(client, settings, policies, on_status)
        yield CreditParts(adjudicator=judged_by, log=CreditLog(settings), decisions=DecisionStore(client))


def adjudicator(
    client: Client, settings: Settings, policies: Sequence[Policy], on_status: OnStatus
) -> ClaimAdjudicator:
    """Everything that a month's claims are judged by, as it is now."""
    on_status("reading accounts and claims")
    return ClaimAdjudicator(
        months=ClosedMonthReader(StatementReader(KafkaClosingLog(settings), DocumentStore(client))),
        policies=policies,
        accounts=read_accounts(client),
        claims=read_claims(client),
    )
