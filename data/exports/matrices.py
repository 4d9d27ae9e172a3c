"""Travel matrices as long tables, written block by block: CSV or Parquet."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from data.exports.text import guarded
from territory.errors import Fault, InputError
from territory.travel import UNREACHABLE, TravelMatrix

COLUMNS = ("from_id", "to_id", "seconds", "meters", "source")
Write = Callable[[Sequence[str], TravelMatrix], None]
"""Takes the ids of some sources and their rows (r, m)."""


@contextmanager
def matrix_writer(path: Path, suffix: str, to_ids: Sequence[str]) -> Iterator[Write]:
    """A writer of rows from sources to fixed targets; closed at the end.

    CSV ids that a spreadsheet would run start with an apostrophe; Parquet ids are kept as they
    are. Seconds and metres are empty where there is no way.

    Raises
    ------
    InputError
        If the suffix is neither ".csv" nor ".parquet".
    """
    if suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            yield _csv_writer(csv.writer(file, lineterminator="\r\n"), to_ids)
    elif suffix == ".parquet":
        with _parquet_writer(path, to_ids) as write:
            yield write
    else:
        fault = Fault(column="out", value=suffix, expected="a file ending in .csv or .parquet")
        raise InputError("A table is not written in this form.", [fault])


def _csv_writer(writer: "csv._writer", to_ids: Sequence[str]) -> Write:  # type: ignore[name-defined]
    writer.writerow(COLUMNS)
    targets = [guarded(name) for name in to_ids]

    def write(from_ids: Sequence[str], block: TravelMatrix) -> None:
        for name, seconds, meters in zip(
            from_ids, block.seconds.tolist(), block.meters.tolist(), strict=True
        ):
            source = guarded(name)
            writer.writerows(
                (source, target, *(("", "") if took == UNREACHABLE else (took, went)), block.source)
                for target, took, went in zip(targets, seconds, meters, strict=True)
            )

    return write


@contextmanager
def _parquet_writer(path: Path, to_ids: Sequence[str]) -> Iterator[Write]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    words = pa.dictionary(pa.int32(), pa.string())
    kinds = (words, words, pa.int32(), pa.int32(), words)
    schema = pa.schema(list(zip(COLUMNS, kinds, strict=True)))
    targets = pa.array(to_ids, pa.string())
    with pq.ParquetWriter(path, schema) as writer:

        def write(from_ids: Sequence[str], block: TravelMatrix) -> None:
            rows, columns = block.seconds.shape
            row = np.repeat(np.arange(rows, dtype=np.int32), columns)
            column = np.tile(np.arange(columns, dtype=np.int32), rows)
            is_cut = block.seconds.ravel() == UNREACHABLE
            made = (
                pa.DictionaryArray.from_arrays(row, pa.array(from_ids, pa.string())),
                pa.DictionaryArray.from_arrays(column, targets),
                pa.array(block.seconds.ravel(), mask=is_cut),
                pa.array(block.meters.ravel(), mask=is_cut),
                pa.DictionaryArray.from_arrays(
                    np.zeros(rows * columns, dtype=np.int32), pa.array([block.source])
                ),
            )
            writer.write_table(pa.Table.from_arrays(made, schema=schema))

        yield write
