"""The rules' own text: what other rules judged is not current."""

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable


@cache
def rules_digest() -> str:
    """Of the rules themselves: what other rules judged is not current."""
    whole = hashlib.sha256()
    for package in ("streams.rules.month", "streams.judge", "sql.queries"):
        for file in sorted(_sources(package), key=lambda found: found.name):
            whole.update(file.read_bytes())
    return whole.hexdigest()


def _sources(package: str) -> list[Traversable]:
    top, _, below = package.partition(".")
    folder = files(top)
    for name in below.split("."):
        folder /= name
    return [file for file in folder.iterdir() if file.name.endswith((".py", ".sql"))]
