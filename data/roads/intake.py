"""Looks at a source file before it is read: what it is, whether it is whole, how big it unpacks."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from territory.errors import Fault, InputError, NotFound

Kind = Literal["pbf", "osm", "osm.gz", "osm.bz2", "graphml"]

HEADER_LIMIT: Final = 64 * 1024
BLOB_LIMIT: Final = 32 * 1024 * 1024
"""The most bytes the PBF format allows a block, packed or unpacked."""

UNPACK_FACTOR: Final = 200
UNPACK_FREE: Final = 64 * 1024 * 1024
"""XML packs to a tenth; what unpacks to 200 times its size beyond this many bytes is no map."""

_SIGNATURES: Final = (
    (b"PK\x03\x04", "a zip archive", "Unpack it and name the extract inside."),
    (b"SQLite format 3\x00", "a GeoPackage or SQLite file", ""),
    (b"PAR1", "a Parquet file", ""),
    (b"\xfd7zXZ", "an xz archive", "Unpack it and name the extract inside."),
    (b"7z\xbc\xaf", "a 7z archive", "Unpack it and name the extract inside."),
    (b"\x00\x00\x27\x0a", "a shapefile", ""),
    (b"%PDF", "a PDF document", ""),
    (b"{", "a JSON file", ""),
)
_FIX: Final = (
    "Give an OpenStreetMap extract: .osm.pbf, .osm, .osm.gz, .osm.bz2 or OSMnx's .graphml."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """A source file: its kind, its bytes as it lies there, and about how many it unpacks to."""

    path: Path
    kind: Kind
    file_bytes: int
    raw_bytes: int


def look_at(path: Path) -> Intake:
    """What a file is, found without unpacking it into memory.

    Raises
    ------
    NotFound
        If there is no such file.
    InputError
        If it is no OpenStreetMap file by its first bytes, is cut short, cannot be opened, or
        unpacks to absurdly much.
    """
    if path.is_dir():
        raise _refused(path, "a folder", "Name the extract inside.")
    if not path.exists():
        raise NotFound(f"There is no file {path.name!r}.", fix="Give the path of an OSM extract.")
    if not path.is_file():
        raise _refused(path, "no ordinary file", _FIX)
    try:
        kind = _kind(path)
        size = path.stat().st_size
        raw = _raw_bytes(path, kind, size)
    except InputError:
        raise
    except OSError as error:
        fault = Fault(file=path.name, expected="the file must be readable")
        said = f"{path.name} cannot be opened: {error.strerror or error}."
        raise InputError(said, [fault], fix="Check its permissions and its disk.") from error
    return Intake(path=path, kind=kind, file_bytes=size, raw_bytes=raw)


def _refused(path: Path, found: str, fix: str) -> InputError:
    fault = Fault(value=path.name, expected="OpenStreetMap data")
    return InputError(f"{path.name} is {found}.", [fault], fix=fix)


def _broken(path: Path, why: str) -> InputError:
    fault = Fault(value=path.name, expected="a whole, undamaged OpenStreetMap file")
    return InputError(f"{path.name} {why}.", [fault], fix="Download the extract again.")


def _kind(path: Path) -> Kind:
    with path.open("rb") as stream:
        start = stream.read(4096)
    if not start:
        raise _broken(path, "is empty: 0 bytes")
    if start[4:15] == b"\n\tOSMHeader":
        return "pbf"
    if start.startswith(b"\x1f\x8b"):
        return "osm.gz"
    if start.startswith(b"BZh"):
        return "osm.bz2"
    for signature, found, fix in _SIGNATURES:
        if start.startswith(signature):
            raise _refused(path, found, fix or _FIX)
    return _xml_kind(path, start)


def _xml_kind(path: Path, start: bytes) -> Kind:
    text = start.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if b"<!doctype html" in text or b"<html" in text:
        raise _refused(path, "a web page", "Perhaps the download failed. " + _FIX)
    if b"<!doctype" in text or b"<!entity" in text:
        raise _refused(path, "XML with a document type, which no extract has", _FIX)
    if b"<osmchange" in text:
        raise _refused(path, "a file of changes, not of a map", _FIX)
    if b"<graphml" in text:
        return "graphml"
    if b"<osm" in text:
        return "osm"
    raise _refused(path, "not an OpenStreetMap file", _FIX)


def _raw_bytes(path: Path, kind: Kind, size: int) -> int:
    if kind == "pbf":
        return sum(_pbf_blocks(path, size))
    if kind == "osm.gz":
        return _unpacked(path, size, gzip.GzipFile)
    if kind == "osm.bz2":
        return _unpacked(path, size, bz2.BZ2File)
    return size


def _unpacked(path: Path, size: int, opened: type[gzip.GzipFile] | type[bz2.BZ2File]) -> int:
    limit = UNPACK_FREE + UNPACK_FACTOR * size
    total = 0
    try:
        with opened(path, "rb") as stream:
            while block := stream.read(1 << 20):
                if not total and _xml_kind(path, block[:4096]) != "osm":
                    raise _refused(path, "packed, but no OpenStreetMap XML", "Unpack it first.")
                total += len(block)
                if total > limit:
                    raise _refused(path, f"packed {total // size:,} times and still goes on", _FIX)
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise _broken(path, f"cannot be unpacked to its end ({error})") from error
    except OSError as error:
        if error.errno is None:  # bz2 says "Invalid data stream" this way
            raise _broken(path, f"cannot be unpacked to its end ({error})") from error
        raise
    if not total:
        raise _broken(path, "is empty when unpacked")
    return total


def _pbf_blocks(path: Path, size: int) -> Iterator[int]:
    """Unpacked bytes of each block, by the blocks' own headers.

    See wiki.openstreetmap.org/wiki/PBF_Format: length (4 bytes), BlobHeader, Blob, and again.
    """
    with path.open("rb") as stream:
        number = place = 0
        while place < size:
            number += 1
            length = int.from_bytes(stream.read(4), "big")
            if not 0 < length <= HEADER_LIMIT:
                raise _broken(
                    path, f"cannot be read to its end: no block {number} begins at byte {place:,}"
                )
            kind, blob_bytes = _blob_header(stream.read(length))
            place += 4 + length + blob_bytes
            if kind != ("OSMHeader" if number == 1 else "OSMData") or place > size:
                raise _broken(
                    path, f"cannot be read to its end: block {number} is damaged or cut short"
                )
            raw = _blob_raw_bytes(stream.read(min(blob_bytes, 16)), blob_bytes)
            if blob_bytes > BLOB_LIMIT or raw > BLOB_LIMIT:
                raise _broken(
                    path,
                    f"cannot be read: block {number} says it holds {max(blob_bytes, raw):,} bytes",
                )
            stream.seek(place)
            yield raw


def _blob_header(data: bytes) -> tuple[str, int]:
    """Type and blob size of a BlobHeader message; "" and 0 if it is none."""
    kind, size, place = "", 0, 0
    while place < len(data):
        tag, place = _varint(data, place)
        value, place = _varint(data, place)
        if tag == 0x0A:
            kind = data[place : place + value].decode("ascii", "replace")
        elif tag == 0x18:
            size = value
        if tag & 7 == 2:
            place += value
        elif tag & 7:
            return "", 0
    return kind, size


def _blob_raw_bytes(data: bytes, size: int) -> int:
    """The unpacked size a Blob message says it has; its own size if it lies there plain."""
    tag, place = _varint(data, 0)
    return _varint(data, place)[0] if tag == 0x10 else size


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(data):
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return value, place
