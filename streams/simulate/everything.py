"""A month in which everything happens: each state, each kind of exclusion, each void reason, each kind of doubt."""

import random
from typing import Final

from schemas.declaration import Kind
from schemas.fields import SERVICES, Service
from streams.simulate.customers import claim
from streams.simulate.holiday import is_holiday
from streams.simulate.plot import DAY_MINUTES, MINUTE_MS, EpisodeKind
from streams.simulate.story import Story

_HOUR_MS: Final = 3_600_000
_NOTICE_MS: Final = 48 * _HOUR_MS
_DAYS: Final = 20
_NIGHT: Final = 2 * 60 + 10
_BUSY_HOUR: Final = 15 * 60
_CLOSED_FROM: Final = 20 * 60
_CLOSED_MINUTES: Final = 4 * 60
_LOSS_DAY: Final = 16


def everything_story(seed: int, start_ms: int, minutes: int) -> Story:
    """Every state and every kind of exclusion, void windows, and the edges between them; 20 days at least.

    Raises:
        ValueError: fewer than 20 days.
    """
    if minutes < _DAYS * DAY_MINUTES:
        raise ValueError(f"the preset everything needs {_DAYS} days")
    rng = random.Random(f"{seed}/story")  # noqa: S311  simulation
    story = Story(start_ms)
    day = [index * DAY_MINUTES + rng.randrange(330, 600) for index in range(_DAYS)]
    _plan_maintenance(story, str(seed))
    _plan_emergencies(story, day, str(seed))
    _plan_third_parties(story, day, str(seed))
    _plan_acts_of_others(story, day, str(seed))
    _plan_faults(story, day)
    _plan_doubt(story, day, minutes, str(seed))
    _plan_claims(story, day, str(seed))
    return story


def _plan_maintenance(story: Story, seed: str) -> None:
    """Windows at night, at the edges of notice, usual hours and whole minutes; then revised and retracted ones (X1)."""
    night = [story.at_local(index, _NIGHT) for index in range(8)]
    kind: Kind = "scheduled_maintenance"
    outages: tuple[tuple[Service, int, int], ...] = (
        ("sms", night[2], 40), ("whatsapp", night[4], 12), ("voice", night[5] + 180, 10), ("voice", night[5], 10),
        ("email", night[6], 15), ("sms", night[7], 40),
    )  # fmt: skip
    for service, first, length in outages:
        story.add_episode(EpisodeKind.TOTAL, service, first, length, error="maintenance")
    story.add_declaration(f"mw-valid-{seed}", kind, ["sms"], night[2], 30, notice_ms=_NOTICE_MS)
    # one millisecond too late: void; half a minute at either edge: not covered whole
    story.add_declaration(f"mw-late-{seed}", kind, ["whatsapp"], night[4], 12, notice_ms=_NOTICE_MS - 1)
    story.add_declaration(f"mw-half-{seed}", kind, ["voice"], night[5], 10, inset_ms=30_000)
    story.add_declaration(f"mw-by-day-{seed}", kind, ["voice"], night[5] + 180, 10)
    # first declared for all, then narrowed; then one that was taken back; then one that lasted longer than was said
    story.add_declaration(f"mw-narrow-{seed}", kind, ["*"], night[6], 15)
    story.add_declaration(f"mw-narrow-{seed}", kind, ["email"], night[6], 9, revision=1)
    story.add_declaration(f"mw-gone-{seed}", kind, ["email"], night[6], 15)
    story.add_declaration(f"mw-gone-{seed}", kind, ["email"], night[6], 15, revision=1, retracted=True)
    story.add_declaration(f"mw-longer-{seed}", kind, ["sms"], night[7], 20)
    story.add_declaration(f"mw-longer-{seed}", kind, ["sms"], night[7], 40, revision=1, notice_ms=-_HOUR_MS)
    story.refused.append(("sla.declarations", b'{"declaration_id":"mw-refused","kind":"scheduled_maintenance"}'))


