"""Keeps a contraction hierarchy beside its network, so that a second start need not build it."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from numpy.typing import NDArray

from data.roads.kept import Draft, Kept, keep, read_kept
from territory.errors import InputError, NotFound

FORMAT: Final = 1
"""Rises when the arrays of a hierarchy or their meaning change."""

NAME: Final = "hierarchy"

Hierarchy = TypeVar("Hierarchy")
Arrays = Mapping[str, NDArray[Any]]

logger = logging.getLogger(__name__)


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
    take: Callable[[dict[str, NDArray[Any]]], Hierarchy],
    name: str = NAME,
) -> Hierarchy | None:
    """What ``take`` makes of the arrays kept for this network; None if it has to be built.

    That is so where none is kept, it is of another network or format, its files are damaged, or
    ``take`` refuses the arrays with a ``ValueError``. The arrays are mapped privately: they may be
    written to, which changes no file.
    """

    def taken(kept: Kept) -> Hierarchy:
        if kept.facts.get("format") != FORMAT or kept.facts.get("network") != network_hash:
            raise ValueError("it is of another network or format")
        return take({label: kept.array(label, writable=True) for label in kept.facts["arrays"]})

    try:
        return read_kept(folder, name, taken)
    except NotFound:
        return None
    except InputError as error:
        logger.warning("action=rebuild_hierarchy network=%s why=%s", network_hash, error.message)
        return None
