"""GeoJSON and GeoParquet by plain parsers, and what files say of their coordinate system."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data.readers.limits import MAX_PARQUET_BYTES, MAX_ROWS
from data.readers.raw import RawTable
from territory.errors import InputError
from territory.geo import WGS84

Shapes = NDArray[np.object_]

_EPSG = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:(?:[\d.]*:)?(\d{4,6})", re.IGNORECASE)
_CRS84 = re.compile(r"(?:urn:ogc:def:crs:)?OGC:(?:[\d.]*:)?CRS84h?", re.IGNORECASE)


def read_geojson(path: Path, *, name: str) -> RawTable:
    """Features of a GeoJSON file: their properties as cells, their geometry as shapes.

    Rows are counted as features, from 1. A ``crs`` member of the older standard is obeyed when it
    names an EPSG code.

    Raises
    ------
    InputError
        If it is no FeatureCollection, nested beyond reason, or holds numbers JSON does not have.
    """
    found = _parse(path, name)
    if not isinstance(found, dict) or found.get("type") not in ("FeatureCollection", "Feature"):
        raise InputError(f"{name} is JSON, but no GeoJSON FeatureCollection.")
    features = found.get("features") if found["type"] == "FeatureCollection" else [found]
    if not isinstance(features, list) or not all(isinstance(item, dict) for item in features):
        raise InputError(f"{name} has no list of features.")
    shapes = _shapes(features)
    shapes, notes = to_wgs84(shapes, _declared_epsg(found, name), name=name)
    return RawTable(
        frame=_properties(features),
        rows=np.arange(len(features)) + 1,
        shapes=shapes,
        notes=notes,
    )


def _parse(path: Path, name: str) -> Any:
    def refuse(word: str) -> float:
        raise ValueError(f"{word} is no JSON number")

    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=refuse)
    except RecursionError as error:
        raise InputError(f"{name} is nested too deeply.") from error
    except ValueError as error:  # also a decoding error
        raise InputError(f"{name} cannot be read as JSON: {str(error)[:200]}.") from error


def _shapes(features: list[dict[str, Any]]) -> Shapes:
    geometries = [feature.get("geometry") for feature in features]
    texts = [json.dumps(item) if isinstance(item, dict) else None for item in geometries]
    return np.asarray(shapely.from_geojson(texts, on_invalid="ignore"), dtype=np.object_)


def _properties(features: list[dict[str, Any]]) -> pd.DataFrame:
    rows = [item.get("properties") for item in features]
    filled = [row if isinstance(row, dict) else {} for row in rows]
    names = list(dict.fromkeys(key for row in filled for key in row))
    frame = pd.DataFrame(
        {
            key.encode("utf-8", "replace").decode(): pd.Series(
                [_cell(row.get(key)) for row in filled], dtype="object"
            )
            for key in names
        },
        index=pd.RangeIndex(len(features)),
    )
    if "id" not in frame and any("id" in item for item in features):
        frame["id"] = pd.Series([_cell(item.get("id")) for item in features], dtype="object")
    return frame


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _declared_epsg(found: dict[str, Any], name: str) -> int:
    declared = found.get("crs")
    if declared is None:
        return 4326
    properties = declared.get("properties") if isinstance(declared, dict) else None
    text = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if _CRS84.fullmatch(text):
        return 4326
    match = _EPSG.fullmatch(text)
    if match is None:
        raise InputError(
            f"{name} names a coordinate system that is not known here: {text[:80]!r}.",
            fix="Export it in WGS84 (EPSG:4326).",
        )
    return int(match[1])


def to_wgs84(shapes: Shapes, epsg: int, *, name: str) -> tuple[Shapes, tuple[str, ...]]:
    """Shapes in degrees, from the system their file declares; a change is said in a note.

    Raises
    ------
    InputError
        If there is no such system.
    """
    if epsg == 4326:
        return shapes, ()
    from pyproj import Transformer
    from pyproj.exceptions import CRSError

    try:
        transformer = Transformer.from_crs(f"EPSG:{epsg}", WGS84, always_xy=True)
    except CRSError as error:
        raise InputError(f"{name} declares EPSG:{epsg}, which does not exist.") from error

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    moved = shapely.transform(shapes, move)
    return np.asarray(moved, dtype=np.object_), (
        f"coordinates brought from EPSG:{epsg}, as the file declares, to WGS84",
    )


def read_geoparquet(path: Path, *, name: str) -> RawTable:
    """Rows of a Parquet file; its primary geometry column, if it has one, as shapes.

    Rows are counted from 1.

    Raises
    ------
    InputError
        If it is damaged, unpacks to too much, or declares a coordinate system without a code.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            meta = file.metadata
            unpacked = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
            if unpacked > MAX_PARQUET_BYTES or meta.num_rows > MAX_ROWS:
                raise InputError(
                    f"{name} has {meta.num_rows:,} rows in {unpacked:,} bytes; at most "
                    f"{MAX_ROWS:,} and {MAX_PARQUET_BYTES:,} are read."
                )
            table = file.read()
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{name} cannot be read as Parquet: {str(error)[:200]}.") from error
    return _with_geometry(table, name)


def _with_geometry(table: Any, name: str) -> RawTable:
    geometry, epsg = _geo_metadata(table, name)
    shapes: Shapes | None = None
    notes: tuple[str, ...] = ()
    if geometry is not None:
        cells = table[geometry].to_pylist()
        read = np.asarray(shapely.from_wkb(cells, on_invalid="ignore"), dtype=np.object_)
        shapes, notes = to_wgs84(read, epsg, name=name)
        table = table.drop_columns([geometry])
    nested = [field.name for field in table.schema if _is_nested(field.type)]
    return RawTable(
        frame=table.drop_columns(nested).to_pandas(integer_object_nulls=True),
        rows=np.arange(table.num_rows) + 1,
        shapes=shapes,
        notes=(*notes, *(f"column {column!r} is nested and was left out" for column in nested)),
    )


def _is_nested(type_: Any) -> bool:
    from pyarrow import types

    return bool(types.is_nested(type_) or types.is_binary(type_) or types.is_large_binary(type_))


def _geo_metadata(table: Any, name: str) -> tuple[str | None, int]:
    raw = (table.schema.metadata or {}).get(b"geo")
    if raw is None:
        return None, 4326
    try:
        found = json.loads(raw)
        column = found["primary_column"]
        described = found["columns"][column]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{name} has GeoParquet metadata that cannot be read.") from error
    if described.get("encoding") != "WKB" or column not in table.column_names:
        raise InputError(f"{name} holds geometry that is not WKB.", fix="Write it as WKB.")
    return column, _epsg_of_projjson(described.get("crs"), name)


def _epsg_of_projjson(crs: Any, name: str) -> int:
    if crs is None:
        return 4326  # the standard's default, OGC:CRS84
    named = crs.get("id") if isinstance(crs, dict) else None
    code = named if isinstance(named, dict) else {}
    text = f"{code.get('authority')}:{code.get('code')}".upper()
    if re.fullmatch(r"EPSG:[0-9]{4,6}", text):
        return int(text.removeprefix("EPSG:"))
    if text == "OGC:CRS84":
        return 4326
    raise InputError(
        f"{name} declares a coordinate system without an EPSG code.",
        fix="Export it in WGS84 (EPSG:4326).",
    )
