"""Road networks, places and base maps from OpenStreetMap."""

from data.roads.files import load_network, save_network, source_hash
from data.roads.network import RoadNetwork
from data.roads.osm import ATTRIBUTION
from data.roads.sources import Box, Graph, LocalFile, Outline, Place, RoadSource, read_network

__all__ = [
    "ATTRIBUTION",
    "Box",
    "Graph",
    "LocalFile",
    "Outline",
    "Place",
    "RoadNetwork",
    "RoadSource",
    "load_network",
    "read_network",
    "save_network",
    "source_hash",
]
