"""Whether records are counted now, for a monitor: both systems answer, somebody reads, and no worker is stuck.

It asks little and answers within seconds, whatever hangs; `zecto-sla doctor` looks at everything.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Final

from clickhouse_connect.driver.client import Client
from msgspec import Meta, Struct

from schemas.instants import format_instant
from streams.clickhouse.errors import Failure, translate
from streams.clickhouse.session import refuse_silence
from streams.core.errors import Code, ZectoError
from streams.core.settings import Settings
from streams.kafka.groups import group_members
from streams.kafka.stuck_notes import StuckNote, read_notes

_PATIENCE_S: Final = 2.0


class Trouble(Struct, frozen=True, kw_only=True):
    """One thing that keeps records from being counted, with its code as `docs/reference/errors.md` has it."""

    code: str
    message: str
    record: Annotated[str, Meta(description="where a worker is stuck, as topic/partition@offset; empty: nowhere")] = ""
    since: Annotated[str, Meta(description="since when, where that is known")] = ""


class Health(Struct, frozen=True, kw_only=True):
    """All is well where there is no trouble."""

    healthy: bool
    troubles: Sequence[Trouble]


Look = Callable[[], Health]


def look(client: Client, settings: Settings) -> Health:
    """What keeps records from being counted, now."""
    troubles = [*_of_engine(client, settings), *_of_workers(settings)]
    return Health(healthy=not troubles, troubles=troubles)


def _of_engine(client: Client, settings: Settings) -> Iterator[Trouble]:
    try:
        refuse_silence(client)
    except Failure as error:
        yield _trouble(translate(error, settings))


def _of_workers(settings: Settings) -> Iterator[Trouble]:
    try:
        if not group_members(settings, timeout_s=_PATIENCE_S):
            yield Trouble(code=Code.WORKER_STOPPED.value, message="nobody reads: the consumer group has no member")
        yield from map(_stuck, read_notes(settings, timeout_s=_PATIENCE_S))
    except ZectoError as error:
        yield _trouble(error)


def _trouble(error: ZectoError) -> Trouble:
    return Trouble(code=error.code.value, message=str(error))


def _stuck(note: StuckNote) -> Trouble:
    record = str(note.record) if note.record else ""
    return Trouble(code=note.code, message=note.message, record=record, since=format_instant(note.since_ms))
