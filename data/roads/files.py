"""Keeps networks on disk: nodes and lines as GeoParquet, the rest as arrays mapped into memory."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, cast, get_args

from data.roads.geoparquet import read_lines, read_points, write_lines, write_points
from data.roads.kept import Draft, Kept, Taken, keep, kept_names, pointer, read_kept
from data.roads.network import RoadNetwork
from data.roads.profile import Profile
from territory.errors import InputError, NotFound
from territory.travel import Mode

FORMAT: Final = 4
"""Rises when the files or the rules that made them change, so that old ones are built again."""

IN_PARQUET: Final = frozenset(
    {"lonlat", "node_osm_id", "component", "line_lonlat", "line_offset", "line_way_id"}
)
"""Fields that are read from the GeoParquet files; all others have an ``.npy`` of their own."""


def save_network(network: RoadNetwork, folder: Path) -> Path:
    """Keep the network in ``folder`` (made if missing), in place of the mode's last one.

    The network appears whole or not at all, also to readers and writers in other processes. Beside
    ``MODE.about.json``, which is returned, a folder holds ``nodes.parquet`` and ``lines.parquet``
    (GeoParquet 1.1) and one ``.npy`` for each other array.

    Raises
    ------
    Infeasible
        If the disk is full.
    """
    facts = {
        "format": FORMAT,
        "mode": network.mode,
        "name": network.name,
        "attribution": network.attribution,
        "classes": network.classes,
        "names": network.names,
        "restrictions": dict(network.restrictions),
        "content_hash": network.content_hash,
    }
    return keep(folder, network.mode, facts=facts, fill=lambda draft: _fill(draft, network))


def load_network(folder: Path, mode: Mode | None = None) -> RoadNetwork:
    """The network kept in ``folder``: that of ``mode``, or the only one.

    Every file is proven by its checksum; the arrays stay on disk until they are touched.

    Raises
    ------
    NotFound
        If none is there.
    InputError
        If it is damaged or of another format.
    """
    return _read(folder, mode, _network)


def network_hash(folder: Path, mode: Mode | None = None) -> str:
    """The content hash of a kept network, as it was taken when it was written.

    Raises as ``load_network``.
    """
    return _read(folder, mode, lambda kept: str(_facts(kept)["content_hash"]))


def verify_network(folder: Path, mode: Mode | None = None) -> None:
    """Prove that a kept network is what was saved, down to its content hash.

    Raises
    ------
    InputError
        If it is not.
    """
    network = load_network(folder, mode)
    told = network.content_hash
    del network.__dict__["content_hash"]
    if network.content_hash != told:
        raise InputError(
            f"The kept {network.mode} network is not the one that was saved.", fix="Build it again."
        )


def network_pointer(folder: Path, mode: Mode) -> Path:
    """The small file that is replaced whenever another network is saved there."""
    return pointer(folder, mode)


def source_hash(path: Path) -> str:
    """The hash of a source file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def cache_key(path: Path, profile: Profile, *, reader: str, bbox: object = None) -> str:
    """The name under which a file's network is kept: its bytes, and all that decides the rest."""
    text = "\0".join((source_hash(path), profile.fingerprint, reader, repr(bbox), str(FORMAT)))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _read(folder: Path, mode: Mode | None, take: Callable[[Kept], Taken]) -> Taken:
    name = mode or _only_mode(folder)
    return read_kept(folder, name, take, what=f"{name} network")


def _only_mode(folder: Path) -> Mode:
    found = [name for name in kept_names(folder) if name in get_args(Mode)]
    if len(found) != 1:
        raise NotFound(
            f"Not one network but {len(found)} are kept in {folder.name!r}.",
            fix="Build the roads again.",
        )
    return cast(Mode, found[0])


def _fill(draft: Draft, network: RoadNetwork) -> None:
    with draft.file("nodes.parquet") as stream:
        write_points(
            stream,
            network.lonlat,
            {"node_osm_id": network.node_osm_id, "component": network.component},
        )
    with draft.file("lines.parquet") as stream:
        write_lines(
            stream,
            network.line_lonlat,
            network.line_offset,
            {
                "line_way_id": network.line_way_id,
                "line_is_roundabout": network.line_is_roundabout,
                "class": (network.line_class, network.classes),
                "name": (network.line_name, network.names),
            },
        )
    for label, values in network.arrays().items():
        if label not in IN_PARQUET:
            draft.array(label, values)


def _network(kept: Kept) -> RoadNetwork:
    facts = dict(_facts(kept))
    content_hash = str(facts.pop("content_hash"))
    del facts["format"]
    facts["classes"], facts["names"] = tuple(facts["classes"]), tuple(facts["names"])
    network = RoadNetwork(**facts, **_arrays(kept))
    # Known already; taking it again would read every page of the files.
    network.__dict__["content_hash"] = content_hash
    return network


def _facts(kept: Kept) -> Mapping[str, Any]:
    if kept.facts.get("format") != FORMAT:
        raise ValueError(f"it is of format {kept.facts.get('format')!r}, not {FORMAT}")
    return kept.facts


def _arrays(kept: Kept) -> dict[str, Any]:
    lonlat, nodes = read_points(kept.content("nodes.parquet"), ["node_osm_id", "component"])
    content = kept.content("lines.parquet")
    line_lonlat, line_offset, lines = read_lines(content, ["line_way_id"])
    plain: dict[str, Any] = {
        name.removesuffix(".npy"): kept.array(name.removesuffix(".npy"))
        for name in kept.files
        if name.endswith(".npy")
    }
    mapped = {"lonlat": lonlat, "line_lonlat": line_lonlat, "line_offset": line_offset}
    return {**plain, **nodes, **lines, **mapped}
