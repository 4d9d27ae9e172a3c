"""The child process that opens a GeoPackage. Told what to do on stdin, answers on stdout.

It first makes sure that its GDAL knows no other vector format, so that no file can talk it into
opening another one.
"""

import json
import resource
import sys
from typing import Any


def main() -> int:
    """Read one layer into an Arrow file; 0 when done, 2 with a word on stderr when not."""
    order = json.load(sys.stdin)
    _limit(order["memory_bytes"], order["seconds"])
    import pyogrio

    if set(pyogrio.list_drivers()) != {"GPKG"}:
        return _refuse("other formats could not be switched off")
    try:
        layers = [str(layer) for layer, _ in pyogrio.list_layers(order["path"])]
        layer = _chosen(layers, order["table"])
        if layer is None:
            return _refuse(f"which of its layers is meant? {', '.join(layers)[:200]}")
        answer = _read(order["path"], layer, order["out"])
    except (RuntimeError, ValueError, OSError) as error:
        return _refuse(str(error))
    json.dump(answer, sys.stdout)
    return 0


def _limit(memory_bytes: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _chosen(layers: list[str], table: str) -> str | None:
    named = [layer for layer in layers if layer.lower() == table]
    if named:
        return named[0]
    return layers[0] if len(layers) == 1 else None


def _read(path: str, layer: str, out: str) -> dict[str, Any]:
    import pyarrow as pa
    from pyogrio.raw import read_arrow
    from pyproj import CRS

    meta, rows = read_arrow(path, layer=layer, datetime_as_string=True, IMMUTABLE="YES")
    geometry = (meta["geometry_name"] or "wkb_geometry") if meta["geometry_type"] else ""
    if geometry not in rows.column_names:
        geometry = ""
    epsg = CRS.from_user_input(meta["crs"]).to_epsg() if geometry and meta["crs"] else 4326
    if epsg is None:
        raise ValueError("its coordinate system has no EPSG code")
    with pa.OSFile(out, "wb") as file, pa.ipc.new_file(file, rows.schema) as writer:
        writer.write_table(rows)
    return {"layer": layer, "geometry": geometry, "epsg": epsg}


def _refuse(word: str) -> int:
    sys.stderr.write(word + "\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
