"""Units: the smallest areas a jurisdiction is made of, who borders whom, and how to make them."""

from territory.units.build import build_units
from territory.units.graph import components
from territory.units.hexagons import default_resolution, h3_units
from territory.units.locate import ZoneGrid, locate
from territory.units.outline import perimeters_meters
from territory.units.values import Neighbours, Units
from territory.units.zones import zone_units

__all__ = [
    "Neighbours",
    "Units",
    "ZoneGrid",
    "build_units",
    "components",
    "default_resolution",
    "h3_units",
    "locate",
    "perimeters_meters",
    "zone_units",
]
