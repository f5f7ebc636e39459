"""K1, K2: incidents are maximal runs of minutes that are down or blind, across the months' borders."""

from streams.rules.incidents import Incident, overlapping
from tests.unit.rules.crediting import SPAN, at, incidents


def test_k1_runs_that_touch_are_one_incident() -> None:
    border_ms = SPAN.start_ms
    assert incidents((0, 5), (-3, 0)) == [Incident(start_ms=at(-3), end_ms=at(5))]
    assert border_ms == at(0)


def test_k1_one_minute_between_makes_two_incidents() -> None:
    assert incidents((0, 5), (6, 7)) == [Incident(start_ms=at(0), end_ms=at(5)), Incident(start_ms=at(6), end_ms=at(7))]
    assert incidents() == []


def test_k2_a_claim_overlaps_an_incident_sharing_an_instant() -> None:
    found = incidents((0, 5), (10, 11))
    assert overlapping(found, at(0) - 5, at(0) + 1) == range(1)
    assert not overlapping(found, at(0) - 5, at(0))
    assert overlapping(found, at(5) - 1, at(5) + 5) == range(1)
    assert not overlapping(found, at(5), at(10))
    assert overlapping(found, at(4), at(11)) == range(2)
