"""`zecto-sla close` and `statements`: what a month was, for ever, and what came after."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from streams.cli.parameters import WHOLE
from streams.cli.printing import print_document, print_json, print_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.statements.close import Closed
    from streams.statements.document_store import DocumentStore, StoredDocument
    from streams.statements.ready import OnStatus

_FLAG = Parameter(negative=())


def register(app: App) -> None:
    """Add `close` and `statements`."""
    app.command(close, group="In production")
    app.command(statements, group="Answers")


def close(
    month: str,
    /,
    *,
    policy: str | None = None,
    unobserved: Annotated[bool, _FLAG] = False,
    json: Annotated[bool, _FLAG] = False,
) -> None:
    """Freeze a complete month into its statement; what arrived since makes a numbered amendment.

    A statement holds the numbers, every minute, the policy and the code tables by their hashes, the end offsets and the
    digest of the ledger's set, and never changes. Closing again, or from two machines at once, gives the same bytes and
    proves them from the ledger once more; where something known since changes a minute, an amendment is added, with the
    difference minute by minute. A month that is not complete is refused, with the reasons, and so is one of which
    nothing was observed. What the contract's first edition closed stays as it was made, byte for byte. The month's
    performance is counted on the way, so that it is known when the ledger's rows are gone.

    .. code-block:: console

        $ zecto-sla close 2026-09
        $ zecto-sla close 2026-09 --json > 2026-09.ndjson

    Args:
        month: YYYY-MM, in the policy's zone.
        policy: Policy id; default: the one effective at the start of the month.
        unobserved: Close a month even if no record, probe, manifest or dead letter of any service was seen in it.
        json: Print the documents, a line each, byte for byte: the statement, then its amendments.
    """
    import os

    from streams.cli.choices import choose_policy, known_policies
    from streams.clickhouse.session import open_session
    from streams.core import failpoints
    from streams.core.console import status
    from streams.core.logs import configure_logs
    from streams.core.settings import Settings
    from streams.guarantees.performance.month import count_month
    from streams.months.refused import read_refused
    from streams.statements.close import close_month

    failpoints.arm(os.environ)
    choice, settings = choose_policy(month, policy), Settings()
    configure_logs(settings)
    with open_session(settings) as client, status(f"closing {month}") as update:
        on_status: OnStatus = lambda what: update(f"closing {month}: {what}")  # noqa: E731  one line
        closed = close_month(client, settings, choice, on_status, unobserved=unobserved)
        count_month(client, choice, known_policies(), on_status=on_status)
        refused = read_refused(client, choice.span.start_ms, choice.span.end_ms)
    for letter in refused:
        print_line(letter.sentence(), stderr=True)
    if json:
        for one in closed:
            print_document(one.document)
        return
    for one in closed:
        print_line(_summary(one))


def statements(
    month: str | None = None,
    number: Annotated[int | None, WHOLE] = None,
    /,
    *,
    policy: str | None = None,
    json: Annotated[bool, _FLAG] = False,
) -> None:
    """List the effective statements and amendments, or print one of them byte for byte.

    .. code-block:: console

        $ zecto-sla statements
        $ zecto-sla statements 2026-09
        $ zecto-sla statements 2026-09 0 > statement.json
        $ zecto-sla statements 2026-09 1 | jq .body.services

    Args:
        month: YYYY-MM: only those of this month.
        number: Print this document of the month: 0 is the statement, 1, 2, ... are its amendments.
        policy: Policy id; default: all policies; of a document the one effective at the start of the month.
        json: Print the list as JSON. A document is JSON anyhow.
    """
    from streams.cli.choices import check_policy, choose_policy
    from streams.clickhouse.session import open_session
    from streams.core.errors import UsageError
    from streams.core.settings import Settings
    from streams.statements.document_store import DocumentStore

    if number is not None and number < 0:
        raise UsageError("NUMBER is 0 for the statement, 1, 2, ... for its amendments")
    check_policy(policy)
    choice = None if month is None else choose_policy(month, policy)
    with open_session(Settings()) as client:
        if choice and number is not None:
            print_document(_the_one(DocumentStore(client), choice.span.month, choice.policy.policy_id, number))
            return
        _print_list(DocumentStore(client).listed(month or "", policy or ""), json=json)


def _the_one(document_store: "DocumentStore", month: str, policy: str, number: int) -> bytes:
    from streams.core.errors import Code, ZectoError

    kept = document_store.take(month, policy, number)
    if not kept:
        there = len(document_store.listed(month, policy))
        if not there:
            message = f"no document {number} of {month} under {policy}: it is not closed"
            raise ZectoError(message, hint=f"close it with: zecto-sla close {month}", code=Code.MONTH_OPEN)
        raise ZectoError(
            f"no document {number} of {month} under {policy}: there are {there}, numbered from 0",
            code=Code.DOCUMENT_MISSING,
        )
    if len(kept) > 1 or not kept[0].is_whole:
        raise ZectoError(
            f"ClickHouse keeps {len(kept)} documents as number {number} of {month}, or one whose bytes are not those "
            "of its hash: it was tampered with",
            hint=f"zecto-sla close {month} tells which one is effective",
            code=Code.DOCUMENT_CONTRADICTED,
        )
    return kept[0].document


def _print_list(kept: "Sequence[StoredDocument]", *, json: bool) -> None:
    if json:
        listed = [
            {"month": one.month, "policy": one.policy, "number": one.number, "cut": one.cut, "sha256": one.sha256}
            for one in kept
        ]
        print_json(listed)
        return
    for one in kept:
        name = f"amendment {one.number}" if one.number else "statement"
        print_line(f"{one.month}  {one.policy}  {name:<12}  cut {one.cut}  sha256 {one.sha256}")
    if not kept:
        print_line("no month is closed", stderr=True)


def _summary(one: "Closed") -> str:
    closing = one.closing
    if one.is_first_edition:
        name = f"amendment {closing.number}" if closing.number else "statement"
        return (
            f"{closing.month} {name} ({closing.policy}), made by the contract's first edition, stands as it is: "
            f"cut {closing.cut}, sha256 {closing.sha256}; this version neither proves nor amends it"
        )
    name = f"amendment {closing.number}" if closing.number else "statement"
    made = "made now" if one.is_new else "stands"
    proof = "" if one.is_new else ("; the ledger gives the same bytes" if one.is_reproduced else "; its rows expired")
    return f"{closing.month} {name} ({closing.policy}), {made}{proof}: cut {closing.cut}, sha256 {closing.sha256}"
