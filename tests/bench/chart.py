"""Records per second of each side as bars, drawn as an SVG that follows the reader's light or dark theme."""

from collections.abc import Sequence
from html import escape

from tests.bench.figures import Figures, Spread
from tests.bench.sides import PIPELINE

_WIDTH = 760
_ROW = 38
_TOP = 44
_LABELS = 250
_BARS = 340
_BAR_HEIGHT = 18
_STYLE = """\
text { font: 13px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600 } .figure { fill: #59636e }
.side { fill: #8c959f } .ours { fill: #0969da } .spread { stroke: #1f2328; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .figure { fill: #9198a1 } .side { fill: #656c76 } .ours { fill: #4493f8 }
.spread { stroke: #f0f6fc } }"""


def draw(result: Sequence[Figures]) -> str:
    """The fastest on top; a line over the end of a bar spans the rounds. Sides without a figure are left out."""
    to_record = [(row, row.records_per_s) for row in result if row.records_per_s]
    to_record.sort(key=lambda pair: -pair[1].median)
    most = max((rate.most for _, rate in to_record), default=1.0)
    bars = [_bar(place, row, rate, _BARS / most) for place, (row, rate) in enumerate(to_record)]
    height = _TOP + _ROW * len(to_record) + 8
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img"'
        ' aria-label="Records per second of each side">'
    )
    title = '<text class="title" x="8" y="24">Records per second: median, and the spread of the rounds</text>'
    return "\n".join([head, f"<style>{_STYLE}</style>", title, *bars, "</svg>"]) + "\n"


def _bar(place: int, row: Figures, rate: Spread, scale: float) -> str:
    top = _TOP + place * _ROW
    middle = top + _BAR_HEIGHT / 2
    kind = "ours" if row.side == PIPELINE else "side"
    least, most = _LABELS + rate.least * scale, _LABELS + rate.most * scale
    return "\n".join(
        [
            f'<text x="{_LABELS - 10}" y="{middle + 4.5:g}" text-anchor="end">{escape(row.title)}</text>',
            f'<rect class="{kind}" x="{_LABELS}" y="{top}" width="{rate.median * scale:.1f}" height="{_BAR_HEIGHT}"/>',
            f'<line class="spread" x1="{least:.1f}" x2="{most:.1f}" y1="{middle:g}" y2="{middle:g}"/>',
            f'<text class="figure" x="{most + 8:.1f}" y="{middle + 4.5:g}">{rate.median:,.0f}</text>',
        ]
    )
