"""A report as one HTML file: inline drawings, no scripts, nothing from elsewhere; light, dark and on paper."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, StrictUndefined
from jinja2.loaders import DictLoader
from markupsafe import Markup

from streams.core.shown_text import shown_text
from streams.reports.model import (
    Guarantee,
    OperatorDelivery,
    PlatformUptime,
    Report,
    ReportIncident,
    ReportMonth,
    ReportTicket,
    ServiceUptime,
)
from streams.reports.render import curves, strip, wording

_MOST_LISTED: Final = 40
_TEMPLATES: Final = ("above", "below", "report")
_MINUTE_S: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionRow:
    """Minutes that a kind of window excludes, a number a service in the month's order, then the platform's."""

    clause: str
    kind: str
    minutes: Sequence[int]


class HtmlDrawing:
    """Draws the reports of one month: what all accounts share of it is drawn once."""

    def __init__(self, month: ReportMonth) -> None:
        self._month = month
        self._environment = _environment()
        self._css = Markup(_text("report.css"))  # noqa: S704  our own file
        self._above = self._part(
            "above",
            exclusions=exclusion_rows(month),
            states=wording.STATE_WORDS,
            most=_MOST_LISTED,
        )
        self._below = self._part("below", unknown=unknown(month))
        self._template = self._environment.get_template("report")

    def draw(self, report: Report) -> bytes:
        """The file of a report of this month."""
        account = report.account
        text = self._template.render(
            month=self._month,
            account=account,
            css=self._css,
            above=self._above,
            below=self._below,
            dated=dated(self._month),
            shares={one.service: one.share for one in account.guarantees if one.rule == "P1"},
            operators=sorted(account.operators, key=lambda one: -one.delivered - one.failed)[:_MOST_LISTED],
            tickets=_first(account.tickets),
        )
        return text.encode()

    def _part(self, name: str, **to_record: Any) -> Markup:  # noqa: ANN401  what the template names
        return Markup(self._environment.get_template(name).render(month=self._month, **to_record))  # noqa: S704  escaped


def dated(month: ReportMonth) -> str:
    """The instant that a report carries as its own: that of what it rests on, never that of its making."""
    return wording.utc_time(month.statement_status.cut or month.as_of)


def exclusion_rows(month: ReportMonth) -> list[ExclusionRow]:
    """Every kind that excluded anything, in the order of the clauses."""
    clauses = {one.kind: one.clause for service in month.measured for one in service.excluded}
    return [
        ExclusionRow(
            clause=clause,
            kind=kind,
            minutes=[sum(one.minutes for one in service.excluded if one.kind == kind) for service in month.measured],
        )
        for kind in wording.KINDS
        if (clause := clauses.get(kind))
    ]


def unknown(month: ReportMonth) -> list[str]:
    """What a reader must know that nobody knows, a sentence each (B1-B5); of several services if it is the same."""
    found: dict[str, list[str]] = {}
    for one in month.services:
        for sentence in _unknown_of(one):
            found.setdefault(sentence, []).append(wording.SERVICE_NAMES[one.service])
    return [f"{', '.join(names)}: {sentence}" for sentence, names in found.items()] + [
        f"{wording.SERVICE_NAMES[hole.service]}: source {hole.source or wording.NONE} sent no count of {hole.topic} "
        f"for {wording.minutes(hole.minutes)}; what it sends at most is taken to be missing in each."
        for hole in month.holes
    ]


def _unknown_of(one: ServiceUptime) -> Iterator[str]:
    if one.uptime_low != one.uptime_high:
        yield (
            f"{one.missing_records:,} records are missing and {one.unknown_records:,} have no known outcome, so it was "
            f"down between {one.down_minutes_low:,} and {one.down_minutes_high:,} minutes; "
            f"{one.down_minutes_high_lost:,} ({one.uptime_low_lost} %) if only what was lost had failed."
        )
    if one.blind_minutes:
        yield f"{wording.minutes(one.blind_minutes)} are blind: too little is known of them; for credits they are down."
    if one.corrected_records:
        yield f"{one.corrected_records:,} records were corrected in our favour; at worst they count as before."
    if one.conflicts:
        yield f"{one.conflicts:,} records contradict themselves; in doubt they count against us."
    if one.collisions:
        yield f"{one.collisions:,} requests came under an id that another had; they count as missing."
    if one.pending_minutes:
        yield f"{wording.minutes(one.pending_minutes)} are not over or not read yet; they count as up."
    if one.out_of_scope_failed:
        yield (
            f"{one.out_of_scope_failed:,} of {one.out_of_scope_ok + one.out_of_scope_failed:,} requests and messages "
            f"out of scope (§8.1, §8.2) failed; with them {wording.minutes(one.out_of_scope_down_minutes)} more would "
            "be bad."
        )
    if one.is_observed and not one.is_proven:
        yield "not every source told how much it sent, so nobody can prove that all of it arrived."


def _first(tickets: Sequence[ReportTicket]) -> Sequence[ReportTicket]:
    """As many tickets as a page bears, the late ones before all others."""
    kept = sorted(tickets, key=lambda one: not one.is_late)[:_MOST_LISTED]
    return sorted(kept, key=lambda one: (one.opened_at, one.ticket_id))


def _environment() -> Environment:
    loader = DictLoader({name: _text(f"{name}.html.jinja") for name in _TEMPLATES})
    made = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "service": wording.SERVICE_NAMES.__getitem__,
        "summary": wording.summary,
        "verdict": wording.verdict,
        "minutes": wording.minutes,
        "count": wording.count,
        "words": wording.words,
        "kind": wording.KINDS.__getitem__,
        "reason": lambda code: wording.REASONS.get(code, wording.words(code)),
        "local": wording.local_time,
        "month_name": wording.month_name,
        "duration": wording.duration,
        "days": wording.days,
        "ms": wording.milliseconds,
        "short": wording.short_percent,
        "promise": wording.target,
        "counts": _counts,
        "lasted": _lasted,
        "of_what": _of_what,
        "width": _width,
        "money": money,
        "strip": lambda one: Markup(strip.strip(one)),  # noqa: S704  escapes what it is given
        "key": lambda state: Markup(strip.key(state)),  # noqa: S704  our own
        "curve": lambda one, share: Markup(curves.curve(one, share)),  # noqa: S704  escapes what it is given
    }
    return made


def _shown(value: Any) -> Any:  # noqa: ANN401  whatever a template names
    """Text as data; our own markup as it is."""
    return shown_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def money(amount: Decimal) -> str:
    """An amount with its thousands apart, to the hundredth or as many digits more as it has."""
    digits = amount.as_tuple().exponent
    return f"{amount:,}" if isinstance(digits, int) and digits <= -2 else f"{amount:,.2f}"  # noqa: PLR2004  hundredths


def _counts(one: PlatformUptime) -> str:
    found: Mapping[str, int] = {
        "down": one.down_minutes,
        "excluded": one.excluded_minutes,
        "blind": one.blind_minutes,
        "idle": one.idle_minutes,
        "not over": one.pending_minutes,
    }
    sentence = " · ".join(f"{number:,} {name}" for name, number in found.items() if number)
    return f"minutes: {sentence}" if sentence else "every minute good"


def _lasted(one: ReportIncident) -> str:
    seconds = datetime.fromisoformat(one.end) - datetime.fromisoformat(one.start)
    return wording.duration((seconds.days * 86_400 + seconds.seconds) * 1000)


def _of_what(one: Guarantee) -> str:
    """What was counted; of call quality, which counts milliseconds, the time."""
    return wording.duration(one.counted) if one.name == "HD quality" else f"{one.counted:,}"


def _width(one: OperatorDelivery, among: Sequence[OperatorDelivery]) -> str:
    """The bar of an operator, in percent of the service's largest."""
    largest = max(other.delivered for other in among if other.service == one.service)
    tenths = one.delivered * 1000 // largest if largest else 0
    return f"{tenths // 10}.{tenths % 10}"


def _text(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text("utf-8")
