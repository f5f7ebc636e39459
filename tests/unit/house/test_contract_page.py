"""docs/reference/contract.md: every rule is held by tests and cited by code, and its numbers are the policy's."""

import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = (ROOT / "docs" / "reference" / "contract.md").read_text("utf-8")
POLICY: Final = tomllib.loads((ROOT / "schemas" / "policies" / "zecto-1.0.toml").read_text("utf-8"))

LETTERS: Final = "HTICVXBMKP"
RULES: Final = re.findall(rf"^### ([{LETTERS}][1-9])$", PAGE, re.MULTILINE)
_HEADINGS: Final = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
_CHOSEN: Final = PAGE.partition("## The chosen numbers\n")[2].partition("\n## ")[0]
CHOSEN: Final = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| [^|]+ \|$", _CHOSEN, re.MULTILINE)

_UNITS: Final = {"s": "s", "min": "m", "h": "h", "d": "d"}


def _fields(table: dict[str, Any]) -> dict[str, Any]:
    """The fields of a policy file, those of its tables among them."""
    found: dict[str, Any] = {}
    for name, value in table.items():
        found |= _fields(value) if isinstance(value, dict) else {name: value}
    return found


def _as_in_the_file(value: str) -> str:
    """`10 min` as `10m`, `02:00\u201305:00` with a hyphen."""
    number, _, unit = value.partition(" ")
    short = f"{number}{_UNITS[unit]}" if unit in _UNITS else value
    return short.replace("\u2013", "-")


def _tiers(tiers: list[dict[str, Any]]) -> str:
    """The tiers as the table writes them."""
    *upper, _ = tiers
    shares = ", ".join(tier["uptime"] for tier in upper)
    percents = ", ".join(str(tier["credit_percent"]) for tier in upper)
    return f"{shares} → {percents}, else {tiers[-1]['credit_percent']} %"


def _body(rule: str) -> str:
    """The text of a rule, a paragraph or clause a line."""
    return re.sub(r"(?<!\n)\n *(?![|\n\d])", " ", PAGE.partition(f"### {rule}\n")[2].partition("\n#")[0])


def _percent(share: str) -> str:
    numerator, denominator = map(int, share.split("/"))
    tenths = numerator * 1_000 // denominator
    return f"{tenths // 10}.{tenths % 10}".removesuffix(".0")


def _limits(limits: dict[str, str], unit: str, shown: str) -> str:
    return ", ".join(f"{limit.removesuffix(unit)}{shown} ({service})" for service, limit in limits.items())


# What rules say in words or figures, and the same of the file.
SAID: Final[list[tuple[str, str, Callable[[dict[str, Any]], str]]]] = [
    ("M2", r"\| ≥ (\S+) \| 0 % \|", lambda p: p["tiers"][0]["uptime"]),
    ("M5", r"`([^`]+)`: 17 November 2025", lambda p: p["policy_id"]),
    (
        "P1",
        r"of at most (200[^;]*\)); target",
        lambda p: _limits(p["performance"]["response_within"], "ms", ""),
    ),
    ("P1", r"target ≥ (\d+) %", lambda p: _percent(p["performance"]["response_share"])),
    ("P2", r"At most (.*\)) after", lambda p: _limits(p["performance"]["delivery_within"], "s", " s")),
    ("P2", r"target ≥ (\d+) %", lambda p: _percent(p["performance"]["delivery_time_share"])),
    ("P3", r"sms, email ≥ ([\d.]+) %", lambda p: _percent(p["performance"]["delivery_share"]["sms"])),
    ("P3", r"whatsapp ≥ ([\d.]+) %", lambda p: _percent(p["performance"]["delivery_share"]["whatsapp"])),
    ("P4", r"`connect_ms` ≤ (\d+),000 of", lambda p: p["performance"]["connect_within"].removesuffix("s")),
    ("P4", r"failed by us; target ≥ (\d+) %", lambda p: _percent(p["performance"]["connect_share"])),
    ("P4", r"carry both; target ≥ (\d+) %", lambda p: _percent(p["performance"]["hd_share"])),
    ("P5", r"within (\d+) h of submission", lambda p: p["performance"]["template_within"].removesuffix("h")),
    ("P6", r"Friday (\d\d:\d\d\u2013\d\d:\d\d)", lambda p: p["support"]["standard"]["hours"].replace("-", "\u2013")),
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
    named = set(re.findall(rf"\b([{LETTERS}][1-9])\b", text))
    for letter, first, last in re.findall(rf"\b([{LETTERS}])([1-9])-\1([1-9])\b", text):
        named |= {f"{letter}{number}" for number in range(int(first), int(last) + 1)}
    return frozenset(named)


def test_the_page_holds_all_rules() -> None:
    counts = {letter: sum(rule[0] == letter for rule in RULES) for letter in LETTERS}
    assert counts == {"H": 1, "T": 4, "I": 4, "C": 7, "V": 5, "X": 5, "B": 5, "M": 6, "K": 5, "P": 6}
    assert len(set(RULES)) == len(RULES)


def test_a_rule_is_the_only_heading_with_its_anchor() -> None:
    anchors = [heading.lower() for heading in _HEADINGS]
    assert [rule for rule in RULES if anchors.count(rule.lower()) != 1] == []


@pytest.mark.parametrize("rule", RULES)
def test_clauses_of_a_rule_are_numbered_without_a_gap(rule: str) -> None:
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", _body(rule), re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_test_that_begins_with_its_name(rule: str) -> None:
    assert re.search(rf"^\s*(?:async )?def test_{rule.lower()}_", _texts("tests"), re.MULTILINE)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_cited_where_it_is_decided(rule: str) -> None:
    assert rule in _cited()


@pytest.mark.parametrize(("field", "value", "rules"), CHOSEN)
def test_every_chosen_number_is_the_policys(field: str, value: str, rules: str) -> None:
    of_file = _fields(POLICY)[field]
    assert value == _tiers(of_file) if field == "tiers" else str(of_file).startswith(_as_in_the_file(value))
    assert all(rule in (*RULES, "X") for rule in rules.split(", "))


@pytest.mark.parametrize(("rule", "said", "of_file"), SAID)
def test_every_number_in_a_rule_is_the_policys(rule: str, said: str, of_file: Callable[[dict[str, Any]], str]) -> None:
    assert re.findall(said, _body(rule)) == [of_file(POLICY)]


def test_every_chosen_number_is_named_by_a_rule() -> None:
    rules = PAGE.replace(_CHOSEN, "")
    in_words = {"tiers", "holidays"}
    assert {field for field, _, _ in CHOSEN if f"`{field}`" not in rules} == in_words


def test_every_link_of_the_page_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert targets
    assert [target for target in targets if not (ROOT / "docs" / "reference" / target).exists()] == []


def test_every_test_that_a_decision_names_exists() -> None:
    for page in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        for name in re.findall(r"`(test_\w+)`", page.read_text("utf-8")):
            assert f"def {name}(" in _texts("tests"), (page.name, name)
