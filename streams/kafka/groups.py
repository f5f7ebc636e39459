"""Who reads: the members of the workers' consumer group, and the partitions that each one has."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from streams.core.errors import ZectoError
from streams.core.settings import Settings
from streams.kafka.connection import client_config
from streams.kafka.errors import Heard, describe, error_code, unanswered

_TIMEOUT_S: Final = 6.0

_quiet = logging.getLogger("streams.kafka.groups.librdkafka")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A worker as the broker sees it."""

    member_id: str
    host: str
    partitions: frozenset[tuple[str, int]]


def group_members(settings: Settings, *, timeout_s: float = _TIMEOUT_S) -> Sequence[Member]:
    """The members of the group now, none if there is no such group.

    Raises:
        ZectoError: no broker answers.
    """
    heard = Heard()
    client = AdminClient({**client_config(settings), "error_cb": heard}, logger=_quiet)
    try:
        futures = client.describe_consumer_groups([settings.kafka_group], request_timeout=timeout_s)
        found = futures[settings.kafka_group].result(timeout_s + 1)
    except KafkaException as error:
        if error_code(error) == KafkaError.GROUP_ID_NOT_FOUND:
            return []
        raise _unanswered(settings, heard.cause_of(error, client)) from error
    except TimeoutError as error:
        raise _unanswered(settings, heard.cause_of(error, client)) from error
    return [
        Member(
            member_id=member.member_id,
            host=member.host,
            partitions=frozenset((place.topic, place.partition) for place in member.assignment.topic_partitions),
        )
        for member in found.members
    ]


def _unanswered(settings: Settings, error: BaseException) -> ZectoError:
    return ZectoError(
        f"the broker at {settings.kafka_bootstrap} does not tell who is in the group {settings.kafka_group}: "
        f"{describe(error)}",
        code=unanswered(error, settings.kafka_bootstrap).code,
    )
