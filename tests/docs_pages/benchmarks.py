"""The page `reference/benchmarks/README.md`, from the results of benchmarks in `tests/results/benchmarks`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tests.docs_pages.asked import asked_and_measured
from tests.docs_pages.places import BENCHMARKS, DOCS

_HEAD: Final = """\
# Benchmarks

What the pipeline costs and how fast it is, measured beside what else could do a part of its job. Every figure is with
all guarantees on: records in the ledger, minutes evaluated and published, offsets committed; and every run holds its
counts against the truth, minute by minute, and fails if one is wrong. Broker, engine and worker share the machine's
cores. Absolute figures change with the machine and its neighbours; ratios are of the same run.
"""

_ASKED: Final = """
## Asked for, and measured
"""

_SHORT: Final = """
Where a figure falls short, [decision 0030](../../decisions/0030-where-the-processing-time-of-a-record-goes.md) says
why, and what was tried.
"""

_COMPARED: Final = """
## Beside others

    make bench BENCH_ARGS="--records {records} --rounds {rounds}"

One broker, the same {records:,} request logs ({cores} cores, Python {python}), each side in turn, {rounds} rounds:
medians, least and most in brackets. Each side also runs on the first {first:,} records alone, which is taken off:
neither an interpreter's start nor a commit interval counts as speed. The ceiling is what any consumer in Python pays
before it does anything: batches of `confluent_kafka`, decoded by msgspec. The others count per service and minute, as
their documentation would have it; their programs lie in [tests/bench/rivals](../../../tests/bench/rivals).

![Records per second of each side](compare.svg)
"""

_GROWTH: Final = """
## As work grows

    python -m tests.bench.growth --records {sizes} --json growth.json

Backlogs of a month of request logs, each worked off by one worker into a stack of its own.
"""

_FRESHNESS: Final = """
## Freshness

    python -m tests.bench.freshness --rate {rate} --seconds {seconds} --json freshness.json

From just before a record is handed to the producer's client until its minute's count is seen in ClickHouse (counted),
and until `verdicts` has it (judged), which are asked ten times and twice a second. Broker, engine, worker and producer
share the machine, and the month that is judged has four weeks of minutes of four services.
"""

_VIEWS: Final = """
## Views over two years

    python -m tests.bench.views --rounds {rounds} --json views.json

{minutes:,} service-minutes, everything in memory: the engine's own time, the caller's processor time, and what the
caller waited. A month that a worker has judged is read as it is stored; judged anew, it is read from its minutes, and
the rules are applied by the caller.
"""

_FLAME: Final = """
## Where the time goes

    python -m tests.bench.flame --records 3000000 --svg flame.svg

![Flame graph of a worker](flame.svg)

A worker's processor time on a backlog, sampled by itself; orange is this project, pale what it calls.
"""


def benchmarks_page() -> str:
    """The whole page; results that nobody has written yet are left out."""
    sections: Sequence[tuple[str, Any]] = (
        ("compare.json", _compared),
        ("growth.json", _growth),
        ("freshness.json", _freshness),
        ("views.json", _views),
    )
    results = {
        name: json.loads((BENCHMARKS / name).read_text("utf-8"))
        for name, _ in sections
        if (BENCHMARKS / name).is_file()
    }
    rows = list(asked_and_measured({name.removesuffix(".json"): result for name, result in results.items()}))
    parts = [_HEAD, _ASKED, _table(("what", "asked", "measured", "enough"), rows), _SHORT]
    for name, section in sections:
        if name in results:
            parts.extend(section(results[name]))
    if (DOCS / "reference" / "benchmarks" / "flame.svg").is_file():
        parts.append(_FLAME)
    return "".join(parts)


def _compared(result: Mapping[str, Any]) -> Iterable[str]:
    runs = result["runs"]
    records, first = (max(run["records"] for run in runs if run["backlog"] == name) for name in ("all", "first"))
    rounds = sum(run["backlog"] == "all" and run["side"] == runs[0]["side"] for run in runs)
    machine = result["machine"]
    yield _COMPARED.format(
        records=records, rounds=rounds, first=first, cores=machine["cores"], python=machine["python"]
    )
    heads = ("side", "made of", "records/s", "pipeline ÷ side", "CPU s a million", "peak MiB", "start s")
    yield _table(heads, [_side(figures) for figures in result["figures"]])


def _side(figures: Mapping[str, Any]) -> Sequence[str]:
    cpu = f"{figures['cpu_s_per_million']['median']:.1f}"
    if engine := figures["engine_cpu_s_per_million"]["median"]:
        cpu += f", and {engine:.1f} of the engine"
    return (
        figures["title"],
        figures["made_of"],
        _spread(figures["records_per_s"], 0),
        _spread(figures["pipeline_times"], 2),
        cpu,
        f"{figures['peak_mib']['median']:,.0f}",
        f"{figures['start_s']['median']:.1f}",
    )


def _spread(spread: Mapping[str, float] | None, digits: int) -> str:
    if not spread:
        return ""
    return f"{spread['median']:,.{digits}f} ({spread['least']:,.{digits}f} to {spread['most']:,.{digits}f})"


def _growth(results: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    yield _GROWTH.format(sizes=" ".join(str(result["records"]) for result in results))
    names = [name for name in results[0] if name not in ("records", "wrong")]
    heads = ("records", *(f"{result['records']:,}" for result in results))
    yield _table(heads, [(_words(name), *(f"{result[name]:,}" for result in results)) for name in names])


def _freshness(result: Mapping[str, Any]) -> Iterable[str]:
    yield _FRESHNESS.format(rate=result["rate"], seconds=result["seconds"])
    yield _table(("what", "figure"), [(_words(name), f"{value:,}") for name, value in result.items()])


def _views(result: Mapping[str, Any]) -> Iterable[str]:
    yield _VIEWS.format(rounds=result["rounds"], minutes=result["minutes"])
    names = ("engine_p50_ms", "engine_p95_ms", "cpu_p50_ms", "waited_p50_ms", "waited_p95_ms")
    rows = [(what, *(f"{figures[name]:,}" for name in names)) for what, figures in result["questions"].items()]
    yield _table(("what", *map(_words, names)), rows)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)
