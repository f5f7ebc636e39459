"""The preset `everything`: what was planted is what the truth finds, and nothing is left out."""

from collections import Counter
from collections.abc import Iterable

import pytest

from schemas.decoding import decode
from schemas.fields import SERVICES
from schemas.instants import parse_instant
from schemas.violations import InvalidRecord, Reason
from streams.simulate import MonthTruth, PlainAccounting, Plan, describe_month, plan, records
from streams.simulate.plot import EpisodeKind

_START_MS = parse_instant("2026-09-01T00:00:00+05:00")
_KINDS = {
    "scheduled_maintenance",
    "emergency_maintenance",
    "operator_outage",
    "internet_backbone",
    "dns",
    "force_majeure",
    "ddos",
    "regulatory_shutdown",
}
_REASONS = {
    "excludes",
    "vouches",
    "notice_too_short",
    "overrun",
    "outside_usual_hours",
    "declared_afterwards",
    "emergency_budget_spent",
    "no_evidence",
    "foretold",
    "declared_too_late",
    "notice_unproven",
    "revised",
    "retracted",
    "telemetry_gap",
}


@pytest.fixture(scope="session")
def planned() -> Plan:
    return plan(7, start_ms=_START_MS, minutes=30 * 1440, records=120_000, preset="everything")


@pytest.fixture(scope="session")
def sent(planned: Plan) -> list[tuple[str, bytes | None]]:
    return [(topic, value) for topic, _, value in records(planned)]


@pytest.fixture(scope="session")
def accounting(sent: list[tuple[str, bytes | None]]) -> PlainAccounting:
    taken = PlainAccounting()
    for topic, value in sent:
        taken.take(topic, value)
    return taken


@pytest.fixture(scope="session")
def truth(accounting: PlainAccounting) -> MonthTruth:
    return describe_month(accounting, "2026-09")


def _planted(planned: Plan, *kinds: EpisodeKind) -> Iterable[tuple[str, int]]:
    first_minute = planned.start_ms // 60_000
    for episode in planned.episodes:
        if episode.episode_kind in kinds:
            for minute in range(episode.first, episode.first + episode.minutes):
                yield episode.service, first_minute + minute


def test_v4_every_state_and_exclusion_occurs_and_minutes_add_up(truth: MonthTruth) -> None:
    states = Counter(state for state, _ in truth.states.values())
    assert states.keys() == {"good", "down", "excluded", "idle", "blind"}
    assert {kind for of in truth.services.values() for kind in of.excluded_minutes} == _KINDS
    for of in (*truth.services.values(), truth.platform):
        excluded = sum(of.excluded_minutes.values())
        assert of.good_minutes + of.down_minutes + excluded + of.idle_minutes + of.blind_minutes == of.total_minutes


def test_h1_low_is_not_above_credit_nor_uptime_nor_high(truth: MonthTruth) -> None:
    for of in (*truth.services.values(), truth.platform):
        assert of.down_minutes_low <= of.down_minutes <= of.down_minutes + of.blind_minutes <= of.down_minutes_high
        assert of.down_minutes_high_lost <= of.down_minutes_high


def test_x4_every_reason_is_listed(truth: MonthTruth) -> None:
    assert {row.reason for row in truth.listed_declarations} == _REASONS


def test_v3_minutes_planted_bad_are_down_or_excluded(planned: Plan, truth: MonthTruth) -> None:
    bad = (EpisodeKind.TOTAL, EpisodeKind.PARTIAL, EpisodeKind.SILENT, EpisodeKind.STUCK, EpisodeKind.HELD)
    assert {truth.states[at][0] for at in _planted(planned, *bad)} == {"down", "excluded"}  # type: ignore[index]


def test_c5_failures_out_of_scope_or_corrected_decide_nothing(planned: Plan, truth: MonthTruth) -> None:
    apart = set(_planted(planned, EpisodeKind.BETA, EpisodeKind.CORRECTED))
    assert apart
    assert {truth.states[at][0] for at in apart} <= {"good", "idle"}  # type: ignore[index]
    assert truth.services["sms"].out_of_scope_down_minutes >= 6
    assert truth.services["email"].corrected_in_our_favour >= 24


def test_b2_lost_minutes_are_blind_and_nights_of_habit_idle(planned: Plan, truth: MonthTruth) -> None:
    assert {truth.states[at][0] for at in _planted(planned, EpisodeKind.LOST)} == {"blind"}  # type: ignore[index]
    nights = Counter(truth.states[at][0] for at in _planted(planned, EpisodeKind.UNUSED))  # type: ignore[index]
    assert nights["idle"] > 0.9 * sum(nights.values())


