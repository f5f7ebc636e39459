"""The preset `everything`: what was planted is what the truth finds, and nothing is left out."""

from collections import Counter

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


@pytest.fixture(scope="module")
def planned() -> Plan:
    return plan(7, start_ms=_START_MS, minutes=30 * 1440, records=120_000, preset="everything")


@pytest.fixture(scope="module")
def accounting(planned: Plan) -> PlainAccounting:
    taken = PlainAccounting()
    for topic, _, value in records(planned):
        taken.take(topic, value)
    return taken


@pytest.fixture(scope="module")
def truth(accounting: PlainAccounting) -> MonthTruth:
    return describe_month(accounting, "2026-09")


def test_v4_every_state_and_exclusion_occurs_and_minutes_add_up(truth: MonthTruth) -> None:
    states = Counter(state for state, _ in truth.states.values())
    assert states.keys() == {"good", "down", "excluded", "idle", "blind"}
    assert {kind for of in truth.services.values() for kind in of.excluded_minutes} == _KINDS
    for of in truth.services.values():
        excluded = sum(of.excluded_minutes.values())
        assert of.good_minutes + of.down_minutes + excluded + of.idle_minutes + of.blind_minutes == of.total_minutes
        assert of.down_minutes_low <= of.down_minutes <= of.down_minutes_high


def test_what_was_planted_is_found_and_nothing_else_is_down(planned: Plan, truth: MonthTruth) -> None:
    bad = {EpisodeKind.PARTIAL, EpisodeKind.TOTAL, EpisodeKind.SILENT, EpisodeKind.STUCK}
    first_minute = planned.start_ms // 60_000
    planted = {
        (episode.service, first_minute + minute)
        for episode in planned.episodes
        for minute in range(episode.first, episode.first + episode.minutes)
        if episode.episode_kind in bad
    }
    found = {at for at, (state, _) in truth.states.items() if state in ("down", "excluded")}
    assert found == planted


def test_lost_minutes_are_blind_and_unused_ones_idle(planned: Plan, truth: MonthTruth) -> None:
    first_minute = planned.start_ms // 60_000
    expected = {EpisodeKind.LOST: "blind", EpisodeKind.UNUSED: "idle"}
    seen = set()
    for episode in planned.episodes:
        if episode.episode_kind in expected:
            minutes = range(first_minute + episode.first, first_minute + episode.first + episode.minutes)
            assert {truth.states[episode.service, minute][0] for minute in minutes} == {expected[episode.episode_kind]}
            seen.add(episode.episode_kind)
    assert seen == expected.keys()


def test_every_way_to_break_a_record_occurs(accounting: PlainAccounting) -> None:
    reasons = {invalid.reason for invalid in accounting.dead_letters.values()}
    assert reasons >= {
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
    assert 1 << 20 in {len(value) for _, value in accounting.dead_letters if value is not None}
    assert any(value is not None and b'"1600-' in value for _, value in accounting.dead_letters)


def test_conflicts_missing_records_and_unknown_ones_occur(truth: MonthTruth) -> None:
    services = truth.services.values()
    assert all(of.missing_records and of.unknown_records for of in services)
    assert sum(of.conflicts for of in services) > 0


def test_no_record_is_broken_unless_it_was_asked_for() -> None:
    whole = plan(
        3, start_ms=_START_MS, minutes=20 * 1440, records=30_000, preset="everything", broken_share=0.0, manifests="all"
    )
    topics = set()
    for topic, key, value in records(whole):
        record = decode(topic, value)
        assert not isinstance(record, InvalidRecord), (topic, value, record)
        assert key
        topics.add(topic)
    assert topics >= {
        "api.requests",
        "carrier.receipts",
        "probes",
        "sla.declarations",
        "telemetry.manifests",
        "accounts",
    }


def test_b3_with_manifests_for_everything_completeness_is_proven() -> None:
    start_ms = parse_instant("2026-02-01T00:00:00+05:00")
    whole = plan(3, start_ms=start_ms, minutes=28 * 1440, records=30_000, broken_share=0.0, manifests="all")
    taken = PlainAccounting()
    for topic, _, value in records(whole):
        taken.take(topic, value)
    told = describe_month(taken, "2026-02")
    assert {told.services[service].source_completeness for service in SERVICES} == {"proven"}
    assert {told.services[service].missing_records for service in SERVICES} == {0}
