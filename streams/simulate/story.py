"""What goes wrong, and what is declared about it: the plot of a plan."""

import random
from typing import Final

from schemas.declaration import Declaration, Kind, ServiceOrAll
from schemas.fields import SERVICES, Service
from schemas.instants import format_instant
from streams.simulate.plot import DAY_MINUTES, MINUTE_MS, Episode, Happening

_HOUR_MS: Final = 3_600_000
_NOTICE_MS: Final = 48 * _HOUR_MS
# 02:00 in Karachi is 21:00 UTC
_MAINTENANCE_HOUR_UTC: Final = 21
_EVERYTHING_DAYS: Final = 20

Story = tuple[tuple[Episode, ...], tuple[Declaration, ...]]


class _Teller:
    """Collects episodes and declarations; minutes are counted from the start of the plan."""

    def __init__(self, start_ms: int) -> None:
        self.start_ms = start_ms
        self.episodes: list[Episode] = []
        self.declarations: list[Declaration] = []

    def befalls(  # one line of a plot
        self, happening: Happening, service: Service, first: int, minutes: int, *, error: str = "", share: float = 0.2
    ) -> None:
        operator = "zong" if happening is Happening.CARRIER_DOWN else ""
        self.episodes.append(
            Episode(
                happening=happening,
                service=service,
                first=first,
                minutes=minutes,
                error=error or "database_unavailable",
                share=share,
                operator=operator,
            )
        )

    def declares(
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

    def told(self) -> Story:
        return tuple(self.episodes), tuple(self.declarations)


def week_story(seed: int, start_ms: int, minutes: int) -> Story:
    """An ordinary week, repeated: one incident or two, an operator's bad hour, a maintenance night."""
    rng = random.Random(f"{seed}/story")  # noqa: S311  simulation
    teller = _Teller(start_ms)
    for week in range(max(1, minutes // (7 * DAY_MINUTES))):
        monday = week * 7 * DAY_MINUTES
        _tell_week(teller, rng, monday, min(7, (minutes - monday) // DAY_MINUTES), f"{seed}-w{week}")
    return teller.told()


def _tell_week(teller: _Teller, rng: random.Random, monday: int, days: int, name: str) -> None:
    def some_minute(day: int) -> int:
        return monday + (day % days) * DAY_MINUTES + rng.randrange(240, 900)

    night = monday + (2 % days) * DAY_MINUTES + _MAINTENANCE_HOUR_UTC * 60 + 30
    teller.befalls(Happening.TOTAL, "sms", night, 25, error="maintenance")
    teller.declares(f"mw-{name}", "scheduled_maintenance", ["sms"], night, 25)
    teller.befalls(Happening.PARTIAL, rng.choice(SERVICES), some_minute(0), rng.randrange(4, 12), share=0.3)
    teller.befalls(Happening.TOTAL, "whatsapp", some_minute(1), rng.randrange(3, 9), error="overloaded")
    silent = some_minute(3)
    teller.befalls(Happening.SILENT, "voice", silent, 15)
    teller.declares(
        f"bb-{name}",
        "internet_backbone",
        ["voice"],
        silent,
        10,
        notice_ms=-2 * _HOUR_MS,
        evidence="cable cut, PTA 2231",
    )
    teller.befalls(Happening.CARRIER_DOWN, "sms", some_minute(4), 60)
    teller.befalls(Happening.LOST, "sms", some_minute(5), 20)
    teller.befalls(Happening.STUCK, "email", some_minute(3) + 30, 5, error="queue_full")
    teller.declares(f"gap-{name}", "telemetry_gap", ["email"], some_minute(6), 6, inset_ms=20_000)


def everything_story(seed: int, start_ms: int, minutes: int) -> Story:
    """Every state and every kind of exclusion, void windows, and the edges between them; 20 days at least.

    Raises:
        ValueError: fewer than 20 days.
    """
    if minutes < _EVERYTHING_DAYS * DAY_MINUTES:
        raise ValueError(f"the preset everything needs {_EVERYTHING_DAYS} days")
    rng = random.Random(f"{seed}/story")  # noqa: S311  simulation
    teller = _Teller(start_ms)
    day = [index * DAY_MINUTES + rng.randrange(300, 600) for index in range(_EVERYTHING_DAYS)]
    _tell_maintenance(teller, day, str(seed))
    _tell_third_parties(teller, day, str(seed))
    _tell_acts_of_others(teller, day, str(seed))
    _tell_faults(teller, day)
    _tell_blindness(teller, day, str(seed))
    return teller.told()


def _tell_maintenance(teller: _Teller, day: list[int], seed: str) -> None:
    night = 2 * DAY_MINUTES + _MAINTENANCE_HOUR_UTC * 60 + 10
    teller.befalls(Happening.TOTAL, "sms", night, 40, error="maintenance")
    teller.declares(f"mw-valid-{seed}", "scheduled_maintenance", ["sms"], night, 30, notice_ms=_NOTICE_MS)
    # one millisecond too late: void; half a minute at either edge: not covered whole
    teller.befalls(Happening.TOTAL, "whatsapp", day[4], 12, error="maintenance")
    teller.declares(f"mw-late-{seed}", "scheduled_maintenance", ["whatsapp"], day[4], 12, notice_ms=_NOTICE_MS - 1)
    teller.befalls(Happening.TOTAL, "voice", day[5], 10, error="maintenance")
    teller.declares(f"mw-half-{seed}", "scheduled_maintenance", ["voice"], day[5], 10, inset_ms=30_000)
    # first declared for all, then narrowed; then one that was taken back
    teller.befalls(Happening.TOTAL, "email", day[6], 15, error="maintenance")
    teller.declares(f"mw-narrow-{seed}", "scheduled_maintenance", ["*"], day[6], 15)
    teller.declares(f"mw-narrow-{seed}", "scheduled_maintenance", ["email"], day[6], 9, revision=1)
    teller.declares(f"mw-gone-{seed}", "scheduled_maintenance", ["email"], day[6], 15)
    teller.declares(f"mw-gone-{seed}", "scheduled_maintenance", ["email"], day[6], 15, revision=1, retracted=True)
    # two windows of 35 minutes that share 10 spend the month's 60 to the last; the third has none left (X2)
    windows: tuple[tuple[str, Service, int, int], ...] = (
        ("a", "sms", 0, 35),
        ("b", "email", 25, 35),
        ("c", "sms", 60, 15),
    )
    for name, service, first, length in windows:
        teller.befalls(Happening.TOTAL, service, day[8] + first, length)
        teller.declares(
            f"em-{name}-{seed}", "emergency_maintenance", [service], day[8] + first, length, notice_ms=5 * MINUTE_MS
        )


def _tell_third_parties(teller: _Teller, day: list[int], seed: str) -> None:
    kinds: tuple[tuple[Kind, Service], ...] = (
        ("operator_outage", "voice"),
        ("internet_backbone", "sms"),
        ("dns", "email"),
    )
    for nth, (kind, service) in enumerate(kinds):
        # silent minutes are excused; those in which something was served badly are ours
        teller.befalls(Happening.SILENT, service, day[9 + nth], 20)
        teller.befalls(Happening.TOTAL, service, day[9 + nth] + 20, 5)
        teller.declares(
            f"{kind}-{seed}", kind, [service], day[9 + nth], 25, notice_ms=-_HOUR_MS, evidence=f"ticket {nth}-{seed}"
        )
    teller.befalls(Happening.SILENT, "whatsapp", day[12], 8)
    teller.declares(f"dns-unproven-{seed}", "dns", ["whatsapp"], day[12], 8)


def _tell_acts_of_others(teller: _Teller, day: list[int], seed: str) -> None:
    kinds: tuple[Kind, ...] = ("force_majeure", "ddos", "regulatory_shutdown")
    for nth, kind in enumerate(kinds):
        service = SERVICES[nth % len(SERVICES)]
        teller.befalls(Happening.TOTAL, service, day[13 + nth], 12, error="ddos_mitigation")
        teller.declares(
            f"{kind}-{seed}", kind, [service], day[13 + nth], 10, notice_ms=-_HOUR_MS, evidence=f"report {nth}-{seed}"
        )
    # two kinds over the same minutes: the first in the contract's order is taken (X4)
    teller.declares(f"mw-under-ddos-{seed}", "scheduled_maintenance", ["voice"], day[14] + 2, 3)


def _tell_faults(teller: _Teller, day: list[int]) -> None:
    teller.befalls(Happening.PARTIAL, "sms", day[1], 30, share=0.05)
    teller.befalls(Happening.PARTIAL, "whatsapp", day[3], 45, share=0.5, error="internal_validation_bug")
    teller.befalls(Happening.STUCK, "whatsapp", day[7], 25, error="queue_full")
    teller.befalls(Happening.CARRIER_DOWN, "sms", day[7] + 60, 180)
    teller.befalls(Happening.SILENT, "whatsapp", day[16], 30)


def _tell_blindness(teller: _Teller, day: list[int], seed: str) -> None:
    teller.befalls(Happening.LOST, "sms", day[16] + 100, 40)
    teller.befalls(Happening.UNUSED, "voice", day[17], 26 * 60)
    teller.declares(f"gap-good-{seed}", "telemetry_gap", ["sms", "email"], day[18], 10, inset_ms=30_000)
    teller.befalls(Happening.TOTAL, "sms", day[18] + 4, 3)
    teller.declares(f"gap-gone-{seed}", "telemetry_gap", ["*"], day[18] + 60, 600)
    teller.declares(f"gap-gone-{seed}", "telemetry_gap", ["*"], day[18] + 60, 600, revision=1, retracted=True)
