"""Months as they are known: by their statements where they are closed, else as judged now (B5, K1, K2, M2)."""

import numpy as np
from clickhouse_connect.driver.client import Client

from schemas.account import FeeKey
from schemas.fields import SERVICES
from schemas.instants import MINUTE_MS, parse_instant
from schemas.policies import Policy, credit_percent
from streams.credits.basis import MonthFacts, Runs
from streams.judge import judge_month
from streams.rules.month.incident_runs import incident_runs, states_for_claims
from streams.rules.month.judging import SpanJudgement
from streams.rules.month.platform import platform_states
from streams.rules.month.states import Codes, code_of
from streams.rules.policy import PolicyChoice
from streams.rules.verdict import MinuteState
from streams.statements.closed_months import StatedMonth, StatementReader


class KnownMonths:
    """Reads months at an instant, under any policy."""

    def __init__(self, client: Client, statements: StatementReader, *, now_ms: int) -> None:
        self._client = client
        self._statements = statements
        self._now_ms = now_ms

    def facts(self, choice: PolicyChoice) -> MonthFacts:
        """The month as it is known now.

        Raises:
            ZectoError: ClickHouse does not keep the documents that the log names.
        """
        stated = self._statements.stated(choice.span.month, choice.policy.policy_id)
        if stated:
            return stated_facts(stated)
        return judged_facts(judge_month(self._client, choice).judgement, choice, now_ms=self._now_ms)

    def closed_ms(self, choice: PolicyChoice) -> int | None:
        """The cut of the month's statement; None: nobody closed it."""
        documents = self._statements.documents(choice.span.month, choice.policy.policy_id)
        return parse_instant(documents[0].cut) if documents else None


def judged_facts(judgement: SpanJudgement, choice: PolicyChoice, *, now_ms: int) -> MonthFacts:
    """What of a judged month decides credits.

    So long after its end (`complete_by`) a month that is still not complete is complete for claims, its pending minutes
    blind (K2).
    """
    policy, end_ms = choice.policy, choice.span.end_ms
    complete_by_ms = policy.commitments.credits.complete_by_ms
    states = {
        service: states_for_claims(one.verdict.state, end_ms, now_ms, complete_by_ms)
        for service, one in judgement.services.items()
        if one.verdict.uptime is not None
    }
    percents: dict[FeeKey, int | None] = dict.fromkeys((*SERVICES, "platform"))
    percents |= {service: _percent(state, policy) for service, state in states.items()}
    if states:
        percents["platform"] = _percent(platform_states([*states.values()]), policy)
    first = choice.span.start_ms // MINUTE_MS
    return MonthFacts(
        complete=judgement.complete or now_ms >= end_ms + complete_by_ms,
        statement=None,
        percents=percents,
        runs={service: _runs(states[service], first) if service in states else () for service in SERVICES},
    )


def stated_facts(stated: StatedMonth) -> MonthFacts:
    """What of a closed month decides credits, by its statement and amendments."""
    return MonthFacts(
        complete=True,
        statement=stated.number,
        percents=stated.percents,
        runs={service: stated.bad_runs_ms(service) for service in SERVICES},
    )


def _percent(state: Codes, policy: Policy) -> int:
    """The tier of these minutes: blind counts as down, and excluded ones may be taken out of T (M2, X5)."""
    minutes = np.bincount(state, minlength=len(MinuteState))
    lost = int(minutes[code_of(MinuteState.DOWN)] + minutes[code_of(MinuteState.BLIND)])
    removed = int(minutes[code_of(MinuteState.EXCLUDED)]) if policy.excluded == "removed" else 0
    total = state.size - removed
    return credit_percent(policy.tiers, total - lost, total) if total else credit_percent(policy.tiers, 1, 1)


def _runs(state: Codes, first: int) -> Runs:
    return [(start * MINUTE_MS, end * MINUTE_MS) for start, end in incident_runs(state, first)]
