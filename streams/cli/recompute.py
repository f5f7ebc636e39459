"""`zecto-sla audit --evidence`: an evidence file held against raw records."""

from pathlib import Path
from typing import TYPE_CHECKING

from streams.cli.printing import print_json, print_line
from streams.core.errors import Code, ZectoError

if TYPE_CHECKING:
    from streams.audit.claimed import EvidenceClaims
    from streams.audit.recomputing import Recomputed

_SHOWN_MAX = 4


def recompute_evidence(file: str, dump: Path | None, *, json: bool) -> None:
    """Recompute a file's minutes and say of each whether it agrees.

    Raises:
        ZectoError: the file is none, was changed, or differs; names the first minute and record.
    """
    from streams.audit.claimed import read_evidence
    from streams.audit.kafka import open_kafka
    from streams.audit.policy import read_policies
    from streams.audit.reading import open_dump
    from streams.audit.recomputing import recompute
    from streams.audit.records import TOPICS
    from streams.cli.progress import progress_bar
    from streams.core.input_files import read_input
    from streams.core.settings import Settings

    claimed = read_evidence(read_input(file), file, read_policies())
    source = open_dump(dump, TOPICS) if dump else open_kafka(Settings(), TOPICS)
    with progress_bar(f"recomputing {claimed.service}", None) as on_progress:
        done = recompute(claimed, source, lambda _topic, records: on_progress(records, records))
    if json:
        _print_json(claimed, done)
    else:
        _print_minutes(done)
    difference = _difference(claimed, done)
    if difference:
        raise ZectoError(difference, code=Code.DOCUMENT_CONTRADICTED)
    _print_agreement(claimed, done, json=json)


def _print_minutes(done: "Recomputed") -> None:
    for one in done.minutes:
        kind = f" ({one.kind.replace('_', ' ')})" if one.kind else ""
        print_line(f"{one.minute}  {'differs' if one.differences else 'agrees '}  {one.state}{kind}")
        for summary in one.differences:
            print_line(f"    {summary}")


def _print_json(claimed: "EvidenceClaims", done: "Recomputed") -> None:

    summary = {
        "agrees": claimed.sealed and not done.differing,
        "sealed": claimed.sealed,
        "records": done.records,
        "minutes": [
            {
                "minute": one.minute,
                "state": one.state,
                "kind": one.kind,
                "agrees": not one.differences,
                "differences": one.differences,
            }
            for one in done.minutes
        ],
    }
    print_json(summary, indent=True)


def _difference(claimed: "EvidenceClaims", done: "Recomputed") -> str:
    """One line that names the first minute that differs, and its first differences; empty: none does."""
    changed = "" if claimed.sealed else f"{claimed.name} was changed after it was sealed: its sha256 is not its body's"
    if not done.differing:
        return f"{changed}; the minutes that it holds agree with the records" if changed else ""
    first = done.differing[0]
    summary = "; ".join(first.differences[:_SHOWN_MAX])
    others = len(done.differing) - 1
    more = f"; and {others:,} more minute{'' if others == 1 else 's'}" if others else ""
    found = f"{claimed.service} {first.minute} differs: {summary}{more}"
    return f"{changed}; {found}" if changed else f"{claimed.name}: {found}"


def _print_agreement(claimed: "EvidenceClaims", done: "Recomputed", *, json: bool) -> None:
    listed = f"{len(done.minutes):,} of them bad or excluded and each checked in full" if done.minutes else "none bad"
    minutes = f"{claimed.end - claimed.first:,} minutes of {claimed.service}"
    line = f"agree: the states of {minutes}, {listed}, from {done.records:,} records"
    print_line(line, stderr=json)
