"""The real statements, accounts, claims, log and shelf behind `credits` and `claims`."""

from collections.abc import Callable, Sequence
from functools import partial

from clickhouse_connect.driver.client import Client

from schemas.policies import Policy
from streams.core.clock import now_ms
from streams.core.settings import Settings
from streams.credits.adjudicate import Judging
from streams.credits.closed_months import ClosedMonths
from streams.credits.decision_store import CreditShelf
from streams.credits.issue import Deciding
from streams.credits.log import CreditLog
from streams.credits.records import read_accounts, read_claims
from streams.statements.document_store import Shelf
from streams.statements.log import Log
from streams.statements.read import standing_documents
from streams.statements.replay import StoodMonth, replay

Say = Callable[[str], None]


def judging(client: Client, settings: Settings, policies: Sequence[Policy], say: Say) -> Judging:
    """Everything that a month's claims are judged by, as it is now."""
    say("reading accounts and claims")
    return Judging(
        months=ClosedMonths(partial(stood, Log(settings), Shelf(client))),
        policies=policies,
        accounts=read_accounts(client),
        claims=read_claims(client),
    )


def deciding(client: Client, settings: Settings, judged_by: Judging) -> Deciding:
    """What publishes decisions."""
    return Deciding(judging=judged_by, log=CreditLog(settings), shelf=CreditShelf(client), now_ms=now_ms)


def stood(log: Log, shelf: Shelf, month: str, policy: str) -> StoodMonth | None:
    """A month by the documents that the log of closings names; None: nobody closed it.

    Raises:
        ZectoError: ClickHouse does not keep the bytes that the log names.
    """
    documents = standing_documents(log, shelf, month, policy)
    return replay([one.document for one in documents]) if documents else None
