"""The block transport against the real broker: blocks follow without a hole, and only what is stored is committed."""

import asyncio
import itertools
from collections.abc import Sequence
from itertools import pairwise

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from streams.core.settings import Settings
from streams.kafka.admin import Admin
from streams.kafka.block import Block, Partition
from tests.contract.reading import Memory, committed, reading, send, send_transaction, until
from tests.kafka_topics import delete_topic

pytestmark = pytest.mark.stack

_APPEND_TIME = {"message.timestamp.type": "LogAppendTime"}
_FETCH_WAIT_S = 0.25
_numbers = itertools.count(1)


@pytest.fixture
def reader(broker: str) -> Settings:
    """Settings with a group of its own; six seconds is the shortest session that the broker allows."""
    return Settings(kafka_bootstrap=broker, kafka_group=f"reader-{next(_numbers)}", kafka_session_timeout_s=6)


def _topic(settings: Settings, partitions: int = 1) -> str:
    name = f"read.{next(_numbers)}"
    assert Admin(settings).create(name, partitions=partitions, replication_factor=1, config=_APPEND_TIME)
    return name


def _values(count: int, start: int = 0) -> list[bytes]:
    return [b"record %06d" % number for number in range(start, start + count)]


def _check_chain(blocks: Sequence[Block], first: int) -> None:
    assert [block.first for block in blocks[:1]] == [first]
    assert all(after.first == before.next for before, after in pairwise(blocks))
    for block in blocks:
        assert len(block.values) == len(block.offsets) == len(block.timestamps_ms)
        assert list(block.offsets) == sorted(set(block.offsets))
        assert all(block.first <= offset < block.next for offset in block.offsets)


@pytest.mark.parametrize("block_records", [1, 7, 16, 1_000])
def test_blocks_of_any_size_hold_each_record_once_in_order(reader: Settings, block_records: int) -> None:
    topic, sent = _topic(reader), _values(300)
    send(reader, topic, sent)

    async def read() -> Memory:
        memory = Memory()
        async with reading(reader.model_copy(update={"block_records": block_records}), [topic], memory) as app:
            # More blocks than may be in flight: each must be acknowledged for the next ones to come.
            while memory.end(topic) < len(sent):
                await app.dependencies.positions.commit({memory.partition(topic): max(memory.end(topic), 0)})
                await asyncio.sleep(0.01)
        return memory

    blocks = asyncio.run(read()).of(topic)
    _check_chain(blocks, 0)
    assert max(len(block.values) for block in blocks) == min(block_records, 300) or block_records > 16
    assert all(len(block.values) <= block_records for block in blocks)
    assert [value for block in blocks for value in block.values] == sent
    assert [offset for block in blocks for offset in block.offsets] == list(range(300))
    assert all(timestamp > 0 for block in blocks for timestamp in block.timestamps_ms)


def test_aborted_records_are_not_read_and_markers_leave_no_hole(reader: Settings) -> None:
    topic = _topic(reader)
    send(reader, topic, [b"plain"])
    send_transaction(reader, topic, [b"taken back"], commit=False)
    send_transaction(reader, topic, [b"kept"], commit=True)
    send_transaction(reader, topic, [b"taken back too"], commit=False)
    end = Admin(reader).end_offsets([(topic, 0)])[topic, 0]

    async def read() -> Memory:
        memory = Memory()
        async with reading(reader, [topic], memory):
            await until(lambda: memory.end(topic) == end, "the last marker")
        return memory

    blocks = asyncio.run(read()).of(topic)
    _check_chain(blocks, 0)
    assert [value for block in blocks for value in block.values] == [b"plain", b"kept"]
    assert blocks[-1].next == end == 7  # four records and three markers


def test_reading_commits_nothing_and_a_commit_covers_what_was_stored(reader: Settings) -> None:
    topic = _topic(reader)
    send(reader, topic, _values(40))

    async def read(settings: Settings, commit: int | None) -> None:
        memory = Memory()
        async with reading(settings, [topic], memory) as app:
            await until(lambda: memory.end(topic) == 40, "all records")
            if commit is not None:
                await app.dependencies.positions.commit({memory.partition(topic): commit})

    asyncio.run(read(reader, None))
    assert committed(reader, topic) is None
    asyncio.run(read(reader, 25))
    assert committed(reader, topic) == 25


