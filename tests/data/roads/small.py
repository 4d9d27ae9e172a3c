"""Small worlds as OpenStreetMap XML: points on a grid of one thousandth of a degree."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

Spot = tuple[float, float]
Ways = Sequence[tuple[Sequence[int], Mapping[str, str]]]
Relations = Sequence[tuple[Sequence[tuple[str, str, int]], Mapping[str, str]]]

STEP = 0.001
"""One step of the grid in degrees: 111.19 m on the equator, where these worlds lie."""

STEP_METERS = 111.195


def write_osm(
    path: Path,
    spots: Mapping[int, Spot],
    ways: Ways,
    *,
    node_tags: Mapping[int, Mapping[str, str]] | None = None,
    relations: Relations = (),
) -> Path:
    """Write nodes at grid spots (steps east, steps north of 0, 0), ways through them, numbered from
    1, and relations of (type, role, id) members."""
    lines = ["<?xml version='1.0' encoding='UTF-8'?>", '<osm version="0.6">']
    for node, (east, north) in spots.items():
        place = f'id="{node}" lat="{north * STEP:.7f}" lon="{east * STEP:.7f}" version="1"'
        lines.append(f"<node {place}>{_tags((node_tags or {}).get(node, {}))}</node>")
    for number, (refs, tags) in enumerate(ways, start=1):
        points = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        lines.append(f'<way id="{number}" version="1">{points}{_tags(tags)}</way>')
    for number, (members, tags) in enumerate(relations, start=1):
        parts = "".join(
            f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, role, ref in members
        )
        lines.append(f'<relation id="{number}" version="1">{parts}{_tags(tags)}</relation>')
    lines.append("</osm>")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _tags(tags: Mapping[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())
