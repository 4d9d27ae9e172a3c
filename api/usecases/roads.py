"""Roads of a market: read, kept, made ready for travel, drawn as its base map."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from api.usecases.workspace import Workspace
from territory.errors import InputError
from territory.market import MarketSettings
from territory.travel import Mode

if TYPE_CHECKING:
    from data.roads import RoadNetwork, RoadSource
    from territory.basemap import BaseMap

RoadProgress = Callable[[str, float], None]
"""Told what is being done and which share (0 to 1) of all is behind."""

CUT_SHARE, BASE_MAP_SHARE, READ_SHARE = 0.1, 0.1, 0.6
"""Shares of the work, for the progress told: cutting a box out, drawing the base map, and of each
mode's roads the reading."""


def _quiet(_message: str, _fraction: float) -> None:
    """Told nobody."""


def build_roads(
    workspace: Workspace,
    market: str,
    *,
    pbf: Path | None = None,
    place: str | None = None,
    bbox: str | None = None,
    modes: Sequence[str] = (),
    ferries: bool = False,
    progress: RoadProgress = _quiet,
) -> tuple[str, ...]:
    """Give a market its roads: from a local extract, or fetched online when a place is named.

    Speeds and the side of the road are those of the market's country. A ``bbox`` beside a ``pbf``
    is cut out of it; ``ferries`` lets cars cross water. ``progress`` hears the forecast of memory
    and time first.

    Raises
    ------
    InputError
        If not exactly one source is named, or the extract cannot be read.
    Infeasible
        If the roads do not fit into memory, or not onto the disk.
    """
    from data.roads import cut_source

    found = workspace.store.market(market)
    wanted = [_mode(mode) for mode in modes or _modes_of(found.settings)]
    with cut_source(
        _road_source(workspace, pbf, place, bbox), progress=_part(progress, 0.0, CUT_SHARE)
    ) as source:
        return _built(workspace, market, found.settings, source, wanted, progress, ferries=ferries)


def _built(
    workspace: Workspace,
    market: str,
    settings: MarketSettings,
    source: "RoadSource",
    modes: Sequence[Mode],
    progress: RoadProgress,
    *,
    ferries: bool,
) -> tuple[str, ...]:
    from data.roads import read_base_map, read_network
    from data.roads.profile import profile_for

    said = []
    each = (1 - CUT_SHARE - BASE_MAP_SHARE) / len(modes)
    for number, mode in enumerate(modes):
        begin = CUT_SHARE + number * each
        network = read_network(
            source,
            mode,
            profile=profile_for(mode, settings.country, ferries=ferries),
            progress=_part(progress, begin, begin + each * READ_SHARE),
        )
        workspace.save_network(market, network)
        is_fast = workspace.prepare_travel(
            market, network, progress=_part(progress, begin + each * READ_SHARE, begin + each)
        )
        slow = "" if is_fast else "; too large for the fast engine"
        said += [f"roads, {mode}: {network.node_count:,} junctions{slow}", *_told(network)]
    progress("draw the base map", 1 - BASE_MAP_SHARE)
    base_map = read_base_map(network if source.path is None else source)
    _keep_base_map(workspace, market, settings, base_map)
    said.append(f"base map: {sum(len(lines) for lines in base_map.roads.values()):,} road lines")
    progress("the roads are ready", 1.0)
    return tuple(said)


def _told(network: "RoadNetwork") -> list[str]:
    """What became of turn restrictions, and which parts no road joins."""
    counts = dict(network.restrictions)
    read, applied = counts.pop("read", 0), counts.pop("applied", 0)
    left = ", ".join(f"{count:,} {why}" for why, count in sorted(counts.items()) if count)
    lines = []
    if read:
        lines.append(
            f"  {applied:,} of {read:,} turn restrictions obeyed" + (f"; {left}" if left else "")
        )
    islands = network.component_sizes[1:]
    if islands:
        sizes = ", ".join(f"{size:,}" for size in islands[:5])
        lines.append(f"  {len(islands)} parts that no road joins to the rest, junctions: {sizes}")
    return lines


def _keep_base_map(
    workspace: Workspace, market: str, settings: MarketSettings, base_map: "BaseMap"
) -> None:
    workspace.save_base_map(market, base_map)
    if base_map.attribution and base_map.attribution not in settings.attribution:
        credited = (*settings.attribution, base_map.attribution)
        workspace.store.update_settings(market, replace(settings, attribution=credited))


def _part(progress: RoadProgress, begin: float, end: float) -> RoadProgress:
    def tell(message: str, fraction: float) -> None:
        progress(message, begin + (end - begin) * fraction)

    return tell


def _modes_of(settings: MarketSettings) -> tuple[str, ...]:
    return tuple(dict.fromkeys((settings.mode, settings.reach_mode)))


def _mode(mode: str) -> Mode:
    if mode not in ("car", "foot", "bicycle"):
        raise InputError(f"{mode!r} is no mode of travel.", fix="Modes: car, foot, bicycle.")
    return cast(Mode, mode)


def _road_source(
    workspace: Workspace, pbf: Path | None, place: str | None, bbox: str | None
) -> "RoadSource":
    from data.roads import RoadSource

    areas = (place,) if pbf is not None else (place, bbox)
    if sum(item is not None for item in (pbf, *areas)) != 1:
        raise InputError(
            "Name exactly one source of roads.",
            fix="Use --pbf, --place or --bbox, or --pbf and --bbox to cut a box out.",
        )
    box = None if bbox is None else _parse_bbox(bbox)
    var = workspace.settings.var_path
    if pbf is not None:
        return RoadSource(path=pbf, bbox=box, cache_folder=var / "roads")
    return RoadSource(place=place, bbox=box, cache_folder=var / "osmnx")


def _parse_bbox(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(
            f"{text!r} is no bounding box.", fix="Give west,south,east,north in degrees."
        ) from None
    return west, south, east, north
