"""I2: what counts of an identity is decided by its set of records alone."""

import random

from hypothesis import given
from hypothesis import strategies as st

from schemas.fields import SERVICES, Service
from streams.rules.classify import Outcome
from streams.rules.counting import count_message, count_request
from streams.rules.ordering import CountedReceipt, CountedRequest, request_order

_FEW = st.integers(min_value=0, max_value=3)
_OUTCOMES = st.sampled_from(Outcome)
_REQUESTS = st.builds(
    CountedRequest,
    content=st.integers(0, 2**64 - 1),
    revision=_FEW,
    time_ms=st.integers(0, 1),
    account_id=st.sampled_from("xy"),
    status=st.sampled_from([200, 503]),
    error=st.just(""),
    stage=st.sampled_from(["ga", "beta"]),
    plan=st.just("paid"),
    source=st.sampled_from(["", "a", "b"]),
    outcome=_OUTCOMES,
)
_RECEIPTS = st.builds(
    CountedReceipt,
    content=_FEW,
    submitted_at_ms=st.integers(0, 1),
    time_ms=st.integers(600_000, 600_003),
    resolution_us=st.sampled_from([1, 1000]),
    state=st.sampled_from(["accepted", "enroute", "delivered", "failed", "unknown"]),
    code_system=st.sampled_from(["", "platform", "smtp"]),
    code=st.sampled_from(["", "x"]),
    stage=st.sampled_from(["ga", "beta"]),
    plan=st.just("paid"),
    source=st.sampled_from(["", "a", "b"]),
    outcome=_OUTCOMES,
)


@given(st.lists(_REQUESTS, min_size=1, unique_by=lambda one: one.content), st.randoms(use_true_random=False))
def test_i2_a_request_counts_the_same_in_any_order(records: list[CountedRequest], dice: random.Random) -> None:
    assert count_request(dice.sample(records, len(records))) == count_request(records)


@given(
    st.sampled_from(SERVICES),
    st.lists(_RECEIPTS, min_size=1, max_size=6, unique_by=lambda one: one.content),
    st.randoms(use_true_random=False),
)
def test_i2_a_message_counts_the_same_in_any_order(
    service: Service, receipts: list[CountedReceipt], dice: random.Random
) -> None:
    counted = count_message(service, receipts, handover_within_ms=600_000)
    again = count_message(service, dice.sample(receipts, len(receipts)), handover_within_ms=600_000)
    assert again == counted


@given(_REQUESTS, st.integers(1, 9))
def test_i2_a_higher_revision_always_counts(record: CountedRequest, higher: int) -> None:
    later = record._replace(revision=record.revision + higher, outcome=Outcome.OK, stage="beta", content=0)
    assert request_order(later) > request_order(record)
