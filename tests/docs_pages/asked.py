"""What was asked of the pipeline's speed beside what was measured, a line each, from the benchmarks' results."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

Results = Mapping[str, Any]
"""The results of the benchmarks by the names of their files, without `.json`."""

_MIB: Final = 1.048576
_TEN_MILLION: Final = 10_000_000


def asked_and_measured(results: Results) -> Iterable[Sequence[str]]:
    """Rows of a table: what, asked for, measured, and whether that is enough."""
    for what, least, most, unit, digits, measure in _ASKED:
        asked = f"≥ {least:g}{unit}" if least is not None else f"≤ {most:g}{unit}"
        try:
            measured = measure(results)
        except KeyError:
            yield what, asked, "not measured", "**no**"
            continue
        is_enough = (least is None or measured >= least) and (most is None or measured <= most)
        yield what, asked, f"{measured:,.{digits}f}{unit}", "yes" if is_enough else "**no**"


def _side(results: Results, name: str) -> Mapping[str, Any]:
    sides: Sequence[Mapping[str, Any]] = results["compare"]["figures"]
    return {figures["side"]: figures for figures in sides}[name]


def _times(name: str) -> Callable[[Results], float]:
    return lambda results: float(_side(results, name)["pipeline_times"]["median"])


def _cpu_times(results: Results) -> float:
    pipeline, ceiling = (_side(results, name)["cpu_s_per_million"]["median"] for name in ("pipeline", "ceiling"))
    return float(pipeline / ceiling)


def _size(results: Results, records: int) -> Mapping[str, Any]:
    sizes: Sequence[Mapping[str, Any]] = results["growth"]
    return {size["records"]: size for size in sizes}[records]


def _growth(results: Results) -> float:
    fifty_million, one_million = (_size(results, records)["records_per_s"] for records in (50_000_000, 1_000_000))
    return float(fifty_million / one_million)


def _peak_mb(results: Results) -> float:
    return float(_size(results, _TEN_MILLION)["worker_peak_rss_mib"]) * _MIB


def _of_month(question: str, figure: str) -> Callable[[Results], float]:
    return lambda results: float(results["views"]["questions"][question][figure])


def _fresh_s(name: str) -> Callable[[Results], float]:
    return lambda results: float(results["freshness"][f"{name}_p99_s"])


def _ledger_bytes(results: Results) -> float:
    return float(_size(results, _TEN_MILLION)["ledger_bytes_per_record"])


# What, the least of it or else the most, in what, with how many digits, and where it is measured.
_ASKED: Final[Sequence[tuple[str, float | None, float | None, str, int, Callable[[Results], float]]]] = (
    ("pipeline ÷ ceiling", 0.45, None, "", 2, _times("ceiling")),
    ("worker's CPU a record ÷ the ceiling's", None, 4, "", 1, _cpu_times),
    ("pipeline ÷ plain Faust agent that only decodes", 20, None, "", 1, _times("faust")),
    ("pipeline ÷ Quix Streams", 5, None, "", 1, _times("quix")),
    ("pipeline ÷ Bytewax", 3, None, "", 1, _times("bytewax")),
    ("pipeline ÷ Kafka Streams, at least once", 1.3, None, "", 2, _times("kafka-streams")),
    ("throughput at 50 M records ÷ at 1 M", 0.9, None, "", 2, _growth),
    ("worker's peak memory, backlog of 10 M", None, 300, " MB", 0, _peak_mb),
    (
        *("`month` over two years, from what is stored, p50 in the engine", None, 30, " ms", 0),
        _of_month("month, from what is stored", "engine_p50_ms"),
    ),
    (
        *("a month of four services by the rules, from its minutes, CPU", None, 150, " ms", 0),
        _of_month("month, the rules alone", "cpu_p50_ms"),
    ),
    ("record to counted minute at 5,000/s, p99", None, 3, " s", 2, _fresh_s("counted")),
    ("count to verdict at 5,000/s, p99", None, 5, " s", 2, _fresh_s("from_count_to_verdict")),
    ("record to verdict at 5,000/s, p99", None, 5, " s", 2, _fresh_s("judged")),
    ("bytes on disk a record in the ledger", None, 36, "", 1, _ledger_bytes),
)
