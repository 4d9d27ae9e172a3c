"""Companies in Parquet files: more of them than memory holds, read a block at a time."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.readers.columns import match_columns
from territory.errors import Fault, InputError
from territory.survey.parts import BLOCK_ROWS, Part
from territory.tables import TABLES

_NUMBERS = ("number", "integer", "longitude", "latitude")
_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetPart:
    """One row group of a Parquet file; ``theirs`` names the file's column for each of ours."""

    path: str
    group: int
    first_row: int
    rows: int
    theirs: Mapping[str, str] = field(hash=False)

    def blocks(self, columns: Sequence[str]) -> Iterator[tuple[int, pd.DataFrame]]:
        """The rows of the group, block by block; texts as texts, numbers as numbers."""
        ours = [name for name in columns if name in self.theirs]
        row = self.first_row
        with _opened(self.path) as file:
            wanted = [self.theirs[name] for name in ours]
            for batch in file.iter_batches(
                batch_size=BLOCK_ROWS, row_groups=[self.group], columns=wanted
            ):
                yield (
                    row,
                    pd.DataFrame(
                        {name: _column(batch.column(self.theirs[name]), name) for name in ours}
                    ),
                )
                row += batch.num_rows

    def names(self, rows: Sequence[int]) -> list[str]:
        """The company_id of rows by their number; "row 7" where the file holds none."""
        if "company_id" not in self.theirs:
            return [f"row {row + 1}" for row in rows]
        theirs = self.theirs["company_id"]
        with _opened(self.path) as file:
            ids = file.read_row_group(self.group, columns=[theirs]).column(0)
            chosen = ids.take(np.asarray(rows, dtype=np.int64) - self.first_row)
        return [str(one) for one in chosen.to_pylist()]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyFiles:
    """Companies in files, and their parts in order."""

    paths: tuple[Path, ...]
    parts: tuple[Part, ...]

    def content_hash(self) -> str:
        """A hash of the files' bytes; it reads them all."""
        digest = hashlib.blake2b(digest_size=32)
        for path in self.paths:
            with path.open("rb") as file:
                while piece := file.read(_READ_BYTES):
                    digest.update(piece)
        return digest.hexdigest()

    @property
    def rows(self) -> int:
        """How many companies there are in all."""
        return sum(part.rows for part in self.parts)


def open_company_files(paths: Sequence[Path]) -> CompanyFiles:
    """The companies of Parquet files, in the order given; a folder is all .parquet files in it.

    Columns are matched as on import. ``lon`` and ``lat`` must be there; what is not there is
    unknown. Rows are not checked one by one as on import: places off the globe or in no unit are
    counted as outside, absurd amounts are estimated anew and told, ids are taken as they are.

    Raises
    ------
    InputError
        If a file cannot be read, lacks a place, or holds texts for numbers: all files' faults.
    """
    parts: list[Part] = []
    faults: list[Fault] = []
    found = _files(paths)
    for path in found:
        try:
            parts += _parts(path, sum(part.rows for part in parts))
        except InputError as error:
            faults += error.faults or (Fault(file=path.name, expected=str(error)),)
    if faults:
        raise InputError("These company files cannot be read.", faults)
    return CompanyFiles(paths=tuple(found), parts=tuple(parts))


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        found += sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    absent = [path for path in found if not path.is_file()]
    if absent or not found:
        faults = [Fault(file=str(path), expected="a Parquet file or a folder of them") for path in
                  (absent or paths)]  # fmt: skip
        raise InputError("There are no company files to read.", faults)
    return found


def _parts(path: Path, first_row: int) -> list[Part]:
    import pyarrow as pa

    try:
        with _opened(str(path)) as file:
            schema = file.schema_arrow
            rows = [file.metadata.row_group(k).num_rows for k in range(file.num_row_groups)]
    except (OSError, pa.ArrowException) as error:
        raise InputError(
            f"{path.name} is no Parquet file.",
            [Fault(file=path.name, expected=f"a Parquet file ({str(error)[:120]})")],
        ) from error
    theirs = _matched(schema, path.name)
    starts = first_row + np.cumsum([0, *rows])
    return [
        ParquetPart(path=str(path), group=group, first_row=int(start), rows=count, theirs=theirs)
        for group, (start, count) in enumerate(zip(starts, rows, strict=False))
    ]


def _matched(schema: Any, name: str) -> dict[str, str]:
    import pyarrow.types as kinds

    spec = TABLES["companies"]
    ours_of = match_columns(schema.names, spec, {}, name=name).ours_of
    theirs = {ours: their for their, ours in ours_of.items()}
    faults = [
        Fault(file=name, column=column, expected="a column of this name")
        for column in ("lon", "lat")
        if column not in theirs
    ]
    for ours, their in theirs.items():
        kind = schema.field(their).type
        is_number = kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind)
        if spec.column(ours).kind in _NUMBERS and not (is_number or kinds.is_null(kind)):
            faults.append(Fault(file=name, column=their, value=str(kind), expected="numbers"))
    if faults:
        raise InputError(f"The columns of {name} do not fit.", faults)
    return theirs


def _column(values: Any, name: str) -> Any:
    import pyarrow as pa

    if TABLES["companies"].column(name).kind in _NUMBERS:
        return values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    return values.cast(pa.large_string()).to_pandas()


def _opened(path: str) -> Any:
    import pyarrow.parquet

    return pyarrow.parquet.ParquetFile(path)
