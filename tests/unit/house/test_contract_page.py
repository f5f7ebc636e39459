"""docs/reference/contract.md: every rule is held by tests and cited by code, and its numbers are the policy's."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from schemas.fields import Service
from schemas.policies import Policy, Ratio
from schemas.reference import policies

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = (ROOT / "docs" / "reference" / "contract.md").read_text("utf-8")
ZECTO: Final = policies()[0]

RULES: Final = sorted(re.findall(r"^- \*\*([TICVXBMKP][1-9])\*\*", PAGE, re.MULTILINE))

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60 * SECOND_MS
HOUR_MS: Final = 60 * MINUTE_MS


def _clock(minute_of_day: int) -> str:
    return f"{minute_of_day // 60:02}:{minute_of_day % 60:02}"


def _tiers(policy: Policy) -> str:
    *upper, last = policy.tiers
    steps = [f"≥ {tier.numerator}/{tier.denominator} → {tier.credit_percent} %" for tier in upper]
    return f"uptime {'; '.join(steps)}; else {last.credit_percent} %"


def _day(instant_ms: int) -> str:
    local = datetime.fromtimestamp(instant_ms // SECOND_MS, UTC) + timedelta(hours=5)
    return f"{local.day} {local:%B %Y}"


def _percent(share: Ratio) -> str:
    tenths = share.numerator * 1_000 // share.denominator
    return f"{tenths // 10}.{tenths % 10}".removesuffix(".0")


def _limits(limits_ms: Mapping[Service, int], unit: int, name: str) -> str:
    sign = "≤ " if name else ""
    return ", ".join(f"{sign}{limit_ms // unit}{name} ({service})" for service, limit_ms in limits_ms.items())


# What the page says in words or figures, and the same from the policy.
NUMBERS: Final[list[tuple[str, str, Callable[[Policy], str]]]] = [
    ("T3", r"in the policy's zone, `([^`]+)`", lambda p: p.zone),
    ("C3", r"passed its minute's end by (\d+) h", lambda p: f"{p.receipt_wait_ms // HOUR_MS}"),
    ("V1", r"r = (\d+/\d+) \*\*\(chosen", lambda p: "/".join(map(str, p.failure_ratio))),
    ("V1", r"The least F that counts, here (\d+)", lambda p: f"{p.failures_at_least}"),
    ("X1", r"announced at least (\d+) h \(in milliseconds\)", lambda p: f"{p.maintenance_notice_ms // HOUR_MS}"),
    ("X1", r"later than that (excludes) by its declared notice", lambda p: p.unproven_notice),
    ("X1", r"Outside (\d\d:\d\d\u2013\d\d:\d\d) Asia/Karachi", lambda p: "\u2013".join(map(_clock, p.usual_hours))),
    ("X2", r"the first (\d+) minutes of the calendar month", lambda p: f"{p.emergency_minutes}"),
    ("X5", r"Excluded minutes stay in T and count as (up):", lambda p: p.excluded),
    ("B2", r"at least (\d+) valid requests and messages were to be expected", lambda p: f"{p.silence_expected}"),
    ("B2", r"in the (\d+) minutes before the run", lambda p: f"{p.silence_minutes_before}"),
    ("B2", r"before the frontier\) ≥ (\d+)", lambda p: f"{p.silence_expected * p.silence_minutes_before}"),
    ("B2", r"and no longer than (\d+) h \(beyond that", lambda p: f"{p.silence_max_minutes // 60}"),
    ("B3", r"unless the hole is longer than (\d+) h", lambda p: f"{p.hole_max_minutes // 60}"),
    ("B3", r"every minute from (\d+) minutes before the broker", lambda p: f"{p.lost_lead_ms // MINUTE_MS}"),
    ("B5", r"passed its end by the grace, (\d+) s", lambda p: f"{p.grace_ms // SECOND_MS}"),
    ("B5", r"is pending, the (\d+) h of C3", lambda p: f"{p.receipt_wait_ms // HOUR_MS}"),
    ("M2", r"Tier: (uptime ≥ .*? %; else \d+ %)\.", _tiers),
    ("M2", r"has more than T/(\d+) minutes in state `blind`", lambda p: f"{p.blind_tolerance.denominator}"),
    ("M3", r"total is at most (\d+) % of its platform fees", lambda p: f"{p.commitments.credits.cap_percent}"),
    ("K1", r"runs with at most (\d+) other minutes", lambda p: f"{p.commitments.credits.joined_minutes}"),
    ("K2", r"within (\d+) \u00d7 24 h after the end", lambda p: f"{p.commitments.credits.claim_ms // (24 * HOUR_MS)}"),
    ("K3", r"due (\d+) business days after", lambda p: f"{p.commitments.credits.answer_business_days}"),
    ("P1", r"`duration_ms` ≤ (.*?), over all", lambda p: _limits(p.commitments.performance.response_ms, 1, "")),
    ("P1", r"target ≥ (\d+) %", lambda p: _percent(p.commitments.performance.response_share)),
    (
        "P2",
        r"`time \u2212 submitted_at` (≤ .*?); target",
        lambda p: _limits(p.commitments.performance.delivery_ms, 1_000, " s"),
    ),
    ("P2", r"target ≥ (\d+) %", lambda p: _percent(p.commitments.performance.delivery_time_share)),
    ("P3", r"sms, email ≥ ([\d.]+) %", lambda p: _percent(p.commitments.performance.delivery_share["sms"])),
    ("P3", r"whatsapp ≥ ([\d.]+) %", lambda p: _percent(p.commitments.performance.delivery_share["whatsapp"])),
    ("P4", r"`connect_ms` ≤ ([\d,]+); target", lambda p: f"{p.commitments.performance.connect_ms:,}"),
    ("P4", r"≤ 10,000; target ≥ (\d+) %", lambda p: _percent(p.commitments.performance.connect_share)),
    ("P4", r"`duration_ms`; target ≥ (\d+) %", lambda p: _percent(p.commitments.performance.hd_share)),
    ("P5", r"within (\d+) h of submission", lambda p: f"{p.commitments.performance.template_ms // HOUR_MS}"),
    (
        "P6",
        r"Mon\u2013Fri (\d\d:\d\d\u2013\d\d:\d\d) Asia",
        lambda p: "\u2013".join(map(_clock, p.commitments.support.hours["standard"] or ())),
    ),
    ("M5", r"(`[^`]+`: 17 November 2025), so", lambda p: f"`{p.policy_id}`: {_day(p.effective_from_ms)}"),
]


@cache
def _texts(*folders: str) -> str:
    suffixes = {".py", ".sql", ".toml"}
    paths = (path for folder in folders for path in sorted((ROOT / folder).rglob("*")) if path.suffix in suffixes)
    return "\n".join(path.read_text("utf-8") for path in paths)


@cache
def _cited() -> frozenset[str]:
    """Rules named in code, `X1-X4` naming all four."""
    text = _texts("schemas", "streams", "sql")
    named = set(re.findall(r"\b([TICVXBMKP][1-9])\b", text))
    for dead_letter, first, last in re.findall(r"\b([TICVXBMKP])([1-9])-\1([1-9])\b", text):
        named |= {f"{dead_letter}{number}" for number in range(int(first), int(last) + 1)}
    return frozenset(named)


def test_the_page_holds_all_rules() -> None:
    counts = {dead_letter: sum(rule[0] == dead_letter for rule in RULES) for dead_letter in "TICVXBMKP"}
    assert counts == {"T": 3, "I": 3, "C": 6, "V": 4, "X": 5, "B": 5, "M": 5, "K": 4, "P": 6}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_test_that_begins_with_its_name(rule: str) -> None:
    assert re.search(rf"^\s*(?:async )?def test_{rule.lower()}_", _texts("tests"), re.MULTILINE)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_cited_where_it_is_decided(rule: str) -> None:
    assert rule in _cited()


@pytest.mark.parametrize(("rule", "pattern", "from_policy"), NUMBERS)
def test_every_number_on_the_page_is_the_policys(rule: str, pattern: str, from_policy: Callable[[Policy], str]) -> None:
    [line] = [line for line in _paragraphs() if line.startswith(f"- **{rule}**")]
    assert re.findall(pattern, line) == [from_policy(ZECTO)]


def _paragraphs() -> list[str]:
    return re.split(r"\n(?=- \*\*|\n|#)", PAGE)


def test_every_link_of_the_page_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)]+)\)", PAGE)
    assert targets
    assert [target for target in targets if not (ROOT / "docs" / "reference" / target).exists()] == []


def test_every_path_that_the_page_names_is_there() -> None:
    named = re.findall(r"`((?:schemas|streams|sql|docs)/[^`]+)`", PAGE)
    assert named
    assert [path for path in named if not list(ROOT.glob(path))] == []


def test_every_test_that_a_decision_names_exists() -> None:
    for page in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        for name in re.findall(r"`(test_\w+)`", page.read_text("utf-8")):
            assert f"def {name}(" in _texts("tests"), (page.name, name)
