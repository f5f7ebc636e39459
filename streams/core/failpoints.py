"""Places where a test lets a worker die or stop: proof that nothing is lost there. Unarmed, they cost nothing.

Armed by the environment alone: `ZECTO_FAILPOINT="ledger_inserted:3,published:1:stop"` kills this process at the third
hit of `ledger_inserted` and stops it (SIGSTOP) at the first of `published`. Each writes a line to the file
`ZECTO_FAILPOINT_LOG` first, so that a test can prove that the place was reached.
"""

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from streams.core.errors import UsageError


class Failpoint(StrEnum):
    """The places: of a block, in the order that it passes them; of partitions that come, stay and go; of documents."""

    DEAD_LETTERS_PUBLISHED = "letters_published"
    LEDGER_INSERTED = "ledger_inserted"
    BLOCKS_INSERTED = "blocks_inserted"
    COMMITTED = "committed"
    EVALUATED = "evaluated"
    PUBLISHED = "published"
    RECOVERED = "recovered"
    FRONTIER_ASKED = "frontier_asked"
    RELEASING = "releasing"
    CLOSING_PROPOSED = "closing_proposed"
    CREDITS_PUBLISHED = "credits_published"


class Action(StrEnum):
    """What happens there."""

    KILL = "kill"
    STOP = "stop"


@dataclass(slots=True, kw_only=True)
class _Armed:
    hits_left: int
    action: Action


_ACTIONS = {Action.KILL: signal.SIGKILL, Action.STOP: signal.SIGSTOP}
_armed: dict[Failpoint, _Armed] = {}
_log_file = ""


def arm(environment: Mapping[str, str]) -> None:
    """Read what is armed; nothing, as a rule.

    Raises:
        UsageError: a name, count or action that is none.
    """
    global _log_file  # noqa: PLW0603  one process, one set of places
    _armed.clear()
    _log_file = environment.get("ZECTO_FAILPOINT_LOG", "")
    for entry in filter(None, environment.get("ZECTO_FAILPOINT", "").split(",")):
        name, _, rest = entry.partition(":")
        count, _, action = rest.partition(":")
        try:
            _armed[Failpoint(name)] = _Armed(hits_left=int(count or "1"), action=Action(action or Action.KILL))
        except ValueError as error:
            places = ", ".join(Failpoint)
            raise UsageError(f"ZECTO_FAILPOINT={entry}: meant is NAME[:COUNT[:kill|stop]], NAME of {places}") from error


def hit(place: Failpoint) -> None:
    """Pass a place; the last thing this process does if it is armed and this is the hit it was armed for."""
    if not _armed:
        return
    armed = _armed.get(place)
    if armed is None:
        return
    armed.hits_left -= 1
    if armed.hits_left == 0:
        _mark(place)
        os.kill(os.getpid(), _ACTIONS[armed.action])


def _mark(place: Failpoint) -> None:
    if _log_file:
        descriptor = os.open(_log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.write(descriptor, f"{place} {os.getpid()}\n".encode())
        os.fsync(descriptor)
        os.close(descriptor)
