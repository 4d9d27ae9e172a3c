"""Reads the ways, signals, gates and turn restrictions a mode meets in an OpenStreetMap file."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from data.roads.access import GATES, closes, has_hours
from data.roads.draft import step_meters
from data.roads.network import NO_ACCESS
from data.roads.osm import Progress, objects, quiet
from data.roads.profile import Profile, profile_for
from data.roads.restrictions import KEYS as RESTRICTION_KEYS
from data.roads.restrictions import Restriction, read_restriction
from data.roads.rules import MINOR_SERVICE, ROUND, Passage, is_kept_out, passage
from territory.errors import Fault, InputError
from territory.geo import LonLat
from territory.travel import Mode

SIGNALS: Final = 1
STOP: Final = 2
GIVE_WAY: Final = 3
GATE: Final = 4
TOLL: Final = 5
_CONTROLS: Final[Mapping[str, int]] = MappingProxyType(
    {"traffic_signals": SIGNALS, "stop": STOP, "give_way": GIVE_WAY, "mini_roundabout": GIVE_WAY}
)
_DIRECTIONS: Final[Mapping[str, int]] = MappingProxyType({"forward": 1, "backward": -1})


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Something to wait at: its ``kind`` and for whom, 1 forward and -1 backward along the way it
    stands on, 0 unsaid."""

    kind: int
    direction: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """Usable ways as arrays. Way w runs through points ``offset[w]`` to ``offset[w + 1]``.

    Each point has the id of its node in ``refs`` (points with equal ids are one place) and its
    ``lonlat``. Speeds are km/h, 0 where a direction is closed. ``way_is_local`` are open to
    residents and visitors only, ``way_is_minor`` are driveways and parking aisles. ``controls``
    are by node id. ``closed_lonlat`` and ``closed_offset`` are the lines of ways this profile may
    not enter. ``counted`` tells how many restrictions were read and why some were left out, and on
    how many ways access that changes by the hour was not read.
    """

    profile: Profile
    refs: NDArray[np.int64]
    lonlat: LonLat
    offset: NDArray[np.int64]
    forward_kmh: NDArray[np.float64]
    backward_kmh: NDArray[np.float64]
    way_class: NDArray[np.int16]
    way_name: NDArray[np.int32]
    way_id: NDArray[np.int64]
    way_is_roundabout: NDArray[np.bool_]
    way_is_local: NDArray[np.bool_]
    way_is_minor: NDArray[np.bool_]
    closed_lonlat: LonLat
    closed_offset: NDArray[np.int64]
    closed_why: NDArray[np.int8]
    classes: tuple[str, ...]
    names: tuple[str, ...]
    controls: Mapping[int, Control] = field(default_factory=dict)
    restrictions: tuple[Restriction, ...] = ()
    counted: Mapping[str, int] = field(default_factory=dict)


def read_ways(
    path: Path, mode: Mode, *, progress: Progress = quiet, profile: Profile | None = None
) -> Ways:
    """All ways of the file that ``mode`` may use, cut where a barrier closes them.

    Raises
    ------
    InputError
        If the file is no OpenStreetMap file, broken, or holds no way for the mode.
    """
    collected = _Collector(profile or profile_for(mode))
    keys = ("highway", "barrier", "route", *RESTRICTION_KEYS)
    for count, found in enumerate(objects(path, keys=keys, with_relations=True)):
        if found.is_node():
            collected.node(found)
        elif found.is_way():
            collected.way(found)
        else:
            collected.relation(found)
        if count % 20_000 == 0:
            progress(f"Read {len(collected.way_id):,} ways", 0.0)
    if not collected.way_id:
        raise InputError(
            f"{path.name} holds no road for {mode}.",
            [Fault(file=path.name, expected=f"it needs at least one way open to {mode}")],
        )
    return collected.finish()


