"""C1, C5, I4, B3: what is counted of requests that no other record touches."""

from typing import Any

import pyarrow as pa

from streams.counting.plain import plain_requests
from streams.rules.classify import Outcome

_LISTS = ("in_scope", "outcomes", "sources", "is_unnamed", "mended_fields", "numbers")


def _counted(*tallies: tuple[Any, ...]) -> dict[str, Any]:
    """One service-minute with these tallies: (in scope, outcome, source, unnamed, mended, number)."""
    lists = {name: [list(column)] for name, column in zip(_LISTS, zip(*tallies, strict=True), strict=True)}
    records = sum(tally[-1] for tally in tallies)
    place = {"service": [1], "minute": [60], "records": [records], "is_plain": [1]}
    [row] = plain_requests(pa.table(place | lists)).to_pylist()
    return {name: dict(value) if isinstance(value, list) else value for name, value in row.items() if value}


def test_c1_outcomes_are_tallied_by_whose_failure_they_are() -> None:
    found = _counted((True, Outcome.OK, "a", False, "", 5), (True, Outcome.RECIPIENT, "a", False, "", 2))
    assert (found["requests_ok"], found["requests_recipient"], found["records"]) == (5, 2, 7)


def test_c5_what_is_out_of_scope_is_tallied_apart() -> None:
    found = _counted((False, Outcome.OK, "a", False, "", 3), (False, Outcome.CUSTOMER, "a", False, "", 4))
    assert "requests_ok" not in found
    assert (found["requests_out_of_scope"], found["requests_out_of_scope_ok"]) == (7, 3)


def test_i4_what_is_valid_and_in_scope_was_heard() -> None:
    outcomes = (Outcome.OK, Outcome.PLATFORM, Outcome.CUSTOMER, Outcome.CLAIMED)
    found = _counted(
        *((True, outcome, "a", False, "", 1) for outcome in outcomes), (False, Outcome.OK, "a", False, "", 9)
    )
    assert found["requests_heard"] == 2


def test_b3_sources_and_mended_fields_are_told_by_name() -> None:
    found = _counted(
        (True, Outcome.OK, "a,b", False, "route,error", 2),
        (True, Outcome.PLATFORM, "a,b", False, "route", 3),
        (True, Outcome.OK, "", False, "", 4),
    )
    assert (found["request_sources"], found["unsourced"]) == ({"a,b": 5}, 4)
    assert found["mended"] == {"error": 2, "route": 5}


def test_i1_records_whose_id_names_nothing_are_told() -> None:
    assert _counted((True, Outcome.OK, "", True, "", 6))["unnamed"] == 6
