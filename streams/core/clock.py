"""The only place that reads the clock; everything else is handed an instant (milliseconds since the epoch, UTC)."""

import time


def now_ms() -> int:
    """The wall clock, in whole milliseconds since the epoch."""
    return time.time_ns() // 1_000_000
