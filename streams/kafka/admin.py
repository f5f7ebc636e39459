"""What the broker is asked beside reading: which topics and partitions it has, where they begin and end.

Every call blocks for at most `_TIMEOUT_S` and raises one line; callers on an event loop use a thread.
"""

import logging
from collections.abc import Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, OffsetSpec, ResourceType

from streams.core.errors import Code, ZectoError
from streams.core.settings import Settings
from streams.kafka.connection import client_config
from streams.kafka.errors import Heard, describe, error_code, unanswered, unfit_connection

_TIMEOUT_S = 6.0
_NONE: Mapping[str, str] = MappingProxyType({})

_quiet = logging.getLogger("streams.kafka.librdkafka")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicState:
    """A topic as the broker lists it; `topic_id` distinguishes one incarnation of a name from the next."""

    name: str
    topic_id: str
    partitions: int


class Admin:
    """A connection for questions to the broker; thread-safe.

    Every method raises ZectoError when no broker answers in time.
    """

    def __init__(self, settings: Settings) -> None:
        """Connect lazily."""
        self._bootstrap = settings.kafka_bootstrap
        self._heard = Heard()
        self._config = {
            **client_config(settings),
            "client.id": "zecto-sla-admin",
            "error_cb": self._heard,
            "socket.connection.setup.timeout.ms": 5000,
        }
        self._client = self._connect()

    def describe(self, topics: Collection[str]) -> dict[str, TopicState]:
        """The topics among these that exist, by name."""
        if not topics:
            return {}
        futures = self._ask(self._client.describe_topics, TopicCollection(sorted(topics)))
        found = {name: self._answer(future, absent=True) for name, future in futures.items()}
        return {
            name: TopicState(name=name, topic_id=str(state.topic_id), partitions=len(state.partitions))
            for name, state in found.items()
            if state is not None
        }

    def configs(self, topics: Collection[str]) -> dict[str, dict[str, str]]:
        """The settings in force of topics that exist, by name."""
        if not topics:
            return {}
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in sorted(topics)]
        futures = self._ask(self._client.describe_configs, resources)
        return {
            resource.name: {key: entry.value for key, entry in self._answer(future).items()}
            for resource, future in futures.items()
        }

    def create(self, name: str, *, partitions: int, replication_factor: int, config: Mapping[str, str] = _NONE) -> bool:
        """Create a topic; False when it exists already."""
        topic = NewTopic(name, partitions, replication_factor, config=dict(config))
        future = self._ask(self._client.create_topics, [topic])[name]
        try:
            future.result(_TIMEOUT_S + 1)
        except KafkaException as error:
            if error_code(error) == KafkaError.TOPIC_ALREADY_EXISTS:
                return False
            raise ZectoError(
                f"the broker at {self._bootstrap} did not create {name}: {describe(error)}", code=Code.BROKER_REFUSES
            ) from error
        return True

    def start_offsets(self, partitions: Collection[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """The first offset that each (topic, partition) still keeps."""
        return self._offsets(partitions, OffsetSpec.earliest())

    def end_offsets(self, partitions: Collection[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """The high watermark of each (topic, partition): the offset that its next record will get.

        Not the last stable offset: records of an open transaction are appended already, and a reader that stands
        before them has not read the partition to its end (B5).
        """
        return self._offsets(partitions, OffsetSpec.latest())

    def stable_ends(self, partitions: Collection[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """The last stable offset of each (topic, partition): the first of a transaction that is open, else its end."""
        return self._offsets(partitions, OffsetSpec.latest(), isolation=IsolationLevel.READ_COMMITTED)

    def offsets_from(
        self, partitions: Collection[tuple[str, int]], instant_ms: int
    ) -> dict[tuple[str, int], int | None]:
        """The first offset of each (topic, partition) whose broker timestamp is not before the instant; None: none."""
        found = self._offsets(partitions, OffsetSpec.for_timestamp(instant_ms))
        return {place: None if offset < 0 else offset for place, offset in found.items()}

    def _offsets(
        self,
        partitions: Collection[tuple[str, int]],
        spec: OffsetSpec,
        isolation: IsolationLevel = IsolationLevel.READ_UNCOMMITTED,
    ) -> dict[tuple[str, int], int]:
        if not partitions:
            return {}
        futures = self._ask(
            self._client.list_offsets,
            {TopicPartition(topic, number): spec for topic, number in partitions},
            isolation_level=isolation,
        )
        return {(tp.topic, tp.partition): int(self._answer(future).offset) for tp, future in futures.items()}

    def _connect(self) -> Any:  # noqa: ANN401  the client is untyped
        try:
            return AdminClient(self._config, logger=_quiet)
        except KafkaException as error:
            raise unfit_connection(error) from error

    def _ask(self, call: Any, argument: Any, **options: Any) -> Any:  # noqa: ANN401  the client is untyped
        try:
            return call(argument, request_timeout=_TIMEOUT_S, **options)
        except KafkaException as error:
            raise self._unreachable(error) from error

    def _answer(self, future: "Future[Any]", *, absent: bool = False) -> Any:  # noqa: ANN401  the client is untyped
        try:
            return future.result(_TIMEOUT_S + 1)
        except KafkaException as error:
            if absent and error_code(error) == KafkaError.UNKNOWN_TOPIC_OR_PART:
                return None
            raise self._unreachable(error) from error
        except TimeoutError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> ZectoError:
        # What a client remembers of leaders outlives a broker's restart: asked for offsets, it then fails for ever
        # ("Leader epoch is older than broker epoch"). A new one knows nothing yet.
        cause = self._heard.cause_of(error, self._client)
        self._client = self._connect()
        return unanswered(cause, self._bootstrap)
