"""The results of runs, kept in one file for as long as the product is the same; what they come to, as a table."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec


class FaultEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that fired: what, at which step, and what proves it."""

    fault: str
    step: str
    proof: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A run. `outcome`: `agreed`, `not counted: ...` when a fault did not fire, `failed: ...`; `control` names a fault
    that was put into the program on purpose, of which nothing but `failed` is good.
    """

    seed: int
    product: str
    kind: str
    control: str
    records: int
    faults: Sequence[FaultEntry]
    seconds: float
    outcome: str


class Book:
    """The entries of a file; each new one is in it at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.entries: list[Entry] = msgspec.json.decode(path.read_bytes(), type=list[Entry]) if path.exists() else []

    def add(self, entry: Entry) -> None:
        """Keep an entry."""
        self.entries.append(entry)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_suffix(".partial")
        partial.write_bytes(msgspec.json.format(msgspec.json.encode(self.entries), indent=1) + b"\n")
        partial.replace(self._path)

    def counted(self, product: str) -> list[Entry]:
        """The runs of a product that prove something: all its faults fired, and none was put in on purpose."""
        return [
            entry
            for entry in self.entries
            if entry.product == product and not entry.control and not entry.outcome.startswith("not counted")
        ]


def fired_by_step(entries: Sequence[Entry]) -> list[tuple[str, str, int]]:
    """How often each fault fired at each step."""
    counts = Counter((fault.fault, fault.step) for entry in entries for fault in entry.faults)
    return [(fault, step, number) for (fault, step), number in sorted(counts.items())]
