"""Where the shared instances lie, and which format a folder of them has."""

import os
from collections.abc import Callable
from pathlib import Path

from territory.errors import InputError, MissingPart

FORMATS = (
    "pbf",
    "solomon",
    "vrplib",
    "pvrp",
    "toptw",
    "h3npz",
    "cpmp",
    "ctdp",
    "pmed",
    "tsplib",
    "mclp",
    "hm14",
)
"""Every instance format, as ``--format`` takes it."""


def shared_root() -> Path:
    """The shared folder: FIELDWRIGHT_SHARED, else ``../shared`` beside the checkout."""
    named = os.environ.get("FIELDWRIGHT_SHARED")
    return Path(named) if named else Path(__file__).resolve().parents[2] / "shared"


def shared_path(*parts: str) -> Path:
    """A file or folder of the shared data.

    Raises
    ------
    MissingPart
        If it is absent; says what to set.
    """
    path = shared_root().joinpath(*parts)
    if not path.exists():
        raise MissingPart(
            f"The shared data {'/'.join(parts)!r} is absent.",
            fix="Set FIELDWRIGHT_SHARED to the folder that holds it, or name a folder with --set.",
        )
    return path


def guess_format(folder: Path) -> str:
    """The format of the instances in a folder (or of one file), by name first, then content.

    Raises
    ------
    InputError
        If nothing in it is known.
    """
    for path in _samples(folder):
        for name, is_it in _BY_NAME:
            if is_it(path):
                return name
    for path in _samples(folder):
        lines = _first_lines(path)
        for name, looks_it in _BY_CONTENT:
            if looks_it(lines):
                return name
    raise InputError(
        f"The instances in {str(folder)!r} are of no known format.",
        fix=f"Give one with --format: {', '.join(FORMATS)}.",
    )


def _samples(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    skipped = {".md", ".csv", ".sol", ".res", ".json"}
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if path.suffix.lower() not in skipped][:200]


def _first_lines(path: Path, count: int = 4) -> list[list[str]]:
    with path.open(encoding="utf-8", errors="replace") as file:
        head = [file.readline(4000) for _ in range(count)]
    return [line.split() for line in head]


def _is_named(*suffixes: str, start: str = "", parent: str = "") -> Callable[[Path], bool]:
    def is_it(path: Path) -> bool:
        name, folder = path.name.lower(), path.parent.name.lower()
        return (
            name.endswith(suffixes or ("",))
            and name.startswith(start)
            and folder.startswith(parent)
        )

    return is_it


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _numbers(line: list[str]) -> int:
    """How many numbers a line holds; -1 if it holds anything else."""
    return len(line) if line and all(_is_number(word) for word in line) else -1


def _looks_solomon(lines: list[list[str]]) -> bool:
    return any(line[:1] == ["VEHICLE"] for line in lines)


def _looks_vrplib(lines: list[list[str]]) -> bool:
    words = {word.strip(":") for line in lines for word in line}
    return bool(words & {"CVRP", "VRPTW", "MDVRPTW", "PCVRPTW"})


def _looks_tsplib(lines: list[list[str]]) -> bool:
    return any(line[:1] == ["TYPE"] and line[-1] == "TSP" for line in lines)


def _looks_toptw(lines: list[list[str]]) -> bool:
    counts = [_numbers(line) for line in lines]
    return counts[:2] == [4, 2] and counts[2] in (9, 10, 11)


def _looks_pvrp(lines: list[list[str]]) -> bool:
    return _numbers(lines[0]) == 4 and lines[0][0] == "1" and _numbers(lines[1]) == 2


def _looks_cpmp(lines: list[list[str]]) -> bool:
    return _numbers(lines[0]) == 2 and _numbers(lines[1]) == 4


def _looks_ctdp(lines: list[list[str]]) -> bool:
    return _numbers(lines[0]) == 1 and _numbers(lines[1]) == 7


def _looks_pmed(lines: list[list[str]]) -> bool:
    return [_numbers(line) for line in lines[:3]] == [3, 3, 3]


def _looks_mclp(lines: list[list[str]]) -> bool:
    return (len(lines[0]) == 4 and lines[0][2:] == ["p", "S"]) or lines[1][:1] == ["F"]


def _looks_hm14(lines: list[list[str]]) -> bool:
    return _numbers(lines[0]) == 3 and _numbers(lines[1]) > 3 and set(lines[1]) == {"1"}


_BY_NAME: tuple[tuple[str, Callable[[Path], bool]], ...] = (
    ("pbf", _is_named(".pbf")),
    ("h3npz", _is_named(".npz")),
    ("hm14", _is_named(".data", start="hm14")),
    ("tsplib", _is_named(".tsp")),
    ("pmed", _is_named(".txt", start="pmed", parent="pmed")),
    ("mclp", _is_named(".txt", parent="mclp")),
    ("ctdp", _is_named(".dat", start="2du")),
    ("vrplib", _is_named(".vrp")),
    ("toptw", _is_named(".txt", start="toptw")),
)
_BY_CONTENT: tuple[tuple[str, Callable[[list[list[str]]], bool]], ...] = (
    ("solomon", _looks_solomon),
    ("tsplib", _looks_tsplib),
    ("vrplib", _looks_vrplib),
    ("toptw", _looks_toptw),
    ("pvrp", _looks_pvrp),
    ("hm14", _looks_hm14),
    ("mclp", _looks_mclp),
    ("ctdp", _looks_ctdp),
    ("cpmp", _looks_cpmp),
    ("pmed", _looks_pmed),
)
