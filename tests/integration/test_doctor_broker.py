"""What `doctor` asks the broker: how large a batch topics take, and what workers noted beside their offsets."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from streams.core.settings import Settings
from streams.kafka.topics import ensure_topics
from streams.operations.doctor.codes import FindingCode
from streams.operations.doctor.describe import describe
from streams.operations.doctor.findings import Finding
from streams.operations.doctor.parts import look_at_broker
from streams.stack.broker import start_broker
from tests.kafka_topics import bound_topic

pytestmark = pytest.mark.stack

_MOST_S = 30.0
_READ_NOTES = """
import sys
from streams.core.settings import Settings
from streams.kafka.stuck_notes import read_notes
print(read_notes(Settings(kafka_bootstrap=sys.argv[1])))
"""


def _look_until(settings: Settings, code: FindingCode) -> Finding:
    """What is found once the broker tells of a change, or of new topics, which its admin's answer does not wait for."""
    deadline = time.monotonic() + _MOST_S
    while (finding := look_at_broker(settings)[0]).code is not code and time.monotonic() < deadline:
        time.sleep(0.1)
    return finding


def test_a_topic_that_takes_larger_batches_is_a_warning(settings: Settings) -> None:
    assert _look_until(settings, FindingCode.BROKER_FIT).code is FindingCode.BROKER_FIT
    bound_topic(settings, "probes", 9_000_000)
    larger = _look_until(settings, FindingCode.TOPICS_TAKE_MORE)
    assert larger.details == [{"topic": "probes", "max_message_bytes": 9_000_000}]
    assert "probes 9,000,000 bytes" in describe(larger).said
    bound_topic(settings, "probes", 2_097_152)
    assert _look_until(settings, FindingCode.BROKER_FIT).code is FindingCode.BROKER_FIT


def test_a_broker_that_knows_no_group_yet_is_asked(tmp_path: Path) -> None:
    """In a process of its own: librdkafka's admin client would end it."""
    running = start_broker(tmp_path / "kafka", log=tmp_path / "broker.log", progress=lambda _done, _all: None)
    try:
        ensure_topics(Settings(kafka_bootstrap=running.bootstrap))
        asked = subprocess.run(
            [sys.executable, "-c", _READ_NOTES, running.bootstrap], capture_output=True, text=True, check=False
        )
    finally:
        running.stop()
    assert (asked.returncode, asked.stdout.strip()) == (0, "[]"), asked.stderr
