"""docs/reference/contract.md: every rule is held by tests and cited by code, and its numbers are the policy's."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from schemas.policies import Policy
from schemas.reference import policies

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = (ROOT / "docs" / "reference" / "contract.md").read_text("utf-8")
ZECTO: Final = policies()[0]

LATER: Final = {"M3", "K1", "K2", "K3", "K4", "P1", "P2", "P3", "P4", "P5", "P6"}
"""Rules of what is still to come: credits of accounts, claims, performance and support."""

RULES: Final = sorted(re.findall(r"^- \*\*([TICVXBMKP][1-9])\*\*", PAGE, re.MULTILINE))
IN_FORCE: Final = [rule for rule in RULES if rule not in LATER]

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
    for letter, first, last in re.findall(r"\b([TICVXBMKP])([1-9])-\1([1-9])\b", text):
        named |= {f"{letter}{number}" for number in range(int(first), int(last) + 1)}
    return frozenset(named)


def test_the_page_holds_all_rules_and_no_later_one_is_made_up() -> None:
    counts = {letter: sum(rule[0] == letter for rule in RULES) for letter in "TICVXBMKP"}
    assert counts == {"T": 3, "I": 3, "C": 6, "V": 4, "X": 5, "B": 5, "M": 5, "K": 4, "P": 6}
    assert set(RULES) >= LATER


@pytest.mark.parametrize("rule", IN_FORCE)
def test_every_rule_in_force_has_a_test_that_begins_with_its_name(rule: str) -> None:
    assert re.search(rf"^\s*(?:async )?def test_{rule.lower()}_", _texts("tests"), re.MULTILINE)


@pytest.mark.parametrize("rule", IN_FORCE)
def test_every_rule_in_force_is_cited_where_it_is_decided(rule: str) -> None:
    assert rule in _cited()


@pytest.mark.parametrize("rule", sorted(LATER))
def test_a_rule_that_has_tests_is_no_longer_one_of_later_work(rule: str) -> None:
    assert not re.search(rf"^def test_{rule.lower()}_", _texts("tests"), re.MULTILINE)


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
