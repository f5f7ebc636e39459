"""One audit from end to end: read, judge, compare."""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from streams.audit.codes import read_codes
from streams.audit.collecting import collect
from streams.audit.comparing import MinuteDifference, first_field, first_minute, same
from streams.audit.counting import know
from streams.audit.differing import FieldDifference
from streams.audit.instants import minute_text
from streams.audit.judging import judge
from streams.audit.kept import digest
from streams.audit.month import describe_month
from streams.audit.policy import AuditSpan
from streams.audit.reading import Progress, Source, known_before
from streams.audit.records import MONTH_TOPICS
from streams.audit.seen import names_partitions, seen_at, seen_by

AskMinutes = Callable[[str, str, str], list[dict[str, Any]]]
"""The pipeline's minutes of a service between two instants."""

_NAMED_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What an audit found: the auditor's own month, and where the pipeline's differs.

    `digest` is the sum of the content hashes of the month's `distinct` records.
    """

    month: dict[str, Any]
    read: Mapping[str, int]
    refused: Mapping[str, int]
    distinct: int
    digest: int
    minutes_compared: int
    minute: MinuteDifference | None
    field: FieldDifference | None

    def agreement_line(self) -> str:
        """A line for people."""
        records, refused, topics = sum(self.read.values()), sum(self.refused.values()), len(MONTH_TOPICS)
        of_minutes = f"{self.minutes_compared:,} service-minutes and " if self.minutes_compared else ""
        provisional = "" if self.month["complete"] else ", provisional"
        return (
            f"agree: {of_minutes}the month {self.month['month']} under {self.month['policy']}{provisional}, from "
            f"{records:,} records of {topics} topics, {refused:,} of them dead letters; digest {self.digest:016x}"
        )

    def difference_line(self) -> str:
        """A line that names the first difference and the records behind it; empty: there is none."""
        name = f"the audit of {self.month['month']} differs"
        if self.minute:
            minute = self.minute
            fields = "; ".join(f"{path} {here} and not {there}" for path, here, there in minute.fields)
            places = [f"{topic}/{partition}@{offset}" for topic, partition, offset in minute.records]
            more = f" and {len(places) - _NAMED_MAX:,} more" if len(places) > _NAMED_MAX else ""
            behind = f"{', '.join(places[:_NAMED_MAX])}{more}" if places else "none that was read here"
            return f"{name}: {minute.service} {minute.minute}: {fields}; records: {behind}"
        if self.field:
            return f"{name}: {self.field.path} is {self.field.audited} and not {self.field.pipeline}"
        return ""


def run_audit(
    span: AuditSpan,
    source: Source,
    *,
    pipeline: Mapping[str, Any],
    ask_minutes: AskMinutes | None,
    began_ms: int,
    as_of_ms: int | None = None,
    progress: Progress,
) -> Audit:
    """Judge the month from the source and hold it against the pipeline's, minute by minute if those can be asked.

    `began_ms` is the clock, read before the ends of the partitions were asked for. `as_of_ms` is the cut: nothing
    that became known from then on counts, and everything before it has been seen; None: all that is there counts, and
    has been seen up to `began_ms`, or to what the pipeline says of a month that is not over.
    """
    if as_of_ms is not None:
        began_ms, source = min(began_ms, as_of_ms), known_before(source, as_of_ms)
    # an archive taken long ago may be held against a month that was printed then, without a cut
    is_cut = as_of_ms is not None and not names_partitions(pipeline)
    seen = seen_at(began_ms) if is_cut else seen_by(pipeline, began_ms, source.starts or ())
    records_of_month = collect(source, span.policy, read_codes(), as_of_ms=began_ms, progress=progress)
    gc.freeze()  # what was read stays to the end: else it is looked through for garbage again and again
    judged = judge(know(records_of_month, span, seen), span.policy, span.first, span.end)
    month = describe_month(judged, span, seen, records_of_month)
    agree = same(month, pipeline)
    # The frontier of a provisional month moves from one question to the next: its minutes only serve to find which.
    minutes = ask_minutes if month["complete"] or not agree else None
    minute = None
    if minutes is not None:
        ends = minute_text(span.first), minute_text(span.end)
        minute = first_minute(judged, records_of_month, lambda service: minutes(service, *ends))
    distinct, content = digest(records_of_month, span)
    return Audit(
        month=month,
        read=records_of_month.read,
        refused=records_of_month.refused,
        distinct=distinct,
        digest=content,
        minutes_compared=0 if minutes is None else len(judged.verdicts) * (span.end - span.first),
        minute=minute,
        field=first_field(month, pipeline),
    )
