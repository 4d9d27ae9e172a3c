"""Instructions of other engines in our own words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from data.travel.servers.blocks import checked, part
from data.travel.servers.http import Server, text
from territory.travel import Manoeuvre, Step

Line = tuple[tuple[float, float], ...]

BY_MODIFIER: Final[Mapping[str, Manoeuvre]] = {
    "uturn": "U-turn",
    "sharp right": "sharp right",
    "right": "right",
    "slight right": "slight right",
    "straight": "continue",
    "slight left": "slight left",
    "left": "left",
    "sharp left": "sharp left",
}
ROUNDABOUTS: Final = frozenset({"roundabout", "rotary"})
LEAVING: Final = frozenset({"exit roundabout", "exit rotary"})

BY_VALHALLA_TYPE: Final[Mapping[int, Manoeuvre]] = {
    **dict.fromkeys((1, 2, 3), "depart"),
    **dict.fromkeys((4, 5, 6), "arrive"),
    **dict.fromkeys((9, 20, 23, 37), "slight right"),
    **dict.fromkeys((16, 21, 24, 38), "slight left"),
    **dict.fromkeys((10, 18), "right"),
    **dict.fromkeys((15, 19), "left"),
    **dict.fromkeys((12, 13), "U-turn"),
    11: "sharp right",
    14: "sharp left",
    26: "roundabout",
    28: "ferry",
}
"""Valhalla's numbers of manoeuvres; all others go on as before."""


def osrm_steps(server: Server, raw: object) -> tuple[Line, tuple[Step, ...]]:
    """The line and the instructions of an OSRM leg's steps.

    Raises
    ------
    MissingPart
        If they are not of the form OSRM documents.
    """
    if not isinstance(raw, list) or not raw:
        raise server.unfit("a leg has no steps")
    line: list[tuple[float, float]] = []
    steps: list[Step] = []
    for item in raw:
        step = part(server, item)
        points = positions(server, part(server, step.get("geometry")).get("coordinates"))
        line += points if not line else points[1:]
        steps.append(_osrm_step(server, step, points[0]))
    return tuple(line), merged(steps)


def valhalla_steps(server: Server, raw: object, line: Line) -> tuple[Step, ...]:
    """The instructions of a Valhalla leg's manoeuvres along its line.

    Raises
    ------
    MissingPart
        If they are not of the form Valhalla documents.
    """
    if not isinstance(raw, list) or not raw:
        raise server.unfit("a leg has no manoeuvres")
    return merged([_valhalla_step(server, part(server, item), line) for item in raw])


def merged(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Steps without those that say nothing new: "continue" along the same street.

    Leaving a roundabout is part of taking it: the street one leaves it by becomes the step's own.
    """
    kept: list[Step] = []
    for step in steps:
        if kept and step.manoeuvre == "continue":
            last = kept[-1]
            is_exit = last.manoeuvre == "roundabout" and not last.street
            if is_exit or step.street in ("", last.street):
                kept[-1] = replace(
                    last,
                    street=last.street or step.street,
                    seconds=last.seconds + step.seconds,
                    meters=last.meters + step.meters,
                )
                continue
        kept.append(step)
    return tuple(kept)


def positions(server: Server, raw: object) -> list[tuple[float, float]]:
    """Positions of an answer's line as lon, lat, each on the globe."""
    if not isinstance(raw, list) or not raw:
        raise server.unfit("a line has no points")
    return [_position(server, point) for point in raw]


def _position(server: Server, raw: object) -> tuple[float, float]:
    if not isinstance(raw, list) or len(raw) < 2:
        raise server.unfit("a point of a line is no pair")
    lon, lat = (_degrees(value) for value in raw[:2])
    if lon is None or lat is None or abs(lon) > 180 or abs(lat) > 90:
        raise server.unfit(f"{str(raw)[:40]!r} is no place on the globe")
    return lon, lat


def _degrees(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 360:
        return None
    return float(value)


def _osrm_step(server: Server, step: Mapping[str, Any], start: tuple[float, float]) -> Step:
    manoeuvre = part(server, step.get("maneuver"))
    kind = text(manoeuvre.get("type"))
    return Step(
        manoeuvre=_osrm_manoeuvre(kind, text(manoeuvre.get("modifier")), text(step.get("mode"))),
        street=text(step.get("name")) or text(step.get("ref")),
        seconds=round(checked(server, step.get("duration"), "a step")),
        meters=round(checked(server, step.get("distance"), "a step")),
        lonlat=start,
        exit_number=_exit(manoeuvre.get("exit")) if kind in ROUNDABOUTS else None,
    )


def _osrm_manoeuvre(kind: str, modifier: str, mode: str) -> Manoeuvre:
    if kind == "depart":
        return "depart"
    if kind == "arrive":
        return "arrive"
    if mode == "ferry":
        return "ferry"
    if kind in ROUNDABOUTS:
        return "roundabout"
    if kind in LEAVING:
        return "continue"
    return BY_MODIFIER.get(modifier, "continue")


def _valhalla_step(server: Server, raw: Mapping[str, Any], line: Line) -> Step:
    kind, begin = raw.get("type"), raw.get("begin_shape_index")
    if not isinstance(begin, int) or not 0 <= begin < len(line):
        raise server.unfit("a manoeuvre does not lie on its line")
    names = raw.get("street_names")
    known = BY_VALHALLA_TYPE.get(kind, "continue") if isinstance(kind, int) else "continue"
    return Step(
        manoeuvre=known,
        street=text(names[0]) if isinstance(names, list) and names else "",
        seconds=round(checked(server, raw.get("time"), "a manoeuvre")),
        meters=round(checked(server, raw.get("length"), "a manoeuvre") * 1000),
        lonlat=line[begin],
        exit_number=_exit(raw.get("roundabout_exit_count")) if known == "roundabout" else None,
    )


def _exit(raw: object) -> int | None:
    is_count = isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw < 100
    return int(raw) if is_count and isinstance(raw, int) else None
