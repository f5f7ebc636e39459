"""Where ClickHouse keeps effective decisions and answers to claims: written twice counts once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from streams.clickhouse.session import rows
from streams.core.instants import to_datetime
from streams.credits.adjudicate import JudgedAccount
from streams.credits.issue import Logged, to_record
from streams.rules.claims import Refusal

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
    "claim_id",
    "month",
    "state",
    "refusals",
    "statement",
    "account_id",
    "fee",
    "answered_at",
)
_ANSWERS: Final = """
SELECT claim_id, month, state, refusals, toUnixTimestamp64Milli(first_answered_at) AS answered_ms FROM claim_states
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The last answer to a claimant about a month, and when the first was given."""

    state: str
    refusals: Sequence[str]
    answered_ms: int


class DecisionStore:
    """The tables `credit_decisions` and `claim_answers`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def put(self, decisions: Iterable[Logged]) -> None:
        """Keep effective decisions; returns once they are on disk."""
        records = [(logged.offset, to_record(logged.decision, logged.policy)) for logged in decisions]
        table = [[*(getattr(record, name) for name in _DECISION_COLUMNS), offset] for offset, record in records]
        if table:
            self._client.insert("credit_decisions", table, (*_DECISION_COLUMNS, "offset"))

    def answer(self, judged: Iterable[JudgedAccount], *, at_ms: int) -> None:
        """Keep the answer to each claim; the same answer again stays as old as it was."""
        at = to_datetime(at_ms)
        table = [
            [
                claim_id,
                one.month.span.month,
                str(judgement.state),
                [str(refusal) for refusal in judgement.refusals],
                0 if Refusal.SPAN_TOO_LONG in judgement.refusals else one.month.statement,  # it follows from none
                one.account_id,
                judgement.fee or "",
                at,
            ]
            for one in judged
            for claim_id, judgement in one.amounts.judgements.items()
        ]
        if table:
            self._client.insert("claim_answers", table, _ANSWER_COLUMNS)

    def answers(self) -> dict[tuple[str, str], Answer]:
        """The last answer, by claim and month."""
        return {(row["claim_id"], row["month"]): _answer(row) for row in rows(self._client, _ANSWERS, {})}


def _answer(row: Mapping[str, Any]) -> Answer:
    return Answer(state=row["state"], refusals=tuple(row["refusals"]), answered_ms=row["answered_ms"])
