"""XLSX: the sheet of a table, after the archive it lies in was found harmless."""

import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.readers.delimited import refuse_bad_header
from data.readers.limits import MAX_COLUMNS, MAX_ZIP_BYTES, MAX_ZIP_MEMBERS, MAX_ZIP_RATIO
from data.readers.raw import RawTable
from territory.errors import InputError


def read_xlsx(path: Path, *, name: str, table: str) -> RawTable:
    """Rows of the sheet that is named like the table, else of the first; formulas as their values.

    Raises
    ------
    InputError
        If the archive is a bomb, a part carries a document type, or no workbook can be read.
    """
    refuse_bomb(path, name=name)
    sheet, others, cells = _cells(path, name, table)
    notes = (f"read sheet {sheet!r}; also there: {', '.join(others)}",) if others else ()
    first = next((i for i, row in enumerate(cells) if any(c is not None for c in row)), None)
    if first is None:
        raise InputError(f"Sheet {sheet!r} of {name} is empty.")
    header = _trimmed(cells[first])
    if len(header) > MAX_COLUMNS:
        raise InputError(f"{name} has {len(header):,} columns; at most {MAX_COLUMNS:,} are read.")
    names = refuse_bad_header(["" if c is None else str(c).strip() for c in header], name)
    rows = [
        (number, row)
        for number, row in enumerate(cells[first + 1 :], start=first + 2)
        if any(cell is not None and cell != "" for cell in row)
    ]
    columns = {
        column: pd.Series(
            [row[position] if position < len(row) else None for _, row in rows], dtype="object"
        )
        for position, column in enumerate(names)
    }
    return RawTable(
        frame=pd.DataFrame(columns),
        rows=np.array([number for number, _ in rows], dtype=np.intp),
        decimal=None,
        notes=notes,
    )


def refuse_bomb(path: Path, *, name: str) -> None:
    """Check an archive by its table of contents, and its XML for document types.

    Raises
    ------
    InputError
        If it has too many parts, unpacks to too much, is encrypted, or names parts outside itself.
    """
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        packed = max(1, sum(part.compress_size for part in parts))
        if len(parts) > MAX_ZIP_MEMBERS:
            raise InputError(f"{name} has {len(parts):,} parts; {MAX_ZIP_MEMBERS:,} are taken.")
        if unpacked > MAX_ZIP_BYTES or unpacked > MAX_ZIP_RATIO * packed:
            raise InputError(
                f"{name} unpacks from {packed:,} to {unpacked:,} bytes; at most "
                f"{MAX_ZIP_BYTES:,} and {MAX_ZIP_RATIO}-fold are taken."
            )
        for part in parts:
            if part.filename.startswith(("/", "\\")) or ".." in Path(part.filename).parts:
                raise InputError(f"{name} holds a part outside itself: {part.filename[:80]!r}.")
            if part.flag_bits & 1:
                raise InputError(f"{name} is encrypted.", fix="Save it without a password.")
            if part.filename.endswith((".xml", ".rels")):
                _refuse_document_type(archive, part, name)


def _refuse_document_type(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> None:
    with archive.open(part) as file:
        head = file.read(4096).replace(b"\x00", b"").lower()  # also as UTF-16
    if b"<!doctype" in head or b"<!entity" in head:
        raise InputError(f"{name} declares XML entities in {part.filename[:80]!r}.")


def _cells(path: Path, name: str, table: str) -> tuple[str, list[str], list[tuple[Any, ...]]]:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and validations that openpyxl leaves out
            book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
            try:
                titles = [sheet.title for sheet in book.worksheets]
                wanted = next((t for t in titles if t.strip().lower() == table), titles[0])
                sheet = book[wanted]
                sheet.reset_dimensions()  # a file may state too few rows
                cells = list(sheet.iter_rows(values_only=True))
            finally:
                book.close()
    except Exception as error:  # whatever a broken part makes of the parser
        raise InputError(f"{name} cannot be read as a workbook: {error}.") from error
    return wanted, [title for title in titles if title != wanted], cells


def _trimmed(row: tuple[Any, ...]) -> list[Any]:
    filled = [position for position, cell in enumerate(row) if cell is not None]
    return list(row[: filled[-1] + 1])
