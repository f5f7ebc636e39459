"""Waiting for what must come, and for no longer than it may take."""

import time
from collections.abc import Callable

from streams.clickhouse.client import connect
from streams.core.settings import Settings
from streams.kafka.admin import Admin
from streams.operations.drain import take_targets, watch


def until(what: Callable[[], object], *, within_s: float = 240.0, named: str = "it") -> None:
    """Return once `what()` is true.

    Raises:
        AssertionError: it is still not true after `within_s`.
    """
    deadline = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < deadline, f"{named} did not come within {within_s:g} s"
        time.sleep(0.05)


def drain(settings: Settings, *, within_s: float = 240.0) -> None:
    """Return once everything produced before is evaluated.

    Raises:
        AssertionError: it is not by then; names the partitions that lag.
    """
    client = connect(settings)
    try:
        *_, last = watch(client, take_targets(Admin(settings)), timeout_s=within_s)
    finally:
        client.close()
    assert not last.lagging, f"not evaluated within {within_s:g} s: {last.lagging}"