class _Collector:
    """Takes nodes, ways and relations one by one and packs them."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.barred: set[int] = set()
        self.controls: dict[int, Control] = {}
        self.refs: list[int] = []
        self.lons: list[float] = []
        self.lats: list[float] = []
        self.ends: list[int] = [0]
        self.speeds: list[tuple[float, float]] = []
        self.way_class: list[int] = []
        self.way_name: list[int] = []
        self.way_id: list[int] = []
        self.is_roundabout: list[bool] = []
        self.is_local: list[bool] = []
        self.is_minor: list[bool] = []
        self.closed_points: list[tuple[float, float]] = []
        self.closed_ends: list[int] = [0]
        self.restrictions: list[Restriction] = []
        self.counted: Counter[str] = Counter()
        self.classes: dict[str, int] = {}
        self.names: dict[str, int] = {"": 0}
        self.made_up = 0

    def node(self, node: Any) -> None:
        tags = {tag.k: tag.v for tag in node.tags}
        if closes(tags, self.profile.mode):
            self.barred.add(node.id)
            return
        control = _control(tags)
        if control is not None:
            self.controls[node.id] = control

    def way(self, way: Any) -> None:
        tags: Mapping[str, str] = {tag.k: tag.v for tag in way.tags}
        use = passage(tags, self.profile)
        if use is None:
            if is_kept_out(tags, self.profile):
                self._closed(way)
            return
        self.counted["access by the hour, not read"] += has_hours(tags, self.profile.mode)
        road_class = self.classes.setdefault(use.road_class, len(self.classes))
        name_number = self.names.setdefault(_name(tags), len(self.names))
        is_roundabout = tags.get("junction") in ROUND
        is_minor = tags.get("service") in MINOR_SERVICE
        for piece in self._pieces(way):
            self.refs.extend(ref for ref, _, _ in piece)
            self.lons.extend(lon for _, lon, _ in piece)
            self.lats.extend(lat for _, _, lat in piece)
            self.ends.append(len(self.refs))
            self.speeds.append(_speeds(use, piece))
            self.way_class.append(road_class)
            self.way_name.append(name_number)
            self.way_id.append(way.id)
            self.is_roundabout.append(is_roundabout)
            self.is_local.append(use.is_local)
            self.is_minor.append(is_minor)

    def relation(self, relation: Any) -> None:
        tags = {tag.k: tag.v for tag in relation.tags}
        if not tags.get("type", "").startswith("restriction"):
            return
        members = [(member.type, member.role, member.ref) for member in relation.members]
        found = read_restriction(relation.id, tags, members, self.profile.mode)
        self.counted["read"] += 1
        if isinstance(found, str):
            self.counted[found] += 1
        else:
            self.restrictions.append(found)

    def _closed(self, way: Any) -> None:
        points = [
            (node.location.lon, node.location.lat) for node in way.nodes if node.location.valid()
        ]
        if len(points) > 1:
            self.closed_points += points
            self.closed_ends.append(len(self.closed_points))

    def _pieces(self, way: Any) -> Iterator[list[tuple[int, float, float]]]:
        """The way's points, cut where an extract lacks a node and where a barrier closes it."""
        piece: list[tuple[int, float, float]] = []
        for node in way.nodes:
            location = node.location
            if not location.valid():
                if len(piece) > 1:
                    yield piece
                piece = []
                continue
            ref, lon, lat = node.ref, location.lon, location.lat
            if piece and piece[-1][0] == ref:
                continue
            if ref in self.barred:
                # A barrier's two sides are two places, so that no drive passes through it.
                self.made_up -= 1
                piece.append((self.made_up, lon, lat))
                if len(piece) > 1:
                    yield piece
                self.made_up -= 1
                piece = [(self.made_up, lon, lat)]
            else:
                piece.append((ref, lon, lat))
        if len(piece) > 1:
            yield piece

    def finish(self) -> Ways:
        speeds = np.asarray(self.speeds, dtype=np.float64).reshape(-1, 2)
        return Ways(
            profile=self.profile,
            refs=np.asarray(self.refs, dtype=np.int64),
            lonlat=np.column_stack([self.lons, self.lats]).astype(np.float64).reshape(-1, 2),
            offset=np.asarray(self.ends, dtype=np.int64),
            forward_kmh=speeds[:, 0],
            backward_kmh=speeds[:, 1],
            way_class=np.asarray(self.way_class, dtype=np.int16),
            way_name=np.asarray(self.way_name, dtype=np.int32),
            way_id=np.asarray(self.way_id, dtype=np.int64),
            way_is_roundabout=np.asarray(self.is_roundabout, dtype=np.bool_),
            way_is_local=np.asarray(self.is_local, dtype=np.bool_),
            way_is_minor=np.asarray(self.is_minor, dtype=np.bool_),
            closed_lonlat=np.asarray(self.closed_points, dtype=np.float64).reshape(-1, 2),
            closed_offset=np.asarray(self.closed_ends, dtype=np.int64),
            closed_why=np.full(len(self.closed_ends) - 1, NO_ACCESS, dtype=np.int8),
            classes=tuple(self.classes),
            names=tuple(self.names),
            controls=self.controls,
            restrictions=tuple(self.restrictions),
            counted={what: count for what, count in self.counted.items() if count},
        )


def _name(tags: Mapping[str, str]) -> str:
    return tags.get("name") or tags.get("ref") or ""


def _control(tags: Mapping[str, str]) -> Control | None:
    """What a node makes its passers wait for."""
    kind = _CONTROLS.get(tags.get("highway", ""), 0)
    barrier = tags.get("barrier", "")
    if barrier in GATES:
        kind = GATE
    elif barrier == "toll_booth":
        kind = TOLL
    if not kind:
        return None
    said = tags.get("traffic_signals:direction") or tags.get("direction", "")
    return Control(kind=kind, direction=_DIRECTIONS.get(said, 0))


def _speeds(use: Passage, piece: list[tuple[int, float, float]]) -> tuple[float, float]:
    """Both directions' speeds; those of a crossing follow from how long it takes."""
    if use.seconds is None:
        return use.forward_kmh, use.backward_kmh
    meters = float(step_meters(np.asarray([point[1:] for point in piece])).sum())
    kmh = max(0.1, meters / use.seconds * 3.6)
    return (kmh if use.forward_kmh else 0.0), (kmh if use.backward_kmh else 0.0)
