"""What a service-minute can be, and which windows can excuse it (contract V3, X3, X4)."""

from enum import StrEnum, unique
from typing import Final, get_args

from schemas.declaration import Kind

EXCLUDING_KINDS: Final[tuple[Kind, ...]] = tuple(kind for kind in get_args(Kind) if kind != "telemetry_gap")
"""The kinds of windows that exclude, in the order in which they claim a minute (X4)."""

OTHERS_OUTAGES: Final[frozenset[Kind]] = frozenset(("operator_outage", "internet_backbone", "dns"))
"""The kinds that excuse only minutes without valid traffic, bad by their probes (X3)."""


@unique
class MinuteState(StrEnum):
    """What a minute counts as (V3); every minute of a month has exactly one (V4)."""

    GOOD = "good"
    DOWN = "down"
    EXCLUDED = "excluded"
    IDLE = "idle"
    BLIND = "blind"
    PENDING = "pending"
