"""Topics as data (`topics.toml`): what each carries, how it is kept, how large its records may be."""

import re
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

_DAY_MS: Final = 86_400_000
_FOREVER: Final = "forever"
_COMPACT: Final = "compact"

_Positive = Annotated[int, Meta(ge=1, le=2_147_483_647)]


class TopicsError(ValueError):
    """`topics.toml` cannot be used; the message names the topic."""


@unique
class Direction(StrEnum):
    """Whether this system reads a topic or writes it."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic. `retention_ms` None: kept for ever. `compact`: the last record of a key is kept."""

    name: str
    direction: Direction
    record: str | None
    key: str
    partitions: int
    replication_factor: int
    timestamp_type: str
    retention_ms: int | None
    compact: bool
    max_bytes: int


class _Defaults(Struct, frozen=True, forbid_unknown_fields=True):
    replication_factor: _Positive
    timestamp_type: str


class _Entry(Struct, frozen=True, forbid_unknown_fields=True):
    direction: Direction
    key: str
    partitions: _Positive
    retention: str
    max_bytes: _Positive
    record: str | None = None


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    defaults: _Defaults
    topics: dict[str, dict[str, object]]


def parse_topics(text: str, file: str) -> tuple[Topic, ...]:
    """The topics in the order of the file.

    Raises:
        TopicsError: not TOML, a key missing, unknown or out of bounds, a retention that is none; names the topic.
    """
    try:
        document = msgspec.toml.decode(text, type=_File)
    except msgspec.DecodeError as error:
        raise TopicsError(f"{file}: {error}") from error
    return tuple(_topic(name, entry, document.defaults, f"{file}: {name}") for name, entry in document.topics.items())


def _topic(name: str, entry: dict[str, object], defaults: _Defaults, where: str) -> Topic:
    try:
        topic = msgspec.convert(entry, _Entry)
    except msgspec.ValidationError as error:
        raise TopicsError(f"{where}: {error}") from error
    return Topic(
        name=name,
        direction=topic.direction,
        record=topic.record,
        key=topic.key,
        partitions=topic.partitions,
        replication_factor=defaults.replication_factor,
        timestamp_type=defaults.timestamp_type,
        retention_ms=_retention_ms(topic.retention, where),
        compact=topic.retention == _COMPACT,
        max_bytes=topic.max_bytes,
    )


def _retention_ms(text: str, where: str) -> int | None:
    if text in (_FOREVER, _COMPACT):
        return None
    found = re.fullmatch(r"([1-9][0-9]{0,4})d", text)
    if found is None:
        raise TopicsError(f"{where}: retention {text!r} is neither {_FOREVER}, {_COMPACT} nor days such as 35d")
    return int(found[1]) * _DAY_MS
