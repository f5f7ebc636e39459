"""M5, §10.2: the numbers of a version of the contract, read strictly, and never lowered without notice."""

from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest

from schemas import reference
from schemas.instants import parse_instant
from schemas.policies import PartOf, Policy, PolicyError, Ratio, Tier, parse_policy
from schemas.policy_changes import lowered_commitments, order_policies

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
ZECTO = reference.policies()[0]
TEXT = (files("schemas") / "policies" / "zecto-1.0.toml").read_text("utf-8")


def successor(**changes: Any) -> Policy:  # noqa: ANN401  any field of a policy
    """A next version, published on 1 March 2026 and effective the next day."""
    published_at_ms = parse_instant("2026-03-01T00:00:00+05:00")
    dates = {"published_at_ms": published_at_ms, "effective_from_ms": published_at_ms + DAY_MS}
    return replace(ZECTO, policy_id="zecto-1.1", **{**dates, **changes})


def test_the_first_policy_is_the_contracts_table_of_chosen_numbers() -> None:
    assert (ZECTO.policy_id, ZECTO.zone) == ("zecto-1.0", "Asia/Karachi")
    assert ZECTO.effective_from_ms == parse_instant("2025-11-16T19:00:00Z")
    assert (ZECTO.failure_ratio, ZECTO.failures_at_least, ZECTO.failures_window_minutes) == (Ratio(1, 100), 4, 10)
    assert (ZECTO.answer_within_ms, ZECTO.handover_within_ms, ZECTO.pending_for_ms) == (30_000, 600_000, 72 * HOUR_MS)
    assert (ZECTO.told_by_us, ZECTO.grace_ms, ZECTO.excluded) == ("unknown", 60_000, "up")
    assert ZECTO.broker_time_from_ms == parse_instant("2027-01-01T00:00:00Z")
    assert (ZECTO.notice_ms, ZECTO.evidence_within_ms) == (48 * HOUR_MS, 7 * DAY_MS)
    assert (ZECTO.usual_hours, ZECTO.outside_usual_hours, ZECTO.emergency_minutes) == ((120, 300), "void", 60)
    assert (ZECTO.silence_expected, ZECTO.silence_busy, ZECTO.silence_images) == (15, PartOf(20, 30), PartOf(2, 4))
    assert ZECTO.probe_minutes_before == PartOf(30, 60)
    assert (ZECTO.hole_max_minutes, ZECTO.hole_after_minutes) == (1440, 60)
    assert (ZECTO.lost_lead_ms, ZECTO.late_manifest_ms) == (300_000, DAY_MS)
    assert ZECTO.tiers == (Tier(999, 1000, 0), Tier(99, 100, 10), Tier(95, 100, 25), Tier(0, 1, 50))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('zone = "Asia/Karachi"', 'zone = "Asia/Atlantis"', r"p\.toml: zone: 'Asia/Atlantis'"),
        ('zone = "Asia/Karachi"', 'zone = "../etc/passwd"', "zone"),
        ('zone = "Asia/Karachi"', "", r"^p\.toml: zone is missing: add it"),
        ('failure_ratio = "1/100"', "failure_ratio = 0.01", r"verdict\.failure_ratio: expected `str`, got `float`"),
        ('failure_ratio = "1/100"', 'failure_ratio = "2/1"', "fraction"),
        ('failure_ratio = "1/100"', 'failure_ratio = "1/0"', "fraction"),
        ("failures_at_least = 4", "failures_at_least = 0", r"verdict\.failures_at_least: expected `int` >= 1"),
        ("failures_at_least = 4", "failures_atleast = 4", r"verdict\.failures_atleast is no key of a policy: correct"),
        ('failures_window = "10m"', 'failures_window = "0m"', r"failures_window: '0m' is not within 1m and 1440m"),
        ('failures_window = "10m"', 'failures_window = "1441m"', "not within 1m and 1440m"),
        ('failures_window = "10m"', 'failures_window = "90s"', "whole minutes"),
        ('answer_within = "30s"', 'answer_within = "0s"', r"verdict\.answer_within: '0s' is no time at all"),
        ('told_by_us = "unknown"', 'told_by_us = "platform"', r"verdict\.told_by_us: invalid enum value"),
        ("emergency_minutes = 60", "emergency_minutes = -1", "emergency_minutes"),
        ("emergency_minutes = 60", "emergency_minutes = 60.0", "emergency_minutes"),
        ('grace = "60s"', 'grace = "60"', r"waiting\.grace: '60' is no duration"),
        ('grace = "60s"', 'grace = "999999999d"', "longer than 366 days"),
        ('pending_for = "72h"', 'pending_for = "599s"', r"handover_within must be at most waiting\.pending_for"),
        ('complete_by = "10d"', 'complete_by = "259259s"', r"complete_by must be at least 259260000ms"),
        ('complete_by = "10d"', 'complete_by = "367d"', r"credits\.complete_by: '367d' is longer than 366 days"),
        ('notice = "48h"', 'notice = "-48h"', r"exclusions\.notice: '-48h' is no duration"),
        ('broker_time_from = "2027-01-01T00:00:00Z"', 'broker_time_from = "2027-01-01"', "broker_time_from"),
        ('evidence_within = "7d"', 'evidence_within = "1w"', r"exclusions\.evidence_within: '1w' is no duration"),
        ('excluded = "up"', 'excluded = "down"', r"exclusions\.excluded"),
        ('outside_usual_hours = "void"', 'outside_usual_hours = "up"', r"exclusions\.outside_usual_hours"),
        ('"02:00-05:00"', '"05:00-02:00"', "does not end after"),
        ('"02:00-05:00"', '"2-5"', "usual_hours"),
        ("silence_expected = 15", "silence_expected = 0", r"blindness\.silence_expected"),
        ('silence_busy = "20 of 30"', 'silence_busy = "20/30"', r"silence_busy: '20/30' is not written as 20 of 30"),
        ('silence_busy = "20 of 30"', 'silence_busy = "31 of 30"', "the first number must be within 1 and the second"),
        ('silence_busy = "20 of 30"', 'silence_busy = "0 of 30"', "the first number must be within 1"),
        ('silence_images = "2 of 4"', 'silence_images = "1 of 1"', "the second number must be within 2 and 52"),
        ('silence_images = "2 of 4"', 'silence_images = "2 of 53"', "the second number must be within 2 and 52"),
        ('probe_minutes_before = "30 of 60"', 'probe_minutes_before = "1 of 1441"', "within 1 and 1440"),
        ('hole_max = "24h"', 'hole_max = "90s"', "whole minutes"),
        ('hole_max = "24h"', 'hole_max = "367d"', r"p\.toml: blindness\.hole_max: '367d' is longer than 366 days"),
        ('hole_after = "60m"', 'hole_after = "1441m"', r"hole_after must be at most blindness\.hole_max"),
        ('uptime = "0/1"', 'uptime = "1/2"', "the last one must have uptime 0/1"),
        ('uptime = "99/100"', 'uptime = "9999/10000"', "must fall"),
        ("credit_percent = 25", "credit_percent = 9", "credit_percent must not fall"),
        ("credit_percent = 50", "credit_percent = 101", r"tiers\[3\]\.credit_percent: expected `int` <= 100"),
        ("claim_days = 30", "claim_days = 0", r"credits\.claim_days"),
        ("answer_days = 5", "answer_days = 366", r"credits\.answer_days"),
        ('lowers_until = "invoice"', 'lowers_until = "never"', r"credits\.lowers_until"),
        ('sms = "200ms"', 'sms = "31d"', r"performance\.response_within\.sms: '31d' is longer than 30 days"),
        ('connect_within = "10s"', 'connect_within = "721h"', r"connect_within: '721h' is longer than 30 days"),
        ('effective_from = "2025-11-17T00:00:00+05:00"', 'effective_from = "2025-11-17"', "effective_from"),
        ('policy_id = "zecto-1.0"', 'policy_id = ""', "policy_id"),
        ("[verdict]", "[verdict", "p.toml"),
    ],
)
def test_a_bad_policy_is_refused_with_file_and_key(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(PolicyError, match=message) as refusal:
        parse_policy(TEXT.replace(old, new), "p.toml")
    assert str(refusal.value).startswith("p.toml: ")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("table", "gone", "instead"),
    [
        ("waiting", "receipt_wait", r"write waiting\.pending_for"),
        ("exclusions", "maintenance_notice", r"write exclusions\.notice"),
        ("exclusions", "unproven_notice", r"write exclusions\.broker_time_from"),
        ("blindness", "silence_minutes_before", r"write blindness\.silence_busy"),
        ("blindness", "silence_max", "remove it: no silence is too long"),
        ("blindness", "tolerance", "remove it: every blind minute lowers the credit uptime"),
        ("credits", "incident_joins", "remove it: an incident is one run"),
        ("credits", "claim_within", r"write credits\.claim_days"),
        ("credits", "answer_business_days", r"write credits\.answer_days"),
    ],
)
def test_keys_of_the_first_edition_are_refused_by_name(table: str, gone: str, instead: str) -> None:
    text = TEXT.replace(f"[{table}]\n", f'[{table}]\n{gone} = "24h"\n')
    with pytest.raises(PolicyError, match=rf"^p\.toml: {table}\.{gone} is gone since .* second edition: {instead}"):
        parse_policy(text, "p.toml")


