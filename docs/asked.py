"""What was asked of the pipeline's speed beside what was measured, a line each, from the benchmarks' results."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

Results = Mapping[str, Any]
"""The results of the benchmarks by the names of their files, without `.json`."""

_MIB: Final = 1.048576
_TEN_MILLION: Final = 10_000_000


def asked_and_measured(results: Results) -> Iterable[Sequence[str]]:
    """Rows of a table: what, asked for, measured, and whether that is enough; what was not measured yet is left out."""
    for what, asked, measure, is_enough, show in _ASKED:
        try:
            measured = measure(results)
        except (KeyError, StopIteration):
            continue
        yield what, asked, show.format(measured), "yes" if is_enough(measured) else "**no**"


def _side(results: Results, name: str) -> Mapping[str, Any]:
    sides: Sequence[Mapping[str, Any]] = results["compare"]["figures"]
    return next(figures for figures in sides if figures["side"] == name)


def _times(name: str) -> Callable[[Results], float]:
    return lambda results: float(_side(results, name)["pipeline_times"]["median"])


def _cpu_times(results: Results) -> float:
    pipeline, ceiling = (_side(results, name)["cpu_s_per_million"]["median"] for name in ("pipeline", "ceiling"))
    return float(pipeline / ceiling)


def _size(results: Results, records: int) -> Mapping[str, Any]:
    sizes: Sequence[Mapping[str, Any]] = results["growth"]
    return next(size for size in sizes if size["records"] == records)


def _growth(results: Results) -> float:
    sizes: Sequence[Mapping[str, Any]] = results["growth"]
    smallest, largest = (pick(sizes, key=lambda size: size["records"]) for pick in (min, max))
    return float(largest["records_per_s"] / smallest["records_per_s"])


def _peak_mb(results: Results) -> float:
    return float(_size(results, _TEN_MILLION)["worker_peak_rss_mib"]) * _MIB


def _month_ms(results: Results) -> float:
    return float(results["views"]["questions"]["month"]["engine_p95_ms"])


def _fresh_s(results: Results) -> float:
    return float(results["freshness"]["p99_s"])


def _ledger_bytes(results: Results) -> float:
    return float(_size(results, _TEN_MILLION)["ledger_bytes_per_record"])


Enough = Callable[[float], bool]
_ASKED: Final[Sequence[tuple[str, str, Callable[[Results], float], Enough, str]]] = (
    ("pipeline ÷ ceiling", "≥ 0.45", _times("ceiling"), lambda value: value >= 0.45, "{:.2f}"),
    ("worker's CPU a record ÷ the ceiling's", "≤ 4", _cpu_times, lambda value: value <= 4, "{:.1f}"),
    ("pipeline ÷ plain Faust agent that only decodes", "≥ 20", _times("faust"), lambda value: value >= 20, "{:.1f}"),
    ("pipeline ÷ Quix Streams", "≥ 5", _times("quix"), lambda value: value >= 5, "{:.1f}"),
    ("pipeline ÷ Bytewax", "≥ 3", _times("bytewax"), lambda value: value >= 3, "{:.1f}"),
    (
        "pipeline ÷ Kafka Streams, at least once",
        "≥ 1.3",
        _times("kafka-streams"),
        lambda value: value >= 1.3,
        "{:.2f}",
    ),
    ("throughput at the largest backlog ÷ at 1 M", "≥ 0.9", _growth, lambda value: value >= 0.9, "{:.2f}"),
    ("worker's peak memory, backlog of 10 M", "≤ 300 MB", _peak_mb, lambda value: value <= 300, "{:.0f} MB"),
    ("`month` over two years, p95 in the engine", "≤ 100 ms", _month_ms, lambda value: value <= 100, "{:.0f} ms"),
    ("record to counted minute at 5,000/s, p99", "≤ 3 s", _fresh_s, lambda value: value <= 3, "{:.2f} s"),
    ("bytes on disk a record in the ledger", "≤ 36", _ledger_bytes, lambda value: value <= 36, "{:.1f}"),
)
