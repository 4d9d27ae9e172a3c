"""Points and lines as GeoParquet 1.1 with native coordinates, read and written by pyarrow alone.

Any reader of GeoParquet opens these files; ours needs neither geopandas nor shapely for it, since
coordinates lie in plain columns. See geoparquet.org/releases/v1.1.0.
"""

import json
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from territory.geo import LonLat

if TYPE_CHECKING:
    import pyarrow

GEOMETRY = "geometry"
Columns = Mapping[str, NDArray[Any] | tuple[NDArray[np.integer[Any]], Sequence[str]]]
"""Columns by name: numbers, or numbers into a sequence of texts."""


def write_points(stream: IO[bytes], lonlat: LonLat, columns: Columns) -> None:
    """Write points (n, 2) in WGS84 (longitude first, OGC:CRS84) with columns of n rows."""
    _write(stream, _coordinates(lonlat), columns, encoding="point", kind="Point")


def write_lines(
    stream: IO[bytes], lonlat: LonLat, offset: NDArray[np.int64], columns: Columns
) -> None:
    """Write n lines, line k through ``lonlat[offset[k]:offset[k + 1]]``, with columns of n rows."""
    import pyarrow

    lines = pyarrow.LargeListArray.from_arrays(offset, _coordinates(lonlat))
    if len(lonlat) < np.iinfo(np.int32).max:
        kind = pyarrow.list_(lines.type.value_type)
        lines = lines.cast(kind)
    _write(stream, lines, columns, encoding="linestring", kind="LineString")


def read_points(content: Any, columns: Sequence[str]) -> tuple[LonLat, dict[str, NDArray[Any]]]:
    """Points (n, 2) and the named columns, of numbers, of a file's bytes."""
    geometry, named = _read(content, columns)
    return _lonlat(geometry), named


def read_lines(
    content: Any, columns: Sequence[str]
) -> tuple[LonLat, NDArray[np.int64], dict[str, NDArray[Any]]]:
    """Line points (p, 2), offset (n + 1,) and the named columns, of numbers, of a file's bytes."""
    geometry, named = _read(content, columns)
    offset = _numbers(geometry.offsets).astype(np.int64)
    return _lonlat(geometry.values), offset, named


def _coordinates(lonlat: LonLat) -> "pyarrow.StructArray":
    import pyarrow

    number = pyarrow.float64()
    fields = [pyarrow.field(axis, number, nullable=False) for axis in ("x", "y")]
    parts = [pyarrow.array(np.ascontiguousarray(lonlat[:, axis]), number) for axis in range(2)]
    return pyarrow.StructArray.from_arrays(parts, fields=fields)


def _write(
    stream: IO[bytes], geometry: "pyarrow.Array", columns: Columns, *, encoding: str, kind: str
) -> None:
    import pyarrow
    import pyarrow.parquet

    named: dict[str, Any] = {GEOMETRY: geometry}
    for label, values in columns.items():
        if isinstance(values, tuple):
            numbers, texts = values
            plain = pyarrow.array(numbers.astype(np.int32))
            named[label] = pyarrow.DictionaryArray.from_arrays(plain, list(texts))
        else:
            named[label] = pyarrow.array(values)
    told = {"encoding": encoding, "geometry_types": [kind]}  # no crs given means OGC:CRS84
    geo = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: told}}
    table = pyarrow.table(named).replace_schema_metadata({"geo": json.dumps(geo)})
    texts_only = [label for label, values in columns.items() if isinstance(values, tuple)]
    pyarrow.parquet.write_table(table, stream, compression="none", use_dictionary=texts_only)


def _read(content: Any, columns: Sequence[str]) -> tuple["pyarrow.Array", dict[str, NDArray[Any]]]:
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content)) as file:
            table = file.read(columns=[GEOMETRY, *columns])
    except pyarrow.ArrowInvalid as error:  # is a ValueError too, but says so in its own words
        raise ValueError(f"it is no GeoParquet: {error}") from error
    named = {label: _numbers(_whole(table[label])) for label in columns}
    return _whole(table[GEOMETRY]), named


def _whole(column: "pyarrow.ChunkedArray") -> "pyarrow.Array":
    if column.num_chunks == 1:
        return column.chunk(0)
    import pyarrow

    # With no chunk at all there is no array to hand out; an empty one keeps the type.
    return pyarrow.concat_arrays([*column.chunks, pyarrow.array([], column.type)])


def _lonlat(points: "pyarrow.StructArray") -> LonLat:
    x, y = (_numbers(points.field(axis)) for axis in range(2))
    return np.column_stack([x, y]).astype(np.float64)


def _numbers(column: "pyarrow.Array") -> NDArray[Any]:
    """A column of numbers without gaps. (pyarrow's own ``to_numpy`` imports pandas: 0.2 s.)"""
    return np.from_dlpack(column) if len(column) else np.empty(0, str(column.type))
