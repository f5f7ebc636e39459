"""What happened, in order: a hash by which two runs of a seed are held against each other, and the last lines."""

import hashlib
from collections import deque
from collections.abc import Callable
from typing import Final

_LINES: Final = 3000


class Trace:
    """Notes what happens, with the virtual time."""

    def __init__(self, time_s: Callable[[], float], kept: int = _LINES) -> None:
        self._time_s = time_s
        self._hash = hashlib.sha256()
        self.lines: deque[str] = deque(maxlen=kept)

    def note(self, *what: object) -> None:
        """One line."""
        line = f"{self._time_s():.4f} {' '.join(map(str, what))}"
        self._hash.update(line.encode())
        self.lines.append(line)

    def digest(self) -> str:
        """Of all lines so far."""
        return self._hash.hexdigest()
