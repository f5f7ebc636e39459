"""Text is printed in one way: a new command cannot forget that what it prints was written by others."""

import re
from pathlib import Path

import pytest

_STREAMS = Path(__file__).parents[3] / "streams"
_PRINTERS = {"core/console.py", "core/tables.py", "cli/progress.py", "cli/printing.py"}
_TYPES_ONLY = r"(?!\.console import RenderableType$|\.table import Table$)"
_RICH = re.compile(rf"^\s*(?:from|import) rich\b{_TYPES_ONLY}", re.MULTILINE)
_BUILT = re.compile(r"(?<![\w.])(?:Console|Table|Text|Panel)\(")
_WRITTEN = re.compile(r"(?<![\w.])(?:print|echo)\(|sys\.std(?:out|err)\.(?:write|buffer)")


def bare_printing(text: str) -> list[str]:
    """What of a program prints otherwise than by streams.core.console and streams.cli.printing."""
    return [found[0].strip() for pattern in (_RICH, _BUILT, _WRITTEN) for found in pattern.finditer(text)]


@pytest.mark.parametrize("file", sorted(_STREAMS.rglob("*.py")), ids=lambda file: str(file.relative_to(_STREAMS)))
def test_text_is_printed_as_data(file: Path) -> None:
    place = file.relative_to(_STREAMS)
    # what the parts of a stack say to each other and to their logs, they say in their own way
    if str(place) not in _PRINTERS and place.parts[0] != "stack":
        assert bare_printing(file.read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        "from rich.console import Console",
        "from rich import print",
        "import rich",
        "Console(stderr=True)",
        'print(f"{claim}")',
        "sys.stdout.write(line)",
        "sys.stderr.buffer.write(line)",
        "Table(box=None)",
        'Text("a")',
    ],
)
def test_printing_otherwise_is_seen(text: str) -> None:
    assert bare_printing(text) != []
