"""Road networks, places and base maps from OpenStreetMap."""

from data.roads.base_map import read_base_map
from data.roads.files import (
    load_network,
    network_hash,
    network_pointer,
    save_network,
    verify_network,
)
from data.roads.forecast import Forecast, forecast_of
from data.roads.intake import look_at
from data.roads.network import RoadNetwork
from data.roads.osm import ATTRIBUTION
from data.roads.places import read_places
from data.roads.reading import RoadReader
from data.roads.sources import RoadSource, cut_source, read_network

__all__ = [
    "ATTRIBUTION",
    "Forecast",
    "RoadNetwork",
    "RoadReader",
    "RoadSource",
    "cut_source",
    "forecast_of",
    "load_network",
    "look_at",
    "network_hash",
    "network_pointer",
    "read_base_map",
    "read_network",
    "read_places",
    "save_network",
    "verify_network",
]
