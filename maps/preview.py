"""Small pictures of pages for the index, as SVG text made of numbers and fixed colours only."""

import re
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from territory.units import Units

WIDTH = 320
HEIGHT = 180
MOST_AREAS = 900

_PICTURE = re.compile(
    r'<svg class="preview" viewBox="[0-9 ]+" aria-hidden="true" focusable="false">'
    r'(<(path|circle)( (fill|stroke|stroke-width|stroke-linejoin|d|cx|cy|r)="[#\w .-]*")+/>)*</svg>'
)


class Frame:
    """Fits points of the globe into a small picture, north up."""

    def __init__(self, lonlat: NDArray[np.float64], *, margin: float = 6) -> None:
        points = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
        points = points[np.isfinite(points).all(axis=1)]
        if len(points) == 0:
            points = np.zeros((1, 2))
        low, high = points.min(axis=0), points.max(axis=0)
        self.middle = (low + high) / 2
        # A degree of longitude shrinks with latitude.
        self.squeeze = float(np.cos(np.radians(self.middle[1])))
        wide = max(float(high[0] - low[0]) * self.squeeze, 1e-9)
        tall = max(float(high[1] - low[1]), 1e-9)
        self.scale = min((WIDTH - 2 * margin) / wide, (HEIGHT - 2 * margin) / tall)

    def path(self, lonlat: NDArray[np.float64], *, closed: bool = False) -> str:
        """Points as SVG path data."""
        x, y = self.places(lonlat).T
        steps = " ".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))
        return f"M{steps}{'Z' if closed else ''}"

    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north of what the picture holds."""
        half = np.array([WIDTH / 2 / self.squeeze, HEIGHT / 2]) / self.scale
        west, south = self.middle - half
        east, north = self.middle + half
        return float(west), float(south), float(east), float(north)

    def places(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points as x, y of the picture."""
        offset = (np.asarray(lonlat, dtype=np.float64).reshape(-1, 2) - self.middle) * self.scale
        return np.column_stack([WIDTH / 2 + offset[:, 0] * self.squeeze, HEIGHT / 2 - offset[:, 1]])


def picture(parts: Sequence[str]) -> str:
    """Parts as one SVG element; it is decoration beside the words of a card."""
    return (
        f'<svg class="preview" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true" '
        f'focusable="false">{"".join(parts)}</svg>'
    )


def is_picture(text: str) -> bool:
    """Whether a text is such a picture: drawn shapes, numbers and colours, nothing else."""
    return _PICTURE.fullmatch(text) is not None


def areas_preview(units: Units, classes: NDArray[np.int8], colours: Sequence[str]) -> str:
    """Units coloured by class; squares at their inner points when there are very many."""
    if len(units) == 0 or not len(colours):
        return ""
    return picture(areas_parts(units, classes, colours, Frame(units.lonlat)))


def areas_parts(
    units: Units, classes: NDArray[np.int8], colours: Sequence[str], frame: Frame
) -> list[str]:
    """One path per class of units."""
    parts = []
    for kind, colour in enumerate(colours):
        members = np.flatnonzero(classes == kind)
        if len(members) == 0:
            continue
        if len(units) > MOST_AREAS:
            data = _squares(frame.places(units.lonlat[members]), len(units))
        else:
            data = "".join(_outline(frame, units.polygons[i]) for i in members)
        parts.append(f'<path fill="{colour}" d="{data}"/>')
    return parts


def _squares(places: NDArray[np.float64], count: int) -> str:
    side = max(1.2, 0.8 * float(np.sqrt(WIDTH * HEIGHT / count)))
    return "".join(
        f"M{x - side / 2:.1f} {y - side / 2:.1f}h{side:.1f}v{side:.1f}h-{side:.1f}Z"
        for x, y in places
    )


def _outline(frame: Frame, shape: BaseGeometry) -> str:
    rings = [shapely.get_exterior_ring(part) for part in shapely.get_parts(shape)]
    lines = [shapely.simplify(ring, 1.2 / frame.scale) for ring in rings if ring is not None]
    return "".join(frame.path(shapely.get_coordinates(line), closed=True) for line in lines)


def line_part(frame: Frame, lonlat: NDArray[np.float64], colour: str, *, width: float = 2) -> str:
    """A line."""
    return (
        f'<path fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round" '
        f'd="{frame.path(lonlat)}"/>'
    )


def dots_part(frame: Frame, lonlat: NDArray[np.float64], colour: str, *, radius: float = 3) -> str:
    """Dots with a pale rim."""
    return "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}" stroke="#fff"/>'
        for x, y in frame.places(lonlat)
    )
