"""What one account had of the performance guarantees (§3, C3, P1-P5)."""

from typing import Any

import pytest

from schemas.instants import parse_instant
from streams.guarantees.performance.shares import BEYOND_MS, SUMS, TIMES
from streams.reports.performance import PerformanceCounts, curves_of, guarantees_of, operators_of, pending_messages
from streams.reports.render.curves import curve
from tests.unit.reports import making

POLICY, _, SPAN = making.choice("2026-09")
EDGES = (1, 10, 20, 50, 200, 300, 500)
NOTHING: dict[str, Any] = {
    "of": "acme",
    "operators": [],
    **{name: {} for name in TIMES},
    **dict.fromkeys(SUMS, 0),
}
# operator, then delivered, failed, accepted, enroute, unknown and claimed, of all messages and of template messages
JAZZ = ("jazz", 90, 1, 9, 0, 0, 0, 50, 0, 5, 0, 0, 0)


def counts(service: str, **to_record: object) -> PerformanceCounts:
    return PerformanceCounts(services=[NOTHING | {"service": service} | to_record])


@pytest.mark.parametrize(
    ("service", "complete", "failed", "share"),
    [
        ("sms", False, 1, "98.9010"),
        ("sms", True, 10, "90.0000"),
        ("whatsapp", False, 0, "100.0000"),
        ("whatsapp", True, 5, "90.9090"),
    ],
)
def test_c3_what_no_operator_took_is_ours_after_its_wait(service: str, complete: bool, failed: int, share: str) -> None:
    (one,) = operators_of(counts(service, operators=[JAZZ]), complete=complete)
    assert (one.failed, one.share) == (failed, share)


def test_p3_calls_and_the_uncounted_have_no_delivery_rate() -> None:
    assert operators_of(counts("voice", operators=[JAZZ]), complete=True) == []
    assert operators_of(counts("sms", operators=[("zong", 0, 0, 4, *[0] * 9)]), complete=False) == []
    assert pending_messages(counts("sms", accepted=4), complete=False) == 4
    assert pending_messages(counts("sms", accepted=4), complete=True) == 0


def test_p1_each_guarantee_names_clause_limit_and_exact_counts() -> None:
    to_record = counts("voice", response_times={100: 94, 300: 1, 500: 5}, hd_us=98, call_us=100)
    response, quality = guarantees_of(to_record, POLICY, SPAN, complete=True, as_of_ms=SPAN.end_ms)
    assert (response.clause, response.limit_ms, response.within, response.counted) == ("§3.2", 300, 95, 100)
    assert (response.is_met, response.share, response.target) == (True, "95.0000", "95.0000")
    assert (quality.name, quality.limit_ms, quality.is_met) == ("HD quality", None, True)


@pytest.mark.parametrize(
    ("answered", "within", "met"), [("2026-09-02T00:00:00Z", 1, True), ("2026-09-02T00:00:00.001Z", 0, False)]
)
def test_p5_a_template_is_told_beside_services_without_traffic(answered: str, within: int, met: bool) -> None:
    template = {"account_id": "acme", "submitted": [parse_instant("2026-09-01T00:00:00Z")]}
    to_record = PerformanceCounts(templates=[template | {"answered": [parse_instant(answered)]}])
    (one,) = guarantees_of(to_record, POLICY, SPAN, complete=True, as_of_ms=SPAN.end_ms)
    assert (one.rule, one.clause, one.within, one.counted, one.is_met) == ("P5", "§3.3", within, 1, met)


def test_a_curve_holds_every_request_and_those_beyond_apart() -> None:
    (one,) = curves_of(counts("sms", response_times={300: 2, 20: 5, BEYOND_MS: 3}), POLICY, EDGES)
    # flat where nothing was counted, and from the last edge that nobody kept within
    assert list(one.counts) == [(10, 0), (20, 5), (50, 0), (200, 0), (300, 2)]
    assert (one.beyond, one.total) == (3, 10)
    assert (one.limit_ms, one.target) == (200, "95.0000")
    assert curves_of(counts("sms", response_times={20: 0}), POLICY, EDGES) == []


def test_a_curve_reaches_its_limit_wherever_it_begins() -> None:
    (quick,) = curves_of(counts("sms", response_times={1: 4}), POLICY, EDGES)
    assert list(quick.counts) == [(1, 4), (10, 0), (20, 0), (50, 0), (200, 0)]
    (slow,) = curves_of(counts("sms", response_times={BEYOND_MS: 4}), POLICY, EDGES)
    assert (list(slow.counts), slow.beyond) == ([(50, 0), (200, 0)], 4)
    assert "L" in curve(slow, "0.0000")
