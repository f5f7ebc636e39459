"""Everything that the reports of a month say, read once: then each account's report is arithmetic alone (§6.2)."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, partial

from clickhouse_connect.driver.client import Client

from schemas.account import SupportTier
from schemas.policies import Policy
from streams.core.settings import Settings
from streams.credits.adjudicate import Judging
from streams.credits.build import judging
from streams.credits.log import CreditLog, Logged
from streams.guarantees.performance.days import edges_of
from streams.guarantees.performance.month import count_month
from streams.guarantees.performance.shares import read_templates
from streams.guarantees.support.tickets import Ticket, promises_of, read_tickets
from streams.reports.accounts import at_start, changes, check_enterprise, enterprise_accounts
from streams.reports.entitlements import claims_of, credits_told, groups_of, tickets_of
from streams.reports.facts import read_facts
from streams.reports.model import Account, Month
from streams.reports.performance import (
    Counts,
    curves_of,
    guarantees_of,
    operators_of,
    pending_messages,
    read_counts,
)
from streams.reports.uptime import MonthFacts, month_of_facts
from streams.rules.calendar import month_bounds
from streams.rules.policy import PolicyChoice
from streams.rules.support import Promise
from streams.statements.document_store import Kept, Shelf
from streams.statements.log import Log
from streams.statements.read import standing_documents

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyMonth:
    """What the accounts under one policy share: the month, their performance, and their tickets by account."""

    facts: MonthFacts
    month: Month
    counts: Mapping[str, Counts]
    tickets: Mapping[str, Sequence[Ticket]]
    promises: Mapping[SupportTier, Promise]

    @property
    def is_complete(self) -> bool:
        """Whether everything of the month has had its wait (C3)."""
        return self.facts.as_of_ms >= self.facts.choice.span.end_ms + self.facts.choice.policy.receipt_wait_ms


@dataclass(slots=True, kw_only=True)
class Gathering:
    """The reports of one month: `accounts` to whom they are owed, `read` once, then `account` by account."""

    client: Client
    settings: Settings
    policies: Sequence[Policy]
    month: str
    say: Say
    judging: Judging = field(init=False)
    _months: dict[str, PolicyMonth] = field(default_factory=dict)
    _edges: Sequence[int] = ()
    _decided: Mapping[str, Sequence[Logged]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.judging = judging(self.client, self.settings, self.policies, self.say)
        self._edges = edges_of(self.policies)

    def accounts(self, account_id: str | None) -> list[str]:
        """The one account that is named, or every enterprise account of the month.

        Raises:
            ZectoError: no report is owed to it, or to anybody.
        """
        span = month_bounds(self.month, self.policies[-1].zone)
        if account_id is None:
            return enterprise_accounts(self.judging.accounts, span)
        check_enterprise(account_id, self.judging.accounts, span)
        return [account_id]

    def read(self, accounts: Sequence[str]) -> dict[str, Month]:
        """Read what the reports of these accounts need; returns the month by policy, as all under it are told.

        Raises:
            ZectoError: nothing is known of the month, or a part does not answer.
        """
        choices = {choice.policy.policy_id: choice for choice in map(self._choice, accounts)}
        self._decided = self._decisions()
        self._months = {policy_id: self._read(choice, accounts) for policy_id, choice in choices.items()}
        return {policy_id: one.month for policy_id, one in self._months.items()}

    def account(self, account_id: str) -> tuple[str, Account]:
        """What an account had of the month that was read, and the policy that its month is told under."""
        policy_id = self._choice(account_id).policy.policy_id
        return policy_id, self._account(account_id, self._months[policy_id])

    def _choice(self, account_id: str) -> PolicyChoice:
        return self.judging.choice(account_id, self.month)

    def _read(self, choice: PolicyChoice, accounts: Sequence[str]) -> PolicyMonth:
        log, shelf, client = Log(self.settings), Shelf(self.client), self.client
        self.say(f"reading {self.month} under {choice.policy.policy_id}")
        documents: Callable[[str, str], list[Kept]] = cache(partial(standing_documents, log, shelf))
        facts = read_facts(client, choice, documents)
        first, end = count_month(client, choice, self.policies, say=self.say)
        self.say("reading performance")
        only = accounts if len(accounts) == 1 else ()
        counts = read_counts(client, read_templates(client), first=f"{first}", end=f"{end}", only=only)
        self.say("reading tickets")
        tickets: defaultdict[str, list[Ticket]] = defaultdict(list)
        for ticket in read_tickets(client, self.judging.accounts, choice.policy, choice.span, now_ms=facts.as_of_ms):
            tickets[ticket.account_id].append(ticket)
        return PolicyMonth(
            facts=facts,
            month=month_of_facts(facts),
            counts=counts,
            tickets=tickets,
            promises=promises_of(choice.policy.promises.support, choice.policy.zone),
        )

    def _decisions(self) -> Mapping[str, list[Logged]]:
        """The month's decisions as they stand, by account."""
        self.say("reading decisions")
        found: defaultdict[str, list[Logged]] = defaultdict(list)
        for subject, series in CreditLog(self.settings).standing().items():
            if subject.month == self.month:
                found[subject.account_id] += series
        return found

    def _account(self, account_id: str, of: PolicyMonth) -> Account:
        policy, _, span = of.facts.choice
        versions = self.judging.accounts[account_id]
        record = at_start(versions, span)
        counts, tickets = of.counts.get(account_id, Counts()), of.tickets.get(account_id, ())
        complete, as_of_ms = of.is_complete, of.facts.as_of_ms
        judged = self.judging.account(account_id, self.month, now_ms=as_of_ms)
        credited, made, may_come = credits_told(judged, self._decided.get(account_id, ()))
        return Account(
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
            groups=groups_of(tickets, of.promises),
            tickets=tickets_of(tickets),
            credited=credited,
            credits=made,
            open_credits=may_come,
            claims=claims_of(judged),
        )
