"""What a month must come out as (contract V1-V5, X1-X5, B1-B4, M1, M2), once everything has arrived and waited.

A minute at a time, a rule at a time, with the numbers of policy zecto-1.0 written out. Complete means: the frontier has
passed the month by so far that nothing is pending and messages without a final receipt have turned (C3).
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from schemas.fields import SERVICES, Service
from streams.simulate.accounting import CountedRecord, Minute, PlainAccounting
from streams.simulate.facts import SimulatedMinutes, gather
from streams.simulate.figures import PlatformTruth, ServiceTruth, figures, together
from streams.simulate.holiday import ZONE, is_holiday
from streams.simulate.listings import HoleTruth, ListedTruth, listed_declarations, manifest_holes
from streams.simulate.missing import TOPICS, MissingRecords, missing_records
from streams.simulate.reading import MINUTE_MS
from streams.simulate.silences import WEEK, QuietMinutes, measured, without_probes
from streams.simulate.states import (
    WINDOW_MINUTES,
    Excuses,
    JudgedMinute,
    ServiceKnowledge,
    judge_minutes,
    unknown_of,
)
from streams.simulate.windows import gaps_of, windows_of

_DAY_MINUTES: Final = 1_440
_DAY_MS: Final = _DAY_MINUTES * MINUTE_MS
_LOOKED_BACK: Final = 5 * WEEK + 2 * _DAY_MINUTES
_READ_BEYOND: Final = 4 * _DAY_MINUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthTruth:
    """A month by service and as a whole, with the state and kind of every minute (minutes since the epoch)."""

    month: str
    services: dict[Service, ServiceTruth]
    platform: PlatformTruth
    listed_declarations: list[ListedTruth]
    manifest_holes: list[HoleTruth]
    states: dict[Minute, tuple[str, str]]
    minutes: dict[Service, list[JudgedMinute]]


def month_minutes(month: str) -> range:
    """The UTC minutes (since the epoch) of a calendar month `YYYY-MM` in Karachi (T3)."""
    year, number = int(month[:4]), int(month[5:])
    start = dt.datetime(year, number, 1, tzinfo=ZONE)
    following = dt.datetime(year + number // 12, number % 12 + 1, 1, tzinfo=ZONE)
    return range(int(start.timestamp()) // 60, int(following.timestamp()) // 60)


def month_of(instant_ms: int) -> str:
    """The month `YYYY-MM` in Karachi that holds an instant."""
    return f"{dt.datetime.fromtimestamp(instant_ms / 1000, tz=ZONE):%Y-%m}"


def describe_month(accounting: PlainAccounting, month: str) -> MonthTruth:
    """Every minute of a calendar month `YYYY-MM` by the rules, and their sums; all is read to four days after it."""
    return describe_minutes(accounting, month_minutes(month), month)


def describe_minutes(accounting: PlainAccounting, minutes: range, month: str = "") -> MonthTruth:
    """The same of any span of minutes, which stands in for its month where rules speak of one."""
    over = minutes.stop + _READ_BEYOND
    facts = gather(accounting)
    missing = missing_records(accounting, facts, over)
    judged = range(minutes.start - WINDOW_MINUTES + 1, minutes.stop)
    windows, gaps = windows_of(accounting, judged, minutes), gaps_of(accounting)
    excuses = Excuses.of(windows)
    known = {
        service: ServiceKnowledge(
            service=service,
            facts=facts,
            missing=missing,
            excuses=excuses,
            gaps=gaps,
            holes={at for (_, _, of), hole in missing.holes.items() if of == service for at in hole},
            quiet=_quiet(service, facts, missing, judged, over),
        )
        for service in SERVICES
    }
    found = {service: judge_minutes(of, minutes) for service, of in known.items()}
    observed = [service for service in SERVICES if _is_observed(known[service], minutes)]
    return MonthTruth(
        month=month,
        services={
            service: _service_truth(accounting, known[service], found[service], minutes, observed=service in observed)
            for service in SERVICES
        },
        platform=figures(together([found[service] for service in observed or SERVICES]), observed=bool(observed)),
        listed_declarations=listed_declarations(accounting, windows, found, known, minutes),
        manifest_holes=manifest_holes(missing, minutes),
        states={
            (service, minute): (one.state, one.kind)
            for service, of in found.items()
            for minute, one in zip(minutes, of, strict=True)
        },
        minutes=found,
    )


def _quiet(
    service: Service, facts: Mapping[Minute, SimulatedMinutes], missing: MissingRecords, judged: range, over: int
) -> QuietMinutes:
    """Silent minutes and those in doubt, by requests, by both, and by messages (B2)."""
    first = _first_record(service, facts, missing)
    if first is None and not any(of == service for of, _ in facts):
        return QuietMinutes()
    frame = range(judged.start - _LOOKED_BACK, max(over, judged.stop))
    of = [facts.get((service, minute)) for minute in frame]
    heard = [
        [one.requests.heard if one else 0 for one in of],
        [one.messages.heard if one else 0 for one in of],
    ]
    lost = [[missing.total(topic, service, minute) for minute in frame] for topic in TOPICS]
    within = range(judged.start - frame.start, judged.stop - frame.start)

    def by(one: list[int], of_missing: list[int]) -> QuietMinutes:
        place = None if first is None else first - frame.start
        return measured(one, of_missing, first_record=place, judged=within, over=over - frame.start)

    requests, messages = by(heard[0], lost[0]), by(heard[1], lost[1])
    both = by([a + b for a, b in zip(*heard, strict=True)], [a + b for a, b in zip(*lost, strict=True)])
    silent = requests.silent | both.silent
    doubt = requests.in_doubt | both.in_doubt | messages.silent
    valid = [one.requests.valid + one.messages.valid if one else 0 for one in of]
    probed = [bool(one and one.vantages_ok + one.vantages_failed) for one in of]
    doubt |= without_probes(probed, valid, judged=within, over=over - frame.start)
    festive = {at for at in silent if is_holiday(at + frame.start)}
    return QuietMinutes(
        silent={at + frame.start for at in silent - festive},
        in_doubt={at + frame.start for at in (doubt | festive) - (silent - festive)},
    )


def _first_record(service: Service, facts: Mapping[Minute, SimulatedMinutes], missing: MissingRecords) -> int | None:
    """The minute of the service's first valid or missing record."""
    heard = (at for (of, at), one in facts.items() if of == service and one.requests.heard + one.messages.heard)
    lost = (
        at
        for counts in (missing.known, missing.estimated)
        for (_, of, at), number in counts.items()
        if of == service and number
    )
    return min((*heard, *lost), default=None)


