"""`zecto-sla report`: the monthly report of an enterprise account, or of all of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.credits.adjudicate import UnknownPolicyError
    from streams.reports.files import Format, Written


def register(app: App) -> None:
    """Add `report`."""
    app.command(report, group="Credits")


def report(
    month: str,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    overwrite: Annotated[bool, Parameter(negative=())] = False,
    account: str | None = None,
    formats: Annotated[str, Parameter(name="--format")] = "html,pdf,xlsx",
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Write the monthly report of an enterprise account, or of every one (§6.2).

    Uptime with its bounds, exclusions by clause, incidents, API response times, delivery rates by operator, support
    tickets and credits, as HTML that needs nothing else, as PDF and as workbook. A closed month is told by its
    statement and amendments, any other as far as it is known, and marked provisional. The same data give the same
    bytes: no report says when it was made. A file that exists is refused; those
    written are their owner's alone (mode 0600).

    .. code-block:: console

        $ zecto-sla report 2026-09 --account acme -o reports
        $ zecto-sla report 2026-09 --format html,xlsx -o reports
        $ zecto-sla report 2026-09 -o reports --json | jq -r '.[].file'

    Args:
        month: YYYY-MM, in the policy's zone.
        output: The directory to write to; it is made if it is not there.
        overwrite: Replace files that exist.
        account: Only this account; default: every account that had enterprise (premium) support in the month.
        formats: Any of html, pdf and xlsx, with commas between. A PDF takes a quarter of a second, others less.
        json: Print what was written as a JSON list: account, format, file, bytes and SHA-256.
    """
    from streams.cli.choices import choose_policy
    from streams.core.clock import now_ms
    from streams.core.errors import UsageError, ZectoError
    from streams.core.output_files import make_output_directory
    from streams.credits.adjudicate import and_others
    from streams.reports.files import read_formats
    from streams.reports.render import pdf

    asked = read_formats(formats)
    if choose_policy(month, None).span.start_ms > now_ms():
        raise UsageError(f"{month} has not begun")
    if "pdf" in asked:
        pdf.check()
    make_output_directory(output)
    written, unjudged = _write(month, account, asked, output, overwrite=overwrite)
    _print_written(written, month, output, json=json)
    if unjudged:
        raise ZectoError(f"no report: {and_others(unjudged)}", hint=unjudged[0].hint, code=unjudged[0].code)


def _write(
    month: str, account: str | None, formats: "Sequence[Format]", folder: Path, *, overwrite: bool
) -> "tuple[list[Written], Sequence[UnknownPolicyError]]":
    from streams.cli.choices import known_policies
    from streams.cli.progress import progress_bar
    from streams.clickhouse.session import open_session
    from streams.core.clock import now_ms
    from streams.core.console import status
    from streams.core.settings import Settings
    from streams.reports.build import ReportBuilder
    from streams.reports.write import write_reports

    settings = Settings()
    written: list[Written] = []
    with open_session(settings) as client:
        with status(f"reports of {month}") as on_status:
            builder = ReportBuilder(
                client=client,
                settings=settings,
                policies=known_policies(),
                month=month,
                now_ms=now_ms(),
                on_status=on_status,
            )
            accounts = builder.accounts(account)
            months = builder.read(accounts)
        with progress_bar(f"reports of {month}", len(accounts), of="reports") as on_progress:
            found = write_reports(months, accounts, builder.account, formats, folder, overwrite=overwrite)
            for number, files in enumerate(found, 1):
                written += files
                on_progress(number, number)
    return written, builder.unjudged


def _print_written(written: "Sequence[Written]", month: str, folder: Path, *, json: bool) -> None:
    from streams.cli.output import print_summary

    reports = len({one.account_id for one in written})
    of = f"the report of {written[0].account_id}" if reports == 1 else f"{reports:,} reports"
    total = sum(one.bytes for one in written)
    files = "1 file" if len(written) == 1 else f"{len(written):,} files"
    line = f"{of} for {month}: {files} in {folder}, {total:,} bytes"
    print_summary(written, line, json=json)
