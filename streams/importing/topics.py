"""Which topic a person may send records to, and which field of a record is its key."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from streams.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class InputTopic:
    """An input topic by name, and the field of its records that becomes the Kafka key."""

    name: str
    key: str


def input_topic(name: str) -> InputTopic:
    """The input topic of that name.

    Raises:
        UsageError: there is none, or it is one that only this system writes.
    """
    topics = _topics()
    inputs = ", ".join(sorted(known for known, entry in topics.items() if entry["direction"] == "in"))
    if name not in topics:
        raise UsageError(f"there is no topic {name}; the input topics are {inputs}")
    if topics[name]["direction"] != "in":
        raise UsageError(f"{name} is written by the workers alone; the input topics are {inputs}")
    return InputTopic(name=name, key=topics[name]["key"])


def known_topics() -> list[str]:
    """All topics of the system, inputs first, each in the order of the catalogue."""
    return list(_topics())


@cache
def _topics() -> dict[str, dict[str, str]]:
    catalogue = tomllib.loads(files("schemas").joinpath("topics.toml").read_text("utf-8"))
    return dict(catalogue["topics"])
