"""The base map: simplified roads, water and boundaries of a market, drawn under every picture."""

from dataclasses import dataclass

Line = tuple[tuple[float, float], ...]
"""A sequence of lon, lat pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseMap:
    """Vectors in WGS84. ``roads`` maps a class ("major", "middle", "minor") to lines.

    ``water`` and ``boundaries`` are outer rings. ``attribution`` is shown on every map.
    """

    roads: dict[str, tuple[Line, ...]]
    water: tuple[Line, ...] = ()
    boundaries: tuple[Line, ...] = ()
    attribution: str = ""
