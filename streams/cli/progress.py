"""A progress bar on stderr, on a terminal only; elsewhere nothing but the summary at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

# Called with (what is done of the total, records so far).
OnProgress = Callable[[int, int], None]


@contextmanager
def progress_bar(title: str, total: int | None, *, of: str = "records") -> Iterator[OnProgress]:
    """Show how far a command is; `total` None shows a bar without an end (a stream); `of`: what the count beside is."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn(f"{{task.fields[records]:,}} {of}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task(title, total=total, records=0)

    def on_progress(done: int, records: int) -> None:
        bar.update(task, completed=done, records=records)

    with bar:
        yield on_progress
