"""M5: what a policy promises beside uptime, read strictly, and never lowered without notice."""

from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest

from schemas.commitments import Commitments, lowered_performance_commitments
from schemas.policies import PolicyError, Ratio, parse_policy
from schemas.policy_changes import lowered_commitments
from schemas.reference import policies

TEXT = (files("schemas") / "policies" / "zecto-1.0.toml").read_text("utf-8")
ZECTO: Commitments = policies()[0].commitments
HOUR_MS = 3_600_000


def changed(part: str, **fields: Any) -> Commitments:  # noqa: ANN401  any field of a part
    return replace(ZECTO, **{part: replace(getattr(ZECTO, part), **fields)})


def test_the_first_policy_promises_what_its_clauses_say() -> None:
    assert (ZECTO.credits.cap_percent, ZECTO.credits.claim_days, ZECTO.credits.answer_days) == (50, 30, 5)
    assert (ZECTO.credits.complete_by_ms, ZECTO.credits.lowers_until) == (240 * HOUR_MS, "invoice")
    assert ZECTO.performance.response_ms == {"sms": 200, "voice": 300, "whatsapp": 500, "email": 300}
    assert ZECTO.performance.delivery_share["email"] == Ratio(999, 1000)
    assert ZECTO.support.hours == {"standard": (9 * 60, 18 * 60), "premium": None}
    assert ZECTO.support.targets_ms["premium"] == {
        "critical": HOUR_MS // 2,
        "high": HOUR_MS,
        "medium": 4 * HOUR_MS,
        "low": 8 * HOUR_MS,
    }


@pytest.mark.parametrize(
    ("part", "fields", "lowered"),
    [
        ("credits", {"cap_percent": 49}, "credits.cap_percent"),
        ("credits", {"claim_days": 29}, "credits.claim_days"),
        ("credits", {"answer_days": 6}, "credits.answer_days"),
        ("credits", {"complete_by_ms": 240 * HOUR_MS + 1}, "credits.complete_by"),
        ("credits", {"holidays": "AE"}, "credits.holidays"),
        ("performance", {"response_ms": {**ZECTO.performance.response_ms, "sms": 201}}, "performance.response_within"),
        ("performance", {"response_share": Ratio(94, 100)}, "performance.response_share"),
        ("performance", {"delivery_ms": {"sms": 5_000}}, "performance.delivery_within"),
        ("performance", {"delivery_time_share": Ratio(94, 100)}, "performance.delivery_time_share"),
        ("performance", {"delivery_share": {}}, "performance.delivery_share"),
        ("performance", {"connect_ms": 10_001}, "performance.connect_within"),
        ("performance", {"connect_share": Ratio(98, 100)}, "performance.connect_share"),
        ("performance", {"hd_share": Ratio(97, 100)}, "performance.hd_share"),
        ("performance", {"template_ms": 25 * HOUR_MS}, "performance.template_within"),
        ("support", {"hours": {"standard": (9 * 60, 17 * 60), "premium": None}}, "support.hours"),
        ("support", {"hours": {"standard": (9 * 60, 18 * 60), "premium": (0, 1439)}}, "support.hours"),
    ],
)
def test_m5_each_commitment_that_falls_is_named(part: str, fields: dict[str, Any], lowered: str) -> None:
    after = changed(part, **fields)
    assert lowered_performance_commitments(ZECTO, after) == [lowered]
    assert lowered_performance_commitments(after, ZECTO) == ([lowered] if lowered == "credits.holidays" else [])


@pytest.mark.parametrize("tier", ["standard", "premium"])
@pytest.mark.parametrize("priority", ["critical", "high", "medium", "low"])
def test_m5_a_slower_answer_lowers_the_tiers_promise(tier: str, priority: str) -> None:
    targets = {name: dict(by_priority) for name, by_priority in ZECTO.support.targets_ms.items()}
    targets[tier][priority] += 1  # type: ignore[index]
    assert lowered_performance_commitments(ZECTO, changed("support", targets_ms=targets)) == [f"support.{tier}"]


def test_m5_promises_are_among_a_policys_commitments() -> None:
    before = policies()[0]
    after = replace(before, commitments=changed("credits", cap_percent=40))
    assert lowered_commitments(before, after) == ["credits.cap_percent"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("cap_percent = 50", "cap_percent = 101", "cap_percent"),
        ("claim_days = 30", 'claim_days = "30d"', r"credits\.claim_days: expected `int`, got `str`"),
        ('template_within = "24h"', 'template_within = "0h"', r"performance\.template_within: '0h' is no time"),
        ('holidays = "PK"', 'holidays = "Pakistan"', "holidays"),
        ('sms = "200ms"', 'fax = "200ms"', "fax"),
        ('sms = "200ms"', 'sms = "fast"', r"performance\.response_within\.sms"),
        ('hd_share = "98/100"', 'hd_share = "98 %"', r"performance\.hd_share"),
        ("[support.premium]", "[support.gold]", r"support: invalid enum value 'gold'"),
        ('hours = "always"', 'hours = "24/7"', r"support\.premium\.hours: '24/7' is not written as"),
        ('critical = "30m"', 'urgent = "30m"', "urgent"),
    ],
)
def test_an_unreadable_commitment_is_refused_by_its_key(old: str, new: str, message: str) -> None:
    assert TEXT.count(old) == 1
    with pytest.raises(PolicyError, match=message):
        parse_policy(TEXT.replace(old, new), "p.toml")


def test_a_tier_without_targets_is_refused() -> None:
    head, _, _ = TEXT.partition("[support.premium]")
    with pytest.raises(PolicyError, match=r"support\.premium is missing"):
        parse_policy(head, "p.toml")
