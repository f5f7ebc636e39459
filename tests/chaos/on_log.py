"""Faults of what the broker keeps: offsets changed, partitions added, records deleted before they were read."""

import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions

from streams.clickhouse.client import connect
from streams.core.clock import now_ms
from streams.kafka.admin import Admin
from streams.kafka.archive import TopicArchive
from streams.kafka.connection import client_config
from streams.kafka.topics import ensure_topics
from tests.chaos.groups import committed, empty
from tests.chaos.lost import Lost
from tests.chaos.scene import NotFiredError, Scene
from tests.chaos.waiting import drain, until
from tests.kafka_topics import delete_topic

OFFSETS: Final = "group offsets changed behind the workers' backs"
PARTITIONS: Final = "partitions added"
RECREATED: Final = "topic deleted and created anew"
DELETED: Final = "records deleted before they were read"

_REQUESTS: Final = "api.requests"
_RECEIPTS: Final = "carrier.receipts"
_TO_TAKE_FROM: Final = ((_REQUESTS, 0), (_REQUESTS, 3), (_RECEIPTS, 1), ("probes", 0), ("telemetry.manifests", 0))
_TO_RECREATE: Final = (_REQUESTS, _RECEIPTS, "probes", "telemetry.manifests")
_ANSWER_S: Final = 10.0
_EMPTY_S: Final = 20.0
_HELD_BACK_S: Final = 20.0
_GROWS_S: Final = 30.0
_LOSS_MIN: Final = 20
_KILLED_SHARE: Final = 0.5

_HELD_BACK: Final = """
SELECT count(), countIf(evaluated_next = 0 AND frontier <= toDateTime64(0, 3, 'UTC'))
FROM partition_frontiers
WHERE topic = {topic:String} AND partition >= {from:UInt32}
"""


def reset_offsets(scene: Scene) -> None:
    """All workers die; what the group has committed is set to the beginning."""
    _end_all(scene)
    _commit(scene, dict.fromkeys(range(len(committed(scene.settings, _REQUESTS))), 0), "set to the beginning")


def advance_offsets(scene: Scene) -> None:
    """All workers die; what the group has committed is set beyond what they stored."""
    _end_all(scene)
    places = [(_REQUESTS, number) for number in range(len(committed(scene.settings, _REQUESTS)))]
    ends = Admin(scene.settings).end_offsets(places)
    _commit(scene, {number: end for (_, number), end in ends.items()}, "set to the end")


def forget_group(scene: Scene) -> None:
    """All workers die; the broker forgets their group."""
    _end_all(scene)
    group = scene.settings.kafka_group
    client = _admin(scene)
    client.delete_consumer_groups([group])[group].result(_ANSWER_S)
    assert sum(committed(scene.settings, _REQUESTS).values()) == 0, "the group still has offsets"
    scene.prove(OFFSETS, "group deleted", f"the broker deleted {group}, and no offset is left")
    _start_two(scene)


def add_partitions(scene: Scene) -> None:
    """Two partitions more each for requests and receipts; until they are read, nothing is called complete (B5)."""
    admin, counts = _admin(scene), {}
    for topic in (_REQUESTS, _RECEIPTS):
        before = Admin(scene.settings).describe([topic])[topic].partitions
        admin.create_partitions([NewPartitions(topic, before + 2)])[topic].result(_ANSWER_S)
        counts[topic] = Admin(scene.settings).describe([topic])[topic].partitions
        assert counts[topic] == before + 2, counts
        _holds_back(scene, topic, before)
    # workers that knew the old ones give way to others
    old = scene.crew.running
    _start_two(scene)
    for member in old:
        member.part.kill()
    scene.prove(PARTITIONS, "under load", f"the broker lists {counts}, and the new ones held the frontier back")


def delete_while_down(scene: Scene) -> None:
    """Records are deleted while all workers are dead."""
    _read_all(scene)
    _end_all(scene)
    _delete(scene, "workers dead")
    _start_two(scene)


def delete_while_stopped(scene: Scene) -> None:
    """Records are deleted while all workers stand still; then they go on."""
    _read_all(scene)
    for member in scene.crew.running:
        member.send(signal.SIGSTOP)
    until(lambda: all(member.is_stopped for member in scene.crew.running), within_s=30, named="their stop")
    _delete(scene, "workers stopped")
    for member in scene.crew.running:
        assert member.is_stopped, f"{member.name} went on by itself"
        member.send(signal.SIGCONT)


def recreate_while_down(scene: Scene) -> None:
    """A topic is deleted with records that nobody has read, and created anew, while all workers are dead."""
    _read_all(scene)
    topic = scene.chance.choice(_TO_RECREATE)
    _keep(scene, [topic])
    since_ms = now_ms()
    _end_all(scene)
    read = _length(scene, topic)
    scene.sending.resume()
    until(lambda: _length(scene, topic) > read + _LOSS_MIN, within_s=_GROWS_S, named="records to be deleted")
    scene.sending.pause()
    unread = _length(scene, topic) - read
    _recreate(scene, topic, "workers dead", f"with {unread} unread records", since_ms)
    _start_two(scene)


