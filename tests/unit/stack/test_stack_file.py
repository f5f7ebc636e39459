"""`stack.json`: a process is what was started, not what has its number now."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from streams.core.errors import ZectoError
from streams.stack.stack_file import Identity, StackFile, identity_of


def test_a_process_is_found_by_its_number_and_its_start() -> None:
    found = identity_of("me", os.getpid()).process()
    assert found is not None
    assert found.pid == os.getpid()


def test_a_number_given_to_another_process_is_not_it() -> None:
    mine = identity_of("me", os.getpid())
    assert Identity(name="me", pid=mine.pid, started_s=mine.started_s - 60).process() is None


def test_an_ended_process_is_none_even_before_it_is_reaped() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    identity = identity_of("child", child.pid)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert identity.process() is None
    child.wait()
    assert identity.process() is None


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    file = StackFile(tmp_path)
    file.write({"ZECTO_KAFKA_BOOTSTRAP": "127.0.0.1:1"}, [identity_of("worker", os.getpid())])
    running = file.running()
    assert running.environment == {"ZECTO_KAFKA_BOOTSTRAP": "127.0.0.1:1"}
    assert [(part.name, part.pid) for part in running.parts] == [("worker", os.getpid())]
    assert [path.name for path in tmp_path.iterdir()] == ["stack.json"]


def test_nothing_runs_where_nothing_was_written_or_it_was_removed(tmp_path: Path) -> None:
    file = StackFile(tmp_path)
    with pytest.raises(ZectoError, match="nothing is up"):
        file.running()
    file.write({}, [])
    file.remove()
    with pytest.raises(ZectoError, match="nothing is up"):
        file.running()


def test_a_broken_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "stack.json").write_text("{")
    with pytest.raises(ZectoError, match=r"cannot read .*stack\.json"):
        StackFile(tmp_path).running()
