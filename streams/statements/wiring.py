"""The real log, shelf, ledger and outputs behind `close` and `restore`."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from clickhouse_connect.driver.client import Client

import sql
from schemas.reference import code_tables, input_topics
from streams.clock import now_ms
from streams.doctor.findings import Level
from streams.doctor.parts import look_at_database
from streams.errors import ZectoError
from streams.kafka.archive import bytes_of
from streams.kafka.outputs import Outputs
from streams.kafka.topics import check_topics
from streams.ledger.counting import count_uncounted
from streams.ledger.ports import Partition
from streams.ledger.store import Store
from streams.reporting.engine import rows
from streams.settings import Settings
from streams.sla.policy import PolicyChoice
from streams.statements.archives import Lost, find_archives, read_archives
from streams.statements.closing import Say, Surroundings
from streams.statements.ends import end_offsets
from streams.statements.known import Months
from streams.statements.log import STATEMENTS, Log
from streams.statements.restoring import Advance, Rebuilding, Target, lives_told
from streams.statements.shelf import Shelf
from streams.statements.standing import read_closing
from streams.statements.versions import versions_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a call of `restore` found in the archives: records by input topic, and closings."""

    records: dict[str, int]
    closings: int


def surroundings(client: Client, settings: Settings, choice: PolicyChoice, say: Say) -> Surroundings:
    """What closing a month works with on a real stack.

    Raises:
        ZectoError: the database is not what this version's `migrate` makes: its rules or policies may be others.
    """
    database = look_at_database(client, settings)
    if database.level is Level.FAULT:
        raise ZectoError(f"{database.said}: {database.to_do}, then close")
    return Surroundings(
        log=Log(settings),
        documents=Shelf(client),
        months=Months(client, choice),
        end_offsets=partial(end_offsets, settings),
        versions=versions_of(choice.policy.policy_id),
        count_uncounted=partial(_count_uncounted, client, settings, choice),
        find_unheld=partial(_find_unheld, client, choice),
        say=say,
    )


def _count_uncounted(client: Client, settings: Settings, choice: PolicyChoice) -> int:
    outputs, span = Outputs(settings), choice.span
    first, end = (datetime.fromtimestamp(at_ms // 1000, UTC) for at_ms in (span.start_ms, span.end_ms))
    try:
        return asyncio.run(count_uncounted(Store(client), outputs, known_since_ms=0, first=first, end=end))
    finally:
        outputs.close()


def _find_unheld(client: Client, choice: PolicyChoice) -> int:
    span = {"from": choice.span.start_ms // 1000, "to": choice.span.end_ms // 1000}
    return len(rows(client, sql.query("unheld_minutes"), span))


async def restored(
    client: Client, settings: Settings, paths: Sequence[Path], lost: Collection[Lost], advance: Advance
) -> Restored:
    """Rebuild the ledger from archives, then the log of closings: nobody closes a month of half a ledger.

    Raises:
        ZectoError: the stack is not empty, an archive cannot be used, or a part does not answer.
    """
    found = find_archives(paths)
    closings = [*read_archives(STATEMENTS, found.get(STATEMENTS, []))]
    told = [closing for record in closings if (closing := read_closing(bytes_of(record.value)))]
    partitions = _partitions(settings)
    outputs, records = Outputs(settings), dict[str, int]()
    try:
        target = Target(
            store=Store(client), outputs=outputs, reference=code_tables(), partitions=partitions, now_ms=now_ms
        )
        rebuilding = Rebuilding(target, lives_told(told), lost)
        await rebuilding.refuse_foreign()
        for name in (topic.name for topic in input_topics() if topic.name in found):
            records[name] = await rebuilding.topic(name, found[name], advance)
        await rebuilding.end()
    finally:
        outputs.close()
    Log(settings).restore(closings)
    return Restored(records=records, closings=len(told))


def _partitions(settings: Settings) -> list[Partition]:
    return [
        Partition(topic=state.name, topic_id=state.topic_id, number=number)
        for state in check_topics(settings).values()
        for number in range(state.partitions)
    ]
