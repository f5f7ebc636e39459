"""`python -m tests.agreement --spans 10000`: judge and auditor over random spans; exit 1 if they part anywhere."""

import argparse
import gc
import json
import re
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.agreement.random_facts import full_span
from tests.agreement.telling import disagreements

_MONTH: Final = 43_200
_TOLD: Final = 5
_PROGRESS_EVERY: Final = 500


@dataclass(frozen=True, slots=True)
class Draw:
    """A random span by seed and number, of so many minutes; None: two to twelve hours."""

    seed: int
    number: int
    minutes: int | None = None


def parted(draw: Draw) -> list[str]:
    """Where judge and auditor part over a span; empty where they agree."""
    gc.disable()  # what a span is made of has no cycles, and looking for them takes half of the time
    span = full_span(np.random.default_rng([draw.seed, draw.number]), draw.minutes)
    return [
        f"{one.path}: the auditor {one.audited}, the judge {one.pipeline}"
        for one in disagreements(span.inputs, span.policy)
    ]


def main() -> int:
    """Compare as many as asked for, on all cores asked for."""
    arguments = _parse()
    draws = [
        *(Draw(arguments.seed, number) for number in range(arguments.spans)),
        *(Draw(arguments.seed, number, _MONTH) for number in range(arguments.months)),
    ]
    began, differing, paths = time.monotonic(), 0, Counter[str]()
    with ProcessPoolExecutor(arguments.cores) as pool:
        for number, (draw, found) in enumerate(zip(draws, pool.map(parted, draws, chunksize=8), strict=True), 1):
            if number % _PROGRESS_EVERY == 0:
                sys.stderr.write(f"{number:,} of {len(draws):,}, {differing} differ\n")
            differing += bool(found)
            paths.update({re.sub(r"\[\d+\]", "", one.split(":")[0]) for one in found})
            for one in found[:_TOLD]:
                sys.stderr.write(f"{draw}: {one}\n")
    told = {
        "spans": arguments.spans,
        "months": arguments.months,
        "seed": arguments.seed,
        "differing": differing,
        "fields": dict(paths.most_common()),
        "seconds": round(time.monotonic() - began),
    }
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    return 1 if differing else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.agreement", description=__doc__)
    parser.add_argument("--spans", type=int, default=10_000, help="spans of two to twelve hours")
    parser.add_argument("--months", type=int, default=0, help="whole months")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cores", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
