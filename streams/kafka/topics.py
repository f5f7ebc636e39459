"""The topics on the broker against `schemas/topics.toml`: created where missing, refused where unfit (B5)."""

from collections.abc import Mapping

from schemas.reference import input_topics, topics
from schemas.topics import Topic
from streams.core.errors import Code, ZectoError
from streams.core.settings import Settings
from streams.kafka.admin import Admin, TopicState

_TIMESTAMP_TYPE = "message.timestamp.type"
_MAX_BYTES = "max.message.bytes"


def ensure_topics(settings: Settings) -> list[str]:
    """Create the topics that are missing and check the others; returns the names of those created.

    Raises:
        ZectoError: no broker answers, or a topic that exists cannot be used.
    """
    admin = Admin(settings)
    known = admin.describe([topic.name for topic in topics()])
    created = [
        topic.name
        for topic in topics()
        if topic.name not in known
        and admin.create(
            topic.name,
            partitions=topic.partitions,
            replication_factor=topic.replication_factor,
            config=topic_config(topic),
        )
    ]
    refuse_unfit(topics(), admin.configs(known.keys()) | {name: _wanted(name) for name in created})
    return created


def check_topics(settings: Settings) -> dict[str, TopicState]:
    """See that every topic exists and can be used; returns the input topics as the broker lists them.

    Raises:
        ZectoError: no broker answers, or a topic is missing or unfit; the line says what to do.
    """
    admin = Admin(settings)
    known = admin.describe([topic.name for topic in topics()])
    refuse_unfit(topics(), admin.configs(known.keys()))
    return {topic.name: known[topic.name] for topic in input_topics()}


def topics_taking_more(settings: Settings) -> dict[str, int]:
    """The input topics that take larger batches than `schemas/topics.toml` says, with how many bytes each takes.

    Whatever they take is read and counted; but a worker holds a batch as it was sent, whole, in its memory.

    Raises:
        ZectoError: no broker answers.
    """
    return larger_than_wanted(Admin(settings).configs([topic.name for topic in input_topics()]))


def larger_than_wanted(configs: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    """Of the topics' settings in force, those that bound a batch by more than we would; bytes by topic."""
    bounds = {topic.name: int(configs[topic.name][_MAX_BYTES]) for topic in input_topics()}
    return {topic.name: bounds[topic.name] for topic in input_topics() if bounds[topic.name] > topic.max_bytes}


def topic_config(topic: Topic) -> dict[str, str]:
    """The broker's settings of a topic: its clock (B5), how long and how it is kept, how large a record may be."""
    config = {_TIMESTAMP_TYPE: topic.timestamp_type, _MAX_BYTES: str(topic.max_bytes)}
    if topic.compact:
        return config | {"cleanup.policy": "compact"}
    kept_ms = -1 if topic.retention_ms is None else topic.retention_ms
    return config | {"cleanup.policy": "delete", "retention.ms": str(kept_ms)}


def refuse_unfit(wanted: tuple[Topic, ...], configs: Mapping[str, Mapping[str, str]]) -> None:
    """Refuse topics that are missing, carry a producer's clock instead of the broker's, or lose records to compaction.

    Raises:
        ZectoError: in one line, with what to do.
    """
    missing = [topic.name for topic in wanted if topic.name not in configs]
    if missing:
        raise ZectoError(
            f"the broker has no topic {', '.join(missing)}", hint="run zecto-sla migrate", code=Code.TOPIC_MISSING
        )
    for topic in wanted:
        found = configs[topic.name]
        if found[_TIMESTAMP_TYPE] != topic.timestamp_type:
            raise ZectoError(
                f"topic {topic.name} has {_TIMESTAMP_TYPE}={found[_TIMESTAMP_TYPE]}, so its times are its "
                "producers' word",
                hint=f"set it to {topic.timestamp_type} (kafka-configs --alter) and start again",
                code=Code.TOPIC_UNFIT,
            )
        if not topic.compact and "compact" in found["cleanup.policy"]:
            raise ZectoError(
                f"topic {topic.name} has cleanup.policy={found['cleanup.policy']}, which drops records",
                hint="set it to delete (kafka-configs --alter) and start again",
                code=Code.TOPIC_UNFIT,
            )
        if int(found[_MAX_BYTES]) < topic.max_bytes:
            raise ZectoError(
                f"topic {topic.name} has {_MAX_BYTES}={found[_MAX_BYTES]}, too small to keep every record",
                hint=f"set it to {topic.max_bytes} (kafka-configs --alter) and start again",
                code=Code.TOPIC_UNFIT,
            )


def _wanted(name: str) -> dict[str, str]:
    return next(topic_config(topic) for topic in topics() if topic.name == name)
