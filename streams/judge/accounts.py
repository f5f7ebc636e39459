"""What accounts say against records, and say too late: listed beside a month (C5, M4)."""

from dataclasses import dataclass

from clickhouse_connect.driver.client import Client

import sql
from schemas.instants import MINUTE_MS
from streams.clickhouse.session import rows
from streams.rules.calendar import MonthSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class MislabelledPlan:
    """Requests and messages of a service that are labelled with a plan, while their account's own was another (C5)."""

    service: str
    label: str
    plan: str
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LateAccount:
    """An account record that reached the broker later than it says it took effect (M4)."""

    account_id: str
    revision: int
    effective_ms: int
    recorded_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountListings:
    """What is listed of accounts beside a month."""

    mislabelled: tuple[MislabelledPlan, ...] = ()
    backdated: tuple[LateAccount, ...] = ()


def read_account_listings(client: Client, span: MonthSpan, as_of_ms: int) -> AccountListings:
    """What is listed of accounts beside a month, of what was known before an instant."""
    return AccountListings(
        mislabelled=read_mislabelled(client, span, as_of_ms), backdated=read_backdated(client, span, as_of_ms)
    )


def read_mislabelled(client: Client, span: MonthSpan, as_of_ms: int) -> tuple[MislabelledPlan, ...]:
    """Labels that contradict the accounts' own plans, of what was known before an instant (C5)."""
    asked = {"from": span.start_ms // MINUTE_MS, "to": span.end_ms // MINUTE_MS, "as_of": as_of_ms}
    return tuple(MislabelledPlan(**row) for row in rows(client, sql.query("judge_plan_mismatches"), asked))


def read_backdated(client: Client, span: MonthSpan, as_of_ms: int) -> tuple[LateAccount, ...]:
    """Account records that came later than they took effect, of what was known before an instant (M4)."""
    asked = {"from": span.start_ms, "to": span.end_ms, "as_of": as_of_ms}
    return tuple(LateAccount(**row) for row in rows(client, sql.query("judge_backdated"), asked))
