"""The records that all sides take: by request id for those that read, and again by service for those that count."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from confluent_kafka import Producer as Client

from streams.core.errors import ZectoError
from streams.core.settings import Settings
from streams.kafka.admin import Admin
from streams.kafka.connection import client_config
from tests.bench.traffic import SERVICES, Truth, backlog, closing, service_of

BY_REQUEST = "api.requests"
_PARTITIONS = 4
_FLUSH_S = 120
_POLL_EVERY = 1_000
# (topic, partition or -1 to let the key decide, key, value)
_Record = tuple[str, int, bytes, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is on the broker for a run: how many records, in which topics, and what must come of them."""

    name: str
    records: int
    by_service: str
    truth: Truth


class Backlogs:
    """First a few records, then all: the topic by request id grows, since the pipeline knows it by that name alone."""

    def __init__(self, settings: Settings, *, records: int, first: int, seed: int) -> None:
        self._settings = settings
        self._truth = Truth()
        self._source = backlog(records, seed, self._truth)
        self._first = first
        self._records = records
        self._produced: list[bytes] = []

    def produce_first(self) -> Backlog:
        """The first few records."""
        return self._produce("first", self._first)

    def produce_all(self) -> Backlog:
        """All of them; those by service anew, in a topic of their own, since windows that were closed stay closed."""
        return self._produce("all", self._records - self._first)

    def _produce(self, name: str, more: int) -> Backlog:
        topic = f"bench.by-service.{name}"
        Admin(self._settings).create(topic, partitions=_PARTITIONS, replication_factor=1)
        _send(self._settings, self._records_of(topic, more))
        return Backlog(name=name, records=self._truth_records(), by_service=topic, truth=copy.deepcopy(self._truth))

    def _truth_records(self) -> int:
        return self._truth.minutes.total() + self._truth.broken

    def _records_of(self, topic: str, more: int) -> Iterator[_Record]:
        for value in self._produced:
            yield _by_service(topic, value)
        for key, value in islice(self._source, more):
            yield BY_REQUEST, -1, key, value
            yield _by_service(topic, value)
            if len(self._produced) < self._first:
                self._produced.append(value)
        for service, value in closing():
            yield topic, SERVICES.index(service), service.encode(), value


def _by_service(topic: str, value: bytes) -> _Record:
    service = service_of(value)
    return topic, SERVICES.index(service.decode()), service, value


def _send(settings: Settings, records: Iterator[_Record]) -> None:
    failures: list[object] = []
    client = Client(
        {
            **client_config(settings),
            "compression.type": "lz4",
            "enable.idempotence": True,
            "partitioner": "murmur2_random",
            "linger.ms": 20,
            "delivery.report.only.error": True,
            "log_level": 2,  # a broker that has just started makes it try again, which is no news
            "on_delivery": lambda error, _message: failures.append(error),
        }
    )
    for number, record in enumerate(records):
        _produce(client, record)
        if number % _POLL_EVERY == 0:
            client.poll(0)
    if client.flush(_FLUSH_S) or failures:
        raise ZectoError(f"the broker did not take the backlog: {failures[:1] or 'no answer'}")


def _produce(client: Client, record: _Record) -> None:
    topic, partition, key, value = record
    while True:
        try:
            client.produce(topic, value, key, partition)
        except BufferError:
            client.poll(0.1)
        else:
            return
