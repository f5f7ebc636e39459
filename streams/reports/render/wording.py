"""The words and figures of a report for people: names, months, local times, durations."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from streams.reports.model import Guarantee, PlatformUptime, ReportMonth

NONE: Final = "\N{EN DASH}"
"""Where there is no value."""

SERVICE_NAMES: Final[Mapping[str, str]] = {
    "sms": "SMS",
    "voice": "Voice",
    "whatsapp": "WhatsApp",
    "email": "Email",
    "platform": "Platform, all services",
    "": NONE,
}
"""Services and fees as people call them."""

STATE_WORDS: Final[Mapping[str, str]] = {
    "good": "good: answered",
    "down": "down: downtime (§2.3)",
    "excluded": "excluded: excused (§2.4)",
    "blind": "blind: too little is known; counts against us in credits",
    "idle": "idle: nothing was asked of the service",
    "pending": "not over, or still to be read",
}
"""What a minute's state means, in the order in which legends list them."""

KINDS: Final[Mapping[str, str]] = {
    "scheduled_maintenance": "scheduled maintenance",
    "emergency_maintenance": "emergency maintenance",
    "operator_outage": "operator outage",
    "internet_backbone": "internet backbone",
    "dns": "DNS failure",
    "force_majeure": "force majeure",
    "ddos": "DDoS attack",
    "regulatory_shutdown": "regulatory shutdown",
}
"""Kinds of windows that exclude, in the order in which they take a minute (X4)."""

REASONS: Final[Mapping[str, str]] = {
    "excludes": "excludes these minutes of a service",
    "vouches": "vouches for failures that only we tell, or against the worst case",
    "notice_too_short": "announced too late: excludes nothing",
    "overrun": "beyond the window that was announced in time: excludes nothing",
    "outside_usual_hours": "outside the usual hours: excludes nothing",
    "declared_afterwards": "declared after it had begun: excludes nothing",
    "emergency_budget_spent": "beyond the hour of emergency maintenance a month: excludes nothing",
    "no_evidence": "without evidence: excludes nothing",
    "foretold": "declared before it was over: excludes nothing",
    "declared_too_late": "declared too long afterwards: excludes nothing",
    "notice_unproven": "excludes by its declared notice, which no broker's timestamp proves",
    "revised": "moved by a later revision",
    "retracted": "retracted",
    "telemetry_gap": "records were lost: excludes nothing",
    "refused": "could not be read: excludes nothing",
}
"""Why a declaration is listed, as X4 has it."""

_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SECOND_MS: Final = 1_000
_MINUTE_S: Final = 60
_HOUR_MINUTES: Final = 60


def month_name(month: str) -> str:
    """`2026-09` as September 2026."""
    return f"{_MONTHS[int(month[5:7]) - 1]} {month[:4]}"


def day_name(date: str) -> str:
    """`2026-09-03` as 3 September."""
    return f"{int(date[8:10])} {_MONTHS[int(date[5:7]) - 1]}"


def local_time(instant: str, zone: str) -> str:
    """An instant as `3 Sep 2026, 05:10` in a zone; seconds are cut off."""
    moment = datetime.fromisoformat(instant).astimezone(ZoneInfo(zone))
    return f"{moment.day} {_MONTHS[moment.month - 1][:3]} {moment.year}, {moment:%H:%M}"


def utc_time(instant: str) -> str:
    """An instant to the second, in UTC."""
    return f"{datetime.fromisoformat(instant).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def words(code: str) -> str:
    """A code as words: `scheduled_maintenance` as scheduled maintenance."""
    return code.replace("_", " ")


def count(number: int) -> str:
    """A number with its thousands apart."""
    return f"{number:,}"


def minutes(number: int) -> str:
    """So many minutes, in words."""
    return f"{number:,} minute{'' if number == 1 else 's'}"


def duration(ms: int | None) -> str:
    """A duration as `45 s`, `12 min` or `3 h 05 min`, rounded up: what is late never looks in time."""
    if ms is None:
        return NONE
    seconds = -(-ms // _SECOND_MS)
    if seconds < _MINUTE_S:
        return f"{seconds} s"
    whole = -(-seconds // _MINUTE_S)
    hours, rest = divmod(whole, _HOUR_MINUTES)
    if not hours:
        return f"{rest} min"
    return f"{hours:,} h {rest:02} min" if rest else f"{hours:,} h"


def days(number: int) -> str:
    """So many days, in words."""
    return f"{number:,} day{'' if number == 1 else 's'}"


def milliseconds(ms: int | None) -> str:
    """A time as `200 ms` below a second, else as seconds without needless digits: `1.5 s`."""
    if ms is None:
        return NONE
    if ms < _SECOND_MS:
        return f"{ms} ms"
    whole, rest = divmod(ms, _SECOND_MS)
    return f"{whole:,}" + (f".{rest:03}".rstrip("0") if rest else "") + " s"


def short_percent(percent: str) -> str:
    """A percentage without its trailing zeros: `99.9000` as 99.9; no digit is lost."""
    return percent.rstrip("0").rstrip(".") if "." in percent else percent


def target(one: Guarantee) -> str:
    """What a guarantee promises, in the contract's words."""
    target = f"{short_percent(one.target)} %"
    limit = duration(one.limit_ms) if (one.limit_ms or 0) >= _MINUTE_S * _SECOND_MS else milliseconds(one.limit_ms)
    return f"{target} within {limit}" if one.limit_ms is not None else target


def verdict(service: PlatformUptime, is_closed: bool) -> str:
    """Whether a month kept the guarantee, and how sure that is."""
    if service.is_met is None:
        return "nothing observed"
    sentence = "met" if service.is_met else "missed"
    if not service.is_certain:
        return f"{sentence}, in doubt"
    return sentence if is_closed else f"{sentence} so far"


def summary(month: ReportMonth) -> str:
    """The month in a sentence; of what was not observed another."""
    observed = [one for one in month.services if one.is_observed]
    unseen = [SERVICE_NAMES[one.service] for one in month.services if not one.is_observed]
    sentences = [_kept(month, observed)] if observed else []
    sentences += [f"Nothing was observed of {_listed(unseen)}."] if unseen else []
    return " ".join(sentences)


def _kept(month: ReportMonth, observed: Sequence[PlatformUptime]) -> str:
    missed = [SERVICE_NAMES[one.service] for one in observed if not one.is_met]
    target = f"{short_percent(month.target)} %"
    so_far = "" if month.is_closed else " so far"
    if not missed:
        kept = [SERVICE_NAMES[one.service] for one in observed]
        who = "All four services" if len(kept) == len(month.services) else _listed(kept)
        return f"{who} kept the {target} uptime guarantee{so_far}."
    others = len(observed) - len(missed)
    rest = f"; the other{'s' if others > 1 else ''} kept it" if others else ""
    return f"{_listed(missed)} missed the {target} uptime guarantee{so_far}{rest}."


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
