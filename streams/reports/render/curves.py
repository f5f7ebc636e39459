"""Latency curves: which share of a service's requests took no longer than so many milliseconds, beside the promise.

Counts are exact at every edge; between two the line is only there for the eye. Times are drawn by their logarithm.
"""

from collections.abc import Iterator
from html import escape
from math import ceil, floor, log10
from typing import Final

from streams.reports.model import Curve
from streams.reports.render.wording import SERVICE_NAMES, milliseconds, short_percent

_LEFT: Final = 30
_RIGHT: Final = 340
_TOP: Final = 10
_BOTTOM: Final = 118
_HEIGHT: Final = 136
_WIDTH: Final = 350
_HUNDRED: Final = 100


def curve(one: Curve, share: str) -> str:
    """A curve as an SVG that needs nothing else; `share` is the one within the limit, as the guarantee defines it."""
    axis = _Axis(one)
    sentence = f"{short_percent(share)} % of {one.total:,} requests within {milliseconds(one.limit_ms)}"
    label = escape(f"{SERVICE_NAMES[one.service]} response times: {sentence}, promised {short_percent(one.target)} %")
    return "".join(
        [
            (
                f'<svg class="curve" role="img" aria-label="{label}" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
                f'width="{_WIDTH}" height="{_HEIGHT}" font-family="sans-serif" font-size="8">'
            ),
            f"<title>{label}</title>",
            *_shares(),
            *axis.times(),
            *_target_line(axis, one),
            (
                f'<path class="line" fill="none" stroke="#1f4e79" stroke-width="1.6" stroke-linejoin="round" '
                f'd="{"".join(_line(axis, one))}"/>'
            ),
            *_dot(axis, one),
            "</svg>",
        ]
    )


class _Axis:
    """Decades of milliseconds across, wide enough for every edge and the limit."""

    def __init__(self, one: Curve) -> None:
        edges = [one.limit_ms, *(edge for edge, _ in one.counts)]
        self._first = floor(log10(min(edges)) - 0.01)
        self._last = max(ceil(log10(max(edges))), self._first + 1)

    def x(self, ms: int) -> str:
        return f"{_LEFT + (_RIGHT - _LEFT) * (log10(ms) - self._first) / (self._last - self._first):.1f}"

    def times(self) -> Iterator[str]:
        for decade in range(max(self._first, 0), self._last + 1):
            x = self.x(10**decade)
            yield f'<path class="grid" stroke="#e3e7ec" stroke-width=".7" d="M{x} {_TOP}V{_BOTTOM}"/>'
            yield (
                f'<text class="axis" x="{x}" y="{_BOTTOM + 11}" fill="#5b6675" text-anchor="middle">'
                f"{milliseconds(10**decade)}</text>"
            )


def _y(part: int, whole: int) -> str:
    """A share's height, to a tenth of a pixel."""
    return f"{_BOTTOM - (_BOTTOM - _TOP) * part / whole:.1f}"


def _shares() -> Iterator[str]:
    for percent in (0, 50, 100):
        y = _y(percent, _HUNDRED)
        yield f'<path class="grid" stroke="#e3e7ec" stroke-width=".7" d="M{_LEFT} {y}H{_RIGHT}"/>'
        yield (
            f'<text class="axis" x="{_LEFT - 4}" y="{_BOTTOM - (_BOTTOM - _TOP) * percent // _HUNDRED + 3}" '
            f'fill="#5b6675" text-anchor="end">{percent} %</text>'
        )


def _target_line(axis: _Axis, one: Curve) -> Iterator[str]:
    """Where the curve has to pass: at the limit, no lower than the target."""
    y = _y(_ten_thousandths(one.target), _HUNDRED * 10_000)
    x = axis.x(one.limit_ms)
    yield (
        f'<path class="promise" fill="none" stroke="#5b6675" stroke-width="1" stroke-dasharray="3 2" '
        f'd="M{_LEFT} {y}H{x}V{_BOTTOM}"/>'
    )


def _line(axis: _Axis, one: Curve) -> Iterator[str]:
    done = 0
    yield f"M{axis.x(one.counts[0][0])} {_BOTTOM}"
    for edge, count in one.counts:
        done += count
        yield f"L{axis.x(edge)} {_y(done, one.total)}"


def _dot(axis: _Axis, one: Curve) -> Iterator[str]:
    within = sum(count for edge, count in one.counts if edge <= one.limit_ms)
    met = within * _HUNDRED * 10_000 >= _ten_thousandths(one.target) * one.total
    y, x = _y(within, one.total), axis.x(one.limit_ms)
    # a circle where the commitment is kept, a square where it is not: readable without colours, too
    if met:
        yield f'<circle class="met" cx="{x}" cy="{y}" r="3" fill="#2f7d55"/>'
    else:
        yield (
            f'<rect class="missed" x="-3" y="-3" width="6" height="6" transform="translate({x} {y})" fill="#b42318"/>'
        )


def _ten_thousandths(percent: str) -> int:
    """A percentage of four decimals as a whole number."""
    whole, _, decimals = percent.partition(".")
    return int(whole) * 10_000 + int(decimals.ljust(4, "0")[:4])
