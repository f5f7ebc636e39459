"""`zecto-sla audit`: the month once more, by an implementation that shares nothing with the pipeline."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from streams.cli.parameters import AsOf
from streams.cli.printing import print_json_text, print_line
from streams.cli.recompute import recompute_evidence

if TYPE_CHECKING:
    from streams.audit.auditing import Audit

# - is standard input, and no option
_FILE = Parameter(allow_leading_hyphen=True)


def register(app: App) -> None:
    """Add `audit`."""
    app.command(audit, name="audit", group="Answers")


def audit(
    month: str | None = None,
    /,
    *,
    evidence: Annotated[str | None, _FILE] = None,
    dump: Path | None = None,
    policy: str | None = None,
    against: Annotated[str | None, _FILE] = None,
    as_of: AsOf = None,
    lost: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)] = (),
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Compute a month from the raw records, by other code than the pipeline's, and compare the two to the byte.

    Exit 0 says that they agree; 1 that they do not, and names the first service-minute that differs, with the records
    behind it. Run drain first: what the pipeline has not read yet, it cannot know.

    With --evidence instead of a month: recompute the minutes of a file that zecto-sla evidence wrote, and say of each
    whether it agrees. That needs the file and the records, and nothing of the pipeline.

    .. code-block:: console

        $ zecto-sla audit 2026-09
        $ zecto-sla audit 2026-09 --dump archives/2026-09
        $ zecto-sla audit 2026-09 --dump archives/2026-09 --against statement.json
        $ zecto-sla audit 2026-09 --as-of 2026-10-05T00:00:00+05:00
        $ zecto-sla audit 2026-09 --dump archives --lost probes@2026-09-03T10:00:00.120Z/2026-09-03T10:07:31.004Z
        $ zecto-sla audit 2026-09 --json > audited.json
        $ zecto-sla audit --evidence sms.evidence.json --dump archives

    Args:
        month: YYYY-MM, in the policy's zone.
        evidence: A file of zecto-sla evidence (- is standard input), to be recomputed instead of a month.
        dump: Read archives TOPIC.ndjson.gz of this directory instead of Kafka.
        policy: Policy id; default: the one effective at the start of the month.
        against: A file that holds the pipeline's month as JSON (- is standard input); default: ask the pipeline.
        as_of: An instant: count only what the broker had by then, as `month --as-of` does. For an archive
            that was taken long ago, when it was taken. Default: all records there are.
        lost: Records that had gone before anybody read them, which no archive can show: TOPIC@SINCE/UNTIL, the broker
            timestamps of the last record before them and of the first after (contract B3). May be given several times.
        json: Print the auditor's own month on stdout; the verdict goes to stderr.
    """
    from dataclasses import replace

    from streams.audit.auditing import run_audit
    from streams.audit.comparing import read_answer
    from streams.audit.instants import MINUTE_MS, read_any_instant
    from streams.audit.kafka import open_kafka
    from streams.audit.policy import choose_span, read_policies
    from streams.audit.reading import open_dump, read_lost
    from streams.cli.pipeline import Asked, AskedMinutes
    from streams.cli.progress import progress_bar
    from streams.core.clock import now_ms
    from streams.core.errors import UsageError
    from streams.core.input_files import check_input, read_input
    from streams.core.settings import Settings

    if evidence is not None:
        if month or policy or against or as_of or lost:
            raise UsageError("--evidence takes --dump and --json only: month, policy and cut are those of the file")
        recompute_evidence(evidence, dump, json=json)
        return
    if month is None:
        raise UsageError("audit what? name a month (YYYY-MM), or a file with --evidence")
    began_ms = now_ms()
    as_of_ms = None if as_of is None else read_any_instant(as_of)
    if as_of is not None and as_of_ms is None:
        raise UsageError(f"--as-of {as_of!r} is no instant such as 2026-10-04T00:00:00Z")
    span = choose_span(month, policy, read_policies())
    if against is None and span.first * MINUTE_MS > began_ms:
        raise UsageError(f"{month} has not begun")
    if against is not None:
        check_input(against)
    source = replace(open_dump(dump) if dump else open_kafka(Settings()), lost=[read_lost(answer) for answer in lost])
    named = [
        *(("--policy", policy) if policy is not None else ()),
        *(("--as-of", as_of) if as_of is not None else ()),
    ]
    answer = read_input(against) if against is not None else Asked("month", month, *named, "--json").answer()
    with progress_bar(f"auditing {month}", None) as on_progress:
        done = run_audit(
            span,
            source,
            pipeline=read_answer(answer, against or "the pipeline's answer"),
            ask_minutes=AskedMinutes(*named).of if against is None else None,
            began_ms=began_ms,
            as_of_ms=as_of_ms,
            progress=lambda _topic, records: on_progress(records, records),
        )
    _report(done, began_ms=began_ms, json=json)


def _report(done: "Audit", *, began_ms: int, json: bool) -> None:
    from streams.audit.month import as_bytes
    from streams.core.clock import now_ms
    from streams.core.errors import Code, ZectoError

    if json:
        print_json_text(as_bytes(done.month).decode().removesuffix("\n"))
    difference = done.difference_line()
    if difference:
        raise ZectoError(difference, code=Code.AUDIT_DIFFERS)
    seconds = (now_ms() - began_ms) / 1000
    print_line(f"{done.agreement_line()} ({seconds:.0f} s)", stderr=json)
