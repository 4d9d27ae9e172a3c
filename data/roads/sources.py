"""Where roads come from: one function for every source, so that a reader can be exchanged."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.roads.cut import Box, cut_box
from data.roads.files import cache_key, load_network, save_network
from data.roads.forecast import forecast_of, free_megabytes, refuse_too_big
from data.roads.intake import Intake, look_at
from data.roads.network import RoadNetwork
from data.roads.osm import Progress, quiet
from data.roads.profile import Profile, profile_for
from data.roads.reading import RoadReader, network_name, reader_for
from territory.errors import Fault, Infeasible, InputError, NotFound
from territory.travel import Mode

if TYPE_CHECKING:
    import networkx


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoadSource:
    """One source of roads: exactly one of ``path``, ``place``, ``bbox``, ``wkt`` and ``graph``,
    save that ``bbox`` may come with ``path``.

    ``path`` is a file: ``.osm.pbf``, OSM XML (``.osm``, ``.osm.gz``, ``.osm.bz2``) or OSMnx's
    ``.graphml``; with a ``bbox`` (west, south, east, north in degrees) only the ways that enter
    the box are read. Without a path ``place`` ("Porto, Portugal"), ``bbox`` and ``wkt`` (a polygon
    in WGS84) are fetched online through OSMnx. ``graph`` is an OSMnx graph in hand. In
    ``cache_folder`` a file's network is kept under the hash of its bytes, and OSMnx keeps what it
    fetched.
    """

    path: Path | None = None
    place: str | None = None
    bbox: Box | None = None
    wkt: str | None = None
    graph: "networkx.MultiDiGraph[Any] | None" = None
    cache_folder: Path | None = None

    def __post_init__(self) -> None:
        area = None if self.path is not None else self.bbox
        given = (self.path, self.place, area, self.wkt, self.graph)
        if sum(item is not None for item in given) != 1:
            raise ValueError("a road source is exactly one of path, place, bbox, wkt and graph")
        if self.bbox is not None:
            from data.roads.online import check_box

            check_box(self.bbox)


def read_network(
    source: RoadSource | Path,
    mode: Mode,
    *,
    profile: Profile | None = None,
    country: str = "",
    progress: Progress = quiet,
    reader: RoadReader | None = None,
    free: Callable[[], float] = free_megabytes,
) -> RoadNetwork:
    """The road network of a source (a path stands for that file) for one mode.

    ``country`` (ISO 3166-1 alpha-2) chooses speeds and the side one drives on, unless ``profile``
    says all of it. ``progress`` hears the forecast of memory and time first, then shares that
    never fall. ``reader`` takes the place of the one that reads such files here; ``free`` tells
    the megabytes of memory that may be used.

    Raises
    ------
    NotFound
        If a file or place is unknown.
    InputError
        If the source is damaged, of another kind, or holds no connected road for the mode.
    Infeasible
        If it does not fit into memory.
    MissingPart
        If an online source cannot be reached.
    """
    if isinstance(source, Path):
        source = RoadSource(path=source)
    profile = profile or profile_for(mode, country)
    if profile.mode != mode:
        raise ValueError(f"a profile of {profile.mode} does not fit the mode {mode}")
    if source.path is not None:
        return _from_file(source, source.path, profile, _rising(progress), reader, free)
    if source.graph is not None:
        from data.roads.osmnx_bridge import from_osmnx

        return from_osmnx(source.graph, mode, profile=profile)
    from data.roads.online import fetch

    progress("Ask OpenStreetMap online", 0.0)
    network = fetch(
        profile,
        cache_folder=source.cache_folder,
        place=source.place or "",
        box=source.bbox,
        wkt=source.wkt or "",
    )
    progress(_summary(network), 1.0)
    return network


def _from_file(
    source: RoadSource,
    path: Path,
    profile: Profile,
    progress: Progress,
    reader: RoadReader | None,
    free: Callable[[], float],
) -> RoadNetwork:
    intake = look_at(path)
    reader = reader or reader_for(intake)
    kept = None
    if source.cache_folder is not None:
        key = cache_key(path, profile, reader=reader.name, bbox=source.bbox)
        kept = source.cache_folder / key
        network = _from_cache(kept, profile.mode, progress)
        if network is not None:
            return network
    if source.bbox is None:
        refuse_too_big(intake, forecast_of(intake), free_megabytes=free(), progress=progress)
    network = _read(source, intake, profile, share_of(progress, 0.02, 0.95), reader, free)
    if kept is not None:
        _keep(network, kept, progress)
    progress(_summary(network), 1.0)
    return network


def _from_cache(kept: Path, mode: Mode, progress: Progress) -> RoadNetwork | None:
    """The kept network; None if there is none, or none that can be used."""
    try:
        network = load_network(kept, mode)
    except NotFound:
        return None
    except InputError as error:
        progress(f"Build it again: {error.message}", 0.0)
        return None
    progress("Read the kept network", 0.9)
    progress(_summary(network), 1.0)
    return network


def _keep(network: RoadNetwork, folder: Path, progress: Progress) -> None:
    """Keep it for the next time. A full or read-only disk is told; the network is good anyway."""
    progress("Keep the network for the next time", 0.95)
    try:
        save_network(network, folder)
    except (Infeasible, OSError) as error:
        progress(f"It could not be kept for the next time: {error}", 0.95)


def _read(
    source: RoadSource,
    intake: Intake,
    profile: Profile,
    progress: Progress,
    reader: RoadReader,
    free: Callable[[], float],
) -> RoadNetwork:
    if source.bbox is None:
        return _read_whole(intake, profile, progress, reader)
    with cut_source(source, progress=share_of(progress, 0.0, 0.4), free=free) as part:
        cut = look_at(part.path or intake.path)
        rest = share_of(progress, 0.4, 1.0)
        refuse_too_big(cut, forecast_of(cut), free_megabytes=free(), progress=rest)
        return _read_whole(cut, profile, rest, reader)


@contextmanager
def cut_source(
    source: RoadSource,
    *,
    progress: Progress = quiet,
    free: Callable[[], float] = free_megabytes,
) -> Iterator[RoadSource]:
    """The source with its box cut out of its file, as long as the block runs.

    A source without a file or without a box is itself. Who reads a file in several ways (modes,
    base map) cuts it once.

    Raises
    ------
    InputError
        If the file is damaged, is no OpenStreetMap file, or has nothing in the box.
    Infeasible
        If even the cutting does not fit into memory.
    """
    if source.path is None or source.bbox is None:
        yield source
        return
    intake = look_at(source.path)
    if intake.kind == "graphml":
        raise InputError("A box can be cut out of an OpenStreetMap file, not of GraphML.")
    forecast = forecast_of(intake, is_cut=True)
    refuse_too_big(intake, forecast, free_megabytes=free(), progress=progress)
    with tempfile.TemporaryDirectory(prefix="fieldwright-") as folder:
        target = Path(folder) / f"{network_name(source.path)}.osm.pbf"
        cut_box(intake, source.bbox, target, progress=progress)
        yield replace(source, path=target, bbox=None)


def _read_whole(
    intake: Intake, profile: Profile, progress: Progress, reader: RoadReader
) -> RoadNetwork:
    try:
        return reader.read(intake, profile, progress=progress)
    except MemoryError as error:
        raise Infeasible(
            f"Memory ran out while {intake.path.name} was read.",
            [f"Its {intake.raw_bytes / 1e6:,.0f} MB unpacked were forecast to fit."],
            fix="Use a smaller extract, or give a box to cut out (--bbox).",
        ) from error
    except InputError as error:
        if intake.kind != "graphml" and _is_unsorted(intake):
            name = intake.path.name
            raise InputError(
                f"{name} has ways before their nodes, so they cannot be placed.",
                [Fault(value=name, expected="sorted: all nodes, then ways, then relations")],
                fix=f"Sort it: osmium sort {name} -o sorted.osm.pbf",
            ) from error
        raise


def _is_unsorted(intake: Intake) -> bool:
    """Whether a node comes after a way. Asked only when no road was found."""
    import osmium

    kinds = osmium.osm.NODE | osmium.osm.WAY
    has_way = False
    found: Any
    try:
        for found in osmium.FileProcessor(osmium.io.File(str(intake.path), intake.kind), kinds):
            if found.is_way():
                has_way = True
            elif has_way:
                return True
    except (RuntimeError, ValueError, osmium.InvalidLocationError):
        return False  # broken, which the reader has said already
    return False


def _summary(network: RoadNetwork) -> str:
    return f"{network.node_count:,} nodes, {network.arc_count:,} arcs, {network.turn_count:,} turns"


def _rising(progress: Progress) -> Progress:
    """Tells on with shares that never fall."""
    most = 0.0

    def tell(message: str, fraction: float) -> None:
        nonlocal most
        most = max(most, min(1.0, fraction))
        progress(message, most)

    return tell


def share_of(progress: Progress, low: float, high: float) -> Progress:
    """Tells on with 0 to 1 as ``low`` to ``high``."""

    def tell(message: str, fraction: float) -> None:
        progress(message, low + (high - low) * min(1.0, max(0.0, fraction)))

    return tell
