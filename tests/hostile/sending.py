"""What a producer that means harm can put into an input topic: mutated records, huge ones, odd keys and headers.

In every codec; plain, in transactions that commit, that abort, and that stay open until the broker ends them.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from schemas.declaration import Declaration
from schemas.decoding import decode
from schemas.instants import parse_instant
from streams.core.settings import Settings
from streams.kafka.connection import client_config
from tests.fuzz.mutating import mutated

CODECS: Final = ("none", "gzip", "snappy", "lz4", "zstd")
_MIB: Final = 1 << 20
_LARGE: Final = (65_537, 200_000, _MIB, 2 * _MIB - 1_000, 2 * _MIB, 3 * _MIB, 8 * _MIB + 7, 9 * _MIB, 20 * _MIB)
_LARGEST: Final = 100 * 1_000_000
_OF_A_RUN: Final = 500
_IN_A_TRANSACTION: Final = 50
_PATIENCE_S: Final = 120
_OPEN_FOR_MS: Final = 20_000

Headers = list[tuple[str, bytes | None]]
End = Callable[[Producer], object]


@dataclass(frozen=True, slots=True)
class Hostile:
    """One record to be sent."""

    value: bytes | None
    key: bytes | None
    headers: Headers


@dataclass(slots=True)
class Sent:
    """What became of it at the broker: how many it took and refused, by reason."""

    taken: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def hostile_records(topic: str, seed: int, count: int, *, spare: range) -> Iterator[Hostile]:
    """So many records of a topic; none declares anything of the milliseconds to be spared."""
    random = Random(f"hostile/{topic}/{seed}")
    for number, value in enumerate(mutated(topic, seed, count)):
        sized = _large(random, number) if number % 250 == 7 else value
        if number == 11:
            sized = _compressible(random, _LARGEST)
        if _declares(topic, sized, spare):
            sized = b""
        yield Hostile(sized, _key(random), _headers(random))


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Some records that go the same way, in one codec; `name` is that of their transactions."""

    settings: Settings
    topic: str
    records: Sequence[Hostile]
    codec: str
    name: str


def send(settings: Settings, topic: str, records: Iterator[Hostile], seed: int) -> Sent:
    """Send them all; what the broker does not take is counted, and the others go on."""
    random, sent = Random(f"send/{topic}/{seed}"), Sent()
    for number, some in enumerate(_runs(records)):
        name, codec = f"hostile-{topic}-{seed}-{number}", random.choice(CODECS)
        random.choice(_WAYS)(Run(settings=settings, topic=topic, records=some, codec=codec, name=name), sent)
    return sent


def _runs(records: Iterator[Hostile]) -> Iterator[list[Hostile]]:
    run: list[Hostile] = []
    for record in records:
        run.append(record)
        if len(run) == _OF_A_RUN:
            yield run
            run = []
    yield run


def _plain(run: Run, sent: Sent) -> None:
    producer = _producer(run)
    _produce(producer, run.topic, run.records, sent)
    producer.flush(_PATIENCE_S)


def _committed(run: Run, sent: Sent) -> None:
    _transactions(run, sent, end=lambda producer: producer.commit_transaction(_PATIENCE_S))


def _aborted(run: Run, sent: Sent) -> None:
    _transactions(run, sent, end=lambda producer: producer.abort_transaction(_PATIENCE_S))


def _left_open(run: Run, sent: Sent) -> None:
    """A few records whose transaction the broker has to end; the rest plainly."""
    producer = _in_transactions(run, {"transaction.timeout.ms": _OPEN_FOR_MS})
    producer.begin_transaction()
    _produce(producer, run.topic, run.records[:3], Sent())
    producer.flush(_PATIENCE_S)
    _plain(replace(run, records=run.records[3:]), sent)


def _transactions(run: Run, sent: Sent, end: End) -> None:
    producer = _in_transactions(run)
    for first in range(0, len(run.records), _IN_A_TRANSACTION):
        producer.begin_transaction()
        _produce(producer, run.topic, run.records[first : first + _IN_A_TRANSACTION], sent)
        producer.flush(_PATIENCE_S)
        try:
            end(producer)
        except KafkaException:
            # one of its records was refused: nothing of it may be committed, and the producer is of no more use
            producer = _in_transactions(run)


def _in_transactions(run: Run, more: dict[str, Any] | None = None) -> Producer:
    """A producer of the run's transactions; what an earlier one left open is aborted."""
    producer = _producer(run, {"transactional.id": run.name, **(more or {})})
    producer.init_transactions(_PATIENCE_S)
    return producer


_WAYS: Final = (_plain, _plain, _committed, _aborted, _left_open)


def _producer(run: Run, more: dict[str, Any] | None = None) -> Producer:
    return Producer(
        {
            **client_config(run.settings),
            "compression.type": run.codec,
            "message.max.bytes": 200_000_000,
            "queue.buffering.max.kbytes": 1_000_000,
            "linger.ms": 20,
            "log_level": 0,
            **(more or {}),
        }
    )


def _produce(producer: Producer, topic: str, run: Sequence[Hostile], sent: Sent) -> None:
    def on_delivery(error: KafkaError | None, _message: Message) -> None:
        if error is None:
            sent.taken += 1
        else:
            sent.refused[error.name()] += 1

    for record in run:
        try:
            producer.produce(topic, record.value, record.key, headers=record.headers, on_delivery=on_delivery)
        except KafkaException as error:
            sent.refused[error.args[0].name()] += 1
        producer.poll(0)


def _large(random: Random, number: int) -> bytes:
    size = _LARGE[number // 250 % len(_LARGE)]
    return random.randbytes(size) if random.random() < 0.3 else _compressible(random, size)


def _compressible(random: Random, size: int) -> bytes:
    head, tail = b'{"time":"2026-09-01T00:00:00Z","service":"sms","note":"', b'"}'
    piece = random.choice((b"x", b"[", b"0,", b'{"', b"\\u0000", b"\x00", b"\xff"))
    return (head + piece * (size // len(piece)))[: size - len(tail)] + tail


def _key(random: Random) -> bytes | None:
    return random.choice((None, b"", b"k", random.randbytes(3), b"\xff\x00", b"x" * random.choice((10, 10_000))))


def _headers(random: Random) -> Headers:
    match random.randrange(20):
        case 0:
            return [("topic", b"api.requests"), ("reason", b"forged"), ("null", b"1")]
        case 1:
            return [(f"h{number}", random.randbytes(9)) for number in range(random.choice((1, 300)))]
        case 2:
            return [("large", b"x" * random.choice((1_000, 100_000)))]
        case 3:
            return [("", None), ("", b""), ("\N{SNOWMAN}", b"\xff")]
        case _:
            return []


def _declares(topic: str, value: bytes | None, spare: range) -> bool:
    found = decode(topic, value) if topic == "sla.declarations" else None
    return (
        isinstance(found, Declaration)
        and parse_instant(found.start) < spare.stop
        and parse_instant(found.end) > spare.start
    )
