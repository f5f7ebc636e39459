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
from pathlib import Path
from typing import Final

import numpy as np

from tests.agreement.random_facts import full_span
from tests.agreement.telling import disagreements
from tests.gathered import gather, seeds_done

_MONTH: Final = 43_200
_TOLD: Final = 5
_GATHERED_AT_ONCE: Final = {"spans": 500, "months": 4}


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
    began = time.monotonic()
    differing = {
        kind: _compare(kind, number, arguments)
        for kind, number in (("spans", arguments.spans), ("months", arguments.months))
    }
    told = {
        "spans": arguments.spans,
        "months": arguments.months,
        "seed": arguments.seed,
        "differing": sum(of.total() for of in differing.values()),
        "fields": dict(sum(differing.values(), Counter()).most_common()),
        "seconds": round(time.monotonic() - began),
    }
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    return 1 if told["differing"] else 0


def _compare(kind: str, count: int, arguments: argparse.Namespace) -> Counter[str]:
    """Compare so many spans or months, or what the file lacks of so many; returns the fields in which they part."""
    name, out, fields = f"agreement: {kind}", arguments.out, Counter[str]()
    first = seeds_done(out, name) if out else 0
    while first < count:
        began_s = time.monotonic()
        numbers = range(first, min(first + _GATHERED_AT_ONCE[kind], count))
        broken = _part(kind, numbers, arguments, fields)
        if out:
            gather(out, name, seeds=len(numbers), seconds=time.monotonic() - began_s, counts={}, broken=sorted(broken))
        first = numbers.stop
        sys.stderr.write(f"{first:,} of {count:,} {kind}, {len(broken)} of the last {len(numbers):,} differ\n")
    return fields


def _part(kind: str, numbers: range, arguments: argparse.Namespace, fields: Counter[str]) -> list[str]:
    """The draws of some numbers in which judge and auditor part; counts the fields."""
    minutes = _MONTH if kind == "months" else None
    draws = [Draw(arguments.seed, number, minutes) for number in numbers]
    broken = []
    with ProcessPoolExecutor(arguments.cores) as pool:
        for draw, found in zip(draws, pool.map(parted, draws, chunksize=8), strict=True):
            if found:
                broken.append(f"{kind} {draw.number} of seed {draw.seed}: {found[0]}")
            fields.update({re.sub(r"\[\d+\]", "", one.split(":")[0]) for one in found})
            for one in found[:_TOLD]:
                sys.stderr.write(f"{draw}: {one}\n")
    return broken


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.agreement", description=__doc__)
    parser.add_argument("--spans", type=int, default=10_000, help="spans of two to twelve hours")
    parser.add_argument("--months", type=int, default=0, help="whole months")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--out", type=Path, help="gather results of seed 0 in this JSON file, until it has so many")
    arguments = parser.parse_args()
    if arguments.out and arguments.seed:
        parser.error("--out gathers spans of seed 0 alone")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
