"""The simulator's plain truth and the rules over arrays, minute by minute: two programs that follow one page."""

import pytest

from schemas.fields import SERVICES
from schemas.instants import parse_instant
from streams.rules.month.judging import SpanJudgement, judge_span
from streams.rules.month.states import KINDS, STATES
from streams.simulate import MonthTruth, PlainAccounting, describe_month, month_minutes, plan, records
from tests.property.known_spans import inputs_of
from tests.unit.rules.month.spans import ZECTO

_MONTH = "2026-09"
_START_MS = parse_instant("2026-09-01T00:00:00+05:00")
_SUMS = (
    "conflicts",
    "collisions",
    "missing_records",
    "unknown_records",
    "corrected_in_our_favour",
    "unnamed_records",
    "mended_records",
    "out_of_scope_down_minutes",
    "late_manifests",
)


@pytest.fixture(scope="session", params=[7, pytest.param(1_000_003, marks=pytest.mark.deep)])
def both(request: pytest.FixtureRequest) -> tuple[MonthTruth, SpanJudgement]:
    planned = plan(request.param, start_ms=_START_MS, minutes=30 * 1440, records=60_000, preset="everything")
    accounting = PlainAccounting()
    for topic, _, value in records(planned):
        accounting.take(topic, value)
    truth = describe_month(accounting, _MONTH)
    return truth, judge_span(inputs_of(accounting, month_minutes(_MONTH)), ZECTO)


def test_v3_and_b4_every_minute_is_the_same(both: tuple[MonthTruth, SpanJudgement]) -> None:
    truth, judged = both
    for service in SERVICES:
        verdict = judged.services[service].verdict
        bounds = verdict.bounds
        columns = zip(
            verdict.state, verdict.kind, bounds.bad_at_best, bounds.bad_at_worst, bounds.bad_if_lost, strict=True
        )
        found = [(STATES[state].value, KINDS[kind], *map(bool, flags)) for state, kind, *flags in columns]
        assert [one[:5] for one in truth.minutes[service]] == found


def test_v5_the_platform_is_the_same(both: tuple[MonthTruth, SpanJudgement]) -> None:
    truth, totals = both[0].platform, both[1].platform.totals
    assert {state.value: number for state, number in totals.by_state.items()} == {
        "good": truth.good_minutes,
        "down": truth.down_minutes,
        "excluded": sum(truth.excluded_minutes.values()),
        "idle": truth.idle_minutes,
        "blind": truth.blind_minutes,
        "pending": 0,
    }
    assert (totals.down_at_best, totals.down_at_worst) == (truth.down_minutes_low, truth.down_minutes_high)
    assert (totals.down_if_lost, dict(totals.excluded)) == (truth.down_minutes_high_lost, truth.excluded_minutes)


def test_b3_and_i4_what_is_counted_is_the_same(both: tuple[MonthTruth, SpanJudgement]) -> None:
    truth, judged = both
    for service in SERVICES:
        of, numbers = truth.services[service], judged.services[service].numbers
        assert {name: getattr(of, name) for name in _SUMS} == {name: getattr(numbers, name) for name in _SUMS}
        assert of.out_of_scope == {"ok": numbers.out_of_scope_ok, "failed": numbers.out_of_scope_failed}
        assert (of.source_completeness == "proven") == numbers.proven_complete


def test_x4_the_same_is_listed(both: tuple[MonthTruth, SpanJudgement]) -> None:
    truth, judged = both
    assert [
        (row.declaration_id, row.revision, row.reason, row.kind, row.minutes) for row in truth.listed_declarations
    ] == [(row.declaration_id, row.revision, row.reason.value, row.kind or "", row.minutes) for row in judged.listings]
    assert [(hole.topic, hole.source, hole.service, hole.minutes) for hole in truth.manifest_holes] == [
        (hole.topic, hole.source, hole.service, hole.minutes) for hole in judged.manifest_holes
    ]
