"""Questions of travel on a market: what is within reach, the way, the table, the nearest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from api.usecases.places import Place, find_places, lonlat_of
from api.usecases.workspace import Workspace
from territory.directions import ARROWS, distance, instruction
from territory.errors import Fault, InputError
from territory.travel import (
    UNREACHABLE,
    Leg,
    Mode,
    Nearest,
    Source,
    TravelMatrix,
    TravelTimes,
)

if TYPE_CHECKING:
    from data.travel.isochrones import Isochrone
    from maps import Page

MINUTES = (5, 10, 15, 30)
CELLS_AT_ONCE = 500_000

SOURCE_WORDS: dict[Source, str] = {
    "road": "on roads",
    "road+time-of-day": "on roads at that time of day",
    "estimated": "estimated: straight line and detour, no roads are given",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reach:
    """What is within reach of places, ascending in time; those left out join no road, and why."""

    market: str
    mode: Mode
    period: str | None
    places: tuple[Place, ...]
    isochrones: "tuple[Isochrone, ...]"
    left_out: tuple[tuple[Place, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A drive through places in order, one leg between each two."""

    mode: Mode
    source: Source
    places: tuple[Place, ...]
    legs: tuple[Leg, ...]

    @property
    def seconds(self) -> int:
        return sum(leg.seconds for leg in self.legs)

    @property
    def meters(self) -> int:
        return sum(leg.meters for leg in self.legs)


def within_reach(
    workspace: Workspace,
    market: str,
    places: Sequence[str],
    *,
    minutes: Sequence[int] = MINUTES,
    mode: str = "",
    period: str | None = None,
) -> Reach:
    """The areas reached from the nearest of some places.

    Raises
    ------
    InputError
        If a place, the minutes, the mode or the period cannot be taken.
    Infeasible
        If no place joins a road.
    """
    from data.travel.isochrones import reach_polygons

    chosen, travel = travel_of(workspace, market, mode)
    found = find_places(workspace.store.market(market), places)
    if not found:
        raise InputError("There is no place to start from.", fix="Name at least one.")
    isochrones = reach_polygons(travel, lonlat_of(found), minutes=minutes, period=period)
    left_out = off_road(travel, found)
    without = {place for place, _ in left_out}
    return Reach(
        market=market,
        mode=chosen,
        period=period,
        places=tuple(place for place in found if place not in without),
        isochrones=isochrones,
        left_out=left_out,
    )


def off_road(travel: TravelTimes, places: Sequence[Place]) -> tuple[tuple[Place, str], ...]:
    """Places that join no road of our own, and in words why."""
    from data.travel import RoadTravel

    if not isinstance(travel, RoadTravel):
        return ()
    lonlat = lonlat_of(places)
    is_joined, words = travel.snap(lonlat).is_joined, travel.join(lonlat).reason
    return tuple((place, words[row]) for row, place in enumerate(places) if not is_joined[row])


def reach_geojson(reach: Reach) -> dict[str, Any]:
    """The areas as a GeoJSON feature collection, the longest time first, so that all are seen."""
    import shapely

    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": shapely.geometry.mapping(one.geometry),
                "properties": {
                    "minutes": one.minutes,
                    "square_meters": round(one.square_meters),
                    "mode": reach.mode,
                    "period": reach.period or "",
                    "source": one.source,
                },
            }
            for one in reversed(reach.isochrones)
        ],
        "left_out": [
            {"id": place.place_id, "detail": f"It {words}." if words.startswith("lies") else words}
            for place, words in reach.left_out
        ],
    }


def reach_page(workspace: Workspace, reach: Reach, *, home_href: str = "") -> "Page":
    """The areas as one self-contained page with the market's own outlets."""
    from api.usecases.pictures import synthetic_note
    from api.usecases.workspace import outlet_sites
    from maps import Area, PageContext, draw_reach

    market = workspace.store.market(reach.market)
    settings = market.settings
    context = PageContext(
        title="Within reach",
        market=settings.title,
        plan_id="",
        date=settings.today,
        currency=settings.currency,
        base_map=workspace.base_map(reach.market),
        attribution=settings.attribution,
        synthetic_note=synthetic_note(market),
        home_href=home_href,
    )
    return draw_reach(
        [
            Area(minutes=one.minutes, geometry=one.geometry, square_meters=one.square_meters)
            for one in reach.isochrones
        ],
        [(place.name, place.lon, place.lat) for place in reach.places],
        context,
        how=f"{_BY[reach.mode]}, {SOURCE_WORDS[reach.isochrones[0].source]}",
        notes=[f"{place.name} is left out: {words}." for place, words in reach.left_out],
        is_estimated=reach.isochrones[0].source == "estimated",
        outlets=(*outlet_sites(market, "own"), *outlet_sites(market, "competitor")),
    )


_BY: dict[Mode, str] = {"car": "by car", "foot": "on foot", "bicycle": "by bicycle"}


