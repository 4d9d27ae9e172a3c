"""Our own customizable contraction hierarchy on the turn-expanded graph.

Built once for the roads and turns, filled with weights in hundredths of a second, then asked for
whole matrices or single paths; every answer is exact. Dibbelt, Strasser & Wagner (2016); with turns
Buchhold, Wagner, Zeitz & Zündorf (2020).
"""

from data.travel.cch.build import build_hierarchy, forecast_memory_bytes
from data.travel.cch.customization import customize
from data.travel.cch.hierarchy import Hierarchy, HierarchyTooLarge, Metric
from data.travel.cch.matrix import many_to_many
from data.travel.cch.paths import path

__all__ = [
    "Hierarchy",
    "HierarchyTooLarge",
    "Metric",
    "build_hierarchy",
    "customize",
    "forecast_memory_bytes",
    "many_to_many",
    "path",
]
