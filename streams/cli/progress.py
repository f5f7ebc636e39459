"""A progress bar on stderr, on a terminal only; elsewhere nothing but the summary at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from streams.core.console import TextConsole
from streams.core.shown_text import shown_text

# Called with (what is done of the total, records so far).
OnProgress = Callable[[int, int], None]


@contextmanager
def progress_bar(title: str, total: int | None, *, of: str = "records") -> Iterator[OnProgress]:
    """Show how far a command is; `total` None shows a bar without an end (a stream); `of`: what the count beside is."""
    console = TextConsole(stderr=True)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn(f"{{task.fields[records]:,}} {of}", markup=False),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task(shown_text(title), total=total, records=0)

    def on_progress(done: int, records: int) -> None:
        bar.update(task, completed=done, records=records)

    with bar:
        yield on_progress


@contextmanager
def fetch_bar(title: str, say: Callable[[str], None]) -> Iterator[Callable[[int, int], None]]:
    """Show how many files are fetched of how many: a bar on a terminal, a line now and then elsewhere, by `say`."""
    console = TextConsole(stderr=True)
    columns = (TextColumn(title, markup=False), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task("")

    def on_progress(done: int, total: int) -> None:
        if console.is_terminal:
            bar.start()
            bar.update(task, completed=done, total=total)
            if done == total:
                bar.stop()
        elif done % 10 == 0 or done == total:
            say(f"{title}: {done} of {total} jars")

    try:
        yield on_progress
    finally:
        if bar.live.is_started:  # a bar that never stood ends with an empty line otherwise
            bar.stop()
