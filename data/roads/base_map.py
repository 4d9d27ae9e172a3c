"""The base map of an extract: roads by class, water and boundaries, thin enough for any page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from data.roads.intake import look_at
from data.roads.network import RoadNetwork
from data.roads.osm import ATTRIBUTION, area_objects
from data.roads.sources import RoadSource, cut_source, read_network
from territory.basemap import BaseMap, Line
from territory.errors import InputError
from territory.geo import LonLat

ROAD_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "major": frozenset({"motorway", "motorway_link", "trunk", "trunk_link", "primary"}),
    "middle": frozenset({"primary_link", "secondary", "secondary_link", "tertiary"}),
    "minor": frozenset(
        {"tertiary_link", "unclassified", "residential", "living_street", "pedestrian", "road"}
    ),
}
"""What else there is (footways, service roads, tracks) is drawn in a small extract only."""

PATHS: Final = frozenset({"service", "footway", "path", "cycleway", "steps", "track"})

MOST_POINTS: Final = 36_000
"""About 0.75 MB as JSON at 5 decimals; lines are simplified until they fit."""

FINEST_METERS: Final = 2.0
MOST_BOUNDARIES: Final = 120
DEGREE_METERS: Final = 111_195.0
MINOR_KEPT_UP_TO_METERS: Final = 60.0
"""When even this coarse the lines do not fit, the minor roads go."""


def read_base_map(source: RoadSource | RoadNetwork | Path) -> BaseMap:
    """The base map of a source: roads, and of a local extract water, coast and boundaries too.

    Coordinates have 5 decimals (1 m); lines are simplified as far as the whole stays near 1 MB.

    Raises
    ------
    InputError
        If the source cannot be read.
    """
    if isinstance(source, Path):
        source = RoadSource(path=source)
    if isinstance(source, RoadNetwork):
        return _fitted(_Drawn(roads=_network_roads(source), attribution=source.attribution))
    with cut_source(source) as part:
        path = part.path
        if path is None or look_at(path).kind == "graphml":
            return read_base_map(read_network(part, "car"))
        return _fitted(_drawn(path))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Drawn:
    """Shapes before they are thinned."""

    roads: Mapping[str, list[LonLat]]
    water: list[LonLat] | None = None
    boundaries: list[LonLat] | None = None
    attribution: str = ATTRIBUTION


def _kinds() -> tuple[dict[str, str], dict[str, list[LonLat]]]:
    """The kind of each road class, and an empty list for each kind."""
    kind_of = {name: kind for kind, names in ROAD_KINDS.items() for name in names}
    return kind_of | dict.fromkeys(PATHS, "path"), {kind: [] for kind in (*ROAD_KINDS, "path")}


def _network_roads(network: RoadNetwork) -> dict[str, list[LonLat]]:
    kind_of, roads = _kinds()
    kinds = [kind_of.get(name, "") for name in network.classes]
    for number in range(network.line_count):
        kind = kinds[network.line_class[number]]
        if kind:
            begin, end = network.line_offset[number : number + 2]
            roads[kind].append(network.line_lonlat[begin:end])
    return roads


def _drawn(path: Path) -> _Drawn:
    kind_of, roads = _kinds()
    water: list[LonLat] = []
    coast: list[LonLat] = []
    admin: dict[str, list[LonLat]] = {}
    keys = ("highway", "natural", "waterway", "landuse", "boundary")
    for found in area_objects(path, keys=keys):
        tags = {tag.k: tag.v for tag in found.tags}
        if found.is_way():
            if tags.get("highway") in kind_of:
                roads[kind_of[tags["highway"]]] += _stretches(found.nodes)
            elif tags.get("natural") == "coastline":
                coast += _stretches(found.nodes)
        elif found.is_area():
            if _is_water(tags):
                water += [ring for outer in found.outer_rings() for ring in _stretches(outer)]
            elif tags.get("boundary") == "administrative":
                rings = [ring for outer in found.outer_rings() for ring in _stretches(outer)]
                admin.setdefault(tags.get("admin_level", ""), []).extend(rings)
    if not any(roads.values()):
        raise InputError(f"{path.name} holds no road to draw.", fix="Use a larger extract.")
    return _Drawn(roads=roads, water=water, boundaries=_merged(coast) + _districts(admin))


def _is_water(tags: Mapping[str, str]) -> bool:
    return (
        tags.get("natural") == "water"
        or tags.get("waterway") in ("riverbank", "dock")
        or tags.get("landuse") in ("reservoir", "basin")
    )


def _districts(admin: Mapping[str, list[LonLat]]) -> list[LonLat]:
    """The rings of the finest administrative level that is not yet a crowd."""
    levels = [level for level in ("4", "6", "7", "8", "9", "10") if level in admin]
    fitting = [level for level in levels if len(admin[level]) <= MOST_BOUNDARIES]
    return admin[fitting[-1]] if fitting else []


def _stretches(nodes: Iterable[Any]) -> list[LonLat]:
    """Runs of points that the extract knows, each of two or more."""
    runs: list[list[tuple[float, float]]] = [[]]
    for node in nodes:
        if node.location.valid():
            runs[-1].append((node.location.lon, node.location.lat))
        elif runs[-1]:
            runs.append([])
    return [np.asarray(run) for run in runs if len(run) > 1]


def _merged(lines: list[LonLat]) -> list[LonLat]:
    """Lines joined end to end where just two meet."""
    import shapely

    if not lines:
        return []
    joined = shapely.line_merge(shapely.multilinestrings([_line_strings(lines)]))
    return [np.asarray(shapely.get_coordinates(part)) for part in shapely.get_parts(joined)]


def _line_strings(lines: list[LonLat]) -> NDArray[np.object_]:
    import shapely

    if not lines:
        return np.empty(0, dtype=np.object_)
    lengths = [len(line) for line in lines]
    index = np.repeat(np.arange(len(lines)), lengths)
    strings = shapely.linestrings(np.concatenate(lines), indices=index)
    return np.asarray(strings, dtype=np.object_)


def _fitted(drawn: _Drawn) -> BaseMap:
    """The finest thinning that keeps to ``MOST_POINTS``."""
    raw = {kind: drawn.roads[kind] for kind in ROAD_KINDS}
    if sum(len(line) for lines in drawn.roads.values() for line in lines) < MOST_POINTS // 2:
        raw["minor"] = raw["minor"] + drawn.roads["path"]
    roads = {kind: _merged(lines) for kind, lines in raw.items()}
    parts = {
        **{kind: _Scaled(lines) for kind, lines in roads.items()},
        "water": _Scaled(drawn.water or [], least_points=4),
        "boundaries": _Scaled(drawn.boundaries or [], coarseness=2),
    }
    meters = FINEST_METERS
    while sum(part.points_at(meters) for part in parts.values()) > MOST_POINTS:
        meters *= 1.5
        if meters > MINOR_KEPT_UP_TO_METERS and "minor" in parts:
            del parts["minor"]
            meters = FINEST_METERS
    thin = {name: part.lines_at(meters) for name, part in parts.items()}
    water, boundaries = thin.pop("water"), thin.pop("boundaries")
    return BaseMap(
        roads={kind: lines for kind, lines in thin.items() if lines},
        water=water,
        boundaries=boundaries,
        attribution=drawn.attribution,
    )


class _Scaled:
    """Lines in metres, to be thinned by Douglas and Peucker; specks are left out."""

    def __init__(
        self, lines: list[LonLat], *, least_points: int = 2, coarseness: float = 1.0
    ) -> None:
        middle = float(np.mean([line[0, 1] for line in lines])) if lines else 0.0
        self.scale = np.array([np.cos(np.radians(middle)), 1.0]) * DEGREE_METERS
        self.least_points, self.coarseness = least_points, coarseness
        self.shapes = _line_strings([line * self.scale for line in lines])

    def points_at(self, meters: float) -> int:
        """How many points are left at this tolerance."""
        import shapely

        return int(shapely.get_num_coordinates(self._thin(meters)).sum())

    def lines_at(self, meters: float) -> tuple[Line, ...]:
        """What is left at this tolerance, to 5 decimals."""
        import shapely

        points, number = shapely.get_coordinates(self._thin(meters), return_index=True)
        pairs = [(lon, lat) for lon, lat in np.round(points / self.scale, 5).tolist()]
        cuts = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(pairs)]
        return tuple(tuple(pairs[start:end]) for start, end in pairwise(cuts) if end > start)

    def _thin(self, meters: float) -> NDArray[np.object_]:
        import shapely

        tolerance = meters * self.coarseness
        thin = np.asarray(shapely.simplify(self.shapes, tolerance), dtype=np.object_)
        is_seen = shapely.length(thin) >= 4 * tolerance
        return thin[is_seen & (shapely.get_num_coordinates(thin) >= self.least_points)]
