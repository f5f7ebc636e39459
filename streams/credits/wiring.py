"""The real statements, accounts, claims, log and shelf behind `credits` and `claims`."""

from collections.abc import Callable, Sequence
from functools import partial

from clickhouse_connect.driver.client import Client

from schemas.policies import Policy
from streams.clock import now_ms
from streams.credits.closed import ClosedMonths
from streams.credits.deciding import Deciding
from streams.credits.judging import Judging
from streams.credits.log import CreditLog
from streams.credits.records import read_accounts, read_claims
from streams.credits.shelf import CreditShelf
from streams.errors import ZectoError
from streams.settings import Settings
from streams.statements.log import Log
from streams.statements.replaying import StoodMonth, replay
from streams.statements.shelf import Shelf

Say = Callable[[str], None]


def judging(client: Client, settings: Settings, policies: Sequence[Policy], say: Say) -> Judging:
    """Everything that a month's claims are judged by, as it is now."""
    say("reading accounts and claims")
    return Judging(
        months=ClosedMonths(partial(_stood, Log(settings), Shelf(client))),
        policies=policies,
        accounts=read_accounts(client),
        claims=read_claims(client),
    )


def deciding(client: Client, settings: Settings, judged_by: Judging) -> Deciding:
    """What publishes decisions."""
    return Deciding(judging=judged_by, log=CreditLog(settings), shelf=CreditShelf(client), now_ms=now_ms)


def _stood(log: Log, shelf: Shelf, month: str, policy: str) -> StoodMonth | None:
    """A month by the documents that the log of closings names; None: nobody closed it.

    Raises:
        ZectoError: ClickHouse does not keep the bytes that the log names.
    """
    closings = log.standing(month, policy)
    documents: list[bytes] = []
    for closing in closings:
        kept = shelf.take(month, policy, closing.number)
        named = [one for one in kept if one.sha256 == closing.sha256 and one.is_whole]
        if not named:
            raise ZectoError(
                f"document {closing.number} of {month} is not kept as it was made: zecto-sla close {month}"
            )
        documents.append(named[0].document)
    return replay(documents) if documents else None