def test_reading_starts_where_the_ledger_says_whatever_the_broker_committed(reader: Settings) -> None:
    topic = _topic(reader)
    send(reader, topic, _values(40))

    async def read(start: int, commit: int) -> Memory:
        memory = Memory(start={(topic, 0): start})
        async with reading(reader, [topic], memory) as app:
            await until(lambda: memory.end(topic) == 40, "all records")
            await app.dependencies.positions.commit({memory.partition(topic): commit})
        return memory

    assert asyncio.run(read(0, 40)).of(topic)[0].first == 0
    again = asyncio.run(read(13, 40)).of(topic)
    _check_chain(again, 13)
    assert again[0].values[0] == b"record 000013"


def test_where_retention_took_the_start_reading_begins_at_what_remains(reader: Settings) -> None:
    topic = _topic(reader)
    send(reader, topic, _values(40))
    admin = AdminClient({"bootstrap.servers": reader.kafka_bootstrap, "log_level": 0})
    for kept in admin.delete_records([TopicPartition(topic, 0, 30)]).values():
        assert kept.result().low_watermark == 30

    async def read() -> Memory:
        memory = Memory(start={(topic, 0): 10})
        async with reading(reader, [topic], memory):
            await until(lambda: memory.end(topic) == 40, "what is kept")
        return memory

    blocks = asyncio.run(read()).of(topic)
    _check_chain(blocks, 30)
    assert [value for block in blocks for value in block.values] == _values(10, start=30)


def test_where_retention_took_everything_reading_starts_over(reader: Settings) -> None:
    topic = _topic(reader)
    send(reader, topic, _values(10))
    admin = AdminClient({"bootstrap.servers": reader.kafka_bootstrap, "log_level": 0})

    async def read() -> Memory:
        memory = Memory()
        async with reading(reader, [topic], memory) as app:
            await until(lambda: memory.end(topic) == 10, "what is there")
            memory.start = {(topic, 0): 10}
            client = app.consumer._thread._ensure_consumer()
            client.pause(*client.assignment())
            await asyncio.sleep(4 * _FETCH_WAIT_S)
            send(reader, topic, _values(5, start=10))
            for kept in admin.delete_records([TopicPartition(topic, 0, 15)]).values():
                assert kept.result().low_watermark == 15
            client.resume(*client.assignment())
            positions, partition = app.dependencies.positions, memory.partition(topic)
            await until(lambda: positions.position(partition) == 15, "the end of what is gone")
        return memory

    memory = asyncio.run(read())
    assert (memory.end(topic), len(memory.held)) == (10, 2)


def test_a_log_shorter_than_was_read_is_read_anew(reader: Settings) -> None:
    topic = _topic(reader)
    send(reader, topic, _values(5))

    async def read() -> Memory:
        memory = Memory(start={(topic, 0): 1_000})
        async with reading(reader, [topic], memory):
            await until(lambda: memory.end(topic) == 5, "the log")
        return memory

    _check_chain(asyncio.run(read()).of(topic), 0)


