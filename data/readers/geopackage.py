"""GeoPackage, read by GDAL in a child process that knows no other format and no network."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from data.readers.limits import GEOPACKAGE_MEMORY_BYTES, GEOPACKAGE_SECONDS
from data.readers.raw import RawTable
from data.readers.shapes import to_wgs84
from territory.errors import InputError


def read_geopackage(path: Path, *, name: str, table: str) -> RawTable:
    """Rows of the layer that is named like the table, else of the only layer.

    The caller has sniffed the file: GDAL is handed nothing else. Rows are counted from 1.

    Raises
    ------
    InputError
        If the child refuses, crashes or takes too long, or several layers could be meant.
    """
    import pyarrow as pa

    with tempfile.TemporaryDirectory(prefix="fieldwright-gpkg-") as folder:
        out = Path(folder) / "rows.arrow"
        said = _run_child(path, table, out, name)
        with pa.OSFile(str(out)) as file, pa.ipc.open_file(file) as reader:
            rows = reader.read_all()
        geometry = said["geometry"]
        cells = rows[geometry].to_pylist() if geometry else []
        frame = (rows.drop_columns([geometry]) if geometry else rows).to_pandas(
            integer_object_nulls=True
        )
    shapes: NDArray[np.object_] | None = None
    notes: tuple[str, ...] = ()
    if geometry:
        read = np.asarray(shapely.from_wkb(cells, on_invalid="ignore"), dtype=np.object_)
        shapes, notes = to_wgs84(read, int(said["epsg"]), name=name)
    return RawTable(
        frame=frame,
        rows=np.arange(len(frame)) + 1,
        shapes=shapes,
        notes=(f"read layer {said['layer']!r}", *notes),
    )


def _run_child(path: Path, table: str, out: Path, name: str) -> dict[str, str]:
    order = {
        "path": str(path.resolve()),
        "table": table,
        "out": str(out),
        "memory_bytes": GEOPACKAGE_MEMORY_BYTES,
        "seconds": GEOPACKAGE_SECONDS,
    }
    try:
        done = subprocess.run(  # our own interpreter and module
            [sys.executable, "-P", "-m", "data.readers.geopackage_child"],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            timeout=GEOPACKAGE_SECONDS,
            env=_environment(),
            cwd=out.parent,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(f"{name} took longer than {GEOPACKAGE_SECONDS} s to read.") from error
    if done.returncode != 0:
        word = done.stderr.strip().splitlines()[-1:] or [f"the reader ended ({done.returncode})"]
        raise InputError(f"{name} cannot be read as a GeoPackage: {word[0][:300]}")
    answer: dict[str, str] = json.loads(done.stdout)
    return answer


def _environment() -> dict[str, str]:
    """The child's whole environment: GDAL without any other driver, remote file or extension."""
    import pyogrio

    others = ",".join(sorted(name for name in pyogrio.list_drivers() if name != "GPKG"))
    package_root = str(Path(__file__).resolve().parents[2])
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": package_root,
        "OGR_SKIP": others,
        "GDAL_SKIP": others,
        "GDAL_DRIVER_PATH": "disable",
        "GDAL_HTTP_TIMEOUT": "1",
        "GDAL_HTTP_MAX_RETRY": "0",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{noext-and-never}",
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "OGR_SQLITE_LOAD_EXTENSIONS": "NO",
        "PROJ_NETWORK": "OFF",
    }
