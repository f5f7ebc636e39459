"""The catalogue of mutations fits the code as it stands; `make mutations` runs it."""

import re

import pytest

from tests.mutations.catalogue import ROOT, RULES, Mutation, catalogue

CATALOGUE = catalogue()


def _label(mutation: Mutation) -> str:
    return f"{mutation.rule}-{mutation.file}"


def test_every_rule_of_the_month_has_a_mutation() -> None:
    assert {mutation.rule for mutation in CATALOGUE} == set(RULES)


@pytest.mark.parametrize("mutation", CATALOGUE, ids=_label)
def test_every_mutation_changes_one_place_of_the_code_that_decides(mutation: Mutation) -> None:
    assert mutation.file.startswith(("schemas/", "streams/", "sql/"))
    assert mutation.mutate((ROOT / mutation.file).read_text("utf-8"))


@pytest.mark.parametrize("mutation", CATALOGUE, ids=_label)
def test_every_mutation_names_a_test_of_its_rule(mutation: Mutation) -> None:
    path, _, name = mutation.test.partition("::")
    assert name.startswith(f"test_{mutation.rule.lower()}_")
    assert re.search(rf"^(?:async )?def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE)
