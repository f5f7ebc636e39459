"""What is going to happen: a plan is a pure function of its seed and a few wishes."""

from typing import Final, Literal

from schemas.fields import SERVICES
from schemas.instants import END_MS, FIRST_MS
from streams.simulate.everything import everything_story
from streams.simulate.plot import DAY_MINUTES, MINUTE_MS, ManifestSpan, Plan
from streams.simulate.story import week_story

_DAY_MS: Final = DAY_MINUTES * MINUTE_MS
# How far records reach beyond the traffic: maintenance announced 72 hours before it, receipts 30 hours after a message.
_LEAD_MS: Final = 4 * _DAY_MS
_TRAIL_MS: Final = 2 * _DAY_MS

Manifests = Literal["none", "some", "all"]
Preset = Literal["week", "everything"]


def plan(
    seed: int,
    *,
    start_ms: int,
    minutes: int,
    records: int,
    preset: Preset = "week",
    manifests: Manifests = "some",
    broken_share: float = 0.001,
    duplicate_share: float = 0.03,
    shuffle: bool = False,
) -> Plan:
    """Decide what happens in `minutes` from `start_ms` on (a whole UTC minute).

    `shuffle` and `duplicate_share` change the delivery only: the set of distinct records stays the same.

    Raises:
        ValueError: a start within a minute, less than a day, `everything` in less than 20 days, so near the first or
            last instant of all that not every record of it has a valid time (T1).
    """
    if start_ms % MINUTE_MS or minutes < DAY_MINUTES:
        raise ValueError("a plan begins with a whole minute and lasts a day at least")
    if start_ms - _LEAD_MS < FIRST_MS or start_ms + minutes * MINUTE_MS + _TRAIL_MS > END_MS:
        raise ValueError("traffic lies between 2000-01-05 and 2099-12-30: its records reach some days beyond it")
    story_of = everything_story if preset == "everything" else week_story
    plot = story_of(seed, start_ms, minutes)
    return Plan(
        seed=seed,
        start_ms=start_ms,
        minutes=minutes,
        aimed_records=records,
        broken_share=broken_share,
        duplicate_share=duplicate_share,
        shuffle=shuffle,
        episodes=tuple(plot.episodes),
        campaigns=tuple(plot.campaigns),
        declarations=tuple(plot.declarations),
        claims=tuple(plot.claims),
        refused=tuple(plot.refused),
        manifest_spans=_manifest_spans(manifests, minutes, everything=preset == "everything"),
    )


def _manifest_spans(manifests: Manifests, minutes: int, *, everything: bool) -> tuple[ManifestSpan, ...]:
    match manifests:
        case "none":
            return ()
        case "all":
            return tuple(
                ManifestSpan(service=service, sources=(f"edge-{service}",), first=0, end=minutes)
                for service in SERVICES
            )
        case "some":
            # the middle fifth of the time, of one service: a hole in it, and single records lost on the way
            first, length = minutes * 2 // 5, minutes // 5
            hole = (first + length // 2, first + length // 2 + 12)
            counted = ManifestSpan(
                service="email",
                sources=("edge-email", "relay-email"),
                first=first,
                end=first + length,
                hole=hole,
                shortfalls=frozenset(range(first + 7, hole[0], max(1, length // 12))),
                lowered=frozenset(range(first + 9, hole[0], max(1, length // 6))),
            )
            return (counted, *_short_spans(minutes)) if everything else (counted,)


def _short_spans(minutes: int) -> tuple[ManifestSpan, ...]:
    """Two sources that stop without saying so: one had sent too little for a hole, the other had not (B3)."""
    short = ManifestSpan(service="whatsapp", sources=("trial-shipper",), first=100, end=150, final=False)
    first = minutes - 3 * DAY_MINUTES
    stopped = ManifestSpan(service="voice", sources=("pbx-1",), first=first, end=first + 75, final=False)
    return short, stopped