def test_with_a_second_reader_every_record_is_read(
    reader: Settings,
) -> None:
    topic = _topic(reader, partitions=2)
    both = {(topic, 0), (topic, 1)}

    async def read() -> tuple[Memory, Memory]:
        first, second = Memory(), Memory()
        async with reading(reader, [topic], first) as app:
            await until(lambda: bool(first.held) and first.held[-1] == both, "both partitions")
            for partition in (0, 1):
                send(reader, topic, _values(20), partition=partition)
            await until(lambda: {first.end(topic, 0), first.end(topic, 1)} == {20}, "the first records")
            first.start = dict.fromkeys(both, 20)
            second.start = dict.fromkeys(both, 20)
            async with reading(reader, [topic], second):
                await until(lambda: bool(second.held) and len(second.held[-1]) == 1, "a partition for the second")
                await until(lambda: len(first.held[-1]) == 1, "a partition for the first")
                assert first.held[-1] | second.held[-1] == both
                assert first.given_up == [both]
                gone = next(iter(second.held[-1]))
                lost = first.partition(*gone)
                await until(lambda: app.dependencies.positions.position(lost) is None, "the partition to be gone")
                # Stored late by the one who lost it: not committed for it any more, and no error.
                await app.dependencies.positions.commit({lost: 7})
                for partition in (0, 1):
                    send(reader, topic, _values(20, start=20), partition=partition)
                await until(lambda: first.end(*next(iter(first.held[-1]))) == 40, "the first's share")
                await until(lambda: second.end(*gone) == 40, "the second's share")
            first.start = dict.fromkeys(both, 40)
            await until(lambda: first.held[-1] == both, "the second's share back")
            send(reader, topic, _values(1, start=40), partition=gone[1])
            await until(lambda: first.end(*gone) == 41, "the record after")
        return first, second

    first, second = asyncio.run(read())
    for partition in (0, 1):
        blocks = sorted([*first.of(topic, partition), *second.of(topic, partition)], key=lambda block: block.first)
        _check_chain(blocks, 0)
        assert committed(reader, topic, partition) is None


def test_what_was_not_taken_before_a_rebalance_is_read_again(reader: Settings) -> None:
    topic = _topic(reader)
    send(reader, topic, _values(60))

    async def read() -> Memory:
        memory = Memory()
        memory.open.clear()
        settings = reader.model_copy(update={"block_records": 10})
        async with reading(settings, [topic], memory) as app:
            await until(lambda: app.dependencies.positions.position(memory.partition(topic)) == 60, "blocks")
            assert not memory.blocks
            await app.consumer._thread.rejoin()
            await until(lambda: len(memory.held) == 2, "the rebalance")
            memory.open.set()
            await until(lambda: memory.end(topic) == 60, "all records again")
        return memory

    blocks = asyncio.run(read()).of(topic)
    # The block in the agent's hands is finished; it and those that waited behind it come again.
    assert blocks[0].next == 10
    _check_chain(blocks[1:], 0)


def test_a_full_ledger_stops_reading_and_a_commit_resumes_it(reader: Settings) -> None:
    topic = _topic(reader)
    send(reader, topic, _values(400))

    async def read() -> tuple[int, Memory]:
        memory = Memory()
        async with reading(reader.model_copy(update={"block_records": 1}), [topic], memory) as app:
            await until(lambda: app.dependencies.positions.in_flight.room_bytes == 0, "the bound")
            await asyncio.sleep(0.5)
            bound = len(memory.blocks)
            await app.dependencies.positions.commit({memory.partition(topic): memory.end(topic)})
            await until(lambda: memory.end(topic) == 400, "the rest")
        return bound, memory

    bound, memory = asyncio.run(read())
    assert 0 < bound < 400
    _check_chain(memory.of(topic), 0)


def test_a_recreated_topic_is_read_from_its_start(reader: Settings) -> None:
    topic, admin = _topic(reader), Admin(reader)
    send(reader, topic, _values(10))

    async def read() -> Memory:
        memory = Memory()
        async with reading(reader, [topic], memory) as app:
            await until(lambda: memory.end(topic) == 10, "the old topic")
            before = Partition(topic=topic, topic_id=memory.blocks[-1].topic_id, number=0)
            delete_topic(reader, topic)
            await until(lambda: topic not in admin.describe([topic]), "the deletion")
            admin.create(topic, partitions=1, replication_factor=1, config=_APPEND_TIME)
            send(reader, topic, _values(3, start=100))
            await app.dependencies.positions.listings([topic])
            await until(lambda: memory.blocks[-1].topic_id != before.topic_id, "the new topic")
            await until(lambda: memory.blocks[-1].next == 3, "its records")
            assert app.dependencies.positions.position(before) is None
        return memory

    memory = asyncio.run(read())
    new = [block for block in memory.blocks if block.topic_id == memory.blocks[-1].topic_id]
    _check_chain(new, 0)
    assert [value for block in new for value in block.values] == _values(3, start=100)
