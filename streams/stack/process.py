"""A part of the stack as a child process: tethered to us, its output in a log file, ended politely, then firmly."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from streams.stack.private_files import UMASK, open_private

_TETHER = Path(__file__).with_name("tether.py")
_STOP_S = 20.0
_TAIL_BYTES = 8192
_OUR_NAME = "zecto-sla: "
_STACK_FRAMES = ("at ", "... ")


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
        """The last line of its log, for the message that says why it ended."""
        return last_words(self.log)


def last_words(log: Path) -> str:
    """The last line of a log that is no frame of a stack trace."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        lines = [line.strip() for line in file.read().decode(errors="replace").split("\n")]
    last = (line for line in reversed(lines) if line and not line.startswith(_STACK_FRAMES))
    return next(last, "it left no word").removeprefix(_OUR_NAME)
