"""The results topic of a side: read as it grows, held against the truth when it is complete."""

import json
import time
from collections import Counter
from datetime import UTC, datetime

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from streams.core.errors import ZectoError
from streams.core.settings import Settings
from streams.kafka.connection import client_config
from tests.bench.traffic import DAY, MINUTES, Truth

_DAY_MS = int(datetime.fromisoformat(DAY).replace(tzinfo=UTC).timestamp() * 1000)
_BATCH = 10_000
_READY_S = 30.0
_RETRY_S = 0.05


class Results:
    """What a side has told so far; only what is committed is read.

    Raises:
        ZectoError: the broker does not serve the topic.
    """

    def __init__(self, settings: Settings, topic: str) -> None:
        self._consumer = Consumer(
            {
                **client_config(settings),
                "group.id": topic,
                "enable.auto.commit": False,
                # what comes is seen at once, and a client that is a little early does not wait for its next try
                "fetch.wait.max.ms": 50,
                "fetch.error.backoff.ms": 50,
                "topic.metadata.refresh.fast.interval.ms": 50,
                "retry.backoff.ms": 50,
            }
        )
        self._await(topic)
        self._consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
        self._decoded = 0
        self._minutes: Counter[tuple[str, int, str]] = Counter()

    def read(self, timeout_s: float) -> None:
        """Take in what has been added, waiting for the first of it."""
        for message in self._consumer.consume(_BATCH, timeout=timeout_s):
            self._take(json.loads(message.value()))

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def to_record(self) -> int:
        """How many records the results speak of."""
        return self._decoded + self._minutes.total()

    def wrong(self, truth: Truth, records: int) -> list[str]:
        """Each count that is not what was produced, in one line; at most ten of them."""
        if self._decoded:
            return [] if self._decoded == records else [f"decoded: {self._decoded} instead of {records}"]
        return [
            f"{place}: {self._minutes[place]} instead of {truth.minutes[place]}"
            for place in sorted(self._minutes.keys() | truth.minutes.keys())
            if self._minutes[place] != truth.minutes[place]
        ][:10]

    def _await(self, topic: str) -> None:
        deadline = time.monotonic() + _READY_S
        while time.monotonic() < deadline:
            try:
                self._consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=1.0)
            except KafkaException:
                time.sleep(_RETRY_S)
            else:
                return
        raise ZectoError(f"the broker does not serve {topic}")

    def _take(self, result: dict[str, object]) -> None:
        match result:
            case {"decoded": int(decoded), "refused": int(refused)}:
                self._decoded = decoded + refused
            case {"service": str(service), "start_ms": int(start_ms), "counts": dict(counts)}:
                minute = (start_ms - _DAY_MS) // 60_000
                if minute < MINUTES:  # not the record that closes the windows
                    for outcome, count in counts.items():
                        self._minutes[service, minute, outcome] = int(count)
            case _:
                raise ValueError(f"not a result: {result}")
