"""Rows kept in a file as they come, so that a run that was ended goes on where it stopped."""

import json
from collections.abc import Callable
from pathlib import Path

from benchmarks.frame import Run
from territory.errors import InputError

Key = tuple[str, str, int, int]


class Ledger:
    """The rows of a file of JSON lines by work, engine, seed and threads; without a path, none.

    Raises
    ------
    InputError
        If the file holds a line that is no row.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._rows: dict[Key, Run] = {}
        if path is not None and path.exists():
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                row = _row(path, number, line)
                self._rows[row.work, row.engine, row.seed, row.threads] = row

    def row(self, key: Key, run: Callable[[], Run]) -> Run:
        """The row kept under this key, else the one ``run`` gives, kept before it is returned."""
        if key not in self._rows:
            row = run()
            self._rows[key] = row
            if self._path is not None:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(row.as_json() + "\n")
        return self._rows[key]


def _row(path: Path, number: int, line: str) -> Run:
    try:
        return Run(**json.loads(line))
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{path.name} line {number}: {line[:60]!r} is no row of a benchmark.",
            fix="A row cut short by the end of a run may be deleted.",
        ) from error
