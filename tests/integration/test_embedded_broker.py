"""The embedded broker: a real one, whose data outlive it."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from streams.core.errors import ZectoError
from streams.stack.broker import Broker, start_broker
from streams.stack.broker_login import client_options

_FIVE_MIB = 5 << 20
_PASSWORD = "of-this-test"  # noqa: S105  it opens nothing else


Start = Callable[..., Broker]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts brokers on this test's one data directory, and stops what the test leaves."""
    started: list[Broker] = []

    def start_one(*, port: int = 0, password: str = "") -> Broker:
        log = tmp_path / "broker.log"
        running = start_broker(tmp_path, log=log, progress=lambda *_: None, port=port, password=password)
        started.append(running)
        return running

    yield start_one
    for running in started:
        running.stop()


def create_topic(bootstrap: str, name: str, **config: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(name, 1, 1, config=config)])[name].result()


def produce(bootstrap: str, topic: str, values: list[bytes]) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "message.max.bytes": 8 << 20, "log_level": 0})
    refused: list[KafkaError] = []
    for value in values:
        producer.produce(topic, value, on_delivery=lambda error, _: refused.append(error) if error else None)
    assert producer.flush(30) == 0
    assert not refused


def consume(bootstrap: str, topic: str, count: int) -> list[bytes]:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "reader", "log_level": 0})
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    values: list[bytes] = []
    while len(values) < count:
        messages = consumer.consume(count - len(values), 30)
        assert messages, f"only {len(values)} of {count} records came"
        values += [message.value() or b"" for message in messages]
    consumer.close()
    return values


@pytest.mark.deep
def test_without_the_password_no_port_answers(start: Start) -> None:
    broker = start(password=_PASSWORD)
    knowing = client_options(broker.bootstrap, _PASSWORD)
    assert AdminClient(knowing).list_topics(timeout=10).brokers
    for port in broker.ports:
        for strange in (
            {"security.protocol": "PLAINTEXT"},
            {"sasl.password": "guessed"},
            {"sasl.username": "admin"},
            {"sasl.password": ""},
        ):
            asking = {**knowing, "bootstrap.servers": f"127.0.0.1:{port}", **strange}
            with pytest.raises(KafkaException):
                AdminClient({key: value for key, value in asking.items() if value}).list_topics(timeout=2)


@pytest.mark.deep
def test_data_of_an_open_broker_serve_with_a_password(start: Start) -> None:
    first = start()
    create_topic(first.bootstrap, "kept")
    first.stop()
    second = start(password=_PASSWORD)
    assert "kept" in AdminClient(client_options(second.bootstrap, _PASSWORD)).list_topics(timeout=10).topics


@pytest.mark.deep
def test_records_survive_a_stop_a_kill_and_another_port(start: Start) -> None:
    first = start()
    create_topic(first.bootstrap, "kept")
    produce(first.bootstrap, "kept", [b"before the stop"])
    first.stop()
    second = start()
    assert second.port != first.port
    produce(second.bootstrap, "kept", [b"before the kill"])
    second.part.kill()
    second.stop()
    third = start()
    assert consume(third.bootstrap, "kept", 2) == [b"before the stop", b"before the kill"]


@pytest.mark.deep
def test_a_broker_leaves_no_library_in_the_common_directory(start: Start, tmp_path: Path) -> None:
    for _ in range(2):
        running = start()
        create_topic(running.bootstrap, f"packed-{running.port}", **{"compression.type": "lz4"})
        produce(running.bootstrap, f"packed-{running.port}", [bytes(100)])
        mapped = {Path(place.path) for place in psutil.Process(running.part.process.pid).memory_maps()}
        common, java = Path(tempfile.gettempdir()), Path(sys.prefix)  # the second may lie within the first
        unpacked = {
            path for path in mapped if common in path.parents and java not in path.parents and ".so" in path.name
        }
        assert {path.parent for path in unpacked} == {tmp_path / "tmp"}
        running.part.kill()
        running.stop()
    # those of the second alone
    assert len(list((tmp_path / "tmp").glob("*.so"))) == len(unpacked)


def test_a_record_of_five_mebibytes_goes_through(broker: str) -> None:
    create_topic(broker, "large", **{"max.message.bytes": str(_FIVE_MIB + 1024)})
    produce(broker, "large", [bytes(_FIVE_MIB)])
    assert [len(value) for value in consume(broker, "large", 1)] == [_FIVE_MIB]


def test_asking_for_a_topic_does_not_create_it(broker: str) -> None:
    consumer = Consumer({"bootstrap.servers": broker, "group.id": "asks", "allow.auto.create.topics": True})
    consumer.list_topics("never_made", timeout=10)
    with pytest.raises(KafkaException):
        consumer.get_watermark_offsets(TopicPartition("never_made", 0), timeout=2)
    assert "never_made" not in consumer.list_topics(timeout=10).topics
    consumer.close()


def test_a_second_broker_on_the_same_data_is_refused(start: Start) -> None:
    first = start()
    with pytest.raises(ZectoError, match="is in use by process"):
        start()
    create_topic(first.bootstrap, "still")
    produce(first.bootstrap, "still", [b"here"])
    assert consume(first.bootstrap, "still", 1) == [b"here"]


def test_a_port_that_is_taken_is_one_clear_line(broker: str, start: Start) -> None:
    port = int(broker.rpartition(":")[2])
    with pytest.raises(ZectoError, match=f"port {port} is taken"):
        start(port=port)
