"""A month strip: a row a day, a minute as wide as its share of the day, what went wrong drawn over what went well.

Each state has its own colour and its own place in the row, so that it can be read without colours, too. A run of a few
minutes is drawn wide enough to be seen: nothing that was down is ever lost between two pixels.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from streams.reports.model import PlatformUptime, ReportDay, StateRun
from streams.reports.render.wording import SERVICE_NAMES, day_name

DAY_MINUTES: Final = 1440
_PITCH: Final = 4
_LEFT: Final = 34
_WIDTH: Final = 720
_TOP: Final = 12
_LEAST_MINUTES: Final = 3
_SHORT_MINUTES: Final = 5
_WEEK_DAYS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How a state is drawn: its colour, how thick, and how far below the middle of its row, in pixels."""

    colour: str
    thick: str
    below: str
    dashes: tuple[int, int] | None = None
    """Minutes drawn and left out, by turns."""

    def pen(self, *, minutes: bool) -> str:
        """The attributes of a path, whose unit across is a minute, or a pixel."""
        drawn = "" if self.dashes is None else " ".join(str(each if minutes else each // 8) for each in self.dashes)
        dashed = f' stroke-dasharray="{drawn}"' if drawn else ""
        return (
            f'fill="none" stroke="{self.colour}" stroke-width="{self.thick}"{dashed} '
            f'transform="translate(0 {self.below})"'
        )


MARKS: Final = {
    "good": Mark(colour="#c5ddd0", thick="3.4", below="0"),
    "idle": Mark(colour="#d3dae1", thick=".7", below="1.3"),
    "pending": Mark(colour="#b9c4d0", thick=".7", below="0", dashes=(24, 24)),
    "excluded": Mark(colour="#b7791f", thick="2", below=".7"),
    "blind": Mark(colour="#6b4fa0", thick="2", below="-.7"),
    "down": Mark(colour="#b42318", thick="3.4", below="0"),
}
"""In the order in which they are drawn: the worst on top."""


def strip(service: PlatformUptime) -> str:
    """The month of a service as an SVG that needs nothing else."""
    longest = max(DAY_MINUTES, *(_length(day) for day in service.days))
    height = _TOP + _PITCH * len(service.days) + 2
    # minutes are the unit across: the pen is not scaled with them, for it only draws across
    across = f"translate({_LEFT} {_TOP}) scale({_decimal((_WIDTH - _LEFT) * 10_000 // longest)} 1)"
    label = escape(f"{SERVICE_NAMES[service.service]}, minute by minute: {_day_text(service)}")
    return "".join(
        [
            (
                f'<svg class="strip" role="img" aria-label="{label}" viewBox="0 0 {_WIDTH} {height}" '
                f'width="{_WIDTH}" height="{height}" font-family="sans-serif" font-size="7.5">'
            ),
            f"<title>{label}</title>",
            *_hours(longest),
            *_day_labels(service.days),
            f'<g transform="{across}">',
            *_paths(service.days),
            "</g>",
            *_hints(service.days),
            "</svg>",
        ]
    )


def key(state: str) -> str:
    """A state's mark for a legend."""
    mark = MARKS[state]
    return (
        '<svg class="key" aria-hidden="true" viewBox="0 0 18 6" width="18" height="6">'
        f'<path class="s-{state}" {mark.pen(minutes=False)} d="M0 3h18"/></svg>'
    )


def _paths(days: Sequence[ReportDay]) -> Iterator[str]:
    drawn = [_drawn(day) for day in days]
    for state, mark in MARKS.items():
        segments = [
            f"M{run.first} {row * _PITCH + _PITCH // 2}h{_wide(run)}"
            for row, runs in enumerate(drawn)
            for run in runs
            if run.state == state
        ]
        if segments:
            yield f'<path class="s-{state}" {mark.pen(minutes=True)} d="{"".join(segments)}"/>'


def _drawn(day: ReportDay) -> list[StateRun]:
    """A day's runs as they are drawn: a service that is asked now and then is not drawn as a comb of idle minutes."""
    drawn: list[StateRun] = []
    for run in day.runs:
        state = "good" if run.state == "idle" and run.minutes < _SHORT_MINUTES and drawn else run.state
        if drawn and drawn[-1].state == state:
            drawn[-1] = StateRun(state=state, first=drawn[-1].first, minutes=drawn[-1].minutes + run.minutes)
        else:
            drawn.append(StateRun(state=state, first=run.first, minutes=run.minutes))
    return drawn


def _wide(run: StateRun) -> int:
    return max(run.minutes, _LEAST_MINUTES) if run.state in ("down", "excluded", "blind") else run.minutes


def _hours(longest: int) -> Iterator[str]:
    for hour in (0, 6, 12, 18, 24):
        x = _LEFT + (_WIDTH - _LEFT) * hour * 60 // longest
        anchor = {0: "start", 24: "end"}.get(hour, "middle")
        yield f'<text class="axis" x="{x}" y="7" fill="#5b6675" text-anchor="{anchor}">{hour:02}:00</text>'


def _day_labels(days: Sequence[ReportDay]) -> Iterator[str]:
    for row in range(0, len(days), _WEEK_DAYS):
        y = _TOP + row * _PITCH + _PITCH + 1
        yield f'<text class="axis" x="{_LEFT - 6}" y="{y}" fill="#5b6675" text-anchor="end">{row + 1}</text>'


def _hints(days: Sequence[ReportDay]) -> Iterator[str]:
    """What a day was, for who points at it: of those days that were anything but good and idle."""
    for row, day in enumerate(days):
        sentence = [
            f"{minutes:,} {state}" for state in ("down", "excluded", "blind") if (minutes := day.minutes_in(state))
        ]
        if sentence:
            y = _TOP + row * _PITCH
            yield (
                f'<rect x="{_LEFT}" y="{y}" width="{_WIDTH - _LEFT}" height="{_PITCH}" fill="#000" fill-opacity="0">'
                f"<title>{day_name(day.date)}: {', '.join(sentence)}</title></rect>"
            )


def _day_text(service: PlatformUptime) -> str:
    counts = {
        "good": service.good_minutes,
        "down": service.down_minutes,
        "excluded": service.excluded_minutes,
        "blind": service.blind_minutes,
        "idle": service.idle_minutes,
        "pending": service.pending_minutes,
    }
    return _joined(f"{minutes:,} {state}" for state, minutes in counts.items() if minutes)


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(parts) or "no minutes"


def _decimal(ten_thousandths: int) -> str:
    return f"{ten_thousandths // 10_000}.{ten_thousandths % 10_000:04}"


def _length(day: ReportDay) -> int:
    return sum(run.minutes for run in day.runs)
