"""A count of the requests under way, and a way to be alone."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_PATIENCE_S: Final = 30.0


class Turns:
    """Requests begin and end; who wants to be alone keeps new ones waiting."""

    def __init__(self) -> None:
        self._under_way = 0
        self._is_closed = False
        self._moved = threading.Condition()

    def begin(self) -> None:
        """A request begins, or goes on; while somebody wants to be alone it waits."""
        with self._moved:
            self._moved.wait_for(lambda: not self._is_closed)
            self._under_way += 1

    def end(self) -> None:
        """A request ends, or rests."""
        with self._moved:
            self._under_way -= 1
            self._moved.notify_all()

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until no request is under way; False: some still are."""
        with self._moved:
            return self._moved.wait_for(lambda: not self._under_way, timeout_s)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let no request begin, and those under way end, or take their time."""
        with self._moved:
            self._is_closed = True
        try:
            self.wait_idle(_PATIENCE_S)
            yield
        finally:
            with self._moved:
                self._is_closed = False
                self._moved.notify_all()
