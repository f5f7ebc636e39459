"""Results of simulated seeds, gathered over many runs of one product in a JSON file."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Tally:
    """What a run of seeds came to."""

    def __init__(self, *, engine: bool) -> None:
        self.engine = engine
        self.seeds = 0
        self.records = 0
        self.failures: dict[int, str] = {}
        self.fired: Counter[tuple[str, str]] = Counter()

    def add(self, seed: int, failure: str, records: int, fired: Mapping[tuple[str, str], int]) -> None:
        """One seed more."""
        self.seeds += 1
        self.records += records
        self.fired.update(fired)
        if failure:
            self.failures[seed] = failure

    def take(self, other: "Tally") -> None:
        """The seeds of another run."""
        self.seeds += other.seeds
        self.records += other.records
        self.fired.update(other.fired)
        self.failures |= other.failures


def write(path: Path, tally: Tally, *, product: str, first: int, seconds: float) -> None:
    """Add a run to the file; runs of another product stay beside it under their own digest."""
    book: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    runs: list[dict[str, Any]] = book.setdefault(product, [])
    fired: dict[str, dict[str, int]] = {}
    for (fault, step), times in sorted(tally.fired.items()):
        fired.setdefault(fault, {})[step] = times
    runs.append(
        {
            "engine": "real" if tally.engine else "in memory",
            "first": first,
            "seeds": tally.seeds,
            "records": tally.records,
            "seconds": round(seconds),
            "failures": {str(seed): failure for seed, failure in sorted(tally.failures.items())},
            "fired": fired,
        }
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(book, indent=1) + "\n", "utf-8")
    partial.replace(path)


def next_first(path: Path, *, product: str, engine: bool) -> int:
    """The first seed that no run in the file has lived through with the product."""
    if not path.exists():
        return 0
    runs = json.loads(path.read_text("utf-8")).get(product, [])
    kind = "real" if engine else "in memory"
    return max((run["first"] + run["seeds"] for run in runs if run["engine"] == kind), default=0)
