"""What cases ask, and how an answer is compared with it."""

import re
from pathlib import Path

import msgspec
import pytest

from streams.core.errors import ZectoError
from tests.cases.expectations import Expectation, read_cases
from tests.cases.paths import NOTHING, look_up

_CLAUSE = re.compile(r"[TICVXBMKPH][0-9]|X|events")
_CLAIMS = [
    {"claim_id": "1", "account_id": "ali", "months": [{"month": "2026-07", "minutes": 5}]},
    {"claim_id": "1", "account_id": "bano", "months": []},
]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("", _CLAIMS),
        ("#", 2),
        ("[1].account_id", "bano"),
        ("[account_id=bano].months#", 0),
        ("[claim_id=1]#", 2),
        ("[claim_id=1,account_id=ali].months[month=2026-07,minutes=5].minutes", 5),
        ("[account_id=nobody].months", NOTHING),
        ("[7].account_id", NOTHING),
        ("months.minutes#", NOTHING),
    ],
)
def test_a_path_finds_its_value_or_nothing(path: str, found: object) -> None:
    assert look_up(_CLAIMS, path) == found


def test_a_path_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="no path from"):
        look_up(_CLAIMS, "[1")


@pytest.mark.parametrize(
    ("told", "found", "is_met"),
    [
        ({"is": 1}, 1, True),
        ({"is": 1}, True, False),
        ({"is": "1"}, 1, False),
        ({"is": None}, None, True),
        ({"is": None}, NOTHING, False),
        ({"one_of": [0, 2]}, 2, True),
        ({"one_of": [0, 2]}, 1, False),
        ({"has": "$.from"}, [{"path": "$.from"}], True),
        ({"has": "$.from"}, [], False),
        ({"at_least": 1}, 1, True),
        ({"at_least": 1}, NOTHING, False),
    ],
)
def test_an_answer_is_compared_by_value_and_type(told: dict[str, object], found: object, *, is_met: bool) -> None:
    expectation = msgspec.convert({"at": "x", "clause": "V1", **told}, Expectation)

    assert expectation.is_met_by(found) is is_met


@pytest.mark.parametrize("told", ['"is": 1, "has": "1"', '"equals": 1', ""])
def test_an_expectation_that_says_nothing_clear_is_refused(tmp_path: Path, told: str) -> None:
    expectation = ", ".join(['"at": "x"', '"clause": "V1"', *([told] if told else [])])
    case = f'{{"honest": "x", "why": ["x"], "steps": [{{"run": ["month"], "expect": [{{{expectation}}}]}}]}}'
    (tmp_path / "case.json").write_text(case)

    with pytest.raises(ZectoError, match=r"case\.json"):
        read_cases(tmp_path)


@pytest.mark.parametrize("name", list(read_cases()))
def test_each_case_asks_and_names_its_clauses(name: str) -> None:
    case = read_cases()[name]
    asked = [expectation for step in case.steps for expectation in step.expect]

    assert case.honest
    assert case.why
    assert asked
    assert all(_CLAUSE.fullmatch(each.clause) for each in asked)
