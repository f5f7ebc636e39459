"""I1-I3, C5: which record counts, told by content alone."""

import pytest
import xxhash

from schemas.carrier_receipt import State
from streams.rules.classify import Outcome
from streams.rules.identity import content_hash, dead_letter_hash, identity_key
from streams.rules.ordering import (
    RequestFacts,
    in_scope,
    low_volume_order,
    manifest_order,
    probe_order,
    probes_conflict,
    receipt_order,
    receipts_conflict,
    request_order,
    requests_conflict,
)


def test_i1_an_identity_is_the_ids_xxh3_128() -> None:
    assert identity_key("پیغام") == xxhash.xxh3_128("پیغام".encode(), seed=0).digest()
    assert len(identity_key("")) == 16
    assert identity_key("a") != identity_key("A")


def test_i2_a_content_hash_is_the_published_xxh3_64() -> None:
    assert content_hash(b"") == 0x2D06800538D394C2, "the value that the xxHash specification gives"
    assert content_hash(b'{"a":1}') != content_hash(b'{"a": 1}')
    assert dead_letter_hash(None) == dead_letter_hash(b"")


def request(revision: int = 0, outcome: Outcome = Outcome.OK, content: int = 0, scope: bool = True) -> tuple[int, ...]:
    return request_order(revision=revision, scope=scope, outcome=outcome, content=content)


def test_i2_requests_count_by_revision_scope_doubt_and_hash() -> None:
    ascending = [
        request(0, Outcome.PLATFORM, 9, scope=False),
        request(0, Outcome.OK, 2),
        request(0, Outcome.OK, 2**64 - 1),
        request(0, Outcome.CUSTOMER, 0),
        request(0, Outcome.OPERATOR, 1),
        request(0, Outcome.UNKNOWN, 0),
        request(0, Outcome.PLATFORM, 0),
        request(1, Outcome.OK, 0, scope=False),
        request(1, Outcome.OK, 0),
        request(65_535, Outcome.OK, 0),
    ]
    assert ascending == sorted(ascending)
    assert len(set(ascending)) == len(ascending)


@pytest.mark.parametrize("outcome", [Outcome.OPERATOR, Outcome.CUSTOMER, Outcome.CONTENT, Outcome.RECIPIENT])
def test_i2_other_failures_differ_by_hash_only(outcome: Outcome) -> None:
    assert request(outcome=outcome, content=5) == request(outcome=Outcome.CUSTOMER, content=5)


def receipt(state: State, time_ms: int, code: str = "", content: int = 0) -> tuple[int, ...]:
    return receipt_order(state=state, code=code, time_ms=time_ms, content=content)


def test_i2_late_success_counts_over_failure_and_stays() -> None:
    delivered = receipt("delivered", 50)
    assert delivered > receipt("failed", 10, "x")
    assert delivered > receipt("failed", 99, "x")


def test_i2_of_deliveries_the_first_counts() -> None:
    assert receipt("delivered", 50) > receipt("delivered", 51, content=9)
    assert receipt("delivered", 50, content=2) > receipt("delivered", 50, "code", content=1)


def test_i2_a_coded_failure_counts_first_then_the_later() -> None:
    assert receipt("failed", 10, "x") > receipt("expired", 99)
    assert receipt("rejected", 11, "y") > receipt("failed", 10, "x", content=9)
    assert receipt("unknown", 11) > receipt("deleted", 10)


def test_i2_any_end_counts_over_being_on_the_way() -> None:
    assert receipt("failed", 0) > receipt("enroute", 99, "x")
    assert receipt("accepted", 11) > receipt("enroute", 10, "x", content=9)
    assert receipt("enroute", 10, content=2) > receipt("accepted", 10, "x", content=1)


def test_i2_probes_manifests_and_the_rest() -> None:
    assert probe_order(revision=1, ok=True, content=0) > probe_order(revision=0, ok=False, content=9)
    assert probe_order(revision=0, ok=False, content=0) > probe_order(revision=0, ok=True, content=9)
    assert manifest_order(revision=1, count=0, content=0) > manifest_order(revision=0, count=9, content=9)
    assert manifest_order(revision=0, count=1, content=0) > manifest_order(revision=0, count=0, content=9)
    assert low_volume_order(revision=1, content=0) > low_volume_order(revision=0, content=9)
    assert low_volume_order(revision=0, content=1) > low_volume_order(revision=0, content=0)


FACTS = RequestFacts(revision=0, status=200, error="", stage="ga", plan="paid")


@pytest.mark.parametrize(
    "other",
    [
        FACTS._replace(status=503),
        FACTS._replace(error="x"),
        FACTS._replace(stage="beta"),
        FACTS._replace(plan="trial"),
    ],
)
def test_i3_requests_of_one_revision_that_differ_are_a_conflict(other: RequestFacts) -> None:
    assert requests_conflict([FACTS, other])
    assert requests_conflict([other, FACTS._replace(revision=1), FACTS])


def test_i3_equal_facts_or_another_revision_are_no_conflict() -> None:
    assert not requests_conflict([FACTS, FACTS])
    assert not requests_conflict([FACTS, FACTS._replace(revision=1, status=503)])


def test_i3_probes_conflict_in_ok_or_status_within_a_revision() -> None:
    assert probes_conflict([(0, True, 200), (0, False, 200)])
    assert probes_conflict([(0, False, None), (0, False, 503)])
    assert not probes_conflict([(0, True, 200), (1, False, 503), (0, True, 200)])


def test_i3_failed_receipts_conflict_in_code_at_one_time_only() -> None:
    assert receipts_conflict([("failed", 5, "vendor", "a"), ("expired", 5, "vendor", "b")])
    assert receipts_conflict([("failed", 5, "vendor", "a"), ("failed", 5, "sip", "a")])
    assert not receipts_conflict([("failed", 5, "vendor", "a"), ("failed", 6, "vendor", "b")])
    assert not receipts_conflict([("failed", 5, "vendor", "a"), ("failed", 5, "", "")])
    assert not receipts_conflict([("delivered", 5, "vendor", "a"), ("delivered", 5, "vendor", "b")])


@pytest.mark.parametrize(
    ("stage", "plan", "expected"),
    [("ga", "paid", True), ("beta", "paid", False), ("ga", "trial", False), ("preview", "promotional", False)],
)
def test_c5_only_what_is_available_and_paid_is_in_scope(stage: str, plan: str, expected: bool) -> None:
    assert in_scope(stage, plan) is expected
