"""A topic that is read once and then followed, on a real broker."""

import pytest

from streams.core.settings import Settings
from streams.kafka import archive as topic_archive
from streams.kafka.admin import Admin
from streams.kafka.archive import bytes_of
from streams.kafka.followed_topic import FollowedTopic
from streams.kafka.producer import Producer
from tests.kafka_topics import delete_topic

pytestmark = pytest.mark.stack

_TOPIC = "sla.claims"


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The offsets that were fetched from the broker, one by one."""
    offsets: list[int] = []
    plain = topic_archive._record

    def noted(topic: str, message: object) -> topic_archive.ArchivedRecord:
        record = plain(topic, message)
        offsets.append(record.offset)
        return record

    monkeypatch.setattr(topic_archive, "_record", noted)
    return offsets


def _send(settings: Settings, *values: bytes) -> None:
    with Producer(settings) as producer:
        for value in values:
            producer.send(_TOPIC, value)


def _values(followed: FollowedTopic) -> list[bytes | None]:
    return [bytes_of(record.value) for record in followed.read_on()]


def test_only_added_records_are_fetched_again(settings: Settings, fetched: list[int]) -> None:
    followed = FollowedTopic(settings, _TOPIC)
    _send(settings, b"1", b"2")
    assert _values(followed) == [b"1", b"2"]
    _send(settings, b"3")
    assert _values(followed) == [b"1", b"2", b"3"]
    assert _values(followed) == [b"1", b"2", b"3"]
    assert fetched == [0, 1, 2]


def test_a_topic_created_anew_is_read_from_its_beginning(settings: Settings) -> None:
    followed = FollowedTopic(settings, _TOPIC)
    _send(settings, b"1", b"2")
    assert _values(followed) == [b"1", b"2"]
    admin = Admin(settings)
    delete_topic(settings, _TOPIC)
    admin.create(_TOPIC, partitions=1, replication_factor=1, config={})
    _send(settings, b"anew", b"and", b"longer")
    assert _values(followed) == [b"anew", b"and", b"longer"]