LOWERING: dict[str, dict[str, Any]] = {
    "failure_ratio": {"failure_ratio": Ratio(2, 100)},
    "failures_at_least": {"failures_at_least": 5},
    "failures_window": {"failures_window_minutes": 11},
    "told_by_us": {"told_by_us": "operator"},
    "pending_for": {"pending_for_ms": ZECTO.pending_for_ms + 1},
    "broker_time_from": {"broker_time_from_ms": ZECTO.broker_time_from_ms + 1},
    "notice": {"notice_ms": ZECTO.notice_ms - 1},
    "usual_hours": {"usual_hours": (119, 300)},
    "outside_usual_hours": {"outside_usual_hours": "excludes"},
    "emergency_minutes": {"emergency_minutes": 61},
    "evidence_within": {"evidence_within_ms": ZECTO.evidence_within_ms + 1},
    "silence_expected": {"silence_expected": 16},
    "silence_busy": {"silence_busy": PartOf(21, 30)},
    "silence_images": {"silence_images": PartOf(2, 3)},
    "probe_minutes_before": {"probe_minutes_before": PartOf(30, 59)},
    "hole_max": {"hole_max_minutes": 1439},
    "hole_after": {"hole_after_minutes": 61},
    "lost_lead": {"lost_lead_ms": 0},
    "tiers": {"tiers": (Tier(998, 1000, 0), Tier(99, 100, 10), Tier(95, 100, 25), Tier(0, 1, 50))},
    "zone": {"zone": "UTC"},
}


