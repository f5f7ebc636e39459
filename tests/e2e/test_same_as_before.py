"""Records archived by 0.1.0 give the answers that 0.1.0 gave: months, statements, credits, evidence, the digest."""

import json
from pathlib import Path
from typing import Final

import pytest

from streams.clickhouse.client import connect
from tests.conftest import StackFactory
from tests.e2e.running import output
from tests.e2e.test_closing import _patiently
from tests.same.answers import plain_answers, shortened, stamped_answers

pytestmark = [pytest.mark.stack, pytest.mark.deep, pytest.mark.timeout(600)]

FOLDER: Final = Path(__file__).parents[1] / "same"


def test_archives_of_the_first_release_give_its_answers(fresh_stack: StackFactory, tmp_path: Path) -> None:
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
