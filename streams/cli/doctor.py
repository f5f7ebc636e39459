"""`zecto-sla doctor`: everything that a person on call would look at."""

from typing import Annotated

from cyclopts import App, Parameter

from streams.cli.printing import print_json


def register(app: App) -> None:
    """Add `doctor`."""
    app.command(doctor, group="In production")


def doctor(*, json: Annotated[bool, Parameter(negative=())] = False) -> None:
    """Look at everything and say what to do: parts, workers, lag, coverage, what was lost, refused or contradictory.

    Changes nothing. Exits with 0 if there is no fault, whatever is warned of, and with 1 otherwise.

    .. code-block:: console

        $ zecto-sla doctor
        $ zecto-sla doctor --json | jq '.findings[] | select(.level != "ok") | {code, fields}'

    Args:
        json: Print every finding as one JSON object: its code and fields for programs, its sentences, its details.
    """
    from streams.core.clock import now_ms
    from streams.core.console import TextConsole, status
    from streams.core.errors import Code, ZectoError
    from streams.core.settings import Settings
    from streams.operations.doctor.codes import Level
    from streams.operations.doctor.describe import to_record
    from streams.operations.doctor.examining import examine
    from streams.operations.doctor.render import print_report

    with status("looking") as update:
        report = examine(Settings(), now_ms=now_ms(), on_step=lambda what: update(f"looking at {what}"))
    if json:
        findings = [to_record(finding) for finding in report.findings]
        summary = {"healthy": report.is_healthy, "examined_at": report.examined_at, "findings": findings}
        print_json(summary, indent=True, enc_hook=str)
    else:
        print_report(TextConsole(), report)
    if not report.is_healthy:
        wrong = [finding.check for finding in report.findings if finding.level is Level.FAULT]
        raise ZectoError(f"{'faults' if len(wrong) > 1 else 'a fault'}: {', '.join(wrong)}", code=Code.FAULTS_FOUND)
