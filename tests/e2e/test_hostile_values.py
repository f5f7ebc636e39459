"""Hostile values in every input topic: each is kept once, a good month keeps its bytes, and every command answers.

Small ones are in tests/fuzz/test_encoding.py and test_large_values.py, every day; `python -m tests.hostile` sends more.
"""

import pytest

from tests.conftest import StackFactory
from tests.hostile.running import withstand

pytestmark = [pytest.mark.stack, pytest.mark.deep, pytest.mark.not_in_ci, pytest.mark.timeout(1_800)]


def test_b3_hostile_values_stop_nothing_and_change_no_month(fresh_stack: StackFactory) -> None:
    assert withstand(fresh_stack(), 16, 300, on_status=lambda _: None).faults == []
