"""All that decides a month, read from ClickHouse in a few questions, each answered by columns."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, get_args

import numpy as np
import pyarrow as pa
from clickhouse_connect.driver.client import Client

import sql
from schemas.fields import Service
from schemas.holidays import public_holidays
from schemas.instants import MINUTE_MS
from schemas.reference import holiday_changes
from streams.clickhouse.arrow import COUNTED_SERVICES, ask, ask_text, numbers
from streams.clickhouse.session import rows
from streams.counting.rows import minute_counts
from streams.judge.counts import CountedRows, SeenSources, seen_sources, service_counts
from streams.judge.declared import BUDGET_DAYS, read_dead_letters, read_declarations, read_refused
from streams.judge.kept_counts import ReadCounts, read_anew
from streams.judge.manifests import read_manifests
from streams.judge.progress import ReadProgress
from streams.judge.seen import SeenMonth
from streams.rules.month.inputs import ServiceCounts, SpanInputs
from streams.rules.month.span import DAY, WEEK, MinuteFrame


def read_inputs(client: Client, seen: SeenMonth, read_counts: ReadCounts = read_anew) -> SpanInputs:
    """What decides a month that was looked at."""
    frame, span, known_before_ms = seen.frame, seen.choice.span, seen.progress.known_before_ms
    parts = _parts(client, seen, read_counts)
    return SpanInputs(
        frame=frame,
        services=_with_first_records(client, _with_mended_manifests(client, service_counts(parts, frame), seen), seen),
        partitions=seen.progress.partitions,
        as_of_ms=seen.progress.as_of_ms,
        manifests=read_manifests(client, frame, known_before_ms, lambda: _sources(client, seen, parts)),
        dead_letters=read_dead_letters(client, frame, known_before_ms),
        lost=seen.lost,
        declarations=read_declarations(
            client, (frame.start - BUDGET_DAYS * DAY) * MINUTE_MS, span.end_ms, known_before_ms
        ),
        refused=read_refused(client, span.start_ms, span.end_ms, known_before_ms),
        holidays=_holidays(
            seen.choice.policy.commitments.credits.holidays, _year(frame.start) - 1, _year(frame.end) + 1
        ),
    )


def _parts(client: Client, seen: SeenMonth, read_counts: ReadCounts) -> list[CountedRows]:
    """Rows of the minutes judged, in full, and of those before and after them, as far as silences look at them.

    From where stored counts may be of more than is to be known, they are counted from the ledger.
    """
    frame, until = seen.frame, _until(seen)
    judged = frame.start - seen.policy.failures_window_minutes
    spans = (
        ("judge_lookback", frame.first, judged),
        ("judge_counts", judged, frame.end),
        ("judge_lookback", frame.end, frame.stop),
    )
    tables = [
        table
        for query, start, end in spans
        for table in read_counts(client, query, {"from": start, "to": end, "until": until})
    ]
    if until < frame.stop:
        tables.append(_counted(client, until, frame.stop, seen.progress.known_before_ms))
    return [CountedRows(table=table, frame=frame) for table in tables]


def _until(seen: SeenMonth) -> int:
    """Where minutes begin whose stored counts may be of more than is to be known."""
    frame = seen.frame
    return frame.stop if seen.sure is None else min(max(seen.sure, frame.first), frame.stop)


def _sources(client: Client, seen: SeenMonth, parts: Sequence[CountedRows]) -> SeenSources:
    """Which sources were seen: as stored, or as counted from the ledger with the rest (B3)."""
    asked = {"from": seen.frame.first, "to": seen.frame.stop, "until": _until(seen)}
    stored = CountedRows(table=ask(client, "judge_sources", asked), frame=seen.frame)
    return seen_sources([stored, *parts])


def _counted(client: Client, start: int, end: int, as_of_ms: int) -> pa.Table:
    """Minutes counted from the ledger, as known before an instant, by service and minute."""
    asked = {"from": start * 60, "to": end * 60, "as_of": as_of_ms}
    counted = minute_counts([ask_text(client, sql.counting(kind, "between"), asked) for kind in get_args(sql.Kind)])
    return counted.append_column("at", pa.array(numbers(counted, "minute") // 60)).drop_columns(["minute"])


def _with_mended_manifests(
    client: Client, counts: Mapping[Service, ServiceCounts], seen: SeenMonth
) -> Mapping[Service, ServiceCounts]:
    """The same, with the manifests of the minutes judged that were mended: no minute's count holds these (B3)."""
    frame = seen.frame
    asked = {"from": frame.start, "to": frame.end, "as_of": seen.progress.known_before_ms}
    mended = {service: dict(of.mended) for service, of in counts.items()}
    for row in rows(client, sql.query("judge_mended_manifests"), asked):
        of_service = mended[COUNTED_SERVICES[row["service"]]]
        records = np.array(of_service.get(row["field"], np.zeros(frame.size, dtype=np.int64)))
        records[row["at"] - frame.first] += row["records"]
        of_service[row["field"]] = records
    return {service: replace(of, mended=mended[service]) for service, of in counts.items()}


def _with_first_records(
    client: Client, counts: Mapping[Service, ServiceCounts], seen: SeenMonth
) -> dict[Service, ServiceCounts]:
    """The same, with the first record of each service if that lies before the frame (B2).

    How far before it decides nothing: all images, and all silences that bear on the span, lie within.
    """
    frame, progress = seen.frame, seen.progress
    before = _first_heard(client, frame, progress)
    silent = [number for number in COUNTED_SERVICES if number not in before]
    if silent:
        asked = {"first": frame.first, "as_of": progress.known_before_ms, "services": silent}
        found_missing = {row["service"]: row["at"] for row in rows(client, sql.query("judge_first_missing"), asked)}
        before |= {number: found_missing[place] for number in silent for place in (number, 0) if place in found_missing}
    return {
        service: replace(counts[service], first_record=before.get(number))
        for number, service in COUNTED_SERVICES.items()
    }


def _first_heard(client: Client, frame: MinuteFrame, progress: ReadProgress) -> dict[int, int]:
    """A minute before the frame in which a valid record was heard, by the service's number."""
    if progress.is_cut:
        asked = {"first": frame.first, "as_of": progress.known_before_ms}
        return {row["service"]: row["at"] for row in rows(client, sql.query("judge_first_heard"), asked)}
    found: dict[int, int] = {}
    for start in (max(frame.first - WEEK, 0), 0):
        # Most services were heard in the week before: only of the others all that is stored is looked through.
        others = [one for one in COUNTED_SERVICES if one not in found]
        question: dict[str, Any] = {"from": start, "first": frame.first, "services": others}
        if others:
            found |= {row["service"]: row["at"] for row in rows(client, sql.query("judge_first_counted"), question)}
    return found


@cache
def _holidays(country: str, first_year: int, last_year: int) -> frozenset[date]:
    return public_holidays(country, range(first_year, last_year + 1), holiday_changes(country))


def _year(minute: int) -> int:
    return datetime.fromtimestamp(minute * 60, UTC).year
