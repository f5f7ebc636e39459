"""Errors as programs and people meet them."""

import json
import os
import pickle
import subprocess
import sys
from collections import Counter

import pytest

from streams.core.errors import Code, Part, UsageError, ZectoError

_ZECTO = (sys.executable, "-c", "from streams.cli import main; main()")


def _fails(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_ZECTO, *arguments], capture_output=True, text=True, check=False, env={**os.environ, **variables}
    )


def test_the_hint_follows_the_message() -> None:
    assert str(ZectoError("no topic probes", hint="run zecto-sla migrate")) == "no topic probes; run zecto-sla migrate"
    assert str(ZectoError("no topic probes")) == "no topic probes"


def test_an_error_carries_its_fields() -> None:
    error = ZectoError("no topic probes", hint="run zecto-sla migrate", code=Code.TOPIC_MISSING)
    assert error.to_record() == {
        "code": "topic-missing",
        "part": "broker",
        "message": "no topic probes",
        "hint": "run zecto-sla migrate",
    }


def test_wrong_use_has_its_code_by_itself() -> None:
    error = UsageError("2026-13 is no month")
    assert (error.code, error.part, error.exit_code) == (Code.WRONG_USE, Part.CALL, 2)


def test_an_error_survives_a_process_boundary() -> None:
    error = pickle.loads(pickle.dumps(ZectoError("a", hint="b", code=Code.PORT_TAKEN)))  # noqa: S301  our own
    assert error.to_record() == ZectoError("a", hint="b", code=Code.PORT_TAKEN).to_record()


def test_no_two_codes_mean_the_same() -> None:
    assert [meaning for meaning, times in Counter(code.meaning for code in Code).items() if times > 1] == []


def test_every_part_has_a_code() -> None:
    assert {code.part for code in Code} == set(Part)


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (["month", "2026-13"], "wrong-use", 2),
        (["month", "2026-09", "--nonsense"], "wrong-use", 2),
        (["month", "2026-09"], "clickhouse-unreachable", 1),
    ],
)
def test_with_json_a_failure_is_an_object(arguments: list[str], code: str, status: int) -> None:
    done = _fails(*arguments, "--json", ZECTO_CLICKHOUSE_URL="http://127.0.0.1:1")
    assert (json.loads(done.stderr)["error"]["code"], done.returncode, done.stdout) == (code, status, "")


def test_a_setting_that_cannot_be_used_is_named() -> None:
    done = _fails("doctor", "--json", ZECTO_BLOCK_RECORDS="many")
    error = json.loads(done.stderr)["error"]
    assert error["code"] == "setting-unusable"
    assert error["message"].startswith("ZECTO_BLOCK_RECORDS 'many': ")


def test_without_json_a_failure_is_a_line() -> None:
    done = _fails("month", "2026-13")
    assert done.stderr.startswith("zecto-sla: '2026-13' is no month")
    assert done.stderr.count("\n") == 1
