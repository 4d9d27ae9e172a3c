"""Progress on the terminal: one line that moves when somebody watches, plain lines otherwise."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from optimizer.run import Progress, Report


@contextmanager
def shown(title: str) -> Iterator[Progress[Any]]:
    """A progress callback that draws on standard error while the block runs."""
    if sys.stderr.isatty():
        with _bar(title) as progress:
            yield progress
    else:
        yield lines(title)


@contextmanager
def _bar(title: str) -> Iterator[Progress[Any]]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0)

        def progress(word: Report[Any]) -> None:
            bar.update(
                task, completed=word.fraction, description=escape(f"{title}: {word.message}")
            )

        yield progress


def lines(title: str, *, every_seconds: float = 3.0) -> Progress[Any]:
    """A progress callback that writes a plain line now and then on standard error."""
    last = 0.0

    def progress(word: Report[Any]) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= every_seconds:
            last = now
            sys.stderr.write(f"  {title} {100 * word.fraction:3.0f} %  {word.message}\n")

    return progress
