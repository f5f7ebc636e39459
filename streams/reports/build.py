"""Everything that the reports of a month say, read once: then each account's report is arithmetic alone (§6.2)."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from clickhouse_connect.driver.client import Client

from schemas.account import SupportTier
from schemas.policies import Policy
from streams.core.settings import Settings
from streams.credits.adjudicate import ClaimAdjudicator, UnknownPolicyError
from streams.credits.build import adjudicator
from streams.credits.issue import CreditLog, Logged
from streams.guarantees.performance.days import edges_of
from streams.guarantees.performance.month import count_month
from streams.guarantees.performance.shares import read_templates
from streams.guarantees.support.tickets import AnsweredTicket, read_tickets, targets_of
from streams.reports.accounts import at_start, changes, check_enterprise, enterprise_accounts
from streams.reports.entitlements import claims_of, credit_rows, groups_of, series_of_account, tickets_of
from streams.reports.facts import read_facts
from streams.reports.model import ReportAccount, ReportMonth
from streams.reports.performance import (
    PerformanceCounts,
    curves_of,
    guarantees_of,
    operators_of,
    pending_messages,
    read_counts,
)
from streams.reports.uptime import ReportFacts, report_month_of
from streams.rules.calendar import month_bounds
from streams.rules.decisions import Place
from streams.rules.policy import PolicyChoice
from streams.rules.support import AnswerTarget
from streams.statements.closed_months import StatementReader
from streams.statements.document_store import DocumentStore
from streams.statements.log import KafkaClosingLog

OnStatus = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInputs:
    """What the accounts under one policy share: the month, their performance, and their tickets by account.

    `adjudicator` judges their claims as they stood at the report's own instant.
    """

    facts: ReportFacts
    adjudicator: ClaimAdjudicator
    month: ReportMonth
    counts: Mapping[str, PerformanceCounts]
    tickets: Mapping[str, Sequence[AnsweredTicket]]
    commitments: Mapping[SupportTier, AnswerTarget]

    @property
    def is_complete(self) -> bool:
        """Whether everything of the month has had its wait (C3)."""
        return self.facts.as_of_ms >= self.facts.choice.span.end_ms + self.facts.choice.policy.pending_for_ms


@dataclass(slots=True, kw_only=True)
class ReportBuilder:
    """The reports of one month: `accounts` that get one, `read` once, then `account` by account."""

    client: Client
    settings: Settings
    policies: Sequence[Policy]
    month: str
    now_ms: int
    on_status: OnStatus
    adjudicator: ClaimAdjudicator = field(init=False)
    unjudged: list[UnknownPolicyError] = field(default_factory=list)
    _months: dict[str, ReportInputs] = field(default_factory=dict)
    _edges: Sequence[int] = ()
    _log: Mapping[Place, Sequence[Logged]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.adjudicator = self._as_of(self.now_ms)
        self._edges = edges_of(self.policies)

    def accounts(self, account_id: str | None) -> list[str]:
        """The one account that is named, or every enterprise account of the month.

        Raises:
            ZectoError: it gets no report, or nobody does.
        """
        span = month_bounds(self.month, self.policies[-1].zone)
        if account_id is None:
            owed = enterprise_accounts(self.adjudicator.accounts, span)
            known = [one for one in owed if self._is_judged(one)]
            if not known:
                self._choice(owed[0])
            return known
        check_enterprise(account_id, self.adjudicator.accounts, span)
        return [account_id]

    def read(self, accounts: Sequence[str]) -> dict[str, ReportMonth]:
        """Read what the reports of these accounts need; returns the month by policy, as all under it see it.

        Raises:
            ZectoError: nothing is known of the month, or a part does not answer.
        """
        choices = {choice.policy.policy_id: choice for choice in map(self._choice, accounts)}
        self.on_status("reading decisions")
        self._log = CreditLog(self.settings).read_series()
        self._months = {policy_id: self._read(choice, accounts) for policy_id, choice in choices.items()}
        return {policy_id: one.month for policy_id, one in self._months.items()}

    def account(self, account_id: str) -> tuple[str, ReportAccount]:
        """What an account had of the month that was read, and the policy of its month."""
        policy_id = self._choice(account_id).policy.policy_id
        return policy_id, self._account(account_id, self._months[policy_id])

    def _is_judged(self, account_id: str) -> bool:
        """Whether its policy is known; one that is not is remembered, and nobody else's report waits for it."""
        try:
            self._choice(account_id)
        except UnknownPolicyError as error:
            self.unjudged.append(error)
            return False
        return True

    def _choice(self, account_id: str) -> PolicyChoice:
        return self.adjudicator.choice(account_id, self.month)

    def _read(self, choice: PolicyChoice, accounts: Sequence[str]) -> ReportInputs:
        client = self.client
        self.on_status(f"reading {self.month} under {choice.policy.policy_id}")
        statements = StatementReader(KafkaClosingLog(self.settings), DocumentStore(client))
        facts = read_facts(client, choice, statements, self.adjudicator.months)
        first, end = count_month(client, choice, self.policies, on_status=self.on_status)
        self.on_status("reading performance")
        only = accounts if len(accounts) == 1 else ()
        counts = read_counts(client, read_templates(client), first=f"{first}", end=f"{end}", only=only)
        self.on_status("reading tickets")
        tickets: defaultdict[str, list[AnsweredTicket]] = defaultdict(list)
        for ticket in read_tickets(
            client, self.adjudicator.accounts, choice.policy, choice.span, now_ms=facts.as_of_ms
        ):
            tickets[ticket.account_id].append(ticket)
        return ReportInputs(
            facts=facts,
            adjudicator=self._as_of(facts.as_of_ms),
            month=report_month_of(facts),
            counts=counts,
            tickets=tickets,
            commitments=targets_of(choice.policy.commitments.support, choice.policy.zone),
        )

    def _as_of(self, now_ms: int) -> ClaimAdjudicator:
        return adjudicator(self.client, self.settings, self.policies, self.on_status, now_ms=now_ms)

    def _account(self, account_id: str, of: ReportInputs) -> ReportAccount:
        policy, _, span = of.facts.choice
        versions = self.adjudicator.accounts[account_id]
        record = at_start(versions, span)
        counts, tickets = of.counts.get(account_id, PerformanceCounts()), of.tickets.get(account_id, ())
        complete, as_of_ms = of.is_complete, of.facts.as_of_ms
        judged = of.adjudicator.account(account_id, self.month)
        series = series_of_account(judged, self._log, policy.zone, now_ms=as_of_ms)
        credited, made, may_come = credit_rows(judged, series)
        return ReportAccount(
            account_id=account_id,
            plan=record.plan,
            currency=record.currency,
            fees={key: Decimal(fee) for key, fee in sorted(record.fees.items())},
            is_suspended=bool(record.suspended),
            changes=changes(versions, span),
            is_complete=complete,
            pending_messages=pending_messages(counts, complete=complete),
            guarantees=guarantees_of(counts, policy, span, complete=complete, as_of_ms=as_of_ms),
            curves=curves_of(counts, policy, self._edges),
            operators=operators_of(counts, complete=complete),
            groups=groups_of(tickets, of.commitments),
            tickets=tickets_of(tickets),
            credited=credited,
            credits=made,
            open_credits=may_come,
            claims=claims_of(judged),
        )
