"""Judge and auditor agree over random spans (`python -m tests.agreement` for many); and the comparison can tell."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.agreement.random_facts import full_span
from tests.agreement.telling import disagreements


@pytest.mark.parametrize("number", range(12))
def test_judge_and_auditor_agree_over_random_spans(number: int) -> None:
    span = full_span(np.random.default_rng([17, number]))
    assert list(disagreements(span.inputs, span.policy)) == []


@pytest.mark.parametrize(
    "changed", [{"failures_at_least": 1}, {"silence_busy": 30}, {"hole_after_minutes": 1_440}, {"emergency_minutes": 0}]
)
def test_a_number_changed_on_one_side_is_told(changed: dict[str, Any]) -> None:
    spans = (full_span(np.random.default_rng([17, number])) for number in range(40))
    assert any(
        list(disagreements(span.inputs, span.policy, audited_by=replace(span.policy, **changed))) for span in spans
    )
