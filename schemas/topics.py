"""Topics as data (`topics.toml`): what each carries, how it is kept, how large its records may be."""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any, Final

_DAY_MS: Final = 86_400_000
_FOREVER: Final = "forever"
_COMPACT: Final = "compact"
_KEYS: Final = frozenset({"direction", "record", "key", "partitions", "retention", "max_bytes"})


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


def parse_topics(text: str, file: str) -> tuple[Topic, ...]:
    """The topics in the order of the file.

    Raises:
        TopicsError: not TOML, a key missing or unknown, a retention that is none.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TopicsError(f"{file}: {error}") from error
    defaults = document.get("defaults", {})
    return tuple(_topic(name, entry, defaults, f"{file}: {name}") for name, entry in document["topics"].items())


def _topic(name: str, entry: dict[str, Any], defaults: dict[str, Any], where: str) -> Topic:
    strange = (entry.keys() - _KEYS) | (_KEYS - {"record"} - entry.keys())
    if strange:
        raise TopicsError(f"{where}: missing or unknown {', '.join(sorted(strange))}")
    return Topic(
        name=name,
        direction=Direction(entry["direction"]),
        record=entry.get("record"),
        key=entry["key"],
        partitions=entry["partitions"],
        replication_factor=defaults["replication_factor"],
        timestamp_type=defaults["timestamp_type"],
        retention_ms=_retention_ms(entry["retention"], where),
        compact=entry["retention"] == _COMPACT,
        max_bytes=entry["max_bytes"],
    )


def _retention_ms(text: str, where: str) -> int | None:
    if text in (_FOREVER, _COMPACT):
        return None
    found = re.fullmatch(r"([1-9][0-9]{0,4})d", text)
    if found is None:
        raise TopicsError(f"{where}: retention {text!r} is neither {_FOREVER}, {_COMPACT} nor days such as 35d")
    return int(found[1]) * _DAY_MS
