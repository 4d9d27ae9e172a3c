"""A plan as map layers: sheets whose rows have a shape, written as GeoJSON and GeoPackage."""

import json
import math
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.exports.context import ExportContext, ExportKind
from data.exports.sheets import AnyPlan, Cell, Sheet, sheets_of
from data.exports.text import clean
from territory.alignment import AlignmentPlan
from territory.errors import InputError
from territory.geo import WGS84
from territory.routes import VisitPlan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """A sheet with one WGS84 shape per row; a row without a place has None."""

    sheet: Sheet
    shapes: tuple[BaseGeometry | None, ...]


def layers_of(plan: AnyPlan, kind: ExportKind, context: ExportContext) -> tuple[Layer, ...]:
    """The plan's sheets that can be drawn, each with the shapes of its rows.

    Raises
    ------
    InputError
        If units are to be drawn and the context has none.
    """
    return tuple(
        layer for sheet in sheets_of(plan, kind, context) for layer in _drawn(sheet, plan, context)
    )


def _drawn(sheet: Sheet, plan: AnyPlan, context: ExportContext) -> Iterable[Layer]:
    if isinstance(plan, VisitPlan) and sheet.name == "routes":
        yield Layer(sheet=sheet, shapes=tuple(_route_line(route) for route in plan.routes))
    elif isinstance(plan, AlignmentPlan) and sheet.name == "jurisdictions":
        yield Layer(sheet=sheet, shapes=_jurisdictions(plan, context))
    elif sheet.name in ("units", "cells"):
        yield _without(Layer(sheet=sheet, shapes=_unit_shapes(sheet, context)), "lon", "lat")
    elif sheet.name == "parts":
        return  # the same units again: their figures join by unit_id
    elif "geometry" in sheet.columns:
        yield _without(Layer(sheet=sheet, shapes=_wkt_shapes(sheet)), "geometry")
    elif {"lon", "lat"} <= set(sheet.columns):
        yield Layer(sheet=sheet, shapes=_points(sheet))


def _unit_shapes(sheet: Sheet, context: ExportContext) -> tuple[BaseGeometry | None, ...]:
    units = _units(context)
    place = units.index()
    column = sheet.columns.index("unit_id")
    found = [place.get(str(row[column])) for row in sheet.rows]
    return tuple(None if i is None else units.polygons[i] for i in found)


def _units(context: ExportContext) -> Any:
    if context.units is None:
        raise InputError("Units cannot be drawn: the export was given no shapes of units.")
    return context.units


def _jurisdictions(plan: AlignmentPlan, context: ExportContext) -> tuple[BaseGeometry | None, ...]:
    units = _units(context)
    place = units.index()
    shapes: list[BaseGeometry | None] = []
    for item in plan.jurisdictions:
        mine = plan.alignment.units_of(item.executive_id)
        polygons = [units.polygons[place[unit]] for unit in mine if unit in place]
        shapes.append(shapely.union_all(polygons) if polygons else None)
    return tuple(shapes)


def _route_line(route: Any) -> BaseGeometry:
    """Straight lines from home over the stops and back: the order, not the road."""
    return shapely.LineString(route.places)


def _points(sheet: Sheet) -> tuple[BaseGeometry | None, ...]:
    lon, lat = sheet.columns.index("lon"), sheet.columns.index("lat")
    return tuple(_point(row[lon], row[lat]) for row in sheet.rows)


def _point(lon: Cell, lat: Cell) -> BaseGeometry | None:
    if not isinstance(lon, int | float) or not isinstance(lat, int | float):
        return None
    return shapely.Point(lon, lat) if math.isfinite(lon) and math.isfinite(lat) else None


def _wkt_shapes(sheet: Sheet) -> tuple[BaseGeometry | None, ...]:
    column = sheet.columns.index("geometry")
    texts = [row[column] if isinstance(row[column], str) else None for row in sheet.rows]
    return tuple(shapely.from_wkt(np.array(texts, dtype=object), on_invalid="ignore"))


def _without(layer: Layer, *names: str) -> Layer:
    keep = [i for i, name in enumerate(layer.sheet.columns) if name not in names]
    sheet = replace(
        layer.sheet,
        columns=tuple(layer.sheet.columns[i] for i in keep),
        rows=tuple(tuple(row[i] for i in keep) for row in layer.sheet.rows),
    )
    return replace(layer, sheet=sheet)


def geojson_bytes(layer: Layer, context: ExportContext) -> bytes:
    """One layer as RFC 7946 GeoJSON: lon, lat to 6 decimals, outer rings counter-clockwise."""
    features = [
        {"type": "Feature", "geometry": shape, "properties": properties}
        for shape, properties in zip(
            _geojson_shapes(layer.shapes), _properties(layer.sheet), strict=True
        )
    ]
    document = {
        "type": "FeatureCollection",
        "name": layer.sheet.name,
        "title": clean(context.title),
        "plan": clean(context.plan_id),
        "date": context.date.isoformat(),
        "currency": clean(context.currency),
        "attribution": [clean(text) for text in context.attribution],
        "features": features,
    }
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8")


def _geojson_shapes(shapes: Sequence[BaseGeometry | None]) -> list[Any]:
    array = np.array(shapes, dtype=object)
    if not len(array):
        return []
    flat = shapely.force_2d(shapely.orient_polygons(array, exterior_cw=False))
    rounded = shapely.transform(flat, lambda points: np.round(points, 6))
    return [None if shape is None else shapely.geometry.mapping(shape) for shape in rounded]


def _properties(sheet: Sheet) -> Iterable[dict[str, Any]]:
    for row in sheet.rows:
        yield {name: _json(value) for name, value in zip(sheet.columns, row, strict=True)}


def _json(value: Cell) -> str | float | int | bool | None:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return clean(value)
    return value if value is None or isinstance(value, int) else value.isoformat()


def gpkg_bytes(layers: Sequence[Layer], context: ExportContext) -> bytes:
    """All layers in one GeoPackage, dated with the plan's day and not with the clock."""
    import pyogrio

    day = f"{context.date.isoformat()}T00:00:00.000Z"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": day})
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "layers.gpkg"
            for layer in layers:
                pyogrio.write_dataframe(
                    _frame(layer),
                    path,
                    layer=layer.sheet.name,
                    driver="GPKG",
                    append=path.exists(),
                    promote_to_multi=False,
                )
            return path.read_bytes()
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _frame(layer: Layer) -> Any:
    import geopandas
    import pandas as pd

    rows = list(_properties(layer.sheet))
    columns = {name: _series([row[name] for row in rows]) for name in layer.sheet.columns}
    shapes = geopandas.GeoSeries(np.array(layer.shapes, dtype=object), crs=WGS84)
    return geopandas.GeoDataFrame(pd.DataFrame(columns), geometry=shapes)


def _series(values: list[Any]) -> Any:
    """Values of one kind as a series of that kind; mixed ones as text."""
    import pandas as pd

    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {int, float}:
        whole = kinds == {int} and None not in values
        return pd.Series(values, dtype="int64" if whole else "float64")
    if kinds == {bool} and None not in values:
        return pd.Series(values, dtype="bool")
    texts = [None if value is None else str(value) for value in values]
    return pd.Series(texts, dtype="object")
