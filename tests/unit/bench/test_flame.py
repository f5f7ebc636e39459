"""The flame graph: where time went is not lost on the way to the picture."""

import pytest

from tests.bench.flame import draw, read

_LINES = [
    "worker;streams.a;json.decode 3.0",
    "worker;streams.a 1.0",
    "io;select 0.5",
    "threads of libraries 0.5",
]


def test_a_functions_time_is_its_own_and_its_callees() -> None:
    root = read(_LINES)
    ours = root.calls["worker"].calls["streams.a"]
    assert root.seconds == pytest.approx(5)
    assert ours.seconds == pytest.approx(4)
    assert ours.own_s == pytest.approx(1)


def test_boxes_are_as_wide_as_their_time() -> None:
    drawn = draw(read(_LINES))
    assert '<rect class="ours" x="0.0"' in drawn
    assert 'width="960.0"' in drawn  # 4 of 5 seconds of 1,200
    assert "streams.a: 80.0%, 20.0% of it its own" in drawn


def test_what_is_too_narrow_to_see_is_left_out() -> None:
    assert "tiny" not in draw(read([*_LINES, "worker;tiny 0.001"]))
