"""Records out: one idempotent, compressing producer for the command line and for the worker's own topics.

Delivery is at least once and never silent: what the broker did not take is raised, at the latest by `flush`. Order
within a key is kept (idempotence), and the same key goes to the same partition as from a Java client (murmur2).
"""

import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import confluent_kafka

from streams.core.errors import Code, ZectoError
from streams.core.settings import Settings
from streams.kafka.connection import client_config
from streams.kafka.errors import Heard, describe, kafka_error, unanswered, unfit_connection, untaken

_REACH_TIMEOUT_S = 6.0
_DELIVERY_TIMEOUT_MS = 120_000
# Bounds of what waits in memory; beyond them `send` waits for the broker (backpressure).
_QUEUE_RECORDS = 500_000
_QUEUE_KIB = 262_144
# Above the largest topic limit (sla.dead-letters: 4 MiB), so that the broker's limit decides and not ours.
_RECORD_BYTES_MAX = 8 * 1024 * 1024
_POLL_EVERY = 1_000
_FLUSH_STEP_S = 0.5
_FULL_STEP_S = 0.1
PATIENCE_S = 15.0
"""How long a command waits for a broker that takes nothing."""

Headers = list[tuple[str, bytes | None]]
_quiet = logging.getLogger("streams.kafka.librdkafka")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False


class WaitForBroker:
    """How long a broker has taken none of the records that wait."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._least_left: int | None = None
        self._silent_s = 0.0

    def is_in_vain(self, left: int, waited_s: float) -> bool:
        """Whether it has been for too long, now that `left` records wait after `waited_s` more."""
        if self._least_left is None or left < self._least_left:
            self._least_left, self._silent_s = left, 0.0
        else:
            self._silent_s += waited_s
        return self._silent_s >= self._patience_s


class Producer:
    """A producer bound to one broker; use it as a context manager, which flushes at the end.

    Not for use from several threads at once. Every method may raise ZectoError with the first delivery that failed.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        patience_s: float = _DELIVERY_TIMEOUT_MS / 1000 + 10,
        options: Mapping[str, str | int | bool] | None = None,
    ) -> None:
        """Connect lazily; `options` are librdkafka settings that override ours (tests, tuning).

        After `patience_s` in which the broker took no record of those that wait, they are given up.
        """
        self._heard = Heard()
        config: dict[str, Any] = {
            **client_config(settings),
            "client.id": "zecto-sla-producer",
            "enable.idempotence": True,
            "compression.type": "lz4",
            "partitioner": "murmur2_random",
            "linger.ms": 20,
            "message.max.bytes": _RECORD_BYTES_MAX,
            "queue.buffering.max.messages": _QUEUE_RECORDS,
            "queue.buffering.max.kbytes": _QUEUE_KIB,
            "message.timeout.ms": _DELIVERY_TIMEOUT_MS,
            "delivery.report.only.error": True,
            "on_delivery": self._on_failed_delivery,
            "error_cb": self._heard,
            "logger": _quiet,
            **(options or {}),
        }
        self._bootstrap = settings.kafka_bootstrap
        self._patience_s = patience_s
        self._failed = 0
        self._first_failure: tuple[str | None, confluent_kafka.KafkaError] | None = None
        self._since_poll = 0
        try:
            self._client: Any = confluent_kafka.Producer(config)
        except confluent_kafka.KafkaException as error:
            raise unfit_connection(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Flush; after an error of the caller's own, drop what is queued rather than hide that error."""
        if error_type is None:
            self.flush()
        else:
            self._client.purge()

    def abandon(self) -> None:
        """Drop what is queued: this producer is used no more."""
        self._client.purge()
        self._client.flush(0)

    def require(self, *topics: str, timeout_s: float = _REACH_TIMEOUT_S) -> None:
        """See that the broker answers and has these topics, before the first record is read.

        Raises:
            ZectoError: no broker answers within `timeout_s`, or a topic is missing.
        """
        try:
            known = self._client.list_topics(timeout=timeout_s).topics
        except confluent_kafka.KafkaException as error:
            raise unanswered(self._heard.cause_of(error, self._client), self._bootstrap) from error
        missing = [topic for topic in topics if topic not in known]
        if missing:
            raise ZectoError(
                f"the broker at {self._bootstrap} has no topic {', '.join(missing)}",
                hint="run zecto-sla migrate",
                code=Code.TOPIC_MISSING,
            )

    def send(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: bytes | None = None,
        headers: Headers | None = None,
    ) -> None:
        """Queue one record; waits while the queue is full."""
        arguments: dict[str, Any] = {"headers": headers} if headers else {}
        waiting = WaitForBroker(self._patience_s)
        while True:
            try:
                self._client.produce(topic, value, key, **arguments)
                break
            except BufferError:
                self._client.poll(_FULL_STEP_S)
                self._raise_failures()
                self._see(waiting, _FULL_STEP_S)
            except confluent_kafka.KafkaException as error:
                size, cause = len(value or b""), kafka_error(error)
                said = f"{topic} cannot take a record of {size} bytes: {describe(error)}"
                raise (untaken(cause, said) if cause else ZectoError(said, code=Code.RECORD_NOT_TAKEN)) from error
        self._since_poll += 1
        if self._since_poll >= _POLL_EVERY:
            self._since_poll = 0
            self._client.poll(0)
            self._raise_failures()

    def flush(self) -> None:
        """Wait until the broker has taken everything that was queued.

        Raises:
            ZectoError: a record was not taken, or the broker took none for as long as the producer's patience.
        """
        waiting = WaitForBroker(self._patience_s)
        while self._client.flush(_FLUSH_STEP_S):
            self._raise_failures()
            self._see(waiting, _FLUSH_STEP_S)
        self._raise_failures()

    def _see(self, waiting: "WaitForBroker", waited_s: float) -> None:
        left = len(self._client)
        if not waiting.is_in_vain(left, waited_s):
            return
        self._client.purge()
        why = f" ({describe(self._heard.error)})" if self._heard.error else ""
        raise ZectoError(
            f"the broker at {self._bootstrap} takes nothing any more{why}: {left:,} records wait since "
            f"{self._patience_s:g} s",
            hint="see to the broker, then send them again: what was taken twice counts once",
            code=Code.RECORD_NOT_TAKEN,
        )

    def _on_failed_delivery(self, error: confluent_kafka.KafkaError | None, message: confluent_kafka.Message) -> None:
        if error is None:
            return
        self._failed += 1
        if self._first_failure is None:
            self._first_failure = message.topic(), error

    def _raise_failures(self) -> None:
        if self._first_failure is not None:
            failed, (topic, error) = self._failed, self._first_failure
            self._failed, self._first_failure = 0, None
            self._client.purge()
            others = f" (and {failed - 1:,} more)" if failed > 1 else ""
            said = f"the broker at {self._bootstrap} did not take a record of {topic}: {error.str()}{others}"
            raise untaken(error, said)
