"""A part of the stack as a child process: tethered to us, its output in a log file, ended politely, then firmly."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from streams.stack.private_files import UMASK, open_private

_TETHER = Path(__file__).with_name("tether.py")
_STOP_S = 20.0
_TAIL_BYTES = 65_536
_OUR_NAME = "zecto-sla: "
_STACK_FRAMES = ("at ", "... ", "File ", "Traceback ")
_FEWEST_LETTERS = 3
_LONGEST_CHARS = 300
_CAUSE = re.compile(
    "no space left|disk full|not enough space|disk quota|read-only file system|permission denied|too many open files"
    "|cannot allocate memory|outofmemory|out of memory|address already in use|failed to bind|input/output error",
    re.IGNORECASE,
)


class ChildProcess:
    """A running child with a name for people and a log file.

    Start it from the main thread: what it is tethered to is the thread.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        pipe_output: bool = False,
    ) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(0o700, parents=True, exist_ok=True)
        self._began_at = log.stat().st_size if log.exists() else 0
        # its own session: Ctrl-C reaches us alone, and we end the parts in order
        with os.fdopen(open_private(log), "ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()), *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if pipe_output else output,
                stderr=output,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
                umask=UMASK,
            )

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def ask_to_end(self) -> None:
        """SIGTERM; nothing if it has ended."""
        self.process.terminate()
        self.wake()

    def wake(self) -> None:
        """Let it run, if it was paused."""
        self.process.send_signal(signal.SIGCONT)

    def stop(self, timeout_s: float = _STOP_S) -> None:
        """SIGTERM, and SIGKILL for what has not ended by then; nothing if it has ended."""
        if self.is_running:
            self.ask_to_end()
            try:
                self.process.wait(max(0.0, timeout_s))
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        self.process.send_signal(signal.SIGKILL)
        self.stop()

    def last_words(self) -> str:
        """The line of its log, since it began, that says why it ended."""
        return last_words(self.log, self._began_at)


def last_words(log: Path, began_at: int = 0) -> str:
    """The line of a log, from a byte on, that says why its writer ended.

    The last one that names what a machine lacks or refuses; else the last that has words and is no frame of a stack
    trace. The end of a log may be a rule of dashes, a dump of registers, or what failed because of the first.
    """
    try:
        with log.open("rb") as file:
            file.seek(max(began_at, log.stat().st_size - _TAIL_BYTES))
            lines = [line.strip() for line in file.read().decode(errors="replace").split("\n")]
    except OSError as error:
        return f"its log cannot be read ({error.strerror})"
    said = [line for line in lines if _has_words(line) and not line.startswith(_STACK_FRAMES)]
    causes = [line for line in said if _CAUSE.search(line)]
    last = (causes or said or ["it left no word"])[-1]
    return last[:_LONGEST_CHARS].removeprefix(_OUR_NAME)


def _has_words(line: str) -> bool:
    return sum(character.isalpha() for character in line) >= _FEWEST_LETTERS