def way(
    workspace: Workspace,
    market: str,
    places: Sequence[str],
    *,
    mode: str = "",
    period: str | None = None,
) -> Way:
    """The fastest drive through places in this order.

    Raises
    ------
    Infeasible
        If a place cannot be reached from the one before.
    """
    chosen, travel = travel_of(workspace, market, mode)
    found = find_places(workspace.store.market(market), places)
    if len(found) < 2:
        raise InputError("A way needs two places or more.")
    legs = travel.legs(lonlat_of(found), period=period)
    source = travel.block(lonlat_of(found[:1]), lonlat_of(found[:1]), period=period).source
    return Way(mode=chosen, source=source, places=found, legs=legs)


def way_lines(found: Way) -> Iterator[str]:
    """A drive as lines of text: each step with its sign, words and length."""
    for leg, (here, there) in zip(found.legs, pairwise(found.places), strict=True):
        yield f"{here.name} to {there.name}: {_time(leg.seconds)}, {distance(leg.meters)}"
        for step in leg.steps:
            tail = f", {distance(step.meters)}" if step.meters else ""
            yield f"  {ARROWS[step.manoeuvre]} {instruction(step)}{tail}"
    yield (
        f"{_time(found.seconds)}, {found.meters / 1000:.1f} km {_BY[found.mode]}, "
        f"{SOURCE_WORDS[found.source]}"
    )


def table_blocks(
    travel: TravelTimes,
    sources: Sequence[Place],
    targets: Sequence[Place],
    *,
    period: str | None = None,
) -> Iterator[TravelMatrix]:
    """The table from sources to targets in blocks of rows, never whole in memory."""
    start, end = lonlat_of(sources), lonlat_of(targets)
    step = max(1, CELLS_AT_ONCE // max(1, len(end)))
    if hasattr(travel, "blocks"):
        yield from travel.blocks(start, end, rows=step, period=period)
        return
    for row in range(0, len(start), step):
        yield travel.block(start[row : row + step], end, period=period)


def save_table(
    travel: TravelTimes,
    sources: Sequence[Place],
    targets: Sequence[Place],
    path: Path,
    *,
    period: str | None = None,
) -> int:
    """Write the table from sources to targets as CSV or Parquet; how many pairs have no way.

    One row per pair: from_id, to_id, seconds, meters, source; both are empty without a way. The
    file is written whole or not at all.

    Raises
    ------
    InputError
        If the path ends neither in .csv nor in .parquet.
    """
    from data.exports.matrices import matrix_writer

    draft = path.with_name(f".{path.name}.part")
    start_ids, end_ids = ([place.place_id for place in part] for part in (sources, targets))
    cut = 0
    try:
        with matrix_writer(draft, path.suffix.lower(), end_ids) as write:
            row = 0
            for block in table_blocks(travel, sources, targets, period=period):
                write(start_ids[row : row + len(block.seconds)], block)
                row += len(block.seconds)
                cut += int((block.seconds == UNREACHABLE).sum())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return cut


def nearest_of(
    travel: TravelTimes,
    sources: Sequence[Place],
    targets: Sequence[Place],
    count: int,
    *,
    limit_seconds: float | None = None,
    period: str | None = None,
) -> Nearest:
    """The ``count`` quickest targets of each source (see ``territory.travel.Nearest``)."""
    start, end = lonlat_of(sources), lonlat_of(targets)
    if hasattr(travel, "nearest"):
        found: Nearest = travel.nearest(
            start, end, count, limit_seconds=limit_seconds, period=period
        )
        return found
    parts = [
        _quickest(block, count, limit_seconds)
        for block in table_blocks(travel, sources, targets, period=period)
    ]
    return Nearest(
        index=np.concatenate([part.index for part in parts]),
        seconds=np.concatenate([part.seconds for part in parts]),
        meters=np.concatenate([part.meters for part in parts]),
        source=parts[0].source,
    )


def _quickest(matrix: TravelMatrix, count: int, limit_seconds: float | None) -> Nearest:
    """The quickest of a table's columns for each row."""
    order = np.lexsort((matrix.meters, matrix.seconds), axis=1)[:, :count]
    seconds = np.take_along_axis(matrix.seconds, order, axis=1)
    meters = np.take_along_axis(matrix.meters, order, axis=1)
    is_out = seconds == UNREACHABLE
    if limit_seconds is not None:
        is_out |= seconds > limit_seconds
    return Nearest(
        index=np.where(is_out, -1, order).astype(np.int32),
        seconds=np.where(is_out, UNREACHABLE, seconds).astype(np.int32),
        meters=np.where(is_out, UNREACHABLE, meters).astype(np.int32),
        source=matrix.source,
    )


def travel_of(workspace: Workspace, market: str, mode: str) -> tuple[Mode, TravelTimes]:
    """Travel on a market by a mode, the market's own if it is "".

    Raises
    ------
    InputError
        If the mode is unknown.
    """
    chosen = mode or workspace.store.settings(market).mode
    for known in get_args(Mode):
        if chosen == known:
            return known, workspace.travel(market, known)
    fault = Fault(column="mode", value=chosen, expected=f"one of {', '.join(get_args(Mode))}")
    raise InputError("This way of moving is unknown.", [fault])


def _time(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
