"""What goes wrong, and what is declared about it: the plot of a plan."""

import random
from typing import Final

from schemas.declaration import Declaration, Kind, ServiceOrAll
from schemas.fields import SERVICES, Service
from schemas.instants import format_instant
from streams.simulate.plot import DAY_MINUTES, MINUTE_MS, Episode, EpisodeKind

_HOUR_MS: Final = 3_600_000
_NOTICE_MS: Final = 48 * _HOUR_MS
# 02:00 in Karachi is 21:00 UTC
_MAINTENANCE_HOUR_UTC: Final = 21
_EVERYTHING_DAYS: Final = 20

Story = tuple[tuple[Episode, ...], tuple[Declaration, ...]]


class _Plot:
    """Collects episodes and declarations; minutes are counted from the start of the plan."""

    def __init__(self, start_ms: int) -> None:
        self.start_ms = start_ms
        self.episodes: list[Episode] = []
        self.declarations: list[Declaration] = []

    def add_episode(  # one line of a plot
        self,
        episode_kind: EpisodeKind,
        service: Service,
        first: int,
        minutes: int,
        *,
        error: str = "",
        share: float = 0.2,
    ) -> None:
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

    def story(self) -> Story:
        return tuple(self.episodes), tuple(self.declarations)


def week_story(seed: int, start_ms: int, minutes: int) -> Story:
    """An ordinary week, repeated: one incident or two, an operator's bad hour, a maintenance night."""
    rng = random.Random(f"{seed}/story")  # noqa: S311  simulation
    plot = _Plot(start_ms)
    for week in range(max(1, minutes // (7 * DAY_MINUTES))):
        monday = week * 7 * DAY_MINUTES
        _plot_week(plot, rng, monday, min(7, (minutes - monday) // DAY_MINUTES), f"{seed}-w{week}")
    return plot.story()


def _plot_week(plot: _Plot, rng: random.Random, monday: int, days: int, name: str) -> None:
    def some_minute(day: int) -> int:
        return monday + (day % days) * DAY_MINUTES + rng.randrange(240, 900)

    night = monday + (2 % days) * DAY_MINUTES + _MAINTENANCE_HOUR_UTC * 60 + 30
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


def everything_story(seed: int, start_ms: int, minutes: int) -> Story:
    """Every state and every kind of exclusion, void windows, and the edges between them; 20 days at least.

    Raises:
        ValueError: fewer than 20 days.
    """
    if minutes < _EVERYTHING_DAYS * DAY_MINUTES:
        raise ValueError(f"the preset everything needs {_EVERYTHING_DAYS} days")
    rng = random.Random(f"{seed}/story")  # noqa: S311  simulation
    plot = _Plot(start_ms)
    day = [index * DAY_MINUTES + rng.randrange(300, 600) for index in range(_EVERYTHING_DAYS)]
    _plot_maintenance(plot, day, str(seed))
    _plot_third_parties(plot, day, str(seed))
    _plot_acts_of_others(plot, day, str(seed))
    _plot_faults(plot, day)
    _plot_blindness(plot, day, str(seed))
    return plot.story()


def _plot_maintenance(plot: _Plot, day: list[int], seed: str) -> None:
    night = 2 * DAY_MINUTES + _MAINTENANCE_HOUR_UTC * 60 + 10
    plot.add_episode(EpisodeKind.TOTAL, "sms", night, 40, error="maintenance")
    plot.add_declaration(f"mw-valid-{seed}", "scheduled_maintenance", ["sms"], night, 30, notice_ms=_NOTICE_MS)
    # one millisecond too late: void; half a minute at either edge: not covered whole
    plot.add_episode(EpisodeKind.TOTAL, "whatsapp", day[4], 12, error="maintenance")
    plot.add_declaration(f"mw-late-{seed}", "scheduled_maintenance", ["whatsapp"], day[4], 12, notice_ms=_NOTICE_MS - 1)
    plot.add_episode(EpisodeKind.TOTAL, "voice", day[5], 10, error="maintenance")
    plot.add_declaration(f"mw-half-{seed}", "scheduled_maintenance", ["voice"], day[5], 10, inset_ms=30_000)
    # first declared for all, then narrowed; then one that was taken back
    plot.add_episode(EpisodeKind.TOTAL, "email", day[6], 15, error="maintenance")
    plot.add_declaration(f"mw-narrow-{seed}", "scheduled_maintenance", ["*"], day[6], 15)
    plot.add_declaration(f"mw-narrow-{seed}", "scheduled_maintenance", ["email"], day[6], 9, revision=1)
    plot.add_declaration(f"mw-gone-{seed}", "scheduled_maintenance", ["email"], day[6], 15)
    plot.add_declaration(f"mw-gone-{seed}", "scheduled_maintenance", ["email"], day[6], 15, revision=1, retracted=True)
    # two windows of 35 minutes that share 10 spend the month's 60 to the last; the third has none left (X2)
    windows: tuple[tuple[str, Service, int, int], ...] = (
        ("a", "sms", 0, 35),
        ("b", "email", 25, 35),
        ("c", "sms", 60, 15),
    )
    for name, service, first, length in windows:
        plot.add_episode(EpisodeKind.TOTAL, service, day[8] + first, length)
        plot.add_declaration(
            f"em-{name}-{seed}", "emergency_maintenance", [service], day[8] + first, length, notice_ms=5 * MINUTE_MS
        )


def _plot_third_parties(plot: _Plot, day: list[int], seed: str) -> None:
    kinds: tuple[tuple[Kind, Service], ...] = (
        ("operator_outage", "voice"),
        ("internet_backbone", "sms"),
        ("dns", "email"),
    )
    for nth, (kind, service) in enumerate(kinds):
        # silent minutes are excused; those in which something was served badly are ours
        plot.add_episode(EpisodeKind.SILENT, service, day[9 + nth], 20)
        plot.add_episode(EpisodeKind.TOTAL, service, day[9 + nth] + 20, 5)
        plot.add_declaration(
            f"{kind}-{seed}", kind, [service], day[9 + nth], 25, notice_ms=-_HOUR_MS, evidence=f"ticket {nth}-{seed}"
        )
    plot.add_episode(EpisodeKind.SILENT, "whatsapp", day[12], 8)
    plot.add_declaration(f"dns-unproven-{seed}", "dns", ["whatsapp"], day[12], 8)


def _plot_acts_of_others(plot: _Plot, day: list[int], seed: str) -> None:
    kinds: tuple[Kind, ...] = ("force_majeure", "ddos", "regulatory_shutdown")
    for nth, kind in enumerate(kinds):
        service = SERVICES[nth % len(SERVICES)]
        plot.add_episode(EpisodeKind.TOTAL, service, day[13 + nth], 12, error="ddos_mitigation")
        plot.add_declaration(
            f"{kind}-{seed}", kind, [service], day[13 + nth], 10, notice_ms=-_HOUR_MS, evidence=f"report {nth}-{seed}"
        )
    # two kinds over the same minutes: the first in the contract's order is taken (X4)
    plot.add_declaration(f"mw-under-ddos-{seed}", "scheduled_maintenance", ["voice"], day[14] + 2, 3)


def _plot_faults(plot: _Plot, day: list[int]) -> None:
    plot.add_episode(EpisodeKind.PARTIAL, "sms", day[1], 30, share=0.05)
    plot.add_episode(EpisodeKind.PARTIAL, "whatsapp", day[3], 45, share=0.5, error="internal_validation_bug")
    plot.add_episode(EpisodeKind.STUCK, "whatsapp", day[7], 25, error="queue_full")
    plot.add_episode(EpisodeKind.CARRIER_DOWN, "sms", day[7] + 60, 180)
    plot.add_episode(EpisodeKind.SILENT, "whatsapp", day[16], 30)


def _plot_blindness(plot: _Plot, day: list[int], seed: str) -> None:
    plot.add_episode(EpisodeKind.LOST, "sms", day[16] + 100, 40)
    plot.add_episode(EpisodeKind.UNUSED, "voice", day[17], 26 * 60)
    plot.add_declaration(f"gap-good-{seed}", "telemetry_gap", ["sms", "email"], day[18], 10, inset_ms=30_000)
    plot.add_episode(EpisodeKind.TOTAL, "sms", day[18] + 4, 3)
    plot.add_declaration(f"gap-gone-{seed}", "telemetry_gap", ["*"], day[18] + 60, 600)
    plot.add_declaration(f"gap-gone-{seed}", "telemetry_gap", ["*"], day[18] + 60, 600, revision=1, retracted=True)
