"""What the runs of a comparison say: medians, and how much faster the pipeline is than a side, each with its spread.

Records per second and CPU are of the records after the first few: what a side took for all, less the median of what it
took for the first few, over the records between.
"""

import os
import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median

from rich.table import Table

from tests.bench.runs import Run
from tests.bench.sides import PIPELINE, SIDES

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A median over the rounds, between the least and the most."""

    median: float
    least: float
    most: float

    def text(self, digits: int = 0) -> str:
        """The median, and below it the spread."""
        return f"{self.median:,.{digits}f}\n[dim]{self.least:,.{digits}f} to {self.most:,.{digits}f}[/dim]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One side. What the runs are too short to tell is None."""

    side: str
    title: str
    made_of: str
    start_s: Spread
    wall_s: Spread
    records_per_s: Spread | None
    pipeline_times: Spread | None
    cpu_s_per_million: Spread
    engine_cpu_s_per_million: Spread
    broker_cpu_s_per_million: Spread
    peak_mib: Spread
    is_right: bool


def figures(runs: Sequence[Run]) -> list[Figures]:
    """One row a side, in the order in which they ran first."""
    pipeline = _rates(runs, PIPELINE)
    return [_figures(runs, side, pipeline) for side in dict.fromkeys(run.side for run in runs)]


def table(result: Iterable[Figures]) -> Table:
    """The figures for a person."""
    printed = Table(title="the same records, one process a side: median, least to most")
    for column in ("side", "records/s", "pipeline\n÷ side", "CPU s\n/ million", "peak\nMiB", "start\ns", "results"):
        printed.add_column(column, justify="left" if column == "side" else "right")
    for row in result:
        printed.add_row(
            f"{row.title}\n[dim]{row.made_of}[/dim]",
            _text(row.records_per_s),
            _text(row.pipeline_times, 2),
            _cpu_text(row),
            f"{row.peak_mib.median:,.0f}",
            f"{row.start_s.median:,.1f}",
            "right" if row.is_right else "WRONG",
        )
    return printed


def to_json(runs: Sequence[Run], result: Iterable[Figures]) -> dict[str, object]:
    """All of it: the machine, the figures, every run."""
    return {
        "machine": {"cores": os.cpu_count(), "architecture": platform.machine(), "python": platform.python_version()},
        "figures": [asdict(row) for row in result],
        "runs": [asdict(run) for run in runs],
    }


def _figures(runs: Sequence[Run], side: str, pipeline: Sequence[float]) -> Figures:
    every = [run for run in runs if run.side == side and run.backlog == "all"]
    first = [run for run in runs if run.side == side and run.backlog == "first"]
    rates = _rates(runs, side)
    title, made_of = _names(side)

    def per_million(used: Callable[[Run], float]) -> Spread:
        before = median(map(used, first))
        return _spread([(used(run) - before) / (run.records - first[0].records) * _MILLION for run in every])

    return Figures(
        side=side,
        title=title,
        made_of=made_of,
        start_s=_spread([run.wall_s for run in first]),
        wall_s=_spread([run.wall_s for run in every]),
        records_per_s=_spread(rates) if rates else None,
        pipeline_times=_spread([ours / theirs for ours, theirs in zip(pipeline, rates, strict=True)])
        if rates and pipeline
        else None,
        cpu_s_per_million=per_million(lambda run: run.cpu_s),
        engine_cpu_s_per_million=per_million(lambda run: run.engine_cpu_s),
        broker_cpu_s_per_million=per_million(lambda run: run.broker_cpu_s),
        peak_mib=_spread([run.peak_mib for run in every]),
        is_right=not any(run.wrong for run in (*first, *every)),
    )


def _rates(runs: Sequence[Run], side: str) -> list[float]:
    """Records per second, round by round; none if a round for all took no longer than one for the first few."""
    first = [run for run in runs if run.side == side and run.backlog == "first"]
    every = [run for run in runs if run.side == side and run.backlog == "all"]
    if not every:
        return []
    start_s = median(run.wall_s for run in first)
    took = [(run.records - first[0].records, run.wall_s - start_s) for run in every]
    return [records / seconds for records, seconds in took] if all(seconds > 0 for _, seconds in took) else []


def _names(side: str) -> tuple[str, str]:
    known = next((each for each in SIDES if each.name == side), None)
    return (known.title, known.made_of) if known else ("this pipeline, Kafka to ClickHouse", "one worker")


def _spread(values: Sequence[float]) -> Spread:
    return Spread(median=round(median(values), 3), least=round(min(values), 3), most=round(max(values), 3))


def _text(spread: Spread | None, digits: int = 0) -> str:
    return spread.text(digits) if spread else "too short"


def _cpu_text(row: Figures) -> str:
    own = f"{row.cpu_s_per_million.median:,.1f}"
    engine = row.engine_cpu_s_per_million.median
    return f"{own}\n[dim]engine {engine:,.1f}[/dim]" if engine else own
