"""What closing a month works with on a real stack."""

import asyncio
from functools import partial

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

import sql
from streams.clickhouse.client import host
from streams.clickhouse.session import rows
from streams.clickhouse.store import Store
from streams.clickhouse.versions import differences
from streams.core.errors import ZectoError
from streams.core.instants import to_datetime
from streams.core.settings import Settings
from streams.ingest.recount import count_uncounted
from streams.kafka.outputs import KafkaPublisher
from streams.rules.policy import PolicyChoice
from streams.statements.close import ClosingDependencies, OnStatus
from streams.statements.content import ClickHouseStatementSource
from streams.statements.cut_offsets import end_offsets
from streams.statements.document_store import DocumentStore
from streams.statements.log import KafkaClosingLog
from streams.statements.versions import versions_of


def build_closing(client: Client, settings: Settings, choice: PolicyChoice, on_status: OnStatus) -> ClosingDependencies:
    """What closing a month works with on a real stack.

    Raises:
        ZectoError: the database is not what this version's `migrate` makes: its rules or policies may be others.
    """
    _refuse_other_version(client, settings)
    return ClosingDependencies(
        log=KafkaClosingLog(settings),
        documents=DocumentStore(client),
        months=ClickHouseStatementSource(client, choice),
        end_offsets=partial(end_offsets, settings),
        versions=versions_of(choice.policy.policy_id),
        count_uncounted=partial(_count_uncounted, client, settings, choice),
        find_unheld=partial(_find_unheld, client, choice),
        on_status=on_status,
    )


def _count_uncounted(client: Client, settings: Settings, choice: PolicyChoice) -> int:
    outputs, span = KafkaPublisher(settings), choice.span
    first, end = (to_datetime(at_ms) for at_ms in (span.start_ms, span.end_ms))
    try:
        return asyncio.run(count_uncounted(Store(client), outputs, known_since_ms=0, first=first, end=end))
    finally:
        outputs.close()


def _find_unheld(client: Client, choice: PolicyChoice) -> int:
    span = {"from": choice.span.start_ms // 1000, "to": choice.span.end_ms // 1000}
    return len(rows(client, sql.query("unheld_minutes"), span))


def _refuse_other_version(client: Client, settings: Settings) -> None:
    place = f"{settings.clickhouse_database} at {host(settings)}"
    try:
        differing = differences(client)
    except ClickHouseError as error:
        raise ZectoError(f"{place} is not set up: run zecto-sla migrate of this version, then close") from error
    if differing:
        raise ZectoError(
            f"{place} differs from this version ({differing[0]}): run zecto-sla migrate of this version, then close"
        )
