"""Rows of market tables: frames in, frames out, a stable hash over both."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Table, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from data.store.schema import ROWS
from territory.errors import Conflict, Fault, InputError
from territory.tables import TABLES
from territory.tables.frames import dtype_of, typed_frame
from territory.tables.model import Column, TableSpec

WriteMode = Literal["upsert", "replace", "append"]

_BATCH_ROWS = 5_000


def write_rows(
    connection: Connection, market_id: int, spec: TableSpec, frame: pd.DataFrame, mode: WriteMode
) -> int:
    """Put rows into one table of a market, within the caller's transaction; how many.

    "upsert" replaces the rows whose key is there already, in their place, and adds the others at
    the end; "replace" clears the table first; "append" refuses a key that is there.
    """
    typed = typed_frame(frame, spec)
    _refuse_repeats(typed, spec)
    table = ROWS[spec.name]
    if mode == "replace":
        connection.execute(delete(table).where(table.c.market_id == market_id))
    highest = select(func.max(table.c.position)).where(table.c.market_id == market_id)
    first = int(connection.execute(highest).scalar() or 0) + 1
    statement = _upsert(connection, table, spec) if mode == "upsert" else insert(table)
    try:
        for batch in _batches(typed, spec, market_id, first):
            connection.execute(statement, batch)
    except IntegrityError as error:
        raise Conflict(
            f"A row of {spec.name} is there already.", fix="Use upsert to replace it."
        ) from error
    return len(typed)


def _refuse_repeats(typed: pd.DataFrame, spec: TableSpec) -> None:
    repeated = typed.duplicated(subset=list(spec.key)).to_numpy()
    if repeated.any():
        faults = [
            Fault(table=spec.name, column=spec.key[-1], value=str(key), expected="a key used once")
            for key in typed.loc[repeated, list(spec.key)].itertuples(index=False, name=None)
        ]
        raise InputError(f"Rows of {spec.name} share a key.", faults)


def _upsert(connection: Connection, table: Table, spec: TableSpec) -> Any:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    others = [column.name for column in spec.columns if column.name not in spec.key]
    return statement.on_conflict_do_update(
        index_elements=["market_id", *spec.key],
        set_={name: statement.excluded[name] for name in others},
    )


def _batches(
    typed: pd.DataFrame, spec: TableSpec, market_id: int, first: int
) -> Iterator[list[dict[str, object]]]:
    names = ["market_id", "position", *(column.name for column in spec.columns)]
    for start in range(0, len(typed), _BATCH_ROWS):
        part = typed.iloc[start : start + _BATCH_ROWS]
        count = len(part)
        columns: list[Sequence[object]] = [
            [market_id] * count,
            range(first + start, first + start + count),
            *(_python_values(part[column.name], column) for column in spec.columns),
        ]
        yield [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _python_values(values: pd.Series, column: Column) -> list[object]:
    """Cells as Python values, missing numbers and flags as None."""
    if dtype_of(column.kind) in ("str", "object"):
        return values.tolist()
    return values.astype("object").where(values.notna(), None).tolist()


def read_rows(
    connection: Connection,
    market_id: int,
    spec: TableSpec,
    *,
    limit: int | None = None,
    offset: int = 0,
) -> pd.DataFrame:
    """Rows of one table of a market in their order, as ``territory.tables.frames`` has them."""
    table = ROWS[spec.name]
    wanted = (
        select(*(table.c[column.name] for column in spec.columns))
        .where(table.c.market_id == market_id)
        .order_by(table.c.position)
        .limit(limit)
        .offset(offset or None)
    )
    rows = connection.execute(wanted).all()
    columns = list(zip(*rows, strict=True)) or [()] * len(spec.columns)
    return pd.DataFrame(
        {
            column.name: _series(values, column)
            for column, values in zip(spec.columns, columns, strict=True)
        },
        index=pd.RangeIndex(len(rows)),
    )


def _series(values: Sequence[object], column: Column) -> pd.Series:
    dtype = dtype_of(column.kind)
    if dtype == "float64":
        return pd.Series(np.array(values, dtype=np.float64))
    if dtype == "object":
        cells = np.empty(len(values), dtype=object)
        cells[:] = values
        return pd.Series(cells, dtype="object")
    return pd.Series(list(values), dtype=dtype)


def count_rows(connection: Connection, market_id: int) -> dict[str, int]:
    """How many rows each table of a market has."""
    counts = {}
    for name, table in ROWS.items():
        counted = select(func.count()).select_from(table).where(table.c.market_id == market_id)
        counts[name] = int(connection.execute(counted).scalar_one())
    return counts


def hash_frames(frames: dict[str, pd.DataFrame]) -> str:
    """SHA-256 over the names, columns, rows and order of rows of these tables."""
    digest = hashlib.sha256()
    for name in sorted(frames):
        digest.update(f"{name}:{len(frames[name])}\n".encode())
        for column in TABLES[name].columns:
            digest.update(f"{column.name}:".encode())
            digest.update(_column_bytes(frames[name][column.name], column))
    return digest.hexdigest()


def _column_bytes(values: pd.Series, column: Column) -> bytes:
    dtype = dtype_of(column.kind)
    if dtype == "float64":
        return values.to_numpy(dtype="<f8").tobytes()
    if dtype in ("Int64", "boolean"):
        return repr([None if pd.isna(value) else int(value) for value in values]).encode()
    return json.dumps([None if value is None else str(value) for value in values]).encode()
