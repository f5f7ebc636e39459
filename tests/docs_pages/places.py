"""Where the pages are, and where the results are that some of them are made from."""

from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[2]

DOCS: Final = _ROOT / "docs"
"""The pages, hand-written and derived."""

BENCHMARKS: Final = _ROOT / "tests" / "results" / "benchmarks"
"""Results of `tests.bench`, one JSON file a benchmark."""

EXACTNESS: Final = _ROOT / "tests" / "results" / "exactness"
"""Results of `make soak`, `make chaos` and `tests.bench.audit`."""