def _plan_emergencies(story: Story, day: list[int], seed: str) -> None:
    """Two windows of 35 minutes that share 10 spend the month's 60; another has none left, one came too late (X2)."""
    windows: tuple[tuple[str, Service, int, int, int], ...] = (
        ("a", "sms", day[8], 35, 5 * MINUTE_MS), ("b", "email", day[8] + 25, 35, 5 * MINUTE_MS),
        ("c", "sms", day[8] + 60, 15, 5 * MINUTE_MS), ("after", "voice", day[9] + 60, 8, -10 * MINUTE_MS),
    )  # fmt: skip
    for name, service, first, length, notice_ms in windows:
        story.add_episode(EpisodeKind.TOTAL, service, first, length)
        story.add_declaration(
            f"em-{name}-{seed}", "emergency_maintenance", [service], first, length, notice_ms=notice_ms
        )


def _plan_third_parties(story: Story, day: list[int], seed: str) -> None:
    kinds: tuple[tuple[Kind, Service], ...] = (
        ("operator_outage", "voice"),
        ("internet_backbone", "sms"),
        ("dns", "email"),
    )
    for nth, (kind, service) in enumerate(kinds):
        # silent minutes are excused; those in which something was served badly are ours
        story.add_episode(EpisodeKind.SILENT, service, day[9 + nth], 20)
        story.add_episode(EpisodeKind.TOTAL, service, day[9 + nth] + 20, 5)
        story.add_declaration(
            f"{kind}-{seed}", kind, [service], day[9 + nth], 25, notice_ms=-_HOUR_MS, evidence=f"ticket {nth}-{seed}"
        )
    story.add_episode(EpisodeKind.SILENT, "whatsapp", day[12], 8)
    story.add_declaration(f"dns-unproven-{seed}", "dns", ["whatsapp"], day[12], 8, notice_ms=-_HOUR_MS, evidence=" ")
    # what only the platform says of an operator, with a window that vouches for half of it, and a foretold shutdown
    story.add_episode(EpisodeKind.CARRIER_DOWN, "sms", day[7] + 60, 180)
    story.add_declaration(
        f"vouching-{seed}", "operator_outage", ["sms"], day[7] + 60, 90, notice_ms=-3 * _HOUR_MS, evidence="NOC 7"
    )
    story.add_episode(EpisodeKind.CARRIER_DOWN, "whatsapp", day[18] + 60, 30)
    story.add_declaration(
        f"shutdown-{seed}", "regulatory_shutdown", ["whatsapp"], day[18] + 60, 30, evidence="PTA letter 4"
    )


def _plan_acts_of_others(story: Story, day: list[int], seed: str) -> None:
    kinds: tuple[Kind, ...] = ("force_majeure", "ddos", "regulatory_shutdown")
    at = [day[13], story.at_local(14, _NIGHT + 60), day[15]]
    for nth, kind in enumerate(kinds):
        service = SERVICES[nth % len(SERVICES)]
        story.add_episode(EpisodeKind.TOTAL, service, at[nth], 12, error="ddos_mitigation")
        story.add_declaration(
            f"{kind}-{seed}", kind, [service], at[nth], 10, notice_ms=-_HOUR_MS, evidence=f"report {nth}-{seed}"
        )
    # two kinds over the same minutes: the first in the contract's order is taken (X4)
    story.add_declaration(f"mw-under-ddos-{seed}", "scheduled_maintenance", ["voice"], at[1] + 2, 3)
    # declared beforehand, and a week and more too late (X3)
    story.add_episode(EpisodeKind.TOTAL, "email", day[5], 6, error="ddos_mitigation")
    story.add_declaration(f"foretold-{seed}", "ddos", ["email"], day[5], 6, notice_ms=_HOUR_MS, evidence="report")
    story.add_episode(EpisodeKind.TOTAL, "email", day[3], 6)
    story.add_declaration(
        f"too-late-{seed}", "force_majeure", ["email"], day[3], 6, notice_ms=-8 * 24 * _HOUR_MS, evidence="flood"
    )