def recreate_while_reading(scene: Scene) -> None:
    """A topic that is read to its end is deleted and created anew under the workers."""
    _read_all(scene)
    topic = scene.chance.choice(_TO_RECREATE)
    _keep(scene, [topic])
    _recreate(scene, topic, "workers reading", "read to its end", now_ms())


def _recreate(scene: Scene, topic: str, step: str, state: str, since_ms: int) -> None:
    admin = Admin(scene.settings)
    before = admin.describe([topic])[topic].topic_id
    delete_topic(scene.settings, topic)
    until(lambda: not admin.describe([topic]), within_s=_ANSWER_S, named=f"the end of {topic}")
    ensure_topics(scene.settings)
    until(lambda: topic in admin.describe([topic]), within_s=_ANSWER_S, named=f"the new {topic}")
    after = admin.describe([topic])[topic].topic_id
    if before == after:
        raise NotFiredError(f"{topic} is the same as before")
    scene.lost = Lost(recreated={topic: (since_ms, now_ms())}, archives=_archives(scene))
    scene.prove(RECREATED, step, f"{topic}, {state}: the broker's id {before} became {after}")
    scene.sending.resume()


def _length(scene: Scene, topic: str) -> int:
    admin = Admin(scene.settings)
    return sum(
        admin.end_offsets([(topic, number) for number in range(admin.describe([topic])[topic].partitions)]).values()
    )


def _read_all(scene: Scene) -> None:
    time.sleep(scene.chance.uniform(2.0, 4.0))
    scene.sending.pause()
    drain(scene.settings)


def _delete(scene: Scene, step: str) -> None:
    """What the workers have read is kept for the auditor; of what comes next, a part is deleted."""
    places = scene.chance.sample(_TO_TAKE_FROM, scene.chance.randint(1, 3))
    admin = Admin(scene.settings)
    read = admin.end_offsets(places)
    _keep(scene, sorted({topic for topic, _ in places}))
    scene.sending.resume()
    until(
        lambda: all(end >= read[place] + _LOSS_MIN for place, end in admin.end_offsets(places).items()),
        within_s=_GROWS_S,
        named="records to be deleted",
    )
    scene.sending.pause()
    ends = admin.end_offsets(places)
    # Something is left behind the hole: it ends with the time of a record, not with a look at the clock.
    to = {place: scene.chance.randint(read[place] + 1, ends[place] - 1) for place in places}
    wanted = [TopicPartition(topic, number, following) for (topic, number), following in to.items()]
    client = _admin(scene)  # its answers come only as long as it lives
    for place, answer in client.delete_records(wanted).items():
        low = answer.result(_ANSWER_S).low_watermark
        if low != to[place.topic, place.partition]:
            raise NotFiredError(f"the broker deleted {place.topic}/{place.partition} to {low}")
    scene.lost = Lost(spans={place: (read[place], to[place]) for place in places}, archives=_archives(scene))
    told = ", ".join(f"{topic}/{number}@{read[topic, number]}-{to[topic, number]}" for topic, number in sorted(places))
    scene.prove(DELETED, step, f"low watermarks of the broker: {told}")
    scene.sending.resume()


def _keep(scene: Scene, topics: Sequence[str]) -> None:
    """Archive what the topics hold: all of it has been read."""
    _archives(scene).mkdir(parents=True)
    for topic in topics:
        archive = TopicArchive(scene.settings, topic)
        archive.write(_archives(scene) / f"{topic}.before.ndjson.gz", lambda *_: None)
        archive.close()


def _archives(scene: Scene) -> Path:
    return scene.crew.directory / "archives"


def _holds_back(scene: Scene, topic: str, first_new: int) -> None:
    client = connect(scene.settings)
    try:

        def held() -> bool:
            new, waiting = client.query(_HELD_BACK, {"topic": topic, "from": first_new}).first_row
            return bool(new and new == waiting)

        until(held, within_s=_HELD_BACK_S, named=f"the frontier of the new partitions of {topic}")
    finally:
        client.close()


def _commit(scene: Scene, offsets: Mapping[int, int], step: str) -> None:
    group, places = scene.settings.kafka_group, [TopicPartition(_REQUESTS, *of) for of in offsets.items()]
    wanted = ConsumerGroupTopicPartitions(group, places)
    client = _admin(scene)
    client.alter_consumer_group_offsets([wanted])[group].result(_ANSWER_S)
    stands = committed(scene.settings, _REQUESTS)
    if stands != offsets:
        raise NotFiredError(f"the group's offsets stand at {stands}")
    scene.prove(OFFSETS, step, f"the group's offsets of {_REQUESTS} stand at {stands}")
    _start_two(scene)


def _end_all(scene: Scene) -> None:
    """End all workers, killed or told to; returns when the broker has seen the last of them."""
    for member in scene.crew.running:
        if scene.chance.random() < _KILLED_SHARE:
            member.part.kill()
        else:
            member.part.stop()
    until(lambda: empty(scene.settings), within_s=_EMPTY_S, named="the end of the group's sessions")


def _start_two(scene: Scene) -> None:
    for _ in range(2):
        scene.crew.start(block_records=scene.block_records())


def _admin(scene: Scene) -> AdminClient:
    return AdminClient({**client_config(scene.settings), "log_level": 0})
