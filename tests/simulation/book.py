"""Results of simulated seeds, gathered over many runs of one product in a JSON file."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
_PRODUCT: Final = ("streams", "schemas", "sql")


def product_digest(root: Path = ROOT) -> str:
    """SHA-256 over the paths and bytes of all that runs: results count for one product only."""
    digest = hashlib.sha256()
    for folder in _PRODUCT:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(root)}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


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


def write(path: Path, tally: Tally, *, first: int, seconds: float) -> None:
    """Add a run to the file; runs of another product stay beside it under their own digest."""
    book: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    runs: list[dict[str, Any]] = book.setdefault(product_digest(), [])
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
    path.write_text(json.dumps(book, indent=1) + "\n", "utf-8")


def next_first(path: Path, *, engine: bool) -> int:
    """The first seed that no run in the file has lived through with this product."""
    if not path.exists():
        return 0
    runs = json.loads(path.read_text("utf-8")).get(product_digest(), [])
    kind = "real" if engine else "in memory"
    return max((run["first"] + run["seeds"] for run in runs if run["engine"] == kind), default=0)
