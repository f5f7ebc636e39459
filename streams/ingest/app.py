"""The Faust app of a worker, wired by hand: block transport, one agent a topic, nothing discovered."""

from collections.abc import Collection

import faust
from faust.app.base import BootStrategy as FaustBootStrategy
from mode import CrashingSupervisor
from yarl import URL

from streams.core.settings import Settings
from streams.ingest import agents
from streams.ingest.ports import Intake
from streams.kafka.consumer import ConsumerDependencies
from streams.kafka.transport import Transport

# Never in the way: what bounds memory is the consumer's own count of blocks in flight.
_STREAM_BUFFER = 4096
# Faust waits this long for where to start, which the ledger says; it may be down for a while.
_SEEK_PATIENCE_S = 7 * 24 * 3600.0


class BootStrategy(FaustBootStrategy):
    """A consumer and its agents: no producer, no web server, no sensors."""

    enable_kafka_producer = False
    enable_web = False


class WorkerApp(faust.App):
    """A Faust app that carries what its transport needs, and keeps nothing on disk."""

    BootStrategy = BootStrategy
    dependencies: ConsumerDependencies

    def _create_directories(self) -> None:
        """Nothing: there are no tables."""

    def hold(self) -> None:
        """Take nothing more from the broker; what the agents have in hand goes on, what waits is read again later."""
        self.consumer.stop_flow()
        self.flow_control.suspend()
        self.flow_control.clear()


def create_app(
    settings: Settings, *, topics: Collection[str], dependencies: ConsumerDependencies, intake: Intake
) -> WorkerApp:
    """An app that reads these topics block by block into the intake; start and stop it like any service."""
    app = WorkerApp(
        settings.kafka_group,
        broker=[URL(f"blocks://{address.strip()}") for address in settings.kafka_bootstrap.split(",")],
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        agent_supervisor=CrashingSupervisor,
        broker_session_timeout=settings.kafka_session_timeout_s,
        broker_heartbeat_interval=settings.kafka_session_timeout_s / 4,
        broker_request_timeout=_SEEK_PATIENCE_S,
        stream_buffer_maxsize=_STREAM_BUFFER,
        stream_wait_empty=False,
        stream_recovery_delay=0.0,
    )
    app.dependencies = dependencies
    assert issubclass(type(app.transport), Transport)  # noqa: S101  the entry point is this package's own
    agents.register(app, topics, intake)
    return app
