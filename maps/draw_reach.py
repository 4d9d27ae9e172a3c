"""The reach page: how far one gets in so many minutes, in rings, with the outlets they hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from maps.columns import Cell, tidy
from maps.context import KeyFigure, PageContext
from maps.layers import bounds, encode_points, encode_shapes
from maps.measures import as_data
from maps.page import Page, map_page
from maps.preview import Frame, dots_part, picture
from maps.style import stepped
from territory.geo import LonLat
from territory.outlets import Site

THIN_DEGREES = 4e-5
"""Rings are drawn true to about 4 m; the area told is that of the whole shape."""

BY_ROAD = "The drive from the start, and the walk off the road where it ends."
ESTIMATED = "As far as the estimate gets in a straight line, all round: no roads are given."
START_COLOUR = "#D55E00"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Area:
    """What is reached within so many minutes (WGS84), and how large it is."""

    minutes: int
    geometry: BaseGeometry
    square_meters: float


def draw_reach(
    areas: Sequence[Area],
    starts: Sequence[tuple[str, float, float]],
    context: PageContext,
    *,
    how: str,
    is_estimated: bool = False,
    outlets: Sequence[Site] = (),
    notes: Sequence[str] = (),
) -> Page:
    """Rings of reach, the quickest strongest, about where one starts (name, lon, lat).

    ``areas`` ascend in time, each within the next. ``how`` says by what means and from what
    source, as in "by car, on roads"; ``is_estimated`` that no roads stand behind them.
    """
    minutes = [area.minutes for area in areas]
    rings = _rings(areas)
    start_points = np.asarray([place[1:] for place in starts], dtype=np.float64).reshape(-1, 2)
    site_points = np.asarray([(s.lon, s.lat) for s in outlets], dtype=np.float64).reshape(-1, 2)
    within = _within(areas, site_points)
    square_kilometers = [area.square_meters / 1e6 for area in areas]
    classes = stepped([float(value) for value in minutes], method="the minutes asked for")
    shades = {
        **as_data(classes),
        "light": list(reversed(classes.light)),
        "dark": list(reversed(classes.dark)),
    }
    own = [place for place, site in enumerate(outlets) if site.role == "own"]
    others = [place for place, site in enumerate(outlets) if site.role != "own"]
    steps = range(len(areas))
    rows: dict[str, list[Cell]] = {
        "minutes": tidy(minutes, "whole"),
        "square_kilometers": tidy(square_kilometers, "number"),
        "own": tidy([_count(within, own, k) for k in steps], "whole"),
        "others": tidy([_count(within, others, k) for k in steps], "whole"),
    }
    data = {
        "bounds": _bounds(areas, start_points),
        "shapes": encode_shapes(rings),
        "minutes": minutes,
        "classes": shades,
        "rows": rows,
        "starts": [name for name, _, _ in starts],
        "start_points": encode_points(start_points),
        "sites": {
            "site_id": [site.site_id for site in outlets],
            "name": [site.name or site.site_id for site in outlets],
            "kind": [{"own": "kept"}.get(site.role, site.role) for site in outlets],
            "within": [minutes[k] if k >= 0 else None for k in within],
        },
        "site_points": encode_points(site_points),
        "how": how,
        "method": ESTIMATED if is_estimated else BY_ROAD,
    }
    return map_page(
        "reach",
        context,
        data=data,
        lead=_lead(starts, minutes, how),
        figures=tuple(
            KeyFigure(
                label=f"Within {area.minutes} min",
                value=f"{area.square_meters / 1e6:,.1f} km²",
                note=_outlets_words(_count(within, own, k)),
            )
            for k, area in enumerate(areas)
        ),
        notes=notes,
        preview=_preview(areas, start_points, list(reversed(classes.light))),
    )


def _rings(areas: Sequence[Area]) -> list[BaseGeometry]:
    """Each area without the one before it, thinned."""
    thin = [shapely.simplify(area.geometry, THIN_DEGREES) for area in areas]
    if not thin:
        return []
    return [thin[0], *(shapely.difference(outer, inner) for inner, outer in pairwise(thin))]


def _within(areas: Sequence[Area], points: LonLat) -> list[int]:
    """The first area that holds each point, -1 for none."""
    first = np.full(len(points), -1)
    for place in reversed(range(len(areas))):
        if len(points):
            first[shapely.contains_xy(areas[place].geometry, points)] = place
    return [int(place) for place in first]


def _count(within: Sequence[int], some: Sequence[int], area: int) -> int:
    """How many of some places lie in an area or one inside it."""
    return sum(1 for place in some if 0 <= within[place] <= area)


def _bounds(areas: Sequence[Area], starts: LonLat) -> list[float]:
    corners = [
        np.asarray(area.geometry.bounds).reshape(2, 2)
        for area in areas
        if not area.geometry.is_empty
    ]
    return bounds(np.concatenate([*corners, starts]))


def _lead(starts: Sequence[tuple[str, float, float]], minutes: Sequence[int], how: str) -> str:
    name = starts[0][0] if len(starts) == 1 else f"the nearest of {len(starts):,} places"
    steps = ", ".join(str(value) for value in minutes)
    return f"How far one gets from {name} in {steps} minutes {how}."


def _outlets_words(count: int) -> str:
    return f"{count:,} own outlet{'' if count == 1 else 's'}"


def _preview(areas: Sequence[Area], starts: LonLat, colours: Sequence[str]) -> str:
    shapes = [shapely.simplify(area.geometry, THIN_DEGREES * 10) for area in reversed(areas)]
    kept = [k for k, shape in enumerate(shapes) if not shape.is_empty]
    if not kept:
        return ""
    frame = Frame(np.asarray(shapes[kept[0]].bounds).reshape(2, 2))
    parts = [
        f'<path fill="{list(reversed(colours))[k]}" d="{_path(shapes[k], frame)}"/>' for k in kept
    ]
    parts.append(dots_part(frame, starts, START_COLOUR, radius=5))
    return picture(parts)


def _path(shape: BaseGeometry, frame: Frame) -> str:
    return "".join(
        frame.path(shapely.get_coordinates(part.exterior)[:-1], closed=True)
        for part in shapely.get_parts(shape)
    )
