"""Keeps a contraction hierarchy beside its network, so that a second start need not build it."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from numpy.typing import NDArray

from data.roads import RoadNetwork, load_network
from data.roads.kept import Draft, Kept, keep, read_kept
from data.roads.osm import Progress, quiet
from data.travel.calibration import TimeCalibration
from data.travel.cch.hierarchy import Hierarchy, HierarchyTooLarge
from data.travel.times import RoadTravel, road_travel
from territory.errors import Infeasible, InputError, NotFound
from territory.travel import Mode

FORMAT: Final = 1
"""Rises when the arrays of a hierarchy or their meaning change."""

NAME: Final = "hierarchy"

Taken = TypeVar("Taken")
Arrays = Mapping[str, NDArray[Any]]

logger = logging.getLogger(__name__)


def open_travel(
    folder: Path,
    mode: Mode,
    *,
    calibration: TimeCalibration | None = None,
    progress: Progress = quiet,
) -> RoadTravel:
    """Travel on the network kept in ``folder``, with the hierarchy beside it if there is one.

    A hierarchy that has to be built later, because the work repays it, is kept there too.

    Raises
    ------
    NotFound
        If no network of this mode is kept there.
    InputError
        If the network is damaged or of another format. A damaged hierarchy is left aside.
    """
    network = load_network(folder, mode)
    return road_travel(
        network,
        calibration=calibration,
        hierarchy=_kept_hierarchy(folder, network),
        progress=progress,
        keep=lambda built: _keep_quietly(built, folder, network),
    )


def _keep_quietly(built: Hierarchy, folder: Path, network: RoadNetwork) -> None:
    """Keep it if that can be: whoever waits for travel shall not fail over a full disk."""
    try:
        save_hierarchy(built.arrays(), folder, network_hash=network.content_hash)
    except (Infeasible, OSError) as error:
        logger.warning("action=keep_hierarchy folder=%s why=%s", folder, error)


def prepare_travel(folder: Path, network: RoadNetwork, *, progress: Progress = quiet) -> bool:
    """See to it that the network's hierarchy is kept in ``folder``; build it if it is not.

    False says that it would not fit into memory, so that travel is searched without one.

    Raises
    ------
    Infeasible
        If the disk is full.
    """
    if _kept_hierarchy(folder, network) is not None:
        return True
    try:
        built = road_travel(network, progress=progress).hierarchy()
    except HierarchyTooLarge as error:
        progress(f"Travel is searched without a hierarchy: {error.message}", 1.0)
        return False
    save_hierarchy(built.arrays(), folder, network_hash=network.content_hash)
    return True


def _kept_hierarchy(folder: Path, network: RoadNetwork) -> Hierarchy | None:
    return load_hierarchy(folder, network_hash=network.content_hash, take=Hierarchy.from_arrays)


def save_hierarchy(arrays: Arrays, folder: Path, *, network_hash: str, name: str = NAME) -> Path:
    """Keep the arrays of the hierarchy of the network with this content hash in ``folder``.

    They take the place of what was kept under ``name``, whole or not at all, also to other
    processes.

    Raises
    ------
    Infeasible
        If the disk is full.
    """

    def fill(draft: Draft) -> None:
        for label, values in arrays.items():
            draft.array(label, values)

    facts = {"format": FORMAT, "network": network_hash, "arrays": sorted(arrays)}
    return keep(folder, name, facts=facts, fill=fill)


def load_hierarchy(
    folder: Path,
    *,
    network_hash: str,
    take: Callable[[dict[str, NDArray[Any]]], Taken],
    name: str = NAME,
) -> Taken | None:
    """What ``take`` makes of the arrays kept for this network; None if it has to be built.

    That is so where none is kept, it is of another network or format, its files are damaged, or
    ``take`` refuses the arrays with a ``ValueError``. The arrays are mapped privately: they may be
    written to, which changes no file.
    """

    def taken(kept: Kept) -> Taken | None:
        if kept.facts.get("format") != FORMAT or kept.facts.get("network") != network_hash:
            return None
        return take({label: kept.array(label, writable=True) for label in kept.facts["arrays"]})

    try:
        return read_kept(folder, name, taken)
    except NotFound:
        return None
    except InputError as error:
        logger.warning("action=rebuild_hierarchy network=%s why=%s", network_hash, error.message)
        return None
