"""I1, I2, C5: which record counts, told by content alone."""

import pytest
import xxhash

from schemas.carrier_receipt import State
from streams.rules.classify import Outcome
from streams.rules.identity import content_hash, dead_letter_hash
from streams.rules.ordering import (
    CountedProbe,
    in_scope,
    low_volume_order,
    manifest_order,
    probe_order,
    receipt_order,
    request_order,
)
from tests.unit.rules.counted import a_receipt, a_request


def test_i2_a_content_hash_is_the_published_xxh3_64() -> None:
    assert content_hash(b"") == 0x2D06800538D394C2, "the value that the xxHash specification gives"
    assert content_hash(b'{"a":1}') != content_hash(b'{"a": 1}')
    assert dead_letter_hash(None) == dead_letter_hash(b"") == xxhash.xxh3_128_digest(b"")


def test_i2_requests_count_by_revision_scope_doubt_and_hash() -> None:
    ascending = [
        a_request(0, Outcome.PLATFORM, content=9, stage="beta"),
        a_request(0, Outcome.OK, content=2),
        a_request(0, Outcome.OK, content=2**64 - 1),
        a_request(0, Outcome.CUSTOMER, content=0),
        a_request(0, Outcome.OPERATOR, content=1),
        a_request(0, Outcome.CLAIMED, content=0),
        a_request(0, Outcome.UNKNOWN, content=0),
        a_request(0, Outcome.PLATFORM, content=0),
        a_request(1, Outcome.PLATFORM, content=0, plan="trial"),
        a_request(1, Outcome.OK, content=0),
        a_request(65_535, Outcome.OK, content=0),
    ]
    orders = [request_order(record) for record in ascending]
    assert orders == sorted(orders)
    assert len(set(orders)) == len(orders)


@pytest.mark.parametrize("outcome", [Outcome.OPERATOR, Outcome.CUSTOMER, Outcome.CONTENT, Outcome.RECIPIENT])
def test_i2_other_failures_differ_by_hash_only(outcome: Outcome) -> None:
    assert request_order(a_request(0, outcome, content=5)) == request_order(a_request(0, Outcome.CUSTOMER, content=5))


def order(state: State, time_ms: int, code: str = "", content: int = 0, plan: str = "paid") -> tuple[int, ...]:
    return receipt_order(a_receipt(state, time_ms, code=code, content=content, plan=plan))


def test_i2_a_receipt_in_scope_counts_before_any_other() -> None:
    assert order("accepted", 0) > order("delivered", 99, plan="trial")


def test_i2_late_success_counts_over_failure_and_stays() -> None:
    delivered = order("delivered", 50)
    assert delivered > order("failed", 10, "x")
    assert delivered > order("failed", 99, "x")


def test_i2_of_deliveries_the_first_counts() -> None:
    assert order("delivered", 50) > order("delivered", 51, content=9)
    assert order("delivered", 50, content=2) > order("delivered", 50, "code", content=1)


def test_i2_a_coded_failure_counts_first_then_the_later() -> None:
    assert order("failed", 10, "x") > order("expired", 99)
    assert order("rejected", 11, "y") > order("failed", 10, "x", content=9)
    assert order("unknown", 11) > order("deleted", 10)


def test_i2_any_end_counts_over_being_on_the_way() -> None:
    assert order("failed", 0) > order("enroute", 99, "x")
    assert order("accepted", 11) > order("enroute", 10, "x", content=9)
    assert order("enroute", 10, content=2) > order("accepted", 10, "x", content=1)


def test_i2_probes_count_by_revision_failure_and_hash() -> None:
    def probe(revision: int, content: int, *, ok: bool) -> tuple[int, ...]:
        return probe_order(CountedProbe(content=content, revision=revision, time_ms=0, ok=ok, status=None))

    assert probe(1, 0, ok=True) > probe(0, 9, ok=False)
    assert probe(0, 0, ok=False) > probe(0, 9, ok=True)
    assert probe(0, 1, ok=True) > probe(0, 0, ok=True)


def test_i2_manifests_count_by_revision_count_and_finality() -> None:
    def manifest(revision: int, count: int, content: int, *, final: bool = False) -> tuple[int, ...]:
        return manifest_order(revision=revision, count=count, final=final, content=content)

    assert manifest(1, 0, 0) > manifest(0, 9, 9)
    assert manifest(0, 1, 0, final=True) > manifest(0, 0, 9)
    assert manifest(0, 1, 0) > manifest(0, 1, 9, final=True)
    assert manifest(0, 1, 1) > manifest(0, 1, 0)


def test_i2_the_rest_by_revision_earlier_submission_and_hash() -> None:
    assert low_volume_order(revision=1, content=0, submitted_ms=9) > low_volume_order(revision=0, content=9)
    assert low_volume_order(revision=0, content=0, submitted_ms=4) > low_volume_order(
        revision=0, content=9, submitted_ms=5
    )
    assert low_volume_order(revision=0, content=1) > low_volume_order(revision=0, content=0)


@pytest.mark.parametrize(
    ("stage", "plan", "expected"),
    [("ga", "paid", True), ("beta", "paid", False), ("ga", "trial", False), ("preview", "promotional", False)],
)
def test_c5_only_what_is_available_and_paid_is_in_scope(stage: str, plan: str, expected: bool) -> None:
    assert in_scope(stage, plan) is expected
