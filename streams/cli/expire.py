"""`zecto-sla expire`: let go of the ledger's rows of a month that is closed."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from streams.core.settings import Settings
    from streams.operations.expire import Expiry

_FLAG = Parameter(negative=())
_DRAIN_S = 120.0


def register(app: App) -> None:
    """Add `expire`."""
    app.command(expire, group="In production")


def expire(
    month: str,
    /,
    *,
    dry_run: Annotated[bool, _FLAG] = False,
    json: Annotated[bool, _FLAG] = False,
) -> None:
    """Drop the ledger's rows of a UTC month whose contract months are all closed by a statement.

    Minutes, statements, declarations, manifests and dead letters stay; what goes are the rows of single requests,
    receipts and probes, and with them explain's samples. From then on a record for the month is a dead letter
    (expired_minute): nothing is left to distinguish a duplicate from a new record. It cannot be undone; keep archives
    (dump).

    .. code-block:: console

        $ zecto-sla expire 2025-12 --dry-run
        $ zecto-sla expire 2025-12

    Args:
        month: YYYY-MM in UTC, the unit in which the ledger keeps its rows.
        dry_run: Say what would go, and change nothing.
        json: Print what went as one JSON object.
    """
    from streams.cli.choices import check_month, known_policies
    from streams.cli.output import print_summary
    from streams.clickhouse.session import open_session
    from streams.core.clock import now_ms
    from streams.core.settings import Settings
    from streams.operations.expire import expire as let_go
    from streams.operations.expire import plan

    check_month(month)
    settings = Settings()
    with open_session(settings) as client:
        expiry = plan(client, month, known_policies())
        if not dry_run:
            let_go(
                client,
                expiry,
                drain=lambda: _drain(settings, month),
                count_days=lambda: _count_days(client, month),
                now_ms=now_ms,
            )
    summary = {"month": month, "dropped": not dry_run, "rows": dict(expiry.rows), "statements": list(expiry.statements)}
    print_summary(summary, _line(expiry, dry_run=dry_run), json=json)


def _drain(settings: "Settings", month: str) -> None:
    from streams.cli.drain import follow
    from streams.clickhouse.session import open_session
    from streams.core.errors import Code, ZectoError
    from streams.kafka.admin import Admin
    from streams.operations.drain import take_targets, watch

    with open_session(settings) as client:
        last = follow(watch(client, take_targets(Admin(settings)), timeout_s=_DRAIN_S))
    if last.lagging:
        raise ZectoError(
            f"{month} is announced and nothing is dropped: {last.offsets_left:,} offsets fetched before the "
            "announcement may still be on their way",
            hint="see that a worker runs, then expire it again",
            code=Code.NOT_DRAINED,
        )


def _count_days(client: "Client", month: str) -> None:
    from streams.cli.choices import known_policies
    from streams.guarantees.performance.month import count_month
    from streams.operations.expire import contract_months

    for choice in contract_months(month, known_policies()):
        count_month(client, choice, known_policies())


def _line(expiry: "Expiry", *, dry_run: bool) -> str:
    summary = ", ".join(f"{count:,} of {table}" for table, count in expiry.rows.items())
    stands = ", ".join(sha256[:12] for sha256 in expiry.statements)
    return (
        f"{'would drop' if dry_run else 'dropped'} the rows of {expiry.month} (UTC): {summary}; what stands: {stands}"
    )
