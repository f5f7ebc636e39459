"""`doctor` names an input topic whose batches are larger than a worker's memory is reckoned for."""

import time

import pytest

from streams.core.settings import Settings
from streams.operations.doctor.codes import FindingCode
from streams.operations.doctor.describe import describe
from streams.operations.doctor.findings import Finding
from streams.operations.doctor.parts import look_at_broker
from tests.kafka_topics import bound_topic

pytestmark = pytest.mark.stack

_MOST_S = 10.0


def _look_until(settings: Settings, code: FindingCode) -> Finding:
    """What is found once the broker's change is in force, which its admin's answer does not wait for."""
    deadline = time.monotonic() + _MOST_S
    while (finding := look_at_broker(settings)[0]).code is not code and time.monotonic() < deadline:
        time.sleep(0.1)
    return finding


def test_a_topic_that_takes_larger_batches_is_a_warning(settings: Settings) -> None:
    assert look_at_broker(settings)[0].code is FindingCode.BROKER_FIT
    bound_topic(settings, "probes", 9_000_000)
    larger = _look_until(settings, FindingCode.TOPICS_TAKE_MORE)
    assert larger.details == [{"topic": "probes", "max_message_bytes": 9_000_000}]
    assert "probes 9,000,000 bytes" in describe(larger).said
    bound_topic(settings, "probes", 2_097_152)
    assert _look_until(settings, FindingCode.BROKER_FIT).code is FindingCode.BROKER_FIT
