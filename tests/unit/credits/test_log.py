"""K4: which decisions of `sla.credits` stand."""

from dataclasses import replace
from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from streams.core.canonical_json import canonical_json
from streams.credits.issue import effective_decisions, encode_decision, read_decision, series_of, to_record
from streams.rules.decisions import AmountDue, Decision, Subject, decision_id

SUBJECT = Subject(account_id="acme", fee="sms", month="2026-09", currency="PKR")


def decision(number: int, amount: str, *, subject: Subject = SUBJECT, claim_id: str = "c-1") -> Decision:
    return Decision(
        decision_id=decision_id(subject, number),
        subject=subject,
        number=number,
        kind="credit",
        amount=Decimal(amount),
        amount_due=AmountDue(amount=Decimal(amount), percent=10, claim_id=claim_id, statement=0),
        invoice_month="2026-11",
    )


def value(one: Decision) -> bytes:
    return msgspec.json.encode(to_record(one, "zecto-1.0"))


def test_a_decision_reads_back_as_it_was_told() -> None:
    one = decision(0, "0.01")
    logged = read_decision(7, value(one))
    assert logged is not None
    assert (logged.offset, logged.policy, logged.decision) == (7, "zecto-1.0", one)


@given(st.text(), st.text(max_size=128))
def test_a_decision_is_written_as_canonical_json(account_id: str, claim_id: str) -> None:
    one = decision(0, "0.01", subject=replace(SUBJECT, account_id=account_id), claim_id=claim_id)
    assert encode_decision(one, "ü") == canonical_json(msgspec.to_builtins(to_record(one, "ü")))


def test_k4_of_one_number_the_first_in_the_log_counts() -> None:
    first, second, other = decision(0, "5.00"), decision(1, "-1.00"), decision(0, "9.00", claim_id="c-2")
    log = [first, other, second, first, other]
    stand = effective_decisions(series_of((offset, value(one)) for offset, one in enumerate(log)))
    assert {subject: [logged.decision for logged in series] for subject, series in stand.items()} == {
        ("acme", "sms", "2026-09"): [first, second]
    }
    assert [logged.offset for logged in stand["acme", "sms", "2026-09"]] == [0, 2]


def test_k4_a_foreign_id_or_unreadable_decision_was_never_made() -> None:
    foreign = msgspec.json.encode(
        msgspec.structs.replace(to_record(decision(0, "5.00"), "zecto-1.0"), account_id="other")
    )
    assert effective_decisions(series_of(enumerate([foreign, b"{", None]))) == {}


def test_k4_a_series_goes_on_in_another_currency() -> None:
    dollars = Subject(account_id="acme", fee="sms", month="2026-09", currency="USD")
    log = [decision(0, "5.00"), decision(1, "-5.00"), decision(2, "0.02", subject=dollars)]
    (series,) = effective_decisions(series_of((offset, value(one)) for offset, one in enumerate(log))).values()
    assert [(one.decision.number, one.decision.subject.currency) for one in series] == [
        (0, "PKR"),
        (1, "PKR"),
        (2, "USD"),
    ]