def _is_observed(known: ServiceKnowledge, month: range) -> bool:
    """M2: whether there is a record, probe, manifest or dead letter, or a minute that is quiet, in a gap or a hole."""
    quiet = known.quiet.silent | known.quiet.in_doubt | known.holes
    return (
        any((known.service, minute) in known.facts or (known.service, minute) in known.gaps for minute in month)
        or any(minute in month for minute in quiet)
        or any(known.missing.known.get((topic, known.service, minute)) for topic in TOPICS for minute in month)
    )


def _service_truth(
    accounting: PlainAccounting,
    known: ServiceKnowledge,
    minutes: list[JudgedMinute],
    month: range,
    *,
    observed: bool,
) -> ServiceTruth:
    sums, mended = _counted(known, month)
    manifests = [
        (minute, records)
        for (_, _, service, minute), records in accounting.manifests.items()
        if service == known.service and minute in month
    ]
    of_minutes = figures(minutes, observed=observed)
    return ServiceTruth(
        **{name: getattr(of_minutes, name) for name in PlatformTruth.__struct_fields__},
        conflicts=sums["conflicts"],
        collisions=sums["collisions"],
        missing_records=sum(
            number for (_, of, at), number in known.missing.known.items() if of == known.service and at in month
        ),
        unknown_records=sums["unknown"],
        corrected_in_our_favour=sums["corrected"] + sum(_is_corrected(records) for _, records in manifests),
        unnamed_records=sums["unnamed"],
        mended_records=dict(sorted(mended.items())),
        out_of_scope={"ok": sums["beyond_ok"], "failed": sums["beyond_failed"]},
        out_of_scope_down_minutes=sum(one.down_with_all for one in minutes),
        late_manifests=sum(_is_late(minute, records) for minute, records in manifests),
        source_completeness=_completeness(accounting, known.service, month, unsourced=sums["unsourced"]),
    )


def _counted(known: ServiceKnowledge, month: range) -> tuple[Counter[str], Counter[str]]:
    """What is counted beside the minutes, and mended records by field."""
    sums, mended = Counter[str](), Counter[str]()
    for minute in month:
        fact = known.facts.get((known.service, minute))
        if fact is None:
            continue
        sides = (fact.requests, fact.messages)
        mended.update(fact.mended)
        sums.update(
            conflicts=fact.conflicts,
            collisions=fact.requests.collisions,
            unnamed=fact.unnamed,
            unsourced=fact.unsourced,
            unknown=sum(unknown_of(known, minute, side) for side in sides),
            corrected=fact.probes_corrected + sum(side.corrected for side in sides),
            beyond_ok=sum(side.out_of_scope_ok for side in sides),
            beyond_failed=sum(side.out_of_scope_platform + side.out_of_scope_unknown for side in sides),
        )
    return sums, mended


def _is_corrected(records: list[CountedRecord]) -> bool:
    """Whether a manifest's count was lowered, or it became final later (I4)."""
    effective = max(records)
    lowered = any(one.counted > effective.counted for one in records)
    return lowered or (not effective.not_final and any(one.not_final for one in records))


def _is_late(minute: int, records: list[CountedRecord]) -> bool:
    return min(one.recorded_ms for one in records) - (minute + 1) * MINUTE_MS > _DAY_MS


def _completeness(accounting: PlainAccounting, service: Service, month: range, *, unsourced: int) -> str:
    """B3: whether every record names a source, at least one does, and each has all its manifests."""
    named = {
        one.source
        for identities in (accounting.requests, accounting.messages)
        for (of, minute, _, _), records in identities.items()
        if of == service and minute in month
        for one in records
    }
    whole = all(
        (topic, source, service, minute) in accounting.manifests
        for source in named
        for topic in TOPICS
        for minute in month
    )
    return "proven" if named and not unsourced and whole else "unproven"
