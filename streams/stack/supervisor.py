"""Keeps a stack running: worker and feed start again when they end; without broker or engine the rest is stopped.

Also the two ways from outside: a stack that outlives its starter, and the end of one that runs.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import psutil

from streams.core.errors import Code, ZectoError
from streams.stack import jars
from streams.stack.locks import DirectoryInUseError
from streams.stack.private_files import UMASK, make_private, open_private
from streams.stack.process import ChildProcess, last_words
from streams.stack.stack import STOP_S, EmbeddedStack, lock_stack
from streams.stack.stack_file import StackFile

_LOOK_S = 0.25
_STEADY_S = 60.0  # what ran this long is well: its next end counts as its first
_LONGEST_DELAY_S = 30
_SUPERVISOR_S = STOP_S + 0.5
_LEFTOVER_S = 1.0
_KILLED_S = 1.0
_COMMAND = (sys.executable, "-c", "from streams.cli import main; main()", "up")


class SupervisedProcess:
    """A part that starts again when it ends, later and later as long as it keeps ending."""

    def __init__(self, part: ChildProcess) -> None:
        self._part = part
        self._began_s = time.monotonic()
        self._again_s = 0.0
        self._failures = 0

    def look(self, stack: EmbeddedStack, on_status: Callable[[str], None]) -> None:
        """See whether it has ended, or whether it is time to start it again."""
        now_s = time.monotonic()
        if self._again_s:
            if now_s >= self._again_s:
                self._part, self._began_s, self._again_s = stack.restart(self._part), now_s, 0.0
        elif not self._part.is_running:
            self._failures = 1 if now_s - self._began_s >= _STEADY_S else self._failures + 1
            delay_s = min(2 ** (self._failures - 1), _LONGEST_DELAY_S)
            self._again_s = now_s + delay_s
            part = self._part
            on_status(f"the {part.name} ended: {part.last_words()} (see {part.log}); it starts again in {delay_s} s")


def supervise(stack: EmbeddedStack, on_status: Callable[[str], None]) -> NoReturn:
    """Watch the parts until the caller is interrupted.

    Raises:
        ZectoError: the broker or the engine ended by itself; says which, and its last words.
    """
    kept = [SupervisedProcess(part) for part in stack.restartable]
    while True:
        _look(stack)
        for one in kept:
            one.look(stack, on_status)


def start_detached(
    directory: Path, *, kafka_port: int, clickhouse_port: int, web_port: int, progress: jars.Progress
) -> dict[str, str]:
    """Start a stack that outlives us; returns its environment variables once it is ready.

    Raises:
        ZectoError: it is up already, or it ended before it was ready; says why.
    """
    make_private(directory)
    lock_stack(directory).close()
    jars.class_path(progress)
    log = directory / "logs" / "up.log"
    try:
        log.parent.mkdir(0o700, parents=True, exist_ok=True)
        output = os.fdopen(open_private(log), "ab")
    except OSError as error:
        raise ZectoError(
            f"cannot write to {directory}: {error.strerror or error}",
            hint="choose another --data",
            code=Code.FILE_UNWRITABLE,
        ) from None
    ports = {"--kafka-port": kafka_port, "--clickhouse-port": clickhouse_port, "--web-port": web_port}
    options = ["--data", str(directory), *(text for name, port in ports.items() for text in (name, str(port)))]
    with output:
        child = subprocess.Popen(
            [*_COMMAND, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # passwords, which no log should hold
            stderr=output,
            start_new_session=True,
            umask=UMASK,
        )
    try:
        return _wait_ready(child, StackFile(directory), log)
    except BaseException:
        child.terminate()
        child.wait()
        raise


def stop_running(directory: Path) -> None:
    """End the stack of this directory: its supervisor, and what a supervisor that was killed has left; within 15 s.

    Raises:
        ZectoError: nothing is up there.
    """
    file = StackFile(directory)
    stack = file.read()
    members = (stack.supervisor, *stack.parts) if stack else ()
    processes = [process for member in members if (process := member.process())]
    if not processes:
        _refuse_starting(directory)
        file.remove()
        raise ZectoError(f"nothing is up in {directory}", code=Code.NOTHING_IS_UP)
    if stack and (supervisor := stack.supervisor.process()):
        _end([supervisor], _SUPERVISOR_S)
    _end([process for process in processes if process.is_running()], _LEFTOVER_S)
    file.remove()


def _refuse_starting(directory: Path) -> None:
    """A stack that is not ready yet, or ends, holds its lock but has no file."""
    if (directory / "up.lock").exists():
        try:
            lock_stack(directory).close()
        except DirectoryInUseError as error:
            if error.is_ending:
                raise ZectoError(
                    f"{directory} is being stopped already", hint="wait until it has ended", code=Code.NOTHING_IS_UP
                ) from None
            raise ZectoError(
                f"{directory} is still starting", hint="try again when it is up", code=Code.STILL_STARTING
            ) from None


def _look(stack: EmbeddedStack) -> None:
    time.sleep(_LOOK_S)
    if dead := stack.dead_process():
        raise ZectoError(
            f"the {dead.name} ended by itself: {dead.last_words()} (see {dead.log}); the rest was stopped",
            code=Code.PROCESS_ENDED,
        )


def _wait_ready(child: subprocess.Popen[bytes], file: StackFile, log: Path) -> dict[str, str]:
    while child.poll() is None:
        stack = file.read()
        if stack and stack.supervisor.pid == child.pid:
            return stack.environment
        time.sleep(_LOOK_S)
    raise ZectoError(last_words(log), code=Code.PROCESS_ENDED)


def _end(processes: list[psutil.Process], timeout_s: float) -> None:
    """SIGTERM, to paused ones as well, and SIGKILL for what has not ended by then."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
            process.resume()
    _, deaf = psutil.wait_procs(processes, timeout_s)
    for process in deaf:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(deaf, _KILLED_S)
