"""CSV in the encodings and dialects that offices write: nothing guessed without a note."""

import codecs
import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd

from data.readers.limits import MAX_COLUMNS
from data.readers.raw import BrokenRow, RawTable
from territory.errors import Fault, InputError

SEPARATORS = (",", ";", "\t", "|")

_SAMPLE_CHARACTERS = 200_000
_BLOCK_BYTES = 64 * 1024 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESSED = ("gb18030", "cp1252", "cp1250", "cp1251", "big5", "shift_jis", "euc_kr")
_WESTERN = frozenset(
    "äöüßÄÖÜéèêëàâçîïôûùœæÉÈÊÀÂÇÎÔŒÆøåØÅñÑáíóúÁÍÓÚãõÃÕìòÌÒýðþÝÐÞ€‘’“”„–—…«»°²³§£·´½¡¿ªº®©\u00a0"
)
"""Letters and marks beyond ASCII of western European text."""


def read_csv(path: Path, *, name: str) -> RawTable:
    """Rows of a CSV file, every cell text. Rows with too few or too many cells come back broken.

    Raises
    ------
    InputError
        If the encoding cannot be told, the header is unusable, or a quote is never closed.
    """
    text, encoding = decode(path.read_bytes(), name=name)
    separator = guess_separator(text[:_SAMPLE_CHARACTERS])
    header = _header(text, separator, name)
    frame, broken = _parse(text, separator, len(header), name)
    rows = np.setdiff1d(np.arange(len(frame) + len(broken)), [b.row - 1 for b in broken])
    notes = [] if encoding.startswith("utf-8") else [f"read as {encoding}"]
    is_filled = np.logical_or.reduce([(frame[key] != "").to_numpy(dtype=bool) for key in frame])
    is_filled[0] = False  # the header itself
    frame = frame[is_filled].reset_index(drop=True)
    frame.columns = pd.Index(header)
    return RawTable(
        frame=frame,
        rows=rows[is_filled] + 1,
        broken=tuple(item for item in broken if item.text.strip()),
        decimal=None,
        notes=tuple(notes),
    )


def decode(data: bytes, *, name: str) -> tuple[str, str]:
    """The text of a file and the encoding it was read in: BOM, else UTF-8, else the likeliest."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strictly(data, encoding, name), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        encoding = _guess_encoding(data, name)
        return _strictly(data, encoding, name), f"{encoding} (guessed)"


def _strictly(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name} says it is {encoding}, but byte {error.start:,} is not.",
            fix="Save it as UTF-8.",
        ) from error


def _guess_encoding(data: bytes, name: str) -> str:
    from charset_normalizer import from_bytes

    nul_share = max(data[:4096:2].count(0), data[1:4096:2].count(0)) / max(1, len(data[:4096]) / 2)
    if nul_share > 0.7:
        return "utf-16-le" if data[1:4096:2].count(0) > data[:4096:2].count(0) else "utf-16-be"
    if _is_chinese(data):
        return "gb18030"
    if _is_western(data):
        return "cp1252"
    found = from_bytes(data[: 1 << 20], cp_isolation=list(_GUESSED)).best()
    if found is None:
        raise InputError(f"The encoding of {name} cannot be told.", fix="Save it as UTF-8.")
    return found.encoding


def _is_chinese(data: bytes) -> bool:
    """Whether the bytes beyond ASCII are mostly pairs of the everyday Chinese characters.

    GB 2312 puts them at 0xB0A1 to 0xF7FE; accented letters of cp1252 seldom stand in pairs.
    """
    array = np.frombuffer(data[: 1 << 20], dtype=np.uint8)
    lead = (array[:-1] >= 0xB0) & (array[:-1] <= 0xF7) & (array[1:] >= 0xA1)
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    beyond_ascii = sum(1 for character in text if ord(character) > 127)
    chinese = sum(1 for character in text if "\u4e00" <= character <= "\u9fa5")
    return bool(chinese > 0.7 * beyond_ascii and lead.sum() >= chinese)


def _is_western(data: bytes) -> bool:
    """Whether all bytes beyond ASCII are letters and marks of western languages, and not many.

    cp1250 has most of them in the same places, so that statistics alone cannot tell the two apart.
    """
    try:
        text = data[: 1 << 20].decode("cp1252")
    except UnicodeDecodeError:
        return False
    beyond_ascii = [character for character in text if ord(character) > 127]
    letters = sum(1 for character in text if character.isalpha())
    return set(beyond_ascii) <= _WESTERN and len(beyond_ascii) < 0.3 * letters


def guess_separator(sample: str) -> str:
    """The separator that parts the first rows into the same number of cells, most of them."""
    best, best_score = ",", (0.0, 0)
    for separator in SEPARATORS:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
        try:
            counts = [len(row) for _, row in zip(range(51), reader, strict=False) if row]
        except csv.Error:
            continue
        width = counts[0] if counts else 0
        if width < 2:
            continue
        # The last row of the sample may be cut in the middle.
        agreeing = sum(count == width for count in counts) / len(counts)
        if (agreeing, width) > best_score:
            best, best_score = separator, (agreeing, width)
    return best


def _header(text: str, separator: str, name: str) -> list[str]:
    first = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    header = [cell.strip().removeprefix("\ufeff") for cell in first]
    if len(header) > MAX_COLUMNS:
        raise InputError(f"{name} has {len(header):,} columns; at most {MAX_COLUMNS:,} are read.")
    return refuse_bad_header(header, name)


def refuse_bad_header(header: list[str], name: str) -> list[str]:
    """The header with a name for every column.

    Raises
    ------
    InputError
        If a name stands twice.
    """
    filled = [cell or f"(column {position})" for position, cell in enumerate(header, start=1)]
    twice = sorted({cell for cell in filled if filled.count(cell) > 1})
    if twice:
        faults = [
            Fault(file=name, row=1, column=cell, expected="a column that stands twice")
            for cell in twice
        ]
        raise InputError(f"{name} has columns of the same name.", faults, fix="Rename them.")
    return filled


def _parse(
    text: str, separator: str, width: int, name: str
) -> tuple[pd.DataFrame, list[BrokenRow]]:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    broken: list[BrokenRow] = []

    def keep(row: "arrow_csv.InvalidRow") -> str:
        reason = f"{row.actual_columns} cells instead of {row.expected_columns}"
        broken.append(BrokenRow(row=row.number, text=row.text, reason=reason))
        return "skip"

    names = [str(position) for position in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(text.removeprefix("\ufeff").encode("utf-8")),
            read_options=arrow_csv.ReadOptions(
                column_names=names, use_threads=False, block_size=_BLOCK_BYTES
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=separator,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=keep,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
            ),
        )
    except (pa.ArrowInvalid, UnicodeEncodeError) as error:
        raise InputError(f"{name} cannot be read as CSV: {error}.") from error
    return pd.DataFrame({key: table[key].to_pandas() for key in names}), broken
