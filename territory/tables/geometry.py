"""WKT cells: read, judged, and where a polygon crosses itself mended with a note."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from territory.tables.findings import Converted, Finding, Mask
from territory.tables.model import Column

Shapes = NDArray[np.object_]


def convert_wkt(text: pd.Series, column: Column) -> Converted:
    """WGS84 shapes as normal WKT. ``column.allowed`` names the geometry types it takes.

    Z and M are dropped; a polygon that crosses or touches itself is rebuilt from its own lines
    (``shapely.make_valid``) and said in a note. Empty, unreadable, wrong and off-globe shapes are
    findings.
    """
    is_missing = (text == "").to_numpy(dtype=bool)
    cells = [cell or None for cell in text.tolist()]
    shapes = np.asarray(shapely.from_wkt(cells, on_invalid="ignore"), dtype=np.object_)
    is_unread = shapely.is_missing(shapes) & ~is_missing
    flat = shapely.force_2d(shapes)
    notes = _flattened_note(shapes, column)
    mended, mended_notes = _mended(flat, column)
    findings = (
        Finding(column=column.name, is_bad=is_unread, expected="a shape in WKT"),
        Finding(
            column=column.name,
            is_bad=shapely.is_empty(flat) & ~shapely.is_missing(flat),
            expected="a shape that is not empty",
        ),
        _wrong_type(mended, column),
        _off_globe(mended, column),
        Finding(
            column=column.name,
            is_bad=~shapely.is_missing(mended) & ~shapely.is_valid(mended),
            expected="a valid shape",
        ),
    )
    texts = np.where(shapely.is_missing(mended), "", shapely.to_wkt(mended, rounding_precision=-1))
    return Converted(
        values=pd.Series(texts, dtype="str"),
        findings=tuple(finding for finding in findings if finding.is_bad.any()),
        notes=(*notes, *mended_notes),
    )


def _flattened_note(shapes: Shapes, column: Column) -> tuple[str, ...]:
    tall = int((shapely.has_z(shapes) | shapely.has_m(shapes)).sum())
    return (
        (f"column {column.name!r}: heights (Z, M) of {tall} shapes were dropped",) if tall else ()
    )


def _mended(shapes: Shapes, column: Column) -> tuple[Shapes, tuple[str, ...]]:
    is_crossed = ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes) & _is_finite(shapes)
    mended = shapes.copy()
    notes: list[str] = []
    for position in np.flatnonzero(is_crossed):
        reason = shapely.is_valid_reason(shapes[position])
        mended[position] = _polygons_of(shapely.make_valid(shapes[position]))
        notes.append(
            f"column {column.name!r}, data row {position + 1}: shape mended ({reason}); "
            f"area {shapes[position].area:.6g} -> {mended[position].area:.6g} square degrees"
        )
    return mended, tuple(notes)


def _polygons_of(shape: shapely.Geometry) -> shapely.Geometry:
    """Only the polygons of a rebuilt shape: its loose lines and points enclose nothing."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type.endswith("Polygon")]
    return shapely.union_all(parts) if parts else shape


def _is_finite(shapes: Shapes) -> Mask:
    bounds = shapely.bounds(shapes)
    return np.asarray(np.isfinite(bounds).all(axis=1), dtype=bool)


def _wrong_type(shapes: Shapes, column: Column) -> Finding:
    kinds = np.array([shape.geom_type if shape is not None else "" for shape in shapes])
    allowed = column.allowed or ("Polygon", "MultiPolygon", "LineString", "MultiLineString")
    is_bad = (kinds != "") & ~np.isin(kinds, allowed) & ~shapely.is_empty(shapes)
    return Finding(
        column=column.name, is_bad=np.asarray(is_bad, dtype=bool), expected=_one_of(allowed)
    )


def _one_of(words: tuple[str, ...]) -> str:
    return f"a {' or '.join(words)}"


def _off_globe(shapes: Shapes, column: Column) -> Finding:
    bounds = shapely.bounds(shapes)
    limits = np.array([180.0, 90.0, 180.0, 90.0])
    with np.errstate(invalid="ignore"):
        is_off = ~(np.abs(bounds) <= limits).all(axis=1)
    has_extent = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    return Finding(
        column=column.name,
        is_bad=np.asarray(is_off & has_extent, dtype=bool),
        expected="a shape in degrees, longitude -180 to 180 and latitude -90 to 90",
        fix="Give WGS84 (EPSG:4326) coordinates, longitude first.",
    )