@pytest.mark.parametrize("field", LOWERING)
def test_m5_a_version_that_lowers_a_commitment_needs_30_days(field: str) -> None:
    hasty = successor(**LOWERING[field])
    assert lowered_commitments(ZECTO, hasty) == [field]
    with pytest.raises(PolicyError, match=f"zecto-1.1 lowers {field} of zecto-1.0"):
        order_policies([hasty, ZECTO])


def test_m5_exactly_30_days_of_notice_are_enough() -> None:
    announced = successor(failures_at_least=5)
    in_time = replace(announced, effective_from_ms=announced.published_at_ms + 30 * DAY_MS)
    assert order_policies([in_time, ZECTO]) == (ZECTO, in_time)
    with pytest.raises(PolicyError, match="30 days"):
        order_policies([replace(in_time, published_at_ms=in_time.published_at_ms + 1), ZECTO])


@pytest.mark.parametrize(
    "changes",
    [
        {"failure_ratio": Ratio(0, 1)},
        {"failure_ratio": Ratio(2, 200)},
        {"failures_at_least": 3},
        {"pending_for_ms": 71 * HOUR_MS},
        {"broker_time_from_ms": ZECTO.broker_time_from_ms - 1},
        {"excluded": "removed"},
        {"notice_ms": 49 * HOUR_MS},
        {"usual_hours": (121, 299)},
        {"evidence_within_ms": 6 * DAY_MS},
        {"silence_busy": PartOf(20, 31)},
        {"silence_images": PartOf(1, 4)},
        {"hole_after_minutes": 59},
        {"late_manifest_ms": 2 * DAY_MS},
        {"tiers": (Tier(9995, 10_000, 0), *ZECTO.tiers[1:])},
        {"tiers": (*ZECTO.tiers[:3], Tier(0, 1, 60))},
        {"grace_ms": 120_000},
    ],
)
def test_m5_a_version_that_lowers_nothing_needs_no_notice(changes: dict[str, Any]) -> None:
    assert order_policies([successor(**changes), ZECTO])[1].policy_id == "zecto-1.1"


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [("void", "excludes", "outside_usual_hours"), ("removed", "up", "excluded"), ("unknown", "operator", "told_by_us")],
)
def test_m5_going_back_on_a_stricter_reading_lowers_a_commitment(before: str, after: str, field: str) -> None:
    stricter = replace(ZECTO, **{field: before})  # type: ignore[arg-type]
    assert lowered_commitments(stricter, replace(ZECTO, **{field: after})) == [field]  # type: ignore[arg-type]


def test_policies_contradict_each_other_in_id_or_date() -> None:
    with pytest.raises(PolicyError, match="there is no policy"):
        order_policies([])
    with pytest.raises(PolicyError, match="same policy_id"):
        order_policies([ZECTO, replace(successor(), policy_id="zecto-1.0")])
    with pytest.raises(PolicyError, match="same instant"):
        order_policies([ZECTO, replace(ZECTO, policy_id="b")])


@pytest.mark.parametrize("field", ["answer_within", "handover_within"])
def test_policies_agree_on_what_is_decided_while_counting(field: str) -> None:
    other = successor(**{f"{field}_ms": 1, "effective_from_ms": ZECTO.effective_from_ms + 999 * DAY_MS})
    with pytest.raises(
        PolicyError, match=rf"^zecto-1\.1 has another {field} \(1ms\) than zecto-1\.0 .* give it the same$"
    ):
        order_policies([ZECTO, other])


def test_m5_usual_hours_promise_nothing_while_all_hours_exclude() -> None:
    before, after = (replace(ZECTO, outside_usual_hours="excludes", usual_hours=hours) for hours in ((1, 2), (0, 3)))
    assert lowered_commitments(before, after) == []
