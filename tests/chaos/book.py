"""The results of runs, kept in one file for as long as the product is the same; what they come to, as a table."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

_PRODUCT: Final = ("streams", "schemas", "sql")
_LEFT_OUT: Final = ("__pycache__",)


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


def product_digest(root: Path) -> str:
    """sha256 over the names and bytes of all files of the product, in order."""
    digest = hashlib.sha256()
    for folder in _PRODUCT:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and not any(part in _LEFT_OUT for part in path.parts):
                digest.update(f"{path.relative_to(root)}\0{path.stat().st_size}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def fired_by_step(entries: Sequence[Entry]) -> list[tuple[str, str, int]]:
    """How often each fault fired at each step."""
    counts = Counter((fault.fault, fault.step) for entry in entries for fault in entry.faults)
    return [(fault, step, number) for (fault, step), number in sorted(counts.items())]
