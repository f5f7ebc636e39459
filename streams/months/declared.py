"""What the declarations that touch a minute do to it, or why they do nothing (X1-X4, B1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schemas.instants import MINUTE_MS
from streams.months.grounds import ServiceGrounds
from streams.rules.month.inputs import DeclarationRevision
from streams.rules.month.windows import WindowMinutes
from streams.rules.verdict import OTHERS_OUTAGES

COVERS: Final = "covers"
COVERS_PART: Final = "covers_part_of_the_minute"
EXCUSES_NOT_OURS: Final = "excuses_no_failure_of_ours"
BLINDS: Final = "blinds"
RETRACTED: Final = "retracted"
"""Effects beside the reasons of X4 for which a window is void."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredEffect:
    """A current revision that touches a minute, and what it does there."""

    revision: DeclarationRevision
    effect: str


def effects_of(grounds: ServiceGrounds, minute: int) -> list[DeclaredEffect]:
    """Every declaration whose current revision names the service and touches the minute, by id."""
    declared = grounds.context.windows
    windows = {window.current.declaration_id: window for window in declared.windows}
    return [
        DeclaredEffect(revision=one, effect=_effect(one, windows.get(one.declaration_id), grounds, minute))
        for one in declared.current
        if grounds.service in one.services and _touches(one, minute)
    ]


def _touches(revision: DeclarationRevision, minute: int) -> bool:
    return revision.start_ms < (minute + 1) * MINUTE_MS and revision.end_ms > minute * MINUTE_MS


def _effect(revision: DeclarationRevision, window: WindowMinutes | None, grounds: ServiceGrounds, minute: int) -> str:
    if revision.retracted:
        return RETRACTED
    if revision.kind == "telemetry_gap":
        return BLINDS
    if window is None or not 0 <= minute - window.first < window.granted[grounds.service].size:
        return COVERS_PART
    at = minute - window.first
    if not window.granted[grounds.service][at]:
        return next(_void(window, grounds, at))
    is_ours = grounds.valid(minute) > 0 or grounds.judged.reading.missing[grounds.at(minute)] > 0
    return EXCUSES_NOT_OURS if revision.kind in OTHERS_OUTAGES and is_ours else COVERS


def _void(window: WindowMinutes, grounds: ServiceGrounds, at: int) -> Iterator[str]:
    """The reasons for which a minute of a window is void; what is not granted has one (X4)."""
    return (code.value for code, flags in window.void[grounds.service].items() if flags[at])
