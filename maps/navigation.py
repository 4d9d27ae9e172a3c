"""Links that hand a day's drive to a map app, split to what such apps take in one link.

A link holds coordinates and nothing else. It is followed when it is tapped and not before; the page
itself asks nobody. On a phone the app takes three stops on the way and one at the end.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from territory.routes import Route
from territory.travel import Mode

STOPS_ON_THE_WAY = 3
_MODES: dict[Mode, str] = {"car": "driving", "foot": "walking", "bicycle": "bicycling"}
_POINT = r"-?\d{1,3}\.\d{6},-?\d{1,3}\.\d{6}"
NAVIGATION = re.compile(
    r"https://www\.google\.com/maps/dir/\?api=1&travelmode=(driving|walking|bicycling)"
    rf"&origin={_POINT}&destination={_POINT}(&waypoints={_POINT}(%7C{_POINT}){{0,2}})?"
)
"""The only shape such a link may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationLink:
    """One part of a day's drive: where the link leads and what it is called."""

    href: str
    label: str


def navigation_links(route: Route, mode: Mode) -> tuple[NavigationLink, ...]:
    """A day's drive in parts of four goals, each from where the one before ends; home is last."""
    timed = [
        (s.start_seconds, ((s.lon, s.lat), str(n))) for n, s in enumerate(route.stops, start=1)
    ]
    timed += [(b.start_seconds, (b.lonlat, "lunch")) for b in route.breaks if b.lonlat]
    goals = [goal for _, goal in sorted(timed)]
    goals.append((route.end_lonlat, "home"))
    links = []
    origin = route.start_lonlat
    for first in range(0, len(goals), STOPS_ON_THE_WAY + 1):
        part = goals[first : first + STOPS_ON_THE_WAY + 1]
        points = [place for place, _ in part]
        links.append(
            NavigationLink(href=_href(origin, points, mode), label=_label([n for _, n in part]))
        )
        origin = points[-1]
    return tuple(links)


def _label(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


def _href(origin: tuple[float, float], points: Sequence[tuple[float, float]], mode: Mode) -> str:
    parts = [
        f"travelmode={_MODES[mode]}",
        f"origin={_text(origin)}",
        f"destination={_text(points[-1])}",
    ]
    if len(points) > 1:
        parts.append("waypoints=" + "%7C".join(_text(point) for point in points[:-1]))
    return "https://www.google.com/maps/dir/?api=1&" + "&".join(parts)


def _text(lonlat: tuple[float, float]) -> str:
    return f"{lonlat[1]:.6f},{lonlat[0]:.6f}"
