"""Every rule of the contract that is in force has tests that name it and a mutation that they must notice."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
LATER = {"M3"}  # credits of accounts; K and P likewise come with the accounts and the support desk


def rules() -> set[str]:
    contract = (ROOT / "docs" / "reference" / "contract.md").read_text("utf-8")
    return set(re.findall(r"^- \*\*([TICVXBM]\d)\*\*", contract, re.MULTILINE)) - LATER


def mutations() -> list[dict[str, str]]:
    found: list[dict[str, str]] = tomllib.loads((ROOT / "tests" / "mutations" / "rules.toml").read_text("utf-8"))[
        "mutation"
    ]
    return found


def test_the_contract_is_read_whole() -> None:
    assert {"T1", "I3", "C6", "V4", "X5", "B5", "M1", "M5"} <= rules()


def test_every_rule_has_tests_that_name_it() -> None:
    texts = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    named = {name.upper() for text in texts for name in re.findall(r"def test_([ticvxbm]\d)_", text)}
    assert not rules() - named


def test_every_rule_has_a_mutation_that_still_fits_the_code() -> None:
    assert not rules() - {mutation["rule"] for mutation in mutations()}
    for mutation in mutations():
        assert (ROOT / mutation["file"]).read_text("utf-8").count(mutation["old"]) == 1, mutation
        assert f"test_{mutation['rule'].lower()}" in mutation["tests"]
