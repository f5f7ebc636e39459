"""What a month lists beside its numbers: declarations with their minutes, and holes of sources (contract X4, B3)."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from schemas.fields import Service
from streams.simulate.accounting import DeclaredRecord, PlainAccounting
from streams.simulate.missing import MissingRecords
from streams.simulate.reading import MINUTE_MS
from streams.simulate.states import JudgedMinute, ServiceKnowledge
from streams.simulate.windows import KINDS, VOUCHING, PlainWindow, is_proven, ordered, own_minutes


class ListedTruth(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A declaration, why it is listed, and the minutes concerned."""

    declaration_id: str
    revision: int
    reason: str
    kind: str
    minutes: int


class HoleTruth(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """The minutes of a month that lie in holes of a source."""

    topic: str
    source: str
    service: Service
    minutes: int


def listed_declarations(
    accounting: PlainAccounting,
    windows: Sequence[PlainWindow],
    judged: Mapping[Service, Sequence[JudgedMinute]],
    known: Mapping[Service, ServiceKnowledge],
    month: range,
) -> list[ListedTruth]:
    """Every declaration that a month lists, by id, revision and reason; refused ones by their broker timestamp."""
    rows = [
        row for window in windows if _overlaps(window.current, month) for row in _window(window, judged, known, month)
    ]
    for declaration_id, records in accounting.declarations.items():
        rows += _history(declaration_id, ordered(records), month)
    for (topic, _), (recorded_ms, elements) in accounting.dead_letters.items():
        if topic == "sla.declarations" and recorded_ms // MINUTE_MS in month:
            rows += [_row(dead.record_id or "", None, "refused", 0) for dead in elements]
    return sorted(rows)


def manifest_holes(missing: MissingRecords, month: range) -> list[HoleTruth]:
    """Every source's holes in a month."""
    found = (
        HoleTruth(topic=topic, source=source, service=service, minutes=sum(minute in month for minute in minutes))
        for (topic, source, service), minutes in missing.holes.items()
    )
    return sorted(one for one in found if one.minutes)


def _window(
    window: PlainWindow,
    judged: Mapping[Service, Sequence[JudgedMinute]],
    known: Mapping[Service, ServiceKnowledge],
    month: range,
) -> Iterator[ListedTruth]:
    current, excluded, unproven, vouched = window.current, 0, 0, 0
    for (service, minute), proven in window.granted.items():
        if minute not in month:
            continue
        one, fact = judged[service][minute - month.start], known[service].fact(minute)
        mine = one.kind == current.kind
        excluded += mine
        unproven += mine and not proven
        claimed = fact.requests.claimed + fact.messages.claimed > 0
        vouched += (current.kind in VOUCHING and claimed) + (proven and one.lifted)
    yield _row(window.declaration_id, current, "excludes", excluded)
    if vouched:
        yield _row(window.declaration_id, current, "vouches", vouched)
    if unproven or not is_proven(current):
        yield _row(window.declaration_id, current, "notice_unproven", unproven)
    for reason, minutes in window.void.items():
        void = sum(minute in month for minute in minutes)
        if void:
            yield _row(window.declaration_id, current, reason, void)


def _history(declaration_id: str, revisions: Sequence[DeclaredRecord], month: range) -> Iterator[ListedTruth]:
    current = revisions[-1]
    if current.kind not in KINDS and not current.retracted and _overlaps(current, month):
        yield _row(declaration_id, current, "telemetry_gap", _in_month([current], month))
    for one in revisions:
        if one.retracted and _overlaps(one, month):
            yield _row(declaration_id, one, "retracted", _in_month([one], month))
    shapes = {(one.start_ms, one.end_ms, one.kind, frozenset(one.services)) for one in revisions}
    if len(shapes) > 1 and any(_overlaps(one, month) for one in revisions):
        yield _row(declaration_id, current, "revised", _in_month(revisions, month))


def _overlaps(one: DeclaredRecord, month: range) -> bool:
    return one.start_ms < month.stop * MINUTE_MS and one.end_ms > month.start * MINUTE_MS


def _in_month(revisions: Sequence[DeclaredRecord], month: range) -> int:
    return len({minute for one in revisions for minute in own_minutes(one) if minute in month})


def _row(declaration_id: str, one: DeclaredRecord | None, reason: str, minutes: int) -> ListedTruth:
    return ListedTruth(
        declaration_id=declaration_id,
        revision=one.revision if one else 0,
        reason=reason,
        kind=one.kind if one else "",
        minutes=minutes,
    )
