"""Which topics a person may name on the command line."""

from schemas.reference import input_topics, topics
from schemas.topics import Topic
from streams.core.errors import UsageError


def input_topic(name: str) -> Topic:
    """The input topic of that name.

    Raises:
        UsageError: there is none, or it is one that only this system writes.
    """
    topic = any_topic(name)
    if topic not in input_topics():
        raise UsageError(f"{name} is written by the workers alone; the input topics are {_names(input_topics())}")
    return topic


def any_topic(name: str) -> Topic:
    """The topic of that name, read or written by this system.

    Raises:
        UsageError: there is none.
    """
    for topic in topics():
        if topic.name == name:
            return topic
    raise UsageError(f"there is no topic {name}; there are {_names(topics())}")


def _names(of: tuple[Topic, ...]) -> str:
    return ", ".join(topic.name for topic in of)
