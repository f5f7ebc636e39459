"""The block transport and batches that unpack to more than there is memory, on the real broker (B3)."""

import asyncio
import hashlib
import itertools
import random
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka import Producer

from schemas.raw_value import MAX_BYTES, READ_BYTES, WHOLE_BYTES
from streams.core.settings import Settings
from streams.kafka.admin import Admin
from streams.kafka.block import Block
from tests.contract.reading import Memory, reading

pytestmark = pytest.mark.stack

_PATIENCE_S = 60.0
_MIB = 1 << 20
_CONFIG = {"message.timestamp.type": "LogAppendTime", "max.message.bytes": "2097152"}
_DEEP = pytest.mark.deep
# What the broker takes of each, uncompressed: it bounds what is compressed alone.
_TAKEN_BYTES = {"none": 2 * _MIB - 1_000, "snappy": 32 * _MIB}
# What a reader may take beside what it has at rest: a fetch, what is unpacked of it, its blocks.
_GROWTH_BYTES = 100 * _MIB
_numbers = itertools.count(1)


@pytest.fixture
def reader(broker: str) -> Settings:
    return Settings(kafka_bootstrap=broker, kafka_group=f"large-{next(_numbers)}", kafka_session_timeout_s=6)


def _topic(settings: Settings) -> str:
    name = f"large.{next(_numbers)}"
    assert Admin(settings).create(name, partitions=1, replication_factor=1, config=_CONFIG)
    return name


def _producer(settings: Settings, codec: str, **options: str | int) -> Producer:
    return Producer(
        {
            "bootstrap.servers": settings.kafka_bootstrap,
            "compression.type": codec,
            "message.max.bytes": 200 * _MIB,
            "queue.buffering.max.kbytes": 2_000_000,
            **options,
        }
    )


def _send(producer: Producer, topic: str, values: list[bytes], **record: object) -> None:
    failures: list[object] = []
    for value in values:
        producer.produce(topic, value, partition=0, on_delivery=lambda error, _: failures.append(error), **record)
    assert producer.flush(_PATIENCE_S) == 0
    assert not any(failures)


def _read(settings: Settings, topic: str) -> list[Block]:
    end = Admin(settings).end_offsets([(topic, 0)])[topic, 0]

    async def read() -> Memory:
        memory = Memory()
        async with reading(settings, [topic], memory) as app, asyncio.timeout(_PATIENCE_S):
            while memory.end(topic) < end:
                await app.dependencies.positions.commit({memory.partition(topic): max(memory.end(topic), 0)})
                await asyncio.sleep(0.01)
        return memory

    return asyncio.run(read()).of(topic)


def _found(blocks: list[Block]) -> list[tuple[int, str]]:
    """Size and hash of each value, in order."""
    return [
        (large.size, large.sha256.hex())
        if (large := block.large.get(offset))
        else (len(value or b""), hashlib.sha256(value or b"").hexdigest())
        for block in blocks
        for offset, value in zip(block.offsets, block.values, strict=True)
    ]


@pytest.mark.parametrize(
    "codec", ["none", pytest.param("gzip", marks=_DEEP), pytest.param("snappy", marks=_DEEP), "lz4", "zstd"]
)
def test_b3_values_around_each_limit_come_whole_or_hashed(reader: Settings, codec: str) -> None:
    drawn = random.Random(f"16 {codec}")
    limits = [MAX_BYTES, WHOLE_BYTES, READ_BYTES, 2 * READ_BYTES]
    sizes = [size + by for size in limits for by in (-1, 0, 1) if size < _TAKEN_BYTES.get(codec, READ_BYTES * 3)]
    drawn.shuffle(sizes)
    topic, expected = _topic(reader), []
    kinds = itertools.cycle(["plain", "committed", "aborted"])
    for kind, some in zip(kinds, _threes(sizes), strict=False):
        values = [bytes([drawn.randrange(256)]) * size for size in some]
        if kind == "plain":
            _send(_producer(reader, codec), topic, values, headers=[("x", b"y" * 1_000)], key=b"k" * 1_000)
        else:
            _send_transaction(reader, codec, topic, values, commit=kind == "committed")
        if kind != "aborted":
            expected += [(len(value), hashlib.sha256(value).hexdigest()) for value in values]
    blocks = _read(reader, topic)
    assert _found(blocks) == expected
    assert all(large.size > READ_BYTES for block in blocks for large in block.large.values())
    assert all(after.first == before.next for before, after in itertools.pairwise(blocks))


def _threes(sizes: list[int]) -> list[list[int]]:
    return [sizes[at : at + 3] for at in range(0, len(sizes), 3)]


def _send_transaction(settings: Settings, codec: str, topic: str, values: list[bytes], *, commit: bool) -> None:
    producer = _producer(settings, codec, **{"transactional.id": f"writer-of-{topic}"})
    producer.init_transactions(_PATIENCE_S)
    producer.begin_transaction()
    _send(producer, topic, values)
    if commit:
        producer.commit_transaction(_PATIENCE_S)
    else:
        producer.abort_transaction(_PATIENCE_S)


def test_values_of_100_mib_take_no_memory_to_pass(reader: Settings) -> None:
    topic = _topic(reader)
    value = bytes(100 * _MIB)
    producer = _producer(reader, "zstd", **{"linger.ms": 500, "batch.size": 1 << 30})
    _send(producer, topic, [b"before", *[value] * 8, b"after"])
    del value, producer
    done = subprocess.run(
        [sys.executable, "-c", _READS, reader.kafka_bootstrap, topic],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    sizes, growth = done.stdout.split("|")
    assert sizes.split() == ["6", *[str(100 * _MIB)] * 8, "5"]
    assert int(growth) < _GROWTH_BYTES


# In a process of its own, whose greatest size is its own.
_READS = """
import resource, sys
from streams.core.settings import Settings
from tests.contract.test_large_batches import _found, _read

settings = Settings(kafka_bootstrap=sys.argv[1], kafka_group="large-" + sys.argv[2])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = _found(_read(settings, sys.argv[2]))
growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(*(size for size, _ in found), "|", growth * 1024)
"""
