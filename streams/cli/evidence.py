"""`zecto-sla evidence`: a file from which a customer recomputes the minutes of a service."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from streams.cli.parameters import WHOLE, AsOf
from streams.cli.printing import print_json
from streams.core.errors import Code, UsageError, ZectoError

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from schemas.fields import Service
    from streams.evidence.read import EvidenceSpan, Findings

_MOST_MINUTES = 31 * 1440
_NEVER_OVERWRITTEN = "evidence is never overwritten: name another file"


def register(app: App) -> None:
    """Add `evidence`."""
    app.command(evidence, group="Answers")


def evidence(
    service: str,
    start: str,
    end: str,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    policy: str | None = None,
    as_of: AsOf = None,
    samples: Annotated[int, WHOLE] = 5,
    each: Annotated[int, WHOLE] = 1000,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Write why each bad or excluded minute of a service is that, so that a customer can recompute it.

    The file is one JSON document with its own SHA-256: the state of every minute from START up to, not including, END;
    of each that is down or excluded the rule, the clauses, the numbers compared, counts by reason code, declarations,
    records with topic, partition, offset and hash. It names the command that recomputes it from the raw records:
    zecto-sla audit --evidence FILE --dump DIR. The same records and the same cut give the same bytes.

    .. code-block:: console

        $ zecto-sla evidence sms 2026-09-03T10:00Z 2026-09-03T11:00Z -o sms.evidence.json
        $ zecto-sla evidence voice 2026-09-03T15:00+05:00 2026-09-03T15:30+05:00 -o voice.json --samples 50

    Args:
        service: sms, voice, whatsapp or email.
        start: An instant with its offset; its minute is the first.
        end: An instant with its offset; its minute is left out unless it has begun. At most 31 days after START.
        output: The file to write; one that exists is never overwritten.
        policy: Policy id; default: the one effective at the start of each month.
        as_of: An instant: count only what the broker had by then. Default: all that is read now.
        samples: How many records to name of each reason.
        each: Of minutes and topics with no more distinct records than this, name every one with its hash.
        json: Print a summary as one JSON object.
    """
    from streams.cli.choices import choice_of_months
    from streams.clickhouse.session import open_session
    from streams.core.clock import now_ms
    from streams.core.output_files import check_output
    from streams.core.settings import Settings
    from streams.evidence.read import EvidenceSpan
    from streams.months.as_of import check_cut, frontier_ms

    of, from_s, to_s = _asked(service, start, end)
    check_output(output, hint=_NEVER_OVERWRITTEN)
    if samples < 0 or each < 0:
        raise UsageError("--samples and --each take numbers from 0 on")
    if from_s * 1000 > now_ms():
        raise UsageError(f"START {start} has not come yet")
    asked_ms, months = _cut_ms(as_of), choice_of_months(from_s, to_s, policy)
    with open_session(Settings()) as client:
        cut_ms = frontier_ms(client) if asked_ms is None else asked_ms
        if cut_ms <= 0:
            raise ZectoError("not every topic is read yet", hint="run zecto-sla drain", code=Code.NOT_ALL_READ)
        window = EvidenceSpan(
            service=of,
            start=from_s // 60,
            end=to_s // 60,
            months=months,
            cut_ms=cut_ms,
            samples=samples,
            each=each,
        )
        for choice in window.months:
            check_cut(client, window.cut_ms, choice.span)
        findings = _read(client, window)
    _write(findings, output, json=json)


def _asked(service: str, start: str, end: str) -> "tuple[Service, int, int]":
    from streams.cli.choices import instant_ms, minute_s, service_of

    of = service_of(service)
    from_s, to_s = minute_s(start), -(-instant_ms(end) // 60_000) * 60
    if from_s >= to_s:
        raise UsageError(f"START {start} is not before END {end}")
    if to_s - from_s > _MOST_MINUTES * 60:
        raise UsageError(f"{start} to {end} is longer than 31 days: write a file a month")
    return of, from_s, to_s


def _cut_ms(as_of: str | None) -> int | None:
    from streams.cli.choices import instant_ms

    return None if as_of is None else instant_ms(as_of)


def _read(client: "Client", window: "EvidenceSpan") -> "Findings":
    from streams.cli.progress import progress_bar
    from streams.evidence.read import read_findings

    with progress_bar(f"evidence for {window.service}", window.total_minutes, of="bad minutes") as on_progress:
        return read_findings(client, window, on_progress)


def _write(findings: "Findings", output: Path, *, json: bool) -> None:
    from collections import Counter

    from schemas.instants import format_instant
    from streams.core.canonical_json import sha256_of
    from streams.core.console import TextConsole
    from streams.core.output_files import output_file
    from streams.evidence.document import evidence_document
    from streams.evidence.render import print_evidence

    document = evidence_document(findings)
    with output_file(output, hint=_NEVER_OVERWRITTEN) as file:
        file.write(document)
    sha256 = sha256_of(document)
    if json:
        summary = {
            "file": str(output),
            "sha256": sha256,
            "bytes": len(document),
            "cut": format_instant(findings.window.cut_ms),
            "minutes": dict(Counter(state for state, _ in findings.states)),
        }
        print_json(summary)
    else:
        print_evidence(TextConsole(), findings, file=str(output), sha256=sha256)
