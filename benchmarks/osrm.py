"""OSRM as a yardstick: prepares an extract and asks its programs over loopback.

OSRM is a peer, never a part of the product. Its official wheel ``osrm-bindings`` (BSD-2-Clause)
holds the programs ``osrm-extract``, ``osrm-contract`` and ``osrm-routed`` and the profile
``car.lua``; the wheel is made for Python 3.12, its programs need no Python at all. To get it::

    cd var/peers
    pip download --no-deps --python-version 3.12 --only-binary=:all: \\
        --platform manylinux_2_28_x86_64 osrm-bindings
    python -m zipfile -e osrm_bindings-*.whl osrm

The unpacked folder is ``var/peers/osrm``, or what ``FIELDWRIGHT_OSRM`` names. What is prepared of
an extract is kept beside it under ``var/peers/osrm-prepared``, by the extract's name and size.
Where the wheel is absent, ``find_osrm`` gives None, says so once, and a benchmark goes on without.
"""

import http.client
import json
import os
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.frame import tell
from territory.errors import MissingPart
from territory.geo import LonLat

BLOCK: Final = 1000
"""Places on each side of one table request; larger answers only cost memory."""

START_SECONDS: Final = 30.0
Table = NDArray[np.float64]

_said_absent: set[Path] = set()


def peers_folder() -> Path:
    """Where unpacked peers lie: ``peers`` under FIELDWRIGHT_VAR or ``var``."""
    root = Path(__file__).resolve().parents[1]
    return Path(os.environ.get("FIELDWRIGHT_VAR", root / "var")) / "peers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Osrm:
    """An unpacked ``osrm-bindings`` wheel."""

    folder: Path

    @property
    def profile(self) -> Path:
        return self.folder / "osrm" / "share" / "profiles" / "car.lua"

    def program(self, name: str) -> Path:
        """One of its programs, made executable (unzipping forgets that it was)."""
        path = self.folder / "osrm" / "bin" / name
        if not os.access(path, os.X_OK):
            path.chmod(0o755)
        return path


def find_osrm(folder: Path | None = None) -> Osrm | None:
    """The unpacked wheel, or None where it is absent, which is said once."""
    named = os.environ.get("FIELDWRIGHT_OSRM")
    folder = folder or (Path(named) if named else peers_folder() / "osrm")
    found = Osrm(folder=folder)
    if found.profile.is_file() and (folder / "osrm" / "bin" / "osrm-routed").is_file():
        return found
    if folder not in _said_absent:
        _said_absent.add(folder)
        tell(f"peer osrm is not in {folder.name!r} and was left out (see benchmarks/osrm.py)")
    return None


def prepare(osrm: Osrm, extract: Path, *, cache: Path | None = None) -> Path:
    """The extract as OSRM's contraction hierarchy; prepared once, then kept with the seconds.

    Raises
    ------
    MissingPart
        If a program of the wheel cannot do its part here; says what it said.
    """
    name = extract.name.removesuffix(".pbf").removesuffix(".osm")
    kept = (cache or peers_folder() / "osrm-prepared") / f"{name}-{extract.stat().st_size}"
    base = kept / f"{name}.osrm"
    if (kept / "whole").exists():
        return base
    kept.mkdir(parents=True, exist_ok=True)
    profile = ("-p", str(osrm.profile))
    began = time.perf_counter()
    _run(osrm, "osrm-extract", "-l", "ERROR", *profile, "-o", str(base), str(extract))
    _run(osrm, "osrm-contract", "-l", "ERROR", str(base))
    (kept / "whole").write_text(f"{time.perf_counter() - began:.1f}")
    return base


