"""Travel times between places: on roads, or estimated where there are none."""

from data.travel.engine import DijkstraEngine, Engine, ScipyEngine
from data.travel.engines import EngineName
from data.travel.estimated import EstimatedTravel, estimated_travel
from data.travel.periods import PERIODS
from data.travel.quarantine import Joined
from data.travel.snap import Snapped
from data.travel.times import MAX_SNAP_METERS, RoadTravel, road_travel

__all__ = [
    "MAX_SNAP_METERS",
    "PERIODS",
    "DijkstraEngine",
    "Engine",
    "EngineName",
    "EstimatedTravel",
    "Joined",
    "RoadTravel",
    "ScipyEngine",
    "Snapped",
    "estimated_travel",
    "road_travel",
]