def test_b2_a_loss_on_a_holiday_is_in_doubt() -> None:
    start_ms = parse_instant("2026-08-08T00:00:00+05:00")
    planned = plan(7, start_ms=start_ms, minutes=20 * 1440, records=40_000, preset="everything", broken_share=0.0)
    lost = [at for at in _planted(planned, EpisodeKind.LOST) if at[0] == "email"]
    assert lost, "no holiday in the plan"
    taken = PlainAccounting()
    for topic, _, value in records(planned):
        taken.take(topic, value)
    truth = describe_month(taken, "2026-08")
    found = [truth.minutes["email"][minute - next(iter(_month_of(truth)))] for _, minute in lost]
    assert {one.state for one in found} <= {"idle", "good"}
    assert all(one.bad_at_worst for one in found)


def _month_of(truth: MonthTruth) -> list[int]:
    return sorted(minute for service, minute in truth.states if service == "sms")


def test_every_way_to_break_a_record_occurs(sent: list[tuple[str, bytes | None]]) -> None:
    topics = ("api.requests", "carrier.receipts", "probes", "sla.declarations", "sla.claims", "accounts")
    decoded = [(topic, value, decode(topic, value)) for topic, value in sent if topic in topics]
    invalid = [(topic, value, one) for topic, value, one in decoded if isinstance(one, InvalidRecord)]
    assert {topic for topic, _, _ in invalid} == set(topics)
    assert {one.reason for _, _, one in invalid} >= {
        Reason.NULL_VALUE,
        Reason.TOO_LONG,
        Reason.NOT_UTF8,
        Reason.NOT_JSON,
        Reason.NOT_AN_OBJECT,
        Reason.MISSING_FIELD,
        Reason.WRONG_TYPE,
        Reason.NOT_IN_ENUM,
        Reason.BAD_INSTANT,
    }
    values = [value for _, value, _ in invalid if value]
    assert 1 << 20 in map(len, values)
    assert all(any(part in value for value in values) for part in (b'"1600-', b"+0000", b"\\q", b"},7]", b"[ "))


def test_the_reading_beside_the_decoder_refuses_the_same(sent: list[tuple[str, bytes | None]]) -> None:
    taken = PlainAccounting()
    for topic, value in sent:
        before = len(taken.dead_letters)
        taken.take(topic, value)
        if topic in ("api.requests", "carrier.receipts", "probes") and (topic, value) in taken.dead_letters:
            assert isinstance(decode(topic, value), InvalidRecord), (topic, value)
        elif topic in ("api.requests", "carrier.receipts", "probes"):
            assert len(taken.dead_letters) == before
            assert not isinstance(decode(topic, value), InvalidRecord), (topic, value)


def test_what_is_counted_beside_minutes_occurs(truth: MonthTruth) -> None:
    services = truth.services.values()
    assert all(of.missing_records and of.unknown_records and of.corrected_in_our_favour for of in services)
    for name in ("conflicts", "collisions", "unnamed_records"):
        assert sum(getattr(of, name) for of in services) > 0, name
    assert {field for of in services for field in of.mended_records} >= {"duration_ms", "error", "resolution_ms"}
    assert {(hole.source, hole.minutes) for hole in truth.manifest_holes} == {
        ("edge-email", 12), ("relay-email", 12), ("pbx-1", 1440),
    }  # fmt: skip


def test_no_record_is_broken_unless_it_was_asked_for() -> None:
    whole = plan(3, start_ms=_START_MS, minutes=20 * 1440, records=30_000, broken_share=0.0, manifests="all")
    topics, invalid = set(), []
    for topic, key, value in records(whole):
        assert key
        topics.add(topic)
        if isinstance(decode(topic, value), InvalidRecord):
            invalid.append(value)
    # one kind is odd by itself: a request without its account, sent whole afterwards
    assert all(value and b'"account":' in value for value in invalid)
    assert topics >= {"api.requests", "carrier.receipts", "probes", "sla.declarations", "telemetry.manifests"}


def test_b3_with_manifests_for_everything_completeness_is_proven() -> None:
    start_ms = parse_instant("2026-02-01T00:00:00+05:00")
    whole = plan(3, start_ms=start_ms, minutes=28 * 1440, records=30_000, broken_share=0.0, manifests="all")
    taken = PlainAccounting()
    for topic, _, value in records(whole):
        taken.take(topic, value)
    truth = describe_month(taken, "2026-02")
    assert {truth.services[service].source_completeness for service in SERVICES} == {"proven"}
    assert {of.missing_records - of.collisions for of in truth.services.values()} == {0}
