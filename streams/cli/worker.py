"""`zecto-sla worker`: read, store, evaluate, until stopped."""

from cyclopts import App


def register(app: App) -> None:
    """Add `worker`."""
    app.command(worker, group="In production")


def worker() -> None:
    """Read the input topics into the ledger and evaluate their minutes, until SIGTERM or Ctrl-C.

    Workers of one group share the partitions. One that is killed loses nothing: another, or the next, finishes what
    was pending. While ClickHouse is down it waits and says so.

    .. code-block:: console

        $ zecto-sla worker
        $ ZECTO_KAFKA_BOOTSTRAP=broker:9092 ZECTO_CLICKHOUSE_URL=http://clickhouse:8123 zecto-sla worker
    """
    import asyncio
    import os

    from streams.core import failpoints
    from streams.core.logs import configure_logs
    from streams.core.settings import Settings
    from streams.ingest.memory import leave_pandas_out, return_memory_early

    settings = Settings()
    failpoints.arm(os.environ)
    configure_logs(settings)
    return_memory_early()
    leave_pandas_out()

    from streams.ingest.worker import check, work

    check(settings)
    asyncio.run(work(settings))
