"""K1: incidents are runs of down minutes, joined over at most five others."""

from schemas.instants import MINUTE_MS, parse_instant
from streams.rules.incidents import incidents, overlapping

_START_MS = parse_instant("2026-09-01T10:00:00Z")


def at(*numbers: int) -> list[int]:
    return [_START_MS + number * MINUTE_MS for number in numbers]


def spans(*numbers: int) -> list[tuple[int, int]]:
    found = incidents(at(*numbers), joined_minutes=5)
    return [((one.start_ms - _START_MS) // MINUTE_MS, (one.end_ms - _START_MS) // MINUTE_MS) for one in found]


def test_k1_no_down_minute_is_no_incident() -> None:
    assert spans() == []


def test_k1_five_minutes_between_join_and_six_do_not() -> None:
    assert spans(0, 6) == [(0, 7)]
    assert spans(0, 7) == [(0, 1), (7, 8)]


def test_k1_runs_are_joined_one_after_the_other() -> None:
    assert spans(0, 6, 12, 18, 25) == [(0, 19), (25, 26)]


def test_k1_order_and_repetition_of_minutes_do_not_matter() -> None:
    assert spans(8, 0, 1, 8, 0) == [(0, 2), (8, 9)]


def test_k1_an_incident_across_a_months_border_is_one() -> None:
    border_ms = parse_instant("2026-09-01T00:00:00+05:00")
    [incident] = incidents([border_ms - MINUTE_MS, border_ms], joined_minutes=5)
    assert (incident.start_ms, incident.end_ms) == (border_ms - MINUTE_MS, border_ms + MINUTE_MS)


def test_k2_a_claim_overlaps_an_incident_sharing_an_instant() -> None:
    found = incidents(at(0, 6), joined_minutes=5)
    begins, ends = found[0].start_ms, found[0].end_ms
    assert overlapping(found, begins - 5, begins + 1)
    assert not overlapping(found, begins - 5, begins)
    assert overlapping(found, ends - 1, ends + 5)
    assert not overlapping(found, ends, ends + 5)
    assert overlapping(found, begins + 2 * MINUTE_MS, begins + 3 * MINUTE_MS)  # between its down minutes
