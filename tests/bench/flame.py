"""Where one worker spends its processor time on a backlog, as a flame graph:

    python -m tests.bench.flame --records 2000000 --svg flame.svg

The worker samples its own threads (`tests/bench/profiling`) and is a few percent slower for it. A box is as wide as the
processor time of its function and of what that called; below stand the threads.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from streams.clickhouse.client import connect
from streams.core.errors import ZectoError
from streams.kafka.producer import Producer
from streams.operations.migrate import migrate
from streams.stack.stack import EmbeddedStack
from tests.bench.measuring import measure
from tests.bench.traffic import Truth, backlog

_TOPIC: Final = "api.requests"
_SAMPLER: Final = Path(__file__).parent / "profiling"
_MOST: Final = 20

_WIDTH: Final = 1_200
_ROW: Final = 17
_LEAST: Final = 0.002  # of the whole: narrower boxes are left out
_CHAR: Final = 6.2
_STYLE: Final = """\
text { font: 11px ui-monospace, monospace; fill: #1f2328; pointer-events: none }
rect { stroke: #ffffff; stroke-width: .6 } rect:hover { stroke: #1f2328 }
.ours { fill: #f2a65a } .theirs { fill: #f7d9a8 } .thread { fill: #c8d1da }
@media (prefers-color-scheme: dark) { svg { background: #0d1117 } rect { stroke: #0d1117 } }"""


@dataclass(slots=True)
class Box:
    """A function as called from the one below it: processor seconds of its own and of what it called."""

    name: str
    seconds: float = 0.0
    calls: dict[str, "Box"] = field(default_factory=dict)

    def add(self, names: list[str], seconds: float) -> None:
        """Take a sample in."""
        self.seconds += seconds
        if names:
            self.calls.setdefault(names[0], Box(names[0])).add(names[1:], seconds)

    @property
    def own_s(self) -> float:
        """What it did not spend in what it called."""
        return self.seconds - sum(box.seconds for box in self.calls.values())


def read(lines: Iterable[str]) -> Box:
    """The tree of `stack seconds` lines, frames with semicolons between them."""
    root = Box("processor time")
    for line in lines:
        stack, _, seconds = line.rpartition(" ")
        root.add(stack.split(";"), float(seconds))
    return root


def draw(root: Box) -> str:
    """An SVG; a box tells its name and share when pointed at."""
    boxes = list(_placed(root, 0.0, 0, root.seconds))
    height = (1 + max(depth for _, _, depth in boxes)) * _ROW + 4
    drawn = [_drawn(box, left, height - (depth + 1) * _ROW - 2, root.seconds, depth) for box, left, depth in boxes]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="Flame graph">'
    )
    return "\n".join([head, f"<style>{_STYLE}</style>", *drawn, "</svg>"]) + "\n"


def _placed(box: Box, left: float, depth: int, whole: float) -> Iterator[tuple[Box, float, int]]:
    yield box, left, depth
    for call in sorted(box.calls.values(), key=lambda call: -call.seconds):
        if call.seconds >= _LEAST * whole:
            yield from _placed(call, left, depth + 1, whole)
            left += call.seconds


def _drawn(box: Box, left: float, top: float, whole: float, depth: int) -> str:
    x, width = left / whole * _WIDTH, box.seconds / whole * _WIDTH
    kind = "thread" if depth < 2 else "ours" if box.name.startswith(("streams.", "schemas.")) else "theirs"
    share = f"{box.name}: {box.seconds / whole:.1%}, {box.own_s / whole:.1%} of it its own"
    name = _fitted(box.name, width)
    text = f'<text x="{x + 3:.1f}" y="{top + 12:.1f}">{escape(name)}</text>' if name else ""
    rect = f'<rect class="{kind}" x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{_ROW}"/>'
    return f"<g><title>{escape(share)}</title>{rect}{text}</g>"


def _fitted(name: str, width: float) -> str:
    room = int((width - 6) / _CHAR)
    if len(name) > room:
        name = name.rpartition(".")[2]
    return name if len(name) <= room else ""


def _own(box: Box) -> Iterator[tuple[str, float]]:
    yield box.name, box.own_s
    for call in box.calls.values():
        yield from _own(call)


def main() -> None:
    """Run once, print where the time went, draw it."""
    parser = argparse.ArgumentParser(prog="bench.flame", description="Where a worker spends its processor time.")
    parser.add_argument("--records", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=600.0, help="seconds for the worker")
    parser.add_argument("--svg", type=Path, help="draw the flame graph here")
    arguments = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="zecto-bench-") as directory:
            root = _run(arguments.records, arguments.seed, arguments.timeout, Path(directory))
    except ZectoError as error:
        sys.exit(f"bench.flame: {error}")
    spent: dict[str, float] = {}
    for name, seconds in _own(root):
        spent[name] = spent.get(name, 0.0) + seconds
    table = Table("function", "CPU s\n/ million", "share", title="processor time of its own")
    for name, seconds in sorted(spent.items(), key=lambda pair: -pair[1])[:_MOST]:
        table.add_row(name, f"{seconds / arguments.records * 1e6:.2f}", f"{seconds / root.seconds:.1%}")
    Console().print(table)
    if arguments.svg:
        arguments.svg.write_text(draw(root))


def _run(records: int, seed: int, timeout_s: float, directory: Path) -> Box:
    profile = directory / "profile"
    with (
        Progress(console=Console(stderr=True)) as progress,
        EmbeddedStack(directory / "stack", prepare=migrate, worker=False) as stack,
    ):
        produced, stored = (progress.add_task(what, total=records) for what in ("produced", "stored"))
        with Producer(stack.settings()) as producer:
            for key, value in backlog(records, seed, Truth()):
                producer.send(_TOPIC, value, key=key)
        progress.update(produced, completed=records)
        environment = {"PYTHONPATH": str(_SAMPLER), "BENCH_PROFILE": str(profile)}
        measure(
            stack,
            connect(stack.settings()),
            records,
            timeout_s,
            lambda number, _: progress.update(stored, completed=number),
            environment=environment,
        )
    return read(profile.read_text().splitlines())


if __name__ == "__main__":
    main()
