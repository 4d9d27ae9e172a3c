"""Keeps networks on disk as plain arrays (NPZ, never pickle), each under the hash of its source."""

import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np

from data.roads.network import RoadNetwork
from territory.errors import Fault, InputError, NotFound
from territory.travel import Mode

FORMAT = 2
"""Rises when the arrays or the rules that made them change, so that old files are not used."""


def save_network(network: RoadNetwork, folder: Path) -> Path:
    """Write the network into ``folder`` (made if missing); the file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {
        "format": FORMAT,
        "mode": network.mode,
        "name": network.name,
        "attribution": network.attribution,
        "classes": network.classes,
        "names": network.names,
    }
    path = folder / f"{network.mode}.npz"
    partial = path.with_suffix(".partial")
    with partial.open("wb") as stream:
        text = np.frombuffer(json.dumps(said).encode(), dtype=np.uint8)
        np.savez_compressed(stream, allow_pickle=False, about=text, **network.arrays())
    partial.replace(path)
    return path


def load_network(folder: Path, mode: Mode | None = None) -> RoadNetwork:
    """The network saved in ``folder``: that of ``mode``, or the only one.

    Raises
    ------
    NotFound
        If none is there.
    InputError
        If the file is damaged or of another format.
    """
    found = sorted(folder.glob("*.npz")) if mode is None else [folder / f"{mode}.npz"]
    if len(found) != 1 or not found[0].is_file():
        wanted = f"No {mode} network" if mode else f"Not one network but {len(found)}"
        raise NotFound(f"{wanted} is kept in {folder.name!r}.", fix="Build the roads again.")
    (path,) = found
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        said = json.loads(arrays.pop("about").tobytes().decode())
        if said.pop("format") != FORMAT:
            raise ValueError("it is of another format")
        said["classes"], said["names"] = tuple(said["classes"]), tuple(said["names"])
        return RoadNetwork(**said, **arrays)
    except (ValueError, KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile) as error:
        fault = Fault(value=path.name, expected="a network as this version writes it")
        raise InputError(
            f"The kept {path.stem} network cannot be used: {error}.", [fault], fix="Build it again."
        ) from error


def source_hash(path: Path) -> str:
    """The hash of a source file's bytes, under which its networks are kept."""
    digest = hashlib.sha256(f"{FORMAT}".encode())
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:24]
