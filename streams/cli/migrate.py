"""`zecto-sla migrate`: topics, tables, views and reference data of this version."""

from cyclopts import App

from streams.cli.printing import print_line


def register(app: App) -> None:
    """Add `migrate`."""
    app.command(migrate, group="In production")


def migrate() -> None:
    """Create missing topics and bring the database to this version; running it again is harmless.

    .. code-block:: console

        $ ZECTO_KAFKA_BOOTSTRAP=broker:9092 ZECTO_CLICKHOUSE_URL=http://clickhouse:8123 zecto-sla migrate
    """
    from streams.core.settings import Settings
    from streams.operations.migrate import migrate as bring_up

    settings = Settings()
    bring_up(settings)
    print_line(f"zecto-sla: topics and database {settings.clickhouse_database} are ready", stderr=True)
