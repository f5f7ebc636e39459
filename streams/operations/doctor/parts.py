"""The parts themselves: data files, broker and topics, ClickHouse and what `migrate` puts there."""

from collections.abc import Mapping
from typing import Final

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from schemas.reference import code_tables, policies, topics
from streams.clickhouse.address import host
from streams.clickhouse.versions import differences
from streams.core.data_files import check_data_files
from streams.core.errors import ZectoError
from streams.core.settings import Settings
from streams.kafka.admin import TopicState
from streams.kafka.topics import check_topics
from streams.operations.doctor.findings import Finding, fault, named, ok

_MIGRATE: Final = "run zecto-sla migrate of this version"


def look_at_files() -> Finding:
    """Topics, code tables and policies that come with this version."""
    try:
        check_data_files()
    except ZectoError as error:
        return fault("data files", error.message, "mend the file, or install this version anew")
    known = ", ".join(policy.policy_id for policy in policies())
    line = f"{len(topics())} topics, {len(code_tables().tables)} code tables, policies {known}"
    return ok("data files", f"{line} can be used")


def look_at_broker(settings: Settings) -> tuple[Finding, Mapping[str, TopicState]]:
    """Whether the broker answers and its topics are as they must be; then the input topics as it lists them."""
    try:
        states = check_topics(settings)
    except ZectoError as error:
        return fault("broker", error.message, error.hint or "see the broker's own log"), {}
    partitions = sum(state.partitions for state in states.values())
    said = f"{settings.kafka_bootstrap} has {len(states)} input topics with {partitions} partitions, all fit"
    return ok("broker", said), states


def look_at_database(client: Client, settings: Settings) -> Finding:
    """Whether the database holds what this version's `migrate` would put there, policies row by row."""
    place = f"{settings.clickhouse_database} at {host(settings)}"
    try:
        differing = differences(client)
    except ClickHouseError:
        return fault("clickhouse", f"{place} is not set up", _MIGRATE)
    if differing:
        said = f"{place} differs from this version: {named(differing, 4)}"
        return fault("clickhouse", said, _MIGRATE, [{"differs": name} for name in differing])
    return ok("clickhouse", f"{place} has the tables, views and policies of this version")
