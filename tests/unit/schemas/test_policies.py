from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest

from schemas import reference
from schemas.instants import parse_instant
from schemas.policies import Policy, PolicyError, Ratio, Tier, lowered_commitments, order_policies, parse_policy

DAY_MS = 86_400_000
ZECTO = reference.policies()[0]
TEXT = (files("schemas") / "policies" / "zecto-1.0.toml").read_text("utf-8")


def successor(**changes: Any) -> Policy:  # noqa: ANN401  any field of a policy
    """A next version, published on 1 March 2026 and effective the next day."""
    published_at_ms = parse_instant("2026-03-01T00:00:00+05:00")
    dates = {"published_at_ms": published_at_ms, "effective_from_ms": published_at_ms + DAY_MS}
    return replace(ZECTO, policy_id="zecto-1.1", **{**dates, **changes})


def test_the_first_policy_is_the_contract_of_17_november_2025() -> None:
    assert ZECTO.policy_id == "zecto-1.0"
    assert ZECTO.effective_from_ms == parse_instant("2025-11-16T19:00:00Z")
    assert ZECTO.zone == "Asia/Karachi"
    assert ZECTO.failure_ratio == Ratio(1, 100)
    assert (ZECTO.failures_at_least, ZECTO.emergency_minutes, ZECTO.silence_expected) == (1, 60, 10)
    assert (ZECTO.grace_ms, ZECTO.receipt_wait_ms) == (60_000, 72 * 3_600_000)
    assert ZECTO.maintenance_notice_ms == 48 * 3_600_000
    assert (ZECTO.silence_max_minutes, ZECTO.hole_max_minutes, ZECTO.lost_lead_ms) == (1440, 1440, 300_000)
    assert ZECTO.usual_hours == (120, 300)
    assert ZECTO.tiers == (Tier(999, 1000, 0), Tier(99, 100, 10), Tier(95, 100, 25), Tier(0, 1, 50))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('zone = "Asia/Karachi"', 'zone = "Asia/Atlantis"', r"p\.toml: zone: 'Asia/Atlantis'"),
        ('zone = "Asia/Karachi"', 'zone = "../etc/passwd"', "zone"),
        ('zone = "Asia/Karachi"', "", "zone"),
        ('failure_ratio = "1/100"', "failure_ratio = 0.01", "failure_ratio"),
        ('failure_ratio = "1/100"', 'failure_ratio = "2/1"', "fraction"),
        ('failure_ratio = "1/100"', 'failure_ratio = "1/0"', "fraction"),
        ("failures_at_least = 1", "failures_at_least = 0", "failures_at_least"),
        ("failures_at_least = 1", "failures_atleast = 1", "failures_at"),
        ("emergency_minutes = 60", "emergency_minutes = -1", "emergency_minutes"),
        ("emergency_minutes = 60", "emergency_minutes = 60.0", "emergency_minutes"),
        ('grace = "60s"', 'grace = "60"', r"waiting\.grace: '60' is no duration"),
        ('silence_max = "24h"', 'silence_max = "90s"', "whole minutes"),
        (
            'silence_max = "24h"',
            'silence_max = "367d"',
            "p.toml: blindness.silence_max: '367d' is longer than 366 days",
        ),
        ('grace = "60s"', 'grace = "999999999d"', "longer than 366 days"),
        ('claim_within = "30d"', 'claim_within = "8785h"', r"credits\.claim_within: '8785h' is longer"),
        ('sms = "200ms"', 'sms = "31d"', r"performance\.response_within\.sms: '31d' is longer than 30 days"),
        ('connect_within = "10s"', 'connect_within = "721h"', r"connect_within: '721h' is longer than 30 days"),
        ("silence_minutes_before = 60", "silence_minutes_before = 527041", "silence_minutes_before"),
        ('excluded = "up"', 'excluded = "down"', "excluded"),
        ('"02:00-05:00"', '"05:00-02:00"', "does not end after"),
        ('"02:00-05:00"', '"2-5"', "usual_hours"),
        ('uptime = "0/1"', 'uptime = "1/2"', "the last one must have uptime 0/1"),
        ('uptime = "99/100"', 'uptime = "9999/10000"', "must fall"),
        ("credit_percent = 50", "credit_percent = 101", "credit_percent"),
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


LOWERING: dict[str, dict[str, Any]] = {
    "failure_ratio": {"failure_ratio": Ratio(2, 100)},
    "failures_at_least": {"failures_at_least": 2},
    "maintenance_notice": {"maintenance_notice_ms": ZECTO.maintenance_notice_ms - 1},
    "emergency_minutes": {"emergency_minutes": 61},
    "silence_expected": {"silence_expected": 11},
    "silence_max": {"silence_max_minutes": 1439},
    "hole_max": {"hole_max_minutes": 1439},
    "lost_lead": {"lost_lead_ms": 0},
    "tolerance": {"blind_tolerance": Ratio(1, 999)},
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
    announced = successor(failures_at_least=2)
    in_time = replace(announced, effective_from_ms=announced.published_at_ms + 30 * DAY_MS)
    assert order_policies([in_time, ZECTO]) == (ZECTO, in_time)
    with pytest.raises(PolicyError, match="30 days"):
        order_policies([replace(in_time, published_at_ms=in_time.published_at_ms + 1), ZECTO])


@pytest.mark.parametrize(
    "changes",
    [
        {"failure_ratio": Ratio(0, 1)},
        {"failure_ratio": Ratio(2, 200)},
        {"unproven_notice": "void"},
        {"excluded": "removed"},
        {"maintenance_notice_ms": 49 * 3_600_000},
        {"tiers": (Tier(9995, 10_000, 0), *ZECTO.tiers[1:])},
        {"tiers": (*ZECTO.tiers[:3], Tier(0, 1, 60))},
        {"grace_ms": 120_000},
    ],
)
def test_m5_a_version_that_lowers_nothing_needs_no_notice(changes: dict[str, Any]) -> None:
    assert order_policies([successor(**changes), ZECTO])[1].policy_id == "zecto-1.1"


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [("void", "excludes", "unproven_notice"), ("removed", "up", "excluded")],
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
