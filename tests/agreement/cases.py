"""`python -m tests.agreement.cases`: the auditor alone over the records of each case, beside what the contract answers.

Nothing runs for it, so it takes the steps that send records and those that ask for a month or minutes; what foreign
log lines are made of, and claims, it leaves to `make cases`.
"""

import argparse
import gc
import gzip
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from streams.audit.codes import Codes, read_codes
from streams.audit.collecting import collect
from streams.audit.counting import know
from streams.audit.instants import MINUTE_MS, read_any_instant
from streams.audit.judging import Judged, judge
from streams.audit.kept import AuditRecords
from streams.audit.month import describe_month, describe_verdict
from streams.audit.policy import AuditSpan, choose_span, read_policies
from streams.audit.reading import Raw, Source, open_dump
from streams.audit.records import MONTH_TOPICS
from streams.audit.seen import Seen, seen_at
from streams.core.clock import now_ms
from tests.cases.expectations import THIS_MONTH, Case, Step, read_cases
from tests.cases.paths import look_up
from tests.cases.playing import Verdict, this_month
from tests.cases.run import found_records

_SECOND_MS: Final = 1_000


@dataclass
class AuditedCase:
    """A case as far as the auditor plays it: the records sent so far, and an answer to what is asked of them."""

    folder: Path
    codes: Codes
    clock_ms: int
    sent: list[Raw] = field(default_factory=list)

    def take(self, step: Step) -> Iterator[Verdict]:
        """Send, or answer."""
        match step.run:
            case ["produce", topic, *names] if topic in MONTH_TOPICS:
                self.clock_ms += _SECOND_MS
                for name in names:
                    self._send(topic, self.folder / name[1:])
            case ["restore", name]:
                self.sent += open_dump(self.folder / name[1:]).records()
            case ["month", month]:
                yield from self._compare(step, self._month(month.replace(THIS_MONTH, this_month())))
            case ["minutes", service, start, end]:
                yield from self._compare(step, self._minutes(service, start, end))
            case _:
                pass

    def _send(self, topic: str, path: Path) -> None:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for line in content.split(b"\n"):
            value = line.removesuffix(b"\r")
            if value:
                self.sent.append(Raw(topic, 0, len(self.sent), self.clock_ms, value))

    def _compare(self, step: Step, answer: Any) -> Iterator[Verdict]:  # noqa: ANN401  any JSON
        for expectation in step.expect:
            if not expectation.at.startswith("$"):
                yield Verdict(" ".join(step.run), expectation, look_up(answer, expectation.at))

    @cached_property
    def _seen(self) -> Seen:
        return seen_at(now_ms())

    def _month(self, month: str) -> dict[str, Any]:
        span = choose_span(month, None, read_policies())
        records, judged = self._judged(span)
        return describe_month(judged, span, self._seen, records)

    def _minutes(self, service: str, start: str, end: str) -> list[dict[str, Any]]:
        first, last = (_minute(one) for one in (start, end))
        span = choose_span(start[:7], None, read_policies())
        verdicts = self._judged(span)[1].verdicts[service][first - span.first : last - span.first]
        return [describe_verdict(minute, verdict) for minute, verdict in enumerate(verdicts, first)]

    def _judged(self, span: AuditSpan) -> tuple[AuditRecords, Judged]:
        source = Source(records=lambda: iter(self.sent), starts={})
        records = collect(source, span.policy, self.codes, as_of_ms=self._seen.clock_ms, progress=lambda *_: None)
        return records, judge(know(records, span, self._seen), span.policy, span.first, span.end)


def _minute(instant: str) -> int:
    """A minute, its seconds given or not."""
    at_ms = read_any_instant(instant) or read_any_instant(instant.replace("Z", ":00Z"))
    assert at_ms is not None, instant
    return at_ms // MINUTE_MS


def audited(name: str, case: Case, records: Path, codes: Codes) -> list[Verdict]:
    """Everything that the auditor was asked in a case."""
    playing = AuditedCase(records / name, codes, now_ms())
    return [verdict for step in case.steps for verdict in playing.take(step)]


def main() -> int:
    """Play all cases, or some; exit 1 if the auditor says anything else than the contract."""
    parser = argparse.ArgumentParser(prog="python -m tests.agreement.cases", description=__doc__)
    parser.add_argument("cases", nargs="*", help="only those whose name contains one of these; default: all")
    parser.add_argument("--records", type=Path, help="the folder of the records; default: shared/cases beside us")
    arguments = parser.parse_args()
    gc.disable()
    codes, differing = read_codes(), 0
    for name, case in read_cases().items():
        if arguments.cases and not any(part in name for part in arguments.cases):
            continue
        if any(step.run[0] == "import" for step in case.steps):
            sys.stdout.write(f"{name}: left to `make cases`, a foreign log is read\n")
            continue
        verdicts = audited(name, case, arguments.records or found_records(), codes)
        unmet = [verdict for verdict in verdicts if not verdict.is_met]
        differing += bool(unmet)
        sys.stdout.write(f"{name}: {len(unmet)} of {len(verdicts)} differ\n")
        for verdict in unmet:
            told = f"{verdict.asked}: {verdict.expectation.at} is {verdict.found}, not {verdict.expectation}"
            sys.stdout.write(f"    {told} ({verdict.expectation.clause})\n")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
