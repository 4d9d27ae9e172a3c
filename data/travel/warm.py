"""Compiles every kernel of travel once, so that no question has to wait for it."""

import numpy as np

from data.roads import RoadNetwork
from data.travel.engines import EngineName
from data.travel.times import road_travel

ENGINES: tuple[EngineName, ...] = ("dijkstra", "cch")
PLACES = 12
CELLS = 120_000
"""So many cells are rounded by compiled code (``totals.COMPILED_FROM``)."""


def warm_travel(network: RoadNetwork) -> None:
    """Ask every kind of question on a network, best a small one, of each compiled engine.

    Compiled code lands in numba's cache, where later processes find it.
    """
    places = network.lonlat[:PLACES] + 1e-5
    for engine in ENGINES:
        travel = road_travel(network, engine=engine)
        travel.block(places, places)
        travel.nearest(places, places[1:], 2)
        pair = np.flatnonzero(travel.snap(places).component == 0)[:2]
        travel.legs(places[pair])
    travel.within(places[0], places, 60)
    travel.reached(places[0], 60)
    travel.block(np.resize(places, (CELLS // PLACES, 2)), places)
