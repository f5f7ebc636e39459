"""Sends the records of a run while the faults happen: fast at first, then in a trickle that outlasts the faults."""

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final, Self

from streams.core.errors import ZectoError
from streams.core.settings import Settings
from streams.kafka.producer import Producer
from streams.simulate.stream import SimulatedRecord

_CHUNK_S: Final = 0.05
_CHUNK: Final = 400
# Of what is left, so that there is something to read for three minutes, however slow the machine makes the faults.
_TRICKLE_SHARE: Final = 800
_FLUSH_EVERY: Final = 5_000
_FAST_SHARE: Final = 0.7
# New partitions are to be found at once.
_OPTIONS: Final = {"topic.metadata.refresh.interval.ms": 1_000, "message.timeout.ms": 60_000}


class Sending(AbstractContextManager["Sending"]):
    """A thread that sends; whatever is not acknowledged is sent again, so that all of it arrives, some of it twice.

    The first seven tenths go at about 8,000 records a second, the rest a tenth as fast and ever slower until `finish`.
    """

    def __init__(self, settings: Settings, records: Sequence[SimulatedRecord]) -> None:
        self.acknowledged = 0
        self.sent_again = 0
        self._settings = settings
        self._records = records
        self._hurrying, self._stopping = threading.Event(), threading.Event()
        self._going, self._quiet = threading.Event(), threading.Event()
        self._going.set()
        self._thread = threading.Thread(target=self._send_all, name="sending")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._hurrying.set()
        self._going.set()
        self._thread.join()

    def pause(self, *, within_s: float = 240.0) -> None:
        """Send nothing more for now; returns once the broker has all that was sent.

        Raises:
            AssertionError: it has not by then.
        """
        self._quiet.clear()
        self._going.clear()
        assert self._quiet.wait(within_s), f"only {self.acknowledged:,} records are acknowledged"

    def resume(self) -> None:
        """Go on."""
        self._going.set()

    def finish(self, *, within_s: float = 120.0) -> None:
        """Send the rest as fast as possible; returns once the broker has everything.

        Raises:
            AssertionError: it has not by then.
        """
        self._hurrying.set()
        self._going.set()
        self._thread.join(within_s)
        assert self.acknowledged == len(self._records), f"only {self.acknowledged:,} records are acknowledged"

    def _send_all(self) -> None:
        while self.acknowledged < len(self._records) and not self._stopping.is_set():
            try:
                with Producer(self._settings, options=_OPTIONS) as producer:
                    self._send_on(producer)
            except ZectoError:  # a broker that was away for too long
                self.sent_again += 1
        self._quiet.set()

    def _send_on(self, producer: Producer) -> None:
        at = self.acknowledged
        while at < len(self._records) and not self._stopping.is_set():
            until = min(len(self._records), at + self._measure(at))
            for topic, key, value in self._records[at:until]:
                producer.send(topic, value, key=key)
            at = until
            if at >= self.acknowledged + _FLUSH_EVERY or at == len(self._records) or not self._going.is_set():
                producer.flush()
                self.acknowledged = at
            if not self._going.is_set():
                self._quiet.set()
                self._going.wait()
            self._hurrying.wait(_CHUNK_S)

    def _measure(self, at: int) -> int:
        if self._hurrying.is_set():
            return _FLUSH_EVERY
        if at < len(self._records) * _FAST_SHARE:
            return _CHUNK
        return max(1, (len(self._records) - at) // _TRICKLE_SHARE)
