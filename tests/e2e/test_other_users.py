"""Another user of the machine (nobody): nothing of a running stack can be read, written, asked or stopped.

Run by root, the attempts are made as nobody, below a directory that all may enter. Anybody else cannot become another
user: then the modes of files stand for the attempts, and ports are tried as oneself, for they cannot tell users apart.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from streams.operations.migrate import migrate
from streams.stack.stack import EmbeddedStack
from streams.stack.stack_file import StackFile
from tests.e2e import intruder

pytestmark = [pytest.mark.stack, pytest.mark.deep]

_NOBODY = 65534
_IS_ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def attacked() -> Iterator[EmbeddedStack]:
    """A stack in a directory that everybody may reach, started by somebody with an open umask."""
    parent = Path(tempfile.mkdtemp())
    parent.chmod(0o755)
    before = os.umask(0)
    try:
        with EmbeddedStack(parent / "data", prepare=migrate, web=True) as stack:
            yield stack
    finally:
        os.umask(before)
        shutil.rmtree(parent)


def _processes(stack: EmbeddedStack) -> list[psutil.Process]:
    members = StackFile(stack.directory).running().parts
    found = [process for member in members if (process := member.process())]
    return [*found, *(child for process in found for child in process.children(recursive=True))]


def _target(stack: EmbeddedStack) -> dict[str, Any]:
    environment = stack.environment()
    assert stack.web
    return {
        "paths": [str(stack.directory), *map(str, sorted(stack.directory.rglob("*")))],
        "pids": [process.pid for process in _processes(stack)],
        "secrets": [stack.broker.password, stack.engine.password, environment["ZECTO_WEB_TOKEN"]],
        "engine": stack.engine.port,
        "web": stack.web.port,
        "broker": stack.broker.ports,
    }


@pytest.mark.skipif(not _IS_ROOT, reason="only root can become nobody")
def test_nobody_reads_writes_asks_and_stops_nothing(attacked: EmbeddedStack) -> None:
    target = _target(attacked)
    assert len(target["paths"]) > 100
    done = subprocess.run(
        [sys.executable, intruder.__file__, str(_NOBODY)],
        input=json.dumps(target),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
    assert all(process.is_running() for process in _processes(attacked))


def test_no_file_of_a_stack_has_rights_for_others(attacked: EmbeddedStack) -> None:
    paths = [Path(path) for path in _target(attacked)["paths"]]
    assert [path for path in paths if _is_open(path)] == []


def _is_open(path: Path) -> bool:
    """Whether others have any right to a file; one that its owner has put away meanwhile is nobody's."""
    try:
        return not path.is_symlink() and bool(path.lstat().st_mode & 0o077)
    except FileNotFoundError:
        return False


def test_no_port_answers_who_knows_no_password(attacked: EmbeddedStack) -> None:
    target = _target(attacked)
    ports = [one for port in target["broker"] for one in intruder.broker(port)]
    assert [*intruder.engine(target["engine"]), *intruder.web(target["web"]), *ports] == []


def test_a_stack_listens_at_no_other_port(attacked: EmbeddedStack) -> None:
    target = _target(attacked)
    listening = {
        (place.laddr.ip.removeprefix("::ffff:"), place.laddr.port)
        for process in _processes(attacked)
        for place in process.net_connections(kind="inet")
        if place.status == psutil.CONN_LISTEN
    }
    known = {target["engine"], target["web"], *target["broker"]}
    assert listening == {("127.0.0.1", port) for port in known}


def test_a_stack_writes_in_no_other_place(attacked: EmbeddedStack) -> None:
    places = {
        Path(file.path)
        for process in _processes(attacked)
        for file in process.open_files()
        if getattr(file, "mode", "r") != "r"
    }
    assert places
    assert {path for path in places if attacked.directory not in path.parents} == set()
