"""Parts as child processes: how they end, and what they leave to be told."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from streams.stack.process import ChildProcess, last_words

_SLEEP = "import time; print('ready', flush=True); time.sleep(300)"
_DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + _SLEEP


def start(program: str, log: Path) -> ChildProcess:
    """A child that runs this Python program and has said that it is ready."""
    part = ChildProcess("child", [sys.executable, "-c", program], log=log)
    while "ready" not in log.read_text():
        assert part.is_running
        time.sleep(0.02)
    return part


def test_a_part_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    part = start(_SLEEP, tmp_path / "log")
    part.stop()
    assert part.process.returncode == -signal.SIGTERM


def test_a_part_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    part = start(_DEAF, tmp_path / "log")
    part.stop(timeout_s=0.2)
    assert part.process.returncode == -signal.SIGKILL


def test_a_part_that_is_paused_is_woken_to_end(tmp_path: Path) -> None:
    part = start(_SLEEP, tmp_path / "log")
    part.process.send_signal(signal.SIGSTOP)
    part.stop()
    assert part.process.returncode == -signal.SIGTERM


def test_a_part_that_has_ended_is_stopped_again_without_harm(tmp_path: Path) -> None:
    part = start(_SLEEP, tmp_path / "log")
    part.kill()
    part.stop()
    assert not part.is_running


def test_a_part_does_not_outlive_a_starter_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from streams.stack.process import ChildProcess\n"
        f"part = ChildProcess('child', [sys.executable, '-c', {_SLEEP!r}], log=Path(sys.argv[1]))\n"
        "print(part.process.pid, flush=True); time.sleep(300)"
    )
    with subprocess.Popen([sys.executable, "-c", program, tmp_path / "log"], stdout=subprocess.PIPE) as starter:
        assert starter.stdout
        child = psutil.Process(int(starter.stdout.readline()))
        while "ready" not in ((tmp_path / "log").read_text() if (tmp_path / "log").exists() else ""):
            time.sleep(0.02)
        os.kill(starter.pid, signal.SIGKILL)
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.02)  # the test's own time limit ends a wait in vain


def test_the_last_words_are_no_frame_of_a_stack_trace(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("one\norg.example.DiskException: disk full\n\tat a.b.C(D.java:1)\n\t... 3 more\n\n")
    assert last_words(log) == "org.example.DiskException: disk full"
    log.write_text("zecto-sla: no broker\n")
    assert last_words(log) == "no broker"
    log.write_text("")
    assert last_words(log) == "it left no word"
