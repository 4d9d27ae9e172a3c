"""The instances: extracts and their countries, networks made ready in a process of their own."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.frame import BenchArgs, Scalar, measured
from benchmarks.shared import shared_root
from benchmarks.turn_reference import random_spots
from territory.geo import LonLat

if TYPE_CHECKING:
    from data.roads import RoadNetwork
    from data.travel import RoadTravel

EXTRACTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "porto": "geo/porto/porto_portugal.osm.pbf",
        "malta": "geo/malta/malta-2018.osm.pbf",
        "tiny": "geo/tiny/liechtenstein.osm.pbf",
    }
)
COUNTRIES: Final[Mapping[str, str]] = MappingProxyType({"porto": "PT", "malta": "MT", "tiny": "LI"})
GENERATED: Final = ("million", "million-grid")
BESIDE_DEGREES: Final = 1.5e-4
"""Places lie so far beside their street in the middle: some fifteen metres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readied:
    """What it took to make an engine ready: wall seconds, peak MB, and how both came about."""

    wall_seconds: float
    peak_mb: float
    facts: Mapping[str, Scalar]


def extracts(args: BenchArgs) -> dict[str, Path]:
    """The extracts by name: those of ``--set``, else of the shared data."""
    if args.set_folder is not None:
        folder = args.folder()
        return {path.name.split(".")[0]: path for path in sorted(folder.rglob("*.osm.pbf"))}
    paths = {name: shared_root() / place for name, place in EXTRACTS.items()}
    return {name: path for name, path in paths.items() if path.exists()}


def places_of(network: "RoadNetwork", count: int, *, seed: int) -> LonLat:
    """Random places beside the streets of a network, (n, 2)."""
    rng = np.random.default_rng(seed)
    spots = random_spots(network, count, rng)
    return spots.lonlat + rng.normal(0, BESIDE_DEGREES, spots.lonlat.shape)


def build_and_keep(path: Path, country: str, folder: Path) -> Readied:
    """From the extract to an engine that answers; what was built is then kept in ``folder``."""
    from data.roads import read_network

    (travel, facts), wall, peak = measured(
        lambda: ready(lambda: read_network(path, "car", country=country))
    )
    keep(travel, folder)
    return Readied(wall_seconds=wall, peak_mb=peak, facts=facts)


def start_again(folder: Path) -> Readied:
    """From what is kept in ``folder`` to an engine that answers."""
    (_, facts), wall, peak = measured(lambda: reopened(folder))
    return Readied(wall_seconds=wall, peak_mb=peak, facts=facts)


def start_cold(folder: Path) -> float:
    """As ``start_again`` in a process that has loaded nothing yet: libraries and code included."""
    return start_again(folder).wall_seconds


def ready(read: Callable[[], "RoadNetwork"]) -> tuple["RoadTravel", dict[str, Scalar]]:
    """Travel with its hierarchy built and filled, and what each step took.

    A network whose hierarchy would not fit into memory is searched by Dijkstra, and said to be.
    """
    from data.travel import road_travel
    from data.travel.cch import HierarchyTooLarge

    began = time.perf_counter()
    network = read()
    read_seconds = time.perf_counter() - began
    facts: dict[str, Scalar] = {
        "nodes": network.node_count,
        "arcs": network.arc_count,
        "turns": len(network.turn_arc),
        "read_seconds": round(read_seconds, 2),
    }
    travel = road_travel(network, engine="cch")
    began = time.perf_counter()
    try:
        hierarchy = travel.hierarchy()
    except HierarchyTooLarge as error:
        travel = road_travel(network, engine="dijkstra")
        travel.snap(network.lonlat[:1])
        return travel, {**facts, "searched_by_dijkstra": error.message}
    build_seconds = time.perf_counter() - began
    return travel, {
        **facts,
        "shortcuts": hierarchy.arc_count,
        "hierarchy_seconds": round(build_seconds, 2),
        **_filled(travel),
    }


def reopened(folder: Path) -> tuple["RoadTravel", dict[str, Scalar]]:
    """Travel on what is kept in ``folder``, filled, and what each step took."""
    from data.travel import road_travel
    from data.travel.files import open_travel

    began = time.perf_counter()
    kept = open_travel(folder, "car")
    load_seconds = time.perf_counter() - began
    travel = road_travel(kept.network, engine="cch", hierarchy=kept.engines.hierarchy)
    return travel, {"load_seconds": round(load_seconds, 2), **_filled(travel)}


def keep(travel: "RoadTravel", folder: Path) -> None:
    """Keep a network and its hierarchy."""
    from data.roads import save_network
    from data.travel.files import save_hierarchy

    save_network(travel.network, folder)
    arrays = travel.hierarchy().arrays()
    save_hierarchy(arrays, folder, network_hash=travel.network.content_hash)


def _filled(travel: "RoadTravel") -> dict[str, Scalar]:
    """Weights put into the hierarchy, and the search for the nearest road made ready."""
    began = time.perf_counter()
    travel.engines.contracted().metric(travel.engines.graph(None))
    fill_seconds = time.perf_counter() - began
    began = time.perf_counter()
    travel.snap(travel.network.lonlat[:1])
    return {
        "fill_seconds": round(fill_seconds, 2),
        "join_seconds": round(time.perf_counter() - began, 2),
    }


def warm() -> None:
    """Load the libraries and the compiled code that all work uses, on the smallest extract."""
    from data.roads import read_network
    from data.roads.extracts import helsinki_pbf
    from data.travel.isochrones import reach_polygons

    travel, _ = ready(lambda: read_network(helsinki_pbf(), "car"))
    places = places_of(travel.network, 400, seed=0)
    travel.block(places, places)
    travel.nearest(places, places, 5)
    travel.legs(places[:2])
    reach_polygons(travel, places[0], minutes=(5,))


build_and_keep.warm_up = warm  # type: ignore[attr-defined]
start_again.warm_up = warm  # type: ignore[attr-defined]