def _run(osrm: Osrm, program: str, *arguments: str) -> None:
    try:
        subprocess.run(
            [osrm.program(program), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise MissingPart(
            f"{program} failed: {said[-300:]}", fix="Run without peers, or get another wheel."
        ) from error


@contextmanager
def served(osrm: Osrm, base: Path, *, threads: int = 2) -> Iterator["OsrmServer"]:
    """A running ``osrm-routed`` on a free port of the loopback; stopped at the end.

    Raises
    ------
    MissingPart
        If it does not answer within half a minute.
    """
    port = _free_port()
    large = str(10 * BLOCK)
    command = [
        str(osrm.program("osrm-routed")), "-i", "127.0.0.1", "-p", str(port), "-t", str(threads),
        "-l", "ERROR", "--max-table-size", large, "--keepalive-timeout", "120", str(base),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = OsrmServer(port=port, pid=process.pid)
    try:
        _await(process, server)
        yield server
    finally:
        server.close()
        process.terminate()
        process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(process: "subprocess.Popen[bytes]", server: "OsrmServer") -> None:
    """Wait until the server takes connections."""
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", server.port)) == 0:
                return
        time.sleep(0.05)
    raise MissingPart("osrm-routed did not start.", fix="Run without peers, or prepare it anew.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OsrmRoute:
    """One drive as OSRM sees it."""

    seconds: float
    meters: float
    lonlat: LonLat
    answer: dict[str, Any]


class OsrmServer:
    """Asks one ``osrm-routed`` over one connection that stays open."""

    def __init__(self, *, port: int, pid: int) -> None:
        self.port, self.pid = port, pid
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)

    def close(self) -> None:
        self._connection.close()

    def table(self, sources: LonLat, targets: LonLat) -> tuple[Table, Table]:
        """Seconds and metres (n, m) in tenths, infinite where there is no way."""
        seconds = np.empty((len(sources), len(targets)))
        meters = np.empty_like(seconds)
        for top in range(0, len(sources), BLOCK):
            for left in range(0, len(targets), BLOCK):
                part = np.s_[top : top + BLOCK, left : left + BLOCK]
                block = self._block(sources[top : top + BLOCK], targets[left : left + BLOCK])
                seconds[part], meters[part] = block
        return seconds, meters

    def _block(self, sources: LonLat, targets: LonLat) -> tuple[Table, Table]:
        count, width = len(sources), len(targets)
        rows = ";".join(map(str, range(count)))
        columns = ";".join(map(str, range(count, count + width)))
        asked = f"sources={rows}&destinations={columns}&annotations=duration,distance"
        places = _places(np.concatenate([sources, targets]))
        raw = self._ask(f"/table/v1/driving/{places}.flatbuffers?{asked}")
        return _unpacked(raw, (count, width))

    def route(self, points: LonLat, *, with_steps: bool = True) -> OsrmRoute | None:
        """The drive through these points with its line (and steps), None where there is none."""
        asked = f"overview=full&geometries=geojson&steps={'true' if with_steps else 'false'}"
        answer = json.loads(self._ask(f"/route/v1/driving/{_places(points)}?{asked}"))
        if answer["code"] != "Ok":
            return None
        (drive, *_) = answer["routes"]
        line = np.asarray(drive["geometry"]["coordinates"], dtype=np.float64)
        return OsrmRoute(
            seconds=drive["duration"], meters=drive["distance"], lonlat=line, answer=drive
        )

    def nearest(self, points: LonLat) -> tuple[LonLat, NDArray[np.float64]]:
        """Where each point (n, 2) meets OSRM's network, and how many metres away."""
        paths = [f"/nearest/v1/driving/{_places(point[None, :])}" for point in points]
        found = [json.loads(self._ask(path))["waypoints"][0] for path in paths]
        where = np.asarray([waypoint["location"] for waypoint in found], dtype=np.float64)
        return where, np.asarray([waypoint["distance"] for waypoint in found], dtype=np.float64)

    def _ask(self, path: str) -> bytes:
        try:
            return self._fetch(path)
        except (http.client.HTTPException, ConnectionError):
            # The server closes a connection after some hundreds of questions; a new one is fresh.
            self._connection.close()
            return self._fetch(path)

    def _fetch(self, path: str) -> bytes:
        self._connection.request("GET", path)
        return self._connection.getresponse().read()


def _places(points: LonLat) -> str:
    return ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in points.tolist())


def _unpacked(raw: bytes, shape: tuple[int, int]) -> tuple[Table, Table]:
    """Durations and distances of a table answer in OSRM's flatbuffers form (``fbresult.fbs``).

    Its JSON form takes as long to read in Python as the server takes to compute it.
    """
    table = _field(raw, _word(raw, 0), 5)
    found = []
    for number in (0, 3):  # durations, distances
        start = _field(raw, table, number)
        values = np.frombuffer(raw, dtype="<f4", count=_word(raw, start), offset=start + 4)
        # What has no way holds the largest number of its kind.
        found.append(np.where(values < 1e30, values.astype(np.float64), np.inf).reshape(shape))
    return found[0], found[1]


def _word(raw: bytes, place: int) -> int:
    return int(struct.unpack_from("<I", raw, place)[0])


def _field(raw: bytes, table: int, number: int) -> int:
    """Where the table or vector behind a field of a flatbuffers table begins."""
    fields = table - int(struct.unpack_from("<i", raw, table)[0])
    (shift,) = struct.unpack_from("<H", raw, fields + 4 + 2 * number)
    return table + int(shift) + _word(raw, table + int(shift))
