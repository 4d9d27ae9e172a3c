"""Road networks, places and base maps from OpenStreetMap."""

from data.roads.base_map import read_base_map
from data.roads.files import load_network, save_network, source_hash
from data.roads.network import RoadNetwork
from data.roads.osm import ATTRIBUTION
from data.roads.places import read_places
from data.roads.sources import RoadSource, read_network

__all__ = [
    "ATTRIBUTION",
    "RoadNetwork",
    "RoadSource",
    "load_network",
    "read_base_map",
    "read_network",
    "read_places",
    "save_network",
    "source_hash",
]
