"""Where a worker spends its processor time, told by the worker itself: with this directory on its PYTHONPATH it samples
its threads and, every second, writes `stack seconds` lines to the file named by BENCH_PROFILE.

A sample weighs the processor time that its thread took since the one before (`pthread_getcpuclockid`), so that waiting
weighs nothing. What no thread of Python's took is of threads that libraries run on their own.
"""

import os
import sys
import threading
import time
from collections import defaultdict
from types import FrameType

_EVERY_S = 0.004
# A thread is seen where it gives up the interpreter's lock: the oftener, the less what came before is put down to it.
_SWITCH_S = 0.0005
_WRITE_EVERY_S = 1.0
_DEPTH = 60


def _stack(frame: FrameType | None) -> list[str]:
    names: list[str] = []
    while frame is not None and len(names) < _DEPTH:
        code = frame.f_code
        module = frame.f_globals.get("__name__", "?")
        names.append(f"{module}.{code.co_qualname}")
        frame = frame.f_back
    return names[::-1]


class _Sampler:
    def __init__(self, path: str) -> None:
        self._path = path
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._taken_s: dict[int, float] = {}

    def run(self) -> None:
        own = threading.get_ident()
        sys.setswitchinterval(_SWITCH_S)
        written_s = time.monotonic()
        while True:
            time.sleep(_EVERY_S)
            names = {thread.ident: thread.name for thread in threading.enumerate()}
            for ident, frame in sys._current_frames().items():
                self._take(ident, "sampler" if ident == own else names.get(ident, "?"), frame)
            if time.monotonic() - written_s >= _WRITE_EVERY_S:
                written_s = time.monotonic()
                self._write()

    def _take(self, ident: int, name: str, frame: FrameType) -> None:
        try:
            now_s = time.clock_gettime(time.pthread_getcpuclockid(ident))
        except OSError:  # it has ended meanwhile
            return
        spent_s = now_s - self._taken_s.get(ident, 0.0)
        self._taken_s[ident] = now_s
        if spent_s > 0:
            self._seconds[";".join([name, *_stack(frame)])] += spent_s

    def _write(self) -> None:
        elsewhere_s = time.process_time() - sum(self._taken_s.values())
        lines = [f"{stack} {seconds:.4f}\n" for stack, seconds in self._seconds.items()]
        with open(f"{self._path}.new", "w") as file:  # noqa: PTH123  few imports, it starts with every interpreter
            file.writelines([*lines, f"threads of libraries {max(elsewhere_s, 0.0):.4f}\n"])
        os.replace(f"{self._path}.new", self._path)  # noqa: PTH105


if "BENCH_PROFILE" in os.environ and "worker" in sys.argv:
    threading.Thread(target=_Sampler(os.environ["BENCH_PROFILE"]).run, name="sampler", daemon=True).start()
