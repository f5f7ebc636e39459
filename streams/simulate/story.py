"""What goes wrong, and what is declared about it: the plot of a plan."""

import random
from typing import Final

from schemas.claim import Claim
from schemas.declaration import Declaration, Kind, ServiceOrAll
from schemas.fields import SERVICES, Service
from schemas.instants import format_instant
from streams.simulate.plot import DAY_MINUTES, MINUTE_MS, Campaign, Episode, EpisodeKind

_HOUR_MS: Final = 3_600_000
_KARACHI_HOURS: Final = 5
_NIGHT: Final = 2 * 60 + 30
"""02:30, when maintenance is usual."""
_AROUND: Final = 31
"""How far around an image of a silence it has to be busy (B2)."""
_CAMPAIGN: Final = 3


class Story:
    """What happens in a plan, line by line; minutes are counted from its start."""

    def __init__(self, start_ms: int) -> None:
        self.start_ms = start_ms
        self.episodes: list[Episode] = []
        self.campaigns: list[Campaign] = []
        self.declarations: list[Declaration] = []
        self.claims: list[Claim] = []
        self.refused: list[tuple[str, bytes]] = []

    def at_local(self, day: int, minute_of_day: int) -> int:
        """The minute of the plan at which it is so late in Karachi, on its day so many days after the start."""
        started = (self.start_ms // MINUTE_MS + _KARACHI_HOURS * 60) % DAY_MINUTES
        return day * DAY_MINUTES + (minute_of_day - started) % DAY_MINUTES

    def add_loss(self, service: Service, first: int, minutes: int) -> None:
        """Records lost in minutes which the same minutes of the two weeks before were busy enough to miss (B2)."""
        self.add_episode(EpisodeKind.LOST, service, first, minutes)
        for week in (1, 2):
            at = first - week * 7 * DAY_MINUTES - _AROUND
            self.campaigns.append(
                Campaign(service=service, first=at, minutes=minutes + 2 * _AROUND, requests=_CAMPAIGN)
            )

    def add_episode(
        self,
        episode_kind: EpisodeKind,
        service: Service,
        first: int,
        minutes: int,
        *,
        error: str = "",
        share: float = 0.2,
    ) -> None:
        """Something befalls a service in the minutes [first, first + minutes)."""
        operator = "zong" if episode_kind is EpisodeKind.CARRIER_DOWN else ""
        self.episodes.append(
            Episode(
                episode_kind=episode_kind,
                service=service,
                first=first,
                minutes=minutes,
                error=error or "database_unavailable",
                share=share,
                operator=operator,
            )
        )

    def add_declaration(
        self,
        name: str,
        kind: Kind,
        services: list[ServiceOrAll],
        first: int,
        minutes: int,
        *,
        notice_ms: int = 72 * _HOUR_MS,
        evidence: str = "",
        revision: int = 0,
        retracted: bool = False,
        inset_ms: int = 0,
    ) -> None:
        """A window; `inset_ms` moves its edges into its first and last minute; negative notice: declared afterwards."""
        start_ms = self.start_ms + first * MINUTE_MS
        self.declarations.append(
            Declaration(
                declaration_id=name,
                kind=kind,
                services=services,
                start=format_instant(start_ms + inset_ms),
                end=format_instant(start_ms + minutes * MINUTE_MS - inset_ms),
                announced_at=format_instant(start_ms + inset_ms - notice_ms),
                evidence=evidence,
                revision=revision,
                retracted=retracted,
                title=name.replace("-", " "),
            )
        )


def week_story(seed: int, start_ms: int, minutes: int) -> Story:
    """An ordinary week, repeated: one incident or two, an operator's bad hour, a maintenance night."""
    rng = random.Random(f"{seed}/story")  # noqa: S311  simulation
    plot = Story(start_ms)
    for week in range(max(1, minutes // (7 * DAY_MINUTES))):
        monday = week * 7 * DAY_MINUTES
        _plot_week(plot, rng, monday, min(7, (minutes - monday) // DAY_MINUTES), f"{seed}-w{week}")
    return plot


def _plot_week(plot: Story, rng: random.Random, monday: int, days: int, name: str) -> None:
    def some_minute(day: int) -> int:
        return monday + (day % days) * DAY_MINUTES + rng.randrange(240, 900)

    night = plot.at_local(monday // DAY_MINUTES + 2 % days, _NIGHT)
    plot.add_episode(EpisodeKind.TOTAL, "sms", night, 25, error="maintenance")
    plot.add_declaration(f"mw-{name}", "scheduled_maintenance", ["sms"], night, 25)
    plot.add_episode(EpisodeKind.PARTIAL, rng.choice(SERVICES), some_minute(0), rng.randrange(4, 12), share=0.3)
    plot.add_episode(EpisodeKind.TOTAL, "whatsapp", some_minute(1), rng.randrange(3, 9), error="overloaded")
    silent = some_minute(3)
    plot.add_episode(EpisodeKind.SILENT, "voice", silent, 15)
    plot.add_declaration(
        f"bb-{name}",
        "internet_backbone",
        ["voice"],
        silent,
        10,
        notice_ms=-2 * _HOUR_MS,
        evidence="cable cut, PTA 2231",
    )
    plot.add_episode(EpisodeKind.CARRIER_DOWN, "sms", some_minute(4), 60)
    plot.add_episode(EpisodeKind.LOST, "sms", some_minute(5), 20)
    plot.add_episode(EpisodeKind.STUCK, "email", some_minute(3) + 30, 5, error="queue_full")
    plot.add_declaration(f"gap-{name}", "telemetry_gap", ["email"], some_minute(6), 6, inset_ms=20_000)
