"""The real statements, accounts, claims, log and tables behind `credits` and `claims`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from clickhouse_connect.driver.client import Client

from schemas.instants import END_MS
from schemas.policies import Policy
from schemas.reference import minor_units
from streams.clickhouse.session import open_session
from streams.core.settings import Settings
from streams.credits.adjudicate import ClaimAdjudicator
from streams.credits.basis import BasisReader
from streams.credits.decision_store import DecisionStore
from streams.credits.issue import CreditLog
from streams.credits.known_months import KnownMonths
from streams.credits.records import read_account_records, read_claims
from streams.credits.refused import RefusedRecord, read_refused_accounts, read_refused_claims
from streams.judge.accounts import LateAccount, read_backdated
from streams.rules.calendar import month_bounds
from streams.statements.closed_months import StatementReader
from streams.statements.document_store import DocumentStore
from streams.statements.log import KafkaClosingLog

OnStatus = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditParts:
    """What claims are judged by, what of them was refused, the log of decisions, and where ClickHouse keeps them."""

    client: Client
    adjudicator: ClaimAdjudicator
    refused_claims: Sequence[RefusedRecord]
    refused_accounts: Sequence[RefusedRecord]
    log: CreditLog
    decisions: DecisionStore

    def backdated(self, month: str) -> Sequence[LateAccount]:
        """Account records that came later than they took effect in the month (M4)."""
        span = month_bounds(month, self.adjudicator.policies[-1].zone)
        return read_backdated(self.client, span, END_MS)


@contextmanager
def open_credits(
    settings: Settings, policies: Sequence[Policy], on_status: OnStatus, *, now_ms: int
) -> Iterator[CreditParts]:
    """Everything about credits as it stands, as long as the session with ClickHouse is open.

    Raises:
        ZectoError: ClickHouse cannot be reached, is not migrated, or refuses.
    """
    with open_session(settings) as client:
        yield CreditParts(
            client=client,
            adjudicator=adjudicator(client, settings, policies, on_status, now_ms=now_ms),
            refused_claims=read_refused_claims(client),
            refused_accounts=read_refused_accounts(client),
            log=CreditLog(settings),
            decisions=DecisionStore(client),
        )


def adjudicator(
    client: Client, settings: Settings, policies: Sequence[Policy], on_status: OnStatus, *, now_ms: int
) -> ClaimAdjudicator:
    """Everything that a month's claims are judged by, as it stands."""
    on_status("reading accounts and claims")
    statements = StatementReader(KafkaClosingLog(settings), DocumentStore(client))
    return ClaimAdjudicator(
        months=BasisReader(KnownMonths(client, statements, now_ms=now_ms)),
        policies=policies,
        records=read_account_records(client),
        claims=read_claims(client),
        minor_units=minor_units(),
        now_ms=now_ms,
        refused_accounts=frozenset(one.account_id for one in read_refused_accounts(client)),
    )
