"""A worker from its settings to its last commit: checks, building, running, stopping."""

import asyncio
import signal
from contextlib import suppress
from importlib.metadata import version
from typing import Literal

import structlog
from aiokafka.errors import KafkaConnectionError, KafkaError

from schemas.reference import input_topics, policies
from streams.clickhouse.session import open_session
from streams.clickhouse.store import Store
from streams.core import clock
from streams.core.data_files import check_data_files
from streams.core.errors import Code, ZectoError
from streams.core.settings import Settings
from streams.core.waits import Waits
from streams.ingest.adapters import LedgerAdapter
from streams.ingest.app import WorkerApp, create_app
from streams.ingest.expired_months import Expirations
from streams.ingest.outcome_rules import outcome_rules
from streams.ingest.pipeline import Pipeline, PipelineDependencies
from streams.ingest.stuck import StuckReport
from streams.judge.task import MonthJudge
from streams.kafka.admin import Admin
from streams.kafka.consumer import ConsumerDependencies
from streams.kafka.open_transactions import OpenTransactions
from streams.kafka.outputs import KafkaPublisher
from streams.kafka.positions import ReadPositions
from streams.kafka.topic_watch import TopicWatch
from streams.kafka.topics import check_topics

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

_log = structlog.get_logger("worker")


def check(settings: Settings) -> None:
    """Refuse to start where it cannot work.

    Raises:
        ZectoError: in one line what is wrong and what to do: data files, topics, database.
    """
    check_data_files()
    check_topics(settings)
    with open_session(settings) as client:
        client.query("SELECT topic, topic_id, partition, first FROM blocks LIMIT 0")
        client.query("SELECT month FROM calendar LIMIT 0")
        client.query("SELECT month FROM expirations LIMIT 0")


async def work(settings: Settings) -> None:
    """Read, store and evaluate until SIGTERM or SIGINT; what was accepted is finished first.

    Raises:
        ZectoError: what stopped it for good.
    """
    stopping = asyncio.Event()
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    waits = Waits()
    with open_session(settings, long_parameters=True) as client:
        judge = MonthJudge(client=client, policies=policies(), now_ms=clock.now_ms)
        await _work(settings, Store(client, waits=waits), judge, waits, stopping)


async def _work(settings: Settings, store: Store, judge: MonthJudge, waits: Waits, stopping: asyncio.Event) -> None:
    positions, assignments, outputs = ReadPositions(Admin(settings)), LedgerAdapter(), KafkaPublisher(settings, waits)
    topics = [topic.name for topic in input_topics()]
    ledger = Pipeline(
        PipelineDependencies(
            store=store,
            outcome_rules=outcome_rules(),
            topics=topics,
            outputs=outputs,
            committer=positions,
            positions=positions,
            decoded=positions.decoded,
            now_ms=clock.now_ms,
            expired=Expirations(store),
            waits=waits,
        )
    )
    assignments.attach(ledger)
    dependencies = ConsumerDependencies(
        settings=settings, admin=Admin(settings), assignments=assignments, positions=positions, waits=waits
    )
    app = create_app(settings, topics=topics, dependencies=dependencies, intake=ledger)
    running = asyncio.ensure_future(ledger.run())
    stuck = StuckReport(waits, positions, settings)
    looks = (stuck, OpenTransactions(Admin(settings), positions, waits), TopicWatch(Admin(settings), waits), judge)
    looking = [asyncio.ensure_future(one.run()) for one in looks]
    try:
        await _until_stopped(app, running, stopping)
    finally:
        for one in looking:
            one.cancel()
        await stuck.last_words()
        await _end(app, ledger, running)
        outputs.close()


async def _until_stopped(app: WorkerApp, running: "asyncio.Future[None]", stopping: asyncio.Event) -> None:
    stop_requested = asyncio.ensure_future(stopping.wait())
    if not await _started(app, stop_requested):
        return
    _log.info("worker is reading", version=version("zecto-sla"), group=app.conf.id)
    crashed = asyncio.ensure_future(_crashed(app))
    await asyncio.wait((running, stop_requested, crashed), return_when=asyncio.FIRST_COMPLETED)
    stop_requested.cancel()
    crashed.cancel()
    if running.done():
        await running
    if app.crashed and app.crash_reason is not None:
        # The client finds a broker that answers nobody now here, now while it starts.
        if isinstance(app.crash_reason, KafkaConnectionError):
            raise _broker_gone() from app.crash_reason
        raise ZectoError(f"the worker stopped: {app.crash_reason}", code=Code.WORKER_STOPPED) from app.crash_reason


async def _started(app: WorkerApp, stop_requested: "asyncio.Future[Literal[True]]") -> bool:
    """Whether the app got as far as reading before it was asked to stop: a broker that died may never come back.

    Raises:
        ZectoError: it died before the app could find its way around it.
    """
    starting = asyncio.ensure_future(app.start())
    await asyncio.wait((starting, stop_requested), return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        try:
            await starting
        except KafkaError as error:
            raise _broker_gone() from error
        return True
    starting.cancel()
    await asyncio.wait((starting,))
    return False


def _broker_gone() -> ZectoError:
    message = "the broker went away while the worker started"
    return ZectoError(message, hint="start it again", code=Code.BROKER_UNREACHABLE)


async def _crashed(app: WorkerApp) -> None:
    while not app.crashed:  # noqa: ASYNC110  Faust reports a crash by this flag alone
        await asyncio.sleep(0.2)


async def _end(app: WorkerApp, ledger: Pipeline, running: "asyncio.Future[None]") -> None:
    _log.info("worker is stopping")
    # Or a steady load would keep the ledger from ever being done with what it accepted.
    app.hold()
    with suppress(ZectoError):
        await ledger.close()
    await app.stop()
    with suppress(ZectoError, asyncio.CancelledError):
        await running
