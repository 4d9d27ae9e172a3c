"""What a file is, by its content. Its name says nothing: a VRT may call itself .geojson."""

import codecs
import struct
import zipfile
from pathlib import Path
from typing import Literal

from data.readers.limits import MAX_FILE_BYTES
from territory.errors import InputError

Format = Literal["csv", "xlsx", "geojson", "geopackage", "geoparquet"]

_HEAD_BYTES = 4096
_APPLICATION_ID_OFFSET = 68  # of the SQLite header
_USER_FORMATS = "Give CSV, XLSX, GeoJSON, GeoPackage or GeoParquet."
_BOMS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def sniff(path: Path, *, name: str = "", max_bytes: int = MAX_FILE_BYTES) -> Format:
    """The format of a file.

    Raises
    ------
    InputError
        If there is no such file, it is empty or too large, or it is none of these formats.
    """
    shown = name or path.name
    if not path.is_file():
        raise InputError(f"There is no file {shown!r}.")
    size = path.stat().st_size
    if size > max_bytes:
        raise InputError(
            f"{shown} has {size:,} bytes; at most {max_bytes:,} are read.", fix="Split the file."
        )
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head.strip():
        raise InputError(f"{shown} is empty.")
    return _binary(path, head, shown) or _text(head, shown)


def _binary(path: Path, head: bytes, shown: str) -> Format | None:
    if head.startswith(b"SQLite format 3\x00"):
        return _geopackage(head, shown)
    if head.startswith(b"PAR1"):
        return "geoparquet"
    if head.startswith(b"PK\x03\x04"):
        return _workbook(path, shown)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(f"{shown} is an old or encrypted Office file.", fix="Save it as XLSX.")
    for magic, what in ((b"\x1f\x8b", "a gzip archive"), (b"%PDF", "a PDF")):
        if head.startswith(magic):
            raise InputError(f"{shown} is {what}.", fix=_USER_FORMATS)
    return None


def _geopackage(head: bytes, shown: str) -> Format:
    mark = head[_APPLICATION_ID_OFFSET : _APPLICATION_ID_OFFSET + 4]
    if len(mark) == 4 and struct.unpack(">4s", mark)[0] in (b"GPKG", b"GP10", b"GP11"):
        return "geopackage"
    raise InputError(f"{shown} is an SQLite database, but no GeoPackage.", fix=_USER_FORMATS)


def _workbook(path: Path, shown: str) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            if "xl/workbook.xml" in archive.namelist():
                return "xlsx"
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError(f"{shown} is a damaged zip archive.") from error
    raise InputError(f"{shown} is a zip archive, but no workbook.", fix=_USER_FORMATS)


def _text(head: bytes, shown: str) -> Format:
    if head.startswith(_BOMS):
        return "csv"
    body = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if body.startswith(b"{"):
        return "geojson"
    if body.startswith((b"<", b"[")):
        what = "an XML or HTML document" if body.startswith(b"<") else "a JSON list"
        raise InputError(f"{shown} is {what}, whatever its name says.", fix=_USER_FORMATS)
    if _has_control_bytes(head) and not _looks_like_utf16(head):
        raise InputError(f"{shown} is a binary file of no known format.", fix=_USER_FORMATS)
    return "csv"


def _looks_like_utf16(head: bytes) -> bool:
    """Whether nearly every second byte is NUL, as in Latin text without a byte order mark."""
    pairs = max(1, len(head) // 2)
    return max(head[0::2].count(0), head[1::2].count(0)) > 0.7 * pairs


def _has_control_bytes(head: bytes) -> bool:
    """Whether bytes stand in it that no text has. A few NULs are left to the cells."""
    odd = set(range(1, 9)) | set(range(14, 27)) | {28, 29, 30, 31}
    return bool(odd & set(head)) or head.count(0) > 0.05 * len(head)
