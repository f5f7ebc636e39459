"""What a month must come out as (contract V1-V4, X1-X5, B1-B4, M1, M2), once everything has arrived and waited.

A minute at a time, a rule at a time, with the constants of policy zecto-1.0 written out. Complete means: the frontier
has passed the month by far, so that nothing is pending and messages without a final receipt have turned (C3).
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from schemas.fields import SERVICES, Service
from streams.simulate.accounting import Minute, PlainAccounting
from streams.simulate.coverage import KINDS, THIRD_PARTIES, excuses_of, gaps_of, silences_of
from streams.simulate.facts import MinuteSide, SimulatedMinutes, gather

ZONE: Final = ZoneInfo("Asia/Karachi")
_BLIND_IN: Final = 1_000
_TIERS: Final = ((999, 1_000, 0), (99, 100, 10), (95, 100, 25))
_LEAST_TIER_PERCENT: Final = 50


class ServiceTruth(msgspec.Struct, frozen=True, kw_only=True):
    """A service's month; the fields are named as in `month --json`."""

    total_minutes: int
    good_minutes: int
    down_minutes: int
    down_minutes_low: int
    down_minutes_high: int
    excluded_minutes: dict[str, int]
    idle_minutes: int
    blind_minutes: int
    pending_minutes: int
    uptime: str
    uptime_low: str
    uptime_high: str
    credit_uptime: str
    credit_percent: int
    conflicts: int
    missing_records: int
    unknown_records: int
    source_completeness: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthTruth:
    """A month by service, with the state and kind of every minute (minutes since the epoch)."""

    month: str
    services: dict[Service, ServiceTruth]
    states: dict[Minute, tuple[str, str]]


def month_minutes(month: str) -> range:
    """The UTC minutes (since the epoch) of a calendar month `YYYY-MM` in Karachi (T3)."""
    year, number = int(month[:4]), int(month[5:])
    start = dt.datetime(year, number, 1, tzinfo=ZONE)
    following = dt.datetime(year + number // 12, number % 12 + 1, 1, tzinfo=ZONE)
    return range(int(start.timestamp()) // 60, int(following.timestamp()) // 60)


def month_of(instant_ms: int) -> str:
    """The month `YYYY-MM` in Karachi that holds an instant."""
    return f"{dt.datetime.fromtimestamp(instant_ms / 1000, tz=ZONE):%Y-%m}"


def describe_month(accounting: PlainAccounting, month: str) -> MonthTruth:
    """Every minute of a month by the rules, and their sums."""
    minutes = month_minutes(month)
    facts = gather(accounting)
    gaps, silences = gaps_of(accounting), silences_of(accounting, facts)
    excuses = excuses_of(accounting, minutes)
    states: dict[Minute, tuple[str, str]] = {}
    services: dict[Service, ServiceTruth] = {}
    for service in SERVICES:
        counts: Counter[str] = Counter()
        for minute in minutes:
            at = (service, minute)
            if at not in facts and at not in gaps and at not in silences:
                states[at] = ("idle", "")
                continue
            fact = facts.get(at) or SimulatedMinutes(MinuteSide(), MinuteSide())
            _add_up(fact, counts)
            states[at] = _judge(fact, excuses.get(at, ()), counts, gap=at in gaps, silence=at in silences)
        services[service] = _sum_up(service, minutes, states, counts, accounting)
    return MonthTruth(month=month, services=services, states=states)


def _add_up(fact: SimulatedMinutes, counts: Counter[str]) -> None:
    counts["conflicts"] += fact.conflicts
    counts["unknown"] += fact.unknown
    counts["missing"] += fact.missing


def _judge(
    fact: SimulatedMinutes, kinds: Collection[str], counts: Counter[str], *, gap: bool, silence: bool
) -> tuple[str, str]:
    """The state of a minute and, if excluded, the window's kind (V1-V3); its part in the bounds goes to `counts`."""
    valid = fact.requests.valid + fact.messages.valid
    probes_fail = fact.probes_failed > 0 and fact.probes_ok == 0
    bad = fact.requests.bad() or fact.messages.bad() if valid else probes_fail
    # operators, backbone and DNS excuse what is bad by V2 alone, never our own faults meanwhile (X3)
    ours = [kind for kind in KINDS if kind in kinds and kind not in THIRD_PARTIES]
    excusing = ours if valid else [kind for kind in KINDS if kind in kinds]
    if bad and excusing:
        counts[excusing[0]] += 1
        return "excluded", excusing[0]
    unseen = gap or (silence and not fact.probes_ok + fact.probes_failed)
    if valid + fact.requests.doubtful + fact.messages.doubtful == 0:
        worst = best = probes_fail
    else:
        worst = fact.requests.bad_at_worst() or fact.messages.bad_at_worst() or (valid == 0 and probes_fail)
        best = fact.requests.bad_at_best() or fact.messages.bad_at_best()
    counts["low"] += best and not unseen
    counts["high"] += (worst or unseen) and not ours
    if bad:
        return "down", ""
    if gap:
        return "blind", ""
    if valid or fact.probes_ok:
        return "good", ""
    return ("blind" if silence else "idle"), ""


def _sum_up(
    service: Service,
    minutes: range,
    states: dict[Minute, tuple[str, str]],
    counts: Counter[str],
    accounting: PlainAccounting,
) -> ServiceTruth:
    of = Counter(states[service, minute][0] for minute in minutes)
    total, down, blind = len(minutes), of["down"], of["blind"]
    credited = total - down - (blind if blind * _BLIND_IN > total else 0)
    tier = next((percent for up, out_of, percent in _TIERS if credited * out_of >= up * total), _LEAST_TIER_PERCENT)
    return ServiceTruth(
        total_minutes=total,
        good_minutes=of["good"],
        down_minutes=down,
        down_minutes_low=counts["low"],
        down_minutes_high=counts["high"],
        excluded_minutes={kind: counts[kind] for kind in KINDS if counts[kind]},
        idle_minutes=of["idle"],
        blind_minutes=blind,
        pending_minutes=0,
        uptime=_percent(total - down, total),
        uptime_low=_percent(total - counts["high"], total),
        uptime_high=_percent(total - counts["low"], total),
        credit_uptime=_percent(credited, total),
        credit_percent=tier,
        conflicts=counts["conflicts"],
        missing_records=counts["missing"],
        unknown_records=counts["unknown"],
        source_completeness=_completeness(service, minutes, accounting),
    )


def _completeness(service: Service, minutes: range, accounting: PlainAccounting) -> str:
    named: set[str] = set()
    for minute in minutes:
        named |= accounting.sources.get((service, minute), set())
    proven = bool(named) and all(
        (topic, source, service, minute) in accounting.manifests
        for source in named
        for topic in ("api.requests", "carrier.receipts")
        for minute in minutes
    )
    return "proven" if proven else "unproven"


def _percent(part: int, whole: int) -> str:
    """Four decimals, rounded down (M1)."""
    scaled = part * 1_000_000 // whole
    return f"{scaled // 10_000}.{scaled % 10_000:04d}"
