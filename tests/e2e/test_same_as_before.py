"""Archived records give the answers that they gave: months, statements, credits, evidence, the digest."""

import json
from pathlib import Path
from typing import Final

import pytest

from streams.clickhouse.client import connect
from tests.conftest import StackFactory
from tests.e2e.running import output, parsed
from tests.e2e.test_closing import _patiently
from tests.same.answers import MONTHS, plain_answers, shortened, stamped_answers

pytestmark = [pytest.mark.stack, pytest.mark.deep, pytest.mark.timeout(1_800)]

FOLDER: Final = Path(__file__).parents[1] / "same"


def test_archives_of_the_second_edition_give_its_answers(fresh_stack: StackFactory, tmp_path: Path) -> None:
    stack = fresh_stack()

    def ask(*arguments: str | Path) -> bytes:
        done = _patiently(stack, *map(str, arguments))
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    output(stack, "restore", FOLDER / "archives")
    answers = dict(stamped_answers(ask, tmp_path))
    with connect(stack.settings()) as client:
        answers |= plain_answers(ask, client)
    expected = json.loads((FOLDER / "expected/answers.json").read_text())
    found = shortened(answers)
    assert found.keys() == expected.keys()
    for name, answer in expected.items():
        assert found[name] == answer, name


@pytest.mark.not_in_ci
def test_what_the_first_edition_closed_is_not_closed_again(fresh_stack: StackFactory) -> None:
    """Its archives hold the hashes of its statements, and no rule of today makes their bytes."""
    stack = fresh_stack()
    output(stack, "restore", FOLDER / "first_edition")
    for month in MONTHS:
        assert _patiently(stack, "month", month, "--json").returncode == 0
        refused = _patiently(stack, "close", month, "--json")
        assert (refused.returncode, json.loads(refused.stderr)["error"]["code"]) == (1, "document-missing")
        assert b"agree" in output(stack, "audit", month, "--dump", FOLDER / "first_edition")
    assert parsed(stack, "statements") == []
