"""Rows of benchmarks as a table a person reads."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from benchmarks.frame import Run, Scalar

COLUMNS = (
    "work",
    "engine",
    "seed",
    "threads",
    "wall s",
    "peak MB",
    "objective",
    "best known",
    "gap %",
    "bound gap %",
    "violations",
    "extra",
)


def as_table(bench: str, rows: Iterable[Run]) -> Table:
    """All rows of one benchmark; nothing a row says is read as markup."""
    table = Table(title=bench, title_justify="left")
    for name in COLUMNS:
        is_text = name in ("work", "engine", "extra")
        table.add_column(name, justify="left" if is_text else "right", overflow="fold")
    from rich.text import Text

    for row in rows:
        table.add_row(*(Text(cell) for cell in _cells(row)))
    return table


def show(bench: str, rows: Iterable[Run], *, console: Console | None = None) -> None:
    """Print the table, as wide as it needs where the output is no terminal."""
    console = console or Console()
    if not console.is_terminal:
        console = Console(file=console.file, width=200)
    console.print(as_table(bench, rows))


def _cells(row: Run) -> tuple[str, ...]:
    extra = ", ".join(f"{key} {shown(value)}" for key, value in row.extra.items())
    return (
        row.work,
        row.engine,
        str(row.seed),
        str(row.threads),
        _seconds(row.wall_seconds),
        f"{row.peak_mb:.0f}",
        shown(row.objective),
        shown(row.best_known),
        _percent(row.gap_percent),
        _percent(row.bound_gap_percent),
        str(row.violations),
        extra,
    )


def _seconds(value: float) -> str:
    """Two places after the point, or two that say something where those would not."""
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def shown(value: Scalar) -> str:
    """A figure as short as it stays clear."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1e6 else f"{value:,.6g}"
    return str(value)
