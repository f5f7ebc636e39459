"""Outcomes that the contract's first edition decided, decided anew by the second from what the ledger keeps."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from clickhouse_connect.driver.client import Client

import sql
from streams.clickhouse.session import rows
from streams.rules.classify import Classification, OutcomeRules, answer_cases, classify_receipt, classify_request

_EDITION: Final = 2
_ALWAYS_MS: Final = 0
_CASES: Final = 250
"""Most cases of one statement: some 300 bytes each, in a parameter which may have 128 KiB."""
_IS_DONE: Final = "SELECT count() FROM decided_outcomes WHERE edition = {edition:UInt8}"


class _Ledger(NamedTuple):
    """A table of records: which query has its cases, and what makes one; how it is decided, and what writes that."""

    cases: str
    columns: Sequence[str]
    classify: Callable[[Mapping[str, Any], int, OutcomeRules], Classification]
    decide: str


def decide_outcomes_anew(client: Client, rules: OutcomeRules) -> int:
    """Decide the outcomes of the whole ledger by C2 and C3, once; returns how many rows have another outcome now.

    Rows are told apart by what decides them alone, so that a ledger of any size is a few hundred decisions, and rows
    that stay as they are not written. Who is stopped begins anew, and finds what is left. Their minutes are counted
    again with all others of the first edition. `client` needs `long_parameters`.
    """
    if client.query(_IS_DONE, {"edition": _EDITION}).first_row[0]:
        return 0
    changed = sum(_decide(client, ledger, rules) for ledger in (_REQUESTS, _RECEIPTS))
    client.insert("decided_outcomes", [[_EDITION]], ["edition"])
    return changed


def _decide(client: Client, ledger: _Ledger, rules: OutcomeRules) -> int:
    parameters = {"within": rules.answer_within_us, "edges": list(rules.tables.edges_ms)}
    others: defaultdict[Classification, list[tuple[Any, ...]]] = defaultdict(list)
    changed = 0
    for row in rows(client, sql.query(ledger.cases), parameters):
        decided = ledger.classify(row, [_ALWAYS_MS, *rules.tables.edges_ms][row["validity"]], rules)
        if (decided.outcome, decided.reason) != (row["outcome_number"], row["reason"]):
            others[decided].append(tuple(row[name] for name in ledger.columns))
            changed += row["records"]
    for decided, cases in others.items():
        for first in range(0, len(cases), _CASES):
            outcome = {"outcome": decided.outcome.label, "reason": decided.reason}
            some = {**parameters, **outcome, "cases": cases[first : first + _CASES]}
            # The client's own `command` has parameters in the address whatever it is told.
            client.raw_query(sql.query(ledger.decide), parameters=some)
    return changed


def _classified_request(row: Mapping[str, Any], at_ms: int, rules: OutcomeRules) -> Classification:
    took = answer_cases(rules.answer_within_us)[row["answered"]]
    return classify_request(row["status"], row["error"], took, at_ms, rules)


def _classified_receipt(row: Mapping[str, Any], at_ms: int, rules: OutcomeRules) -> Classification:
    return classify_receipt(row["state_name"], row["code_system"] or None, row["code"], at_ms, rules)


_REQUESTS: Final = _Ledger(
    cases="request_cases",
    columns=("status", "error", "answered", "validity"),
    classify=_classified_request,
    decide="decide_requests",
)
_RECEIPTS: Final = _Ledger(
    cases="receipt_cases",
    columns=("state_name", "code_system", "code", "validity"),
    classify=_classified_receipt,
    decide="decide_receipts",
)
