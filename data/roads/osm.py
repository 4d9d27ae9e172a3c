"""Reads OpenStreetMap files (PBF or XML) through osmium; the only module that knows it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from data.roads.rules import closes, passage
from territory.errors import Fault, InputError, NotFound
from territory.geo import LonLat
from territory.travel import Mode

if TYPE_CHECKING:
    import osmium
    from osmium import FileProcessor

ATTRIBUTION = "© OpenStreetMap contributors"
Progress = Callable[[str, float], None]
"""Told what is being done and which share (0 to 1) of all is behind."""


def quiet(_message: str, _fraction: float) -> None:
    """A progress callback that tells nobody."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """Usable ways as arrays. Way w runs through points ``offset[w]`` to ``offset[w + 1]``.

    Each point has the id of its node in ``refs`` (points with equal ids are one place) and its
    ``lonlat``. Speeds are km/h, 0 where a direction is closed.
    """

    refs: NDArray[np.int64]
    lonlat: LonLat
    offset: NDArray[np.int64]
    forward_kmh: NDArray[np.float64]
    backward_kmh: NDArray[np.float64]
    way_class: NDArray[np.int16]
    way_name: NDArray[np.int32]
    way_id: NDArray[np.int64]
    classes: tuple[str, ...]
    names: tuple[str, ...]


def objects(path: Path, *, keys: tuple[str, ...]) -> Iterator[Any]:
    """The nodes and ways (with locations) of a file that carry one of ``keys``.

    Raises
    ------
    NotFound
        If there is no such file.
    InputError
        If it is neither PBF nor XML by its first bytes, breaks off or holds nonsense.
    """
    import osmium

    kinds = osmium.osm.NODE | osmium.osm.WAY
    processor = osmium.FileProcessor(_source(path), kinds).with_locations()
    return _all_of(path, processor.with_filter(osmium.filter.KeyFilter(*keys)))


def area_objects(path: Path, *, keys: tuple[str, ...]) -> Iterator[Any]:
    """As ``objects``, with areas put together from closed ways and relations.

    An extract that is not sorted, or whose relations lack members, gives the areas it can.
    """
    import osmium

    wanted = osmium.filter.KeyFilter(*keys)
    processor = osmium.FileProcessor(_source(path)).with_areas(wanted)
    return _all_of(path, processor.with_filter(wanted))


def _source(path: Path) -> "osmium.io.File":
    import osmium

    return osmium.io.File(str(path), _format_of(path))


def _all_of(path: Path, processor: "FileProcessor") -> Iterator[Any]:
    """Everything a processor yields; what it chokes on becomes an InputError with the name."""
    import osmium

    try:
        yield from processor
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        fault = Fault(value=path.name, expected="a whole, undamaged OpenStreetMap file")
        raise InputError(
            f"{path.name} cannot be read to its end: {error}.",
            [fault],
            fix="Download the extract again.",
        ) from error


def _format_of(path: Path) -> str:
    if not path.is_file():
        raise NotFound(f"There is no file {path.name!r}.", fix="Give the path of an OSM extract.")
    with path.open("rb") as stream:
        start = stream.read(64)
    if start[4:15] == b"\n\tOSMHeader":
        return "pbf"
    if start.startswith(b"\x1f\x8b"):
        return "osm.gz"
    if start.startswith(b"BZh"):
        return "osm.bz2"
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"<?xml", b"<osm")):
        return "osm"
    fault = Fault(value=path.name, expected="OpenStreetMap data (.osm.pbf or .osm)")
    raise InputError(f"{path.name} is not an OpenStreetMap file.", [fault])


def read_ways(path: Path, mode: Mode, *, progress: Progress = quiet) -> Ways:
    """All ways of the file that ``mode`` may use, cut where a barrier closes them.

    Raises
    ------
    InputError
        If the file is no OpenStreetMap file, broken, or holds no way for the mode.
    """
    collected = _Collector(mode)
    for count, found in enumerate(objects(path, keys=("highway", "barrier"))):
        if found.is_node():
            collected.node(found)
        elif found.is_way():
            collected.way(found)
        if count % 20_000 == 0:
            progress(f"Read {len(collected.way_id):,} ways", 0.0)
    if not collected.way_id:
        raise InputError(
            f"{path.name} holds no road for {mode}.",
            [Fault(file=path.name, expected=f"it needs at least one way open to {mode}")],
        )
    return collected.finish()


class _Collector:
    """Takes nodes and ways one by one and packs them."""

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self.closed: set[int] = set()
        self.refs: list[int] = []
        self.lons: list[float] = []
        self.lats: list[float] = []
        self.ends: list[int] = [0]
        self.speeds: list[tuple[float, float]] = []
        self.way_class: list[int] = []
        self.way_name: list[int] = []
        self.way_id: list[int] = []
        self.classes: dict[str, int] = {}
        self.names: dict[str, int] = {"": 0}
        self.made_up = 0

    def node(self, node: Any) -> None:
        tags = dict(node.tags)
        if closes(tags, self.mode):
            self.closed.add(node.id)

    def way(self, way: Any) -> None:
        tags: Mapping[str, str] = {tag.k: tag.v for tag in way.tags}
        use = passage(tags, self.mode)
        if use is None:
            return
        road_class = self.classes.setdefault(tags["highway"], len(self.classes))
        name = tags.get("name") or tags.get("ref") or ""
        name_number = self.names.setdefault(name, len(self.names))
        for piece in self._pieces(way):
            self.refs.extend(ref for ref, _, _ in piece)
            self.lons.extend(lon for _, lon, _ in piece)
            self.lats.extend(lat for _, _, lat in piece)
            self.ends.append(len(self.refs))
            self.speeds.append((use.forward_kmh, use.backward_kmh))
            self.way_class.append(road_class)
            self.way_name.append(name_number)
            self.way_id.append(way.id)

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
            if ref in self.closed:
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
            refs=np.asarray(self.refs, dtype=np.int64),
            lonlat=np.column_stack([self.lons, self.lats]).astype(np.float64).reshape(-1, 2),
            offset=np.asarray(self.ends, dtype=np.int64),
            forward_kmh=speeds[:, 0],
            backward_kmh=speeds[:, 1],
            way_class=np.asarray(self.way_class, dtype=np.int16),
            way_name=np.asarray(self.way_name, dtype=np.int32),
            way_id=np.asarray(self.way_id, dtype=np.int64),
            classes=tuple(self.classes),
            names=tuple(self.names),
        )
