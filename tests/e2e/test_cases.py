"""Cases played on a stack of their own: what is as the contract says, what is not, and nothing left for the next."""

import json
import sys
from pathlib import Path

import pytest

from tests.cases import run
from tests.cases.expectations import Case, Expectation, Step
from tests.cases.playing import play
from tests.cases.world import running_world

_MINUTE = ("2026-03-06T10:00:00Z", "2026-03-06T10:01:00Z")
_STEPS = [
    Step(run=["produce", "api.requests", "@requests.ndjson"]),
    Step(run=["drain", "--timeout", "60"]),
    Step(
        run=["minutes", "email", *_MINUTE],
        expect=[
            Expectation(at="[0].state", clause="V1", equal="down"),
            Expectation(at="[0].requests.platform", clause="C2", equal=2),
        ],
    ),
    Step(run=["month", "1999-01"]),
]


@pytest.mark.stack
@pytest.mark.deep
def test_a_case_tells_what_differs_and_leaves_nothing_behind(tmp_path: Path) -> None:
    record = {"time": "2026-03-06T10:00:05Z", "service": "email", "account_id": "a", "status": 503}
    with running_world() as world:
        for request_id in ("first", "second"):
            (tmp_path / "requests.ndjson").write_text(json.dumps({"request_id": request_id, **record}))
            played = play(world, request_id, Case(honest="down", why=["V1"], steps=_STEPS), tmp_path)

            differing = [(verdict.expectation.at, verdict.found) for verdict in played.differing[:-1]]
            assert len(played.verdicts) == 3
            assert differing == [("[0].requests.platform", 1)]
            assert played.differing[-1].expectation.at == "$exit"


@pytest.mark.parametrize(("arguments", "told"), [(["no-such-case"], "no case is named"), ([], "has no folder")])
def test_what_cannot_be_played_is_told_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], told: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["run", "--records", str(tmp_path), *arguments])

    assert run.main() == 2
    assert told in capsys.readouterr().err
