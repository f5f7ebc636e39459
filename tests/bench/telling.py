"""What a benchmark found, for people as a table and for machines as JSON."""

import json
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table


def tell(result: Mapping[str, float], *, title: str, json_path: Path | None) -> None:
    """Print the figures by their names, and write them where that is wanted."""
    table = Table("what", "figure", title=title)
    for name, value in result.items():
        table.add_row(name.replace("_", " "), f"{value:,}")
    Console().print(table)
    if json_path:
        json_path.write_text(json.dumps(result, indent=2) + "\n")
