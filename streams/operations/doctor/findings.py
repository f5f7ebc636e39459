"""What was looked at, how it is, and what to do."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec


class Level(StrEnum):
    """How bad it is. A warning is to be known of; a fault is to be mended, or numbers stand still or go wrong."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at: `said` in one line; `to_do` in one line, empty if nothing; `details` in full."""

    check: str
    level: Level
    said: str
    to_do: str = ""
    details: Sequence[Mapping[str, Any]] = ()


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, in the order in which one should read it."""

    examined_at: str
    findings: Sequence[Finding]

    @property
    def is_healthy(self) -> bool:
        """Whether there is no fault."""
        return all(finding.level is not Level.FAULT for finding in self.findings)


def ok(check: str, said: str, details: Sequence[Mapping[str, Any]] = ()) -> Finding:
    """Nothing to do."""
    return Finding(check=check, level=Level.OK, said=said, details=details)


def warning(check: str, said: str, to_do: str, details: Sequence[Mapping[str, Any]] = ()) -> Finding:
    """To be known of."""
    return Finding(check=check, level=Level.WARNING, said=said, to_do=to_do, details=details)


def fault(check: str, said: str, to_do: str, details: Sequence[Mapping[str, Any]] = ()) -> Finding:
    """To be mended."""
    return Finding(check=check, level=Level.FAULT, said=said, to_do=to_do, details=details)


def named(names: Sequence[str], most: int = 3) -> str:
    """The first few of many names."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
