"""What a plan is made of: episodes, declared windows, counted spans."""

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from schemas.declaration import Declaration
from schemas.fields import Service

MINUTE_MS: Final = 60_000
DAY_MINUTES: Final = 1_440


@unique
class EpisodeKind(StrEnum):
    """What can befall a service for some minutes."""

    PARTIAL = "partial"  # a share of requests and messages fails by our fault
    TOTAL = "total"  # every request fails by our fault, probes fail
    SILENT = "silent"  # nothing answers and nothing is logged; probes fail
    LOST = "lost"  # traffic whose records never arrive; no probes
    STUCK = "stuck"  # messages are accepted and then forgotten
    CARRIER_DOWN = "carrier_down"  # an operator fails its messages
    UNUSED = "unused"  # nobody asks and nobody probes


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A happening of one service in the minutes [first, first + minutes) of the plan.

    `error` is the platform's error code in it; `share` the share of requests and messages that fail (PARTIAL).
    """

    episode_kind: EpisodeKind
    service: Service
    first: int
    minutes: int
    error: str = "database_unavailable"
    share: float = 0.2
    operator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestSpan:
    """Minutes [first, end) of a service whose records carry a source and are counted in manifests.

    `hole` are minutes [first, end) within it that have none; `shortfalls` minutes of which a record was lost.
    """

    service: Service
    source: str
    first: int
    end: int
    hole: tuple[int, int] | None
    shortfalls: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that decides the records. `aimed_records` is met within some percent; broken ones come on top."""

    seed: int
    start_ms: int
    minutes: int
    aimed_records: int
    broken_share: float
    duplicate_share: float
    shuffle: bool
    episodes: tuple[Episode, ...]
    declarations: tuple[Declaration, ...]
    manifest_spans: tuple[ManifestSpan, ...]

    @property
    def end_ms(self) -> int:
        """The instant after the last minute."""
        return self.start_ms + self.minutes * MINUTE_MS
