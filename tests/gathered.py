"""Results of long runs over the rules, gathered in one file: a run goes on where it ends while the rules are the same.

{"<digest of streams/rules and streams/audit>": {"fairness: spans": {"seeds": 25000, "seconds": 1200, ...}}}
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.product import ROOT

_FOLDERS: Final = ("streams/rules", "streams/audit")


def rules_digest() -> str:
    """SHA-256 over the names and bytes of the rules and of the auditor."""
    digest = hashlib.sha256()
    for folder in _FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def seeds_done(file: Path, run: str) -> int:
    """How many seeds of a run, from 0 on, these rules have behind them."""
    return int(_read(file).get(rules_digest(), {}).get(run, {}).get("seeds", 0))


def gather(file: Path, run: str, *, seeds: int, seconds: float, counts: Mapping[str, int], broken: list[str]) -> None:
    """Add the next seeds of a run and what came of them; keys of `counts` are of the run's own choosing."""
    book = _read(file)
    before = book.setdefault(rules_digest(), {}).get(run, {})
    book[rules_digest()][run] = {
        "seeds": before.get("seeds", 0) + seeds,
        "seconds": round(before.get("seconds", 0) + seconds),
        "counts": dict(sorted((Counter(before.get("counts", {})) + Counter(counts)).items())),
        "broken": [*before.get("broken", []), *broken],
    }
    file.write_text(json.dumps(book, indent=1) + "\n", "utf-8")


def _read(file: Path) -> dict[str, dict[str, dict[str, Any]]]:
    found: dict[str, dict[str, dict[str, Any]]] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return found
