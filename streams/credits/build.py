"""The real statements, accounts, claims, log and stores behind `credits` and `claims`."""

from collections.abc import Callable, Sequence
from functools import partial

from clickhouse_connect.driver.client import Client

from schemas.policies import Policy
from streams.core.clock import now_ms
from streams.core.settings import Settings
from streams.credits.adjudicate import ClaimAdjudicator
from streams.credits.closed_months import ClosedMonths
from streams.credits.decision_store import DecisionStore
from streams.credits.issue import CreditIssuer
from streams.credits.log import CreditLog
from streams.credits.records import read_accounts, read_claims
from streams.statements.document_store import DocumentStore
from streams.statements.log import KafkaClosingLog
from streams.statements.read import effective_documents
from streams.statements.replay import StatedMonth, replay

OnStatus = Callable[[str], None]


def adjudicator(
    client: Client, settings: Settings, policies: Sequence[Policy], on_status: OnStatus
) -> ClaimAdjudicator:
    """Everything that a month's claims are judged by, as it is now."""
    on_status("reading accounts and claims")
    return ClaimAdjudicator(
        months=ClosedMonths(partial(stated, KafkaClosingLog(settings), DocumentStore(client))),
        policies=policies,
        accounts=read_accounts(client),
        claims=read_claims(client),
    )


def credit_issuer(client: Client, settings: Settings, judged_by: ClaimAdjudicator) -> CreditIssuer:
    """What publishes decisions."""
    return CreditIssuer(adjudicator=judged_by, log=CreditLog(settings), answers=DecisionStore(client), now_ms=now_ms)


def stated(log: KafkaClosingLog, document_store: DocumentStore, month: str, policy: str) -> StatedMonth | None:
    """A month by the documents that the log of closings names; None: nobody closed it.

    Raises:
        ZectoError: ClickHouse does not keep the bytes that the log names.
    """
    documents = effective_documents(log, document_store, month, policy)
    return replay([one.document for one in documents]) if documents else None