def _plan_faults(story: Story, day: list[int]) -> None:
    story.add_episode(EpisodeKind.PARTIAL, "sms", day[1], 30, share=0.05)
    story.add_episode(EpisodeKind.PARTIAL, "whatsapp", day[3], 45, share=0.5, error="internal_validation_bug")
    story.add_episode(EpisodeKind.STUCK, "whatsapp", day[7], 25, error="queue_full")
    story.add_episode(EpisodeKind.HELD, "sms", day[10] + 90, 5)
    story.add_episode(EpisodeKind.SILENT, "whatsapp", day[16], 30)
    story.add_episode(EpisodeKind.CORRECTED, "email", day[13], 6)
    story.add_episode(EpisodeKind.BETA, "sms", day[12], 6)
    story.add_episode(EpisodeKind.DISAGREEING, "whatsapp", day[17], 9)


def _plan_doubt(story: Story, day: list[int], minutes: int, seed: str) -> None:
    """Records lost on a working day and on a holiday, nights of habit, and gaps that were declared."""
    story.add_loss("sms", story.at_local(16, _BUSY_HOUR), 40)
    holidays = (index for index in range(14, minutes // DAY_MINUTES - 1) if is_holiday(_minute_of(story, index)))
    for index in holidays:
        if index != _DAYS - 4:
            story.add_loss("email", story.at_local(index, _BUSY_HOUR), 40)
    for index in range(minutes // DAY_MINUTES):
        story.add_episode(EpisodeKind.UNUSED, "voice", index * DAY_MINUTES + _CLOSED_FROM, _CLOSED_MINUTES)
    story.add_declaration(f"gap-good-{seed}", "telemetry_gap", ["sms", "email"], day[18], 10, inset_ms=30_000)
    story.add_episode(EpisodeKind.TOTAL, "sms", day[18] + 4, 3)
    story.add_declaration(f"gap-gone-{seed}", "telemetry_gap", ["*"], day[18] + 60, 600)
    story.add_declaration(f"gap-gone-{seed}", "telemetry_gap", ["*"], day[18] + 60, 600, revision=1, retracted=True)


def _minute_of(story: Story, day: int) -> int:
    return story.start_ms // MINUTE_MS + story.at_local(day, _BUSY_HOUR)


def _plan_claims(story: Story, day: list[int], seed: str) -> None:
    """One of each verdict: approved, not the earliest, too late, no incident, unknown, on trial, suspended (K2)."""
    outage, later, quiet = (day[1], day[1] + 30), (day[10] + 90, day[10] + 95), (day[1] - 200, day[1] - 100)
    claims: tuple[tuple[str, str, Service, tuple[int, int], int], ...] = (
        ("approved", "hbl-alerts", "sms", outage, 2), ("not-earliest", "hbl-alerts", "sms", later, 3),
        ("too-late", "bykea", "sms", outage, 32), ("whole-platform", "daraz-orders", "voice", (day[9], day[9] + 30), 5),
        ("no-incident", "clinic-shifa", "whatsapp", quiet, 1), ("unknown-account", "nobody", "sms", outage, 2),
        ("on-trial", "lums-admissions", "sms", outage, 2), ("suspended-since", "k-electric", "sms", outage, 29),
        ("joined-later", "kirana-store-17", "sms", outage, 4),
    )  # fmt: skip
    story.claims += [
        claim(f"{name}-{seed}", account_id, service, span, days, start_ms=story.start_ms)
        for name, account_id, service, span, days in claims
    ]
    story.refused.append(("sla.claims", b'{"claim_id":"claim-refused","account_id":"hbl-alerts","service":"fax"}'))
    story.refused.append(("accounts", b'{"account_id":"account-refused","plan":"gold"}'))
