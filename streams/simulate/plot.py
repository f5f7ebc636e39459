"""What a plan is made of: episodes, declared windows, counted spans."""

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from schemas.claim import Claim
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
    HELD = "held"  # messages wait too long for their carrier
    CARRIER_DOWN = "carrier_down"  # an operator fails its messages, and requests by our word alone
    CORRECTED = "corrected"  # requests fail, and revisions say afterwards that they did not
    BETA = "beta"  # what is out of scope fails
    DISAGREEING = "disagreeing"  # nobody asks, and vantages disagree
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
class Campaign:
    """Minutes [first, first + minutes) of the plan in which a service is asked at least so often."""

    service: Service
    first: int
    minutes: int
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestSpan:
    """Minutes [first, end) of a service whose records carry a source and are counted in manifests.

    Requests carry the first source, receipts the last; each counts both topics. `hole` are minutes [first, end) within
    it that have no manifest; `shortfalls` minutes of which a record was lost; `lowered` those whose count a revision
    lowers.
    """

    service: Service
    sources: tuple[str, ...]
    first: int
    end: int
    hole: tuple[int, int] | None = None
    shortfalls: frozenset[int] = frozenset()
    lowered: frozenset[int] = frozenset()
    final: bool = True
    """Whether the last manifest says that no more follow."""


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
    campaigns: tuple[Campaign, ...]
    declarations: tuple[Declaration, ...]
    claims: tuple[Claim, ...]
    refused: tuple[tuple[str, bytes], ...]
    """Topic and value of records of few that cannot be read: a declaration, a claim, an account."""
    manifest_spans: tuple[ManifestSpan, ...]

    @property
    def end_ms(self) -> int:
        """The instant after the last minute."""
        return self.start_ms + self.minutes * MINUTE_MS
