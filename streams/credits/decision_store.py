"""Where ClickHouse keeps effective decisions and answers to claims: written twice counts once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from streams.clickhouse.session import rows
from streams.core.instants import to_datetime
from streams.credits.adjudicate import JudgedAccount
from streams.credits.issue import Logged, to_record
from streams.credits.refused import RefusedRecord
from streams.rules.claims import ClaimState

_DECISION_COLUMNS: Final = (
    "account_id",
    "fee",
    "month",
    "number",
    "decision_id",
    "kind",
    "amount",
    "due",
    "currency",
    "percent",
    "claim_id",
    "policy",
    "statement",
    "invoice_month",
)
_ANSWER_COLUMNS: Final = (
    "account_id",
    "claim_id",
    "dead_letter",
    "month",
    "state",
    "refusals",
    "statement",
    "fees",
    "answered_at",
)
_ANSWERS: Final = """
SELECT account_id, claim_id, dead_letter, month, state, refusals,
    toUnixTimestamp64Milli(first_answered_at) AS answered_ms
FROM claim_states
"""

AnswerKey = tuple[str, str, str, str]
"""What an answer is about: account, claim and month; or the dead letter, where the claim could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The last answer to a claimant about a month, and when the first was given."""

    state: str
    refusals: Sequence[str]
    answered_ms: int


class DecisionStore:
    """The tables `credit_decisions` and `answers_to_claims`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def put(self, decisions: Iterable[Logged]) -> None:
        """Keep effective decisions; returns once they are on disk."""
        table = [_decision_row(logged) for logged in decisions]
        if table:
            self._client.insert("credit_decisions", table, (*_DECISION_COLUMNS, "offset", "decimal_places"))

    def answer(self, judged: Iterable[JudgedAccount], *, at_ms: int) -> None:
        """Keep the answer to each claim; the same answer again stays as old as it was."""
        at = to_datetime(at_ms)
        self._keep([row for one in judged for row in _answer_rows(one, at)])

    def answer_refused(self, refused: Iterable[RefusedRecord], *, at_ms: int) -> None:
        """Keep that claimants were told why their claims could not be read (K2)."""
        at, rejected = to_datetime(at_ms), str(ClaimState.REJECTED)
        self._keep(
            [
                [one.account_id, one.record_id, one.dead_letter, "", rejected, [one.reason, one.path], None, [], at]
                for one in refused
            ]
        )

    def answers(self) -> dict[AnswerKey, Answer]:
        """The last answer, by account, claim, dead letter and month."""
        return {_key(row): _answer(row) for row in rows(self._client, _ANSWERS, {})}

    def _keep(self, table: Sequence[Sequence[object]]) -> None:
        if table:
            self._client.insert("answers_to_claims", table, _ANSWER_COLUMNS)


def _decision_row(logged: Logged) -> list[object]:
    record = to_record(logged.decision, logged.policy)
    decimal_places = len(record.amount.partition(".")[2])
    return [*(getattr(record, name) for name in _DECISION_COLUMNS), logged.offset, decimal_places]


def _answer_rows(one: JudgedAccount, at: datetime) -> list[list[object]]:
    basis = one.month.basis
    return [
        [
            one.account_id,
            claim_id,
            "",
            basis.span.month,
            str(outcome.state),
            [str(refusal) for refusal in outcome.refusals],
            basis.statement,
            list(outcome.fees),
            at,
        ]
        for claim_id, outcome in one.amounts.outcomes.items()
    ]


def _key(row: Mapping[str, Any]) -> AnswerKey:
    return row["account_id"], row["claim_id"], row["dead_letter"], row["month"]


def _answer(row: Mapping[str, Any]) -> Answer:
    return Answer(state=row["state"], refusals=tuple(row["refusals"]), answered_ms=row["answered_ms"])
