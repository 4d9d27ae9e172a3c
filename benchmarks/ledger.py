"""Rows kept in a file as they come, so that a run that was ended goes on where it stopped."""

import json
from collections.abc import Callable
from pathlib import Path

from benchmarks.frame import BenchArgs, Run
from territory.errors import InputError

Key = tuple[str, str, int, int]


def kept_rows(args: BenchArgs) -> "Ledger":
    """The rows of the file that ``--params into=FILE`` names; none without one."""
    return Ledger(Path(args.params["into"]) if "into" in args.params else None)


class Ledger:
    """The rows of a file of JSON lines by work, engine, seed and threads; without a path, none.

    Rows of several budgets are told apart by ``extra["budget_seconds"]``, where they have it.

    Raises
    ------
    InputError
        If the file holds a line that is no row.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._rows: dict[tuple[Key, object], Run] = {}
        if path is not None and path.exists():
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                row = _row(path, number, line)
                key = row.work, row.engine, row.seed, row.threads
                self._rows[key, row.extra.get("budget_seconds")] = row

    def row(self, key: Key, run: Callable[[], Run], *, budget_seconds: float | None = None) -> Run:
        """The row kept under this key, else the one ``run`` gives, kept before it is returned."""
        row = self.row_if_any(key, run, budget_seconds=budget_seconds)
        assert row is not None
        return row

    def row_if_any(
        self, key: Key, run: Callable[[], Run | None], *, budget_seconds: float | None = None
    ) -> Run | None:
        """The same where ``run`` may come to nothing, which is not kept."""
        row = self._rows.get((key, budget_seconds))
        if row is None:
            row = run()
            if row is not None:
                self._keep(key, budget_seconds, row)
        return row

    def _keep(self, key: Key, budget_seconds: float | None, row: Run) -> None:
        self._rows[key, budget_seconds] = row
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(row.as_json() + "\n")


def _row(path: Path, number: int, line: str) -> Run:
    try:
        return Run(**json.loads(line))
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{path.name} line {number}: {line[:60]!r} is no row of a benchmark.",
            fix="A row cut short by the end of a run may be deleted.",
        ) from error
