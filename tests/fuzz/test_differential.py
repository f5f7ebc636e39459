"""B3: the decoder and the auditor, which share nothing, read the same in whatever bytes."""

import pytest

from tests.fuzz.differential import TOPICS, compare

_RECORDS = 4_000


@pytest.mark.parametrize("topic", TOPICS)
def test_b3_pipeline_and_auditor_read_the_same(topic: str) -> None:
    outcome = compare(topic, seed=16, count=_RECORDS)
    assert outcome.differences == []
    # enough of both kinds, or nothing was tried
    assert _RECORDS // 20 < outcome.counts["valid"] < _RECORDS // 2
    assert len(outcome.counts) >= 8


@pytest.mark.deep
@pytest.mark.parametrize("topic", TOPICS)
def test_b3_they_read_200000_mutated_records_alike(topic: str) -> None:
    assert compare(topic, seed=17, count=200_000).differences == []
