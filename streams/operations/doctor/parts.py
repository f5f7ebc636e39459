"""The parts of the system: data files, broker and topics, ClickHouse and what `migrate` puts there."""

from collections.abc import Mapping

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from schemas.reference import code_tables, policies, topics
from streams.clickhouse.address import host
from streams.clickhouse.versions import differences
from streams.core.data_files import check_data_files
from streams.core.errors import ZectoError
from streams.core.settings import Settings
from streams.kafka.admin import TopicState
from streams.kafka.topics import check_topics, topics_taking_more
from streams.operations.doctor.codes import FindingCode
from streams.operations.doctor.findings import Finding, found


def failed(code: FindingCode, error: ZectoError, *, otherwise: str) -> Finding:
    """A part that cannot be used, by its error; `otherwise` is what to do if the error has no hint."""
    return found(code, error=error.code.value, message=error.message, hint=error.hint or otherwise)


def look_at_files() -> Finding:
    """Topics, code tables and policies that come with this version."""
    try:
        check_data_files()
    except ZectoError as error:
        return failed(FindingCode.DATA_FILES_UNUSABLE, error, otherwise="mend the file, or install this version anew")
    return found(
        FindingCode.DATA_FILES_USABLE,
        topics=len(topics()),
        code_tables=len(code_tables().tables),
        policies=[policy.policy_id for policy in policies()],
    )


def look_at_broker(settings: Settings) -> tuple[Finding, Mapping[str, TopicState]]:
    """Whether the broker answers and its topics are as they must be; then the input topics as it lists them."""
    try:
        states = check_topics(settings)
        larger = topics_taking_more(settings)
    except ZectoError as error:
        return failed(FindingCode.BROKER_UNFIT, error, otherwise="see the broker's own log"), {}
    if larger:
        taking = [{"topic": name, "max_message_bytes": bound} for name, bound in larger.items()]
        return found(FindingCode.TOPICS_TAKE_MORE, taking, bootstrap=settings.kafka_bootstrap), states
    partitions = sum(state.partitions for state in states.values())
    fit = found(FindingCode.BROKER_FIT, bootstrap=settings.kafka_bootstrap, topics=len(states), partitions=partitions)
    return fit, states


def look_at_database(client: Client, settings: Settings) -> Finding:
    """Whether the database holds what this version's `migrate` would put there, policies row by row."""
    place = {"database": settings.clickhouse_database, "server": host(settings)}
    try:
        differing = differences(client)
    except ClickHouseError:
        return found(FindingCode.DATABASE_NOT_SET_UP, **place)
    if differing:
        return found(FindingCode.DATABASE_DIFFERS, [{"differs": name} for name in differing], **place)
    return found(FindingCode.DATABASE_CURRENT, **place)
