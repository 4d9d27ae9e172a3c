"""Tables fetched block by block: places within reach, numbers checked, one matrix at the end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.travel.servers.http import Server, number
from territory.errors import Infeasible
from territory.geo import LonLat, as_lonlat
from territory.travel import UNREACHABLE, TravelMatrix

MAX_SNAP_METERS = 1_000.0

Cells = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Seconds and metres of a block (n, m), NaN where there is no way."""


Pair = tuple[float, float]
Ask = Callable[[LonLat, LonLat], Cells | None]
"""One question: a block's cells, or None if the server refuses it for a place or pair in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """How many sources and targets one question may name."""

    sources: int
    targets: int


def gather(
    sources: LonLat,
    targets: LonLat,
    spans: Spans,
    ask: Ask,
) -> TravelMatrix:
    """The whole matrix (n, m) from questions of at most ``spans``; equal places are 0 apart."""
    start, end = as_lonlat(sources), as_lonlat(targets)
    seconds = np.full((len(start), len(end)), UNREACHABLE, dtype=np.int32)
    meters = seconds.copy()
    for row in range(0, len(start), spans.sources):
        rows = slice(row, row + spans.sources)
        for column in range(0, len(end), spans.targets):
            columns = slice(column, column + spans.targets)
            took, went = _cells(ask, start[rows], end[columns])
            seconds[rows, columns], meters[rows, columns] = _whole(took, went)
    is_same = (start[:, None, :] == end[None, :, :]).all(axis=2)
    seconds[is_same] = meters[is_same] = 0
    return TravelMatrix(seconds=seconds, meters=meters, source="road")


def table(server: Server, raw: object, shape: tuple[int, int], what: str) -> NDArray[np.float64]:
    """Rows of numbers or nulls as an array of a known shape, NaN for null.

    Raises
    ------
    MissingPart
        If the shape is another, or a cell is not a number, or negative, or not finite.
    """
    rows = [list_of(server, row, shape[1], what) for row in list_of(server, raw, shape[0], what)]
    cells = np.full(shape, np.nan)
    for place, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None:
                cells[place, column] = checked(server, value, what)
    return cells


def list_of(server: Server, raw: object, length: int, what: str) -> Sequence[object]:
    """A list of a known length, or an error that says what is wrong."""
    if not isinstance(raw, list):
        raise server.unfit(f"{what} is not a list")
    if len(raw) != length:
        raise server.unfit(f"{what} has {len(raw)} entries where {length} were asked for")
    return raw


def checked(server: Server, value: object, what: str) -> float:
    """A number of an answer: finite and not negative, or an error that says which it was."""
    good = number(value)
    if good is None:
        raise server.unfit(f"{what} holds {str(value)[:40]!r}, which is no length of time or way")
    return good


def no_way(start: NDArray[np.float64], end: NDArray[np.float64], server: Server) -> Infeasible:
    """The error for two places without a way between them."""
    places = " to ".join(f"({lon:.6f}, {lat:.6f})" for lon, lat in (start, end))
    return Infeasible(f"There is no way from {places}, says the travel server {server.name}.")


def part(server: Server, raw: object) -> Mapping[str, Any]:
    """An object of an answer, or an error if it is anything else."""
    if not isinstance(raw, dict):
        raise server.unfit("a part of it is missing")
    return raw


def as_pair(point: NDArray[np.float64]) -> Pair:
    """A point as plain lon, lat."""
    return float(point[0]), float(point[1])


def joined(here: Pair, line: Sequence[Pair], there: Pair) -> tuple[Pair, ...]:
    """A line from one place to another, without standing still."""
    points = (here, *line, there)
    return tuple(
        point for place, point in enumerate(points) if point != points[place - 1] or not place
    )


def whole(value: float) -> int:
    """Seconds or metres rounded up, below ``UNREACHABLE``."""
    return int(min(np.ceil(value), UNREACHABLE - 1))


def _cells(ask: Ask, start: LonLat, end: LonLat) -> Cells:
    """A block's cells even if the server refuses it whole for one place off its map.

    Then each place is tried by itself (from itself to itself) and the good ones are asked again;
    if even those are refused, pair by pair.
    """
    answer = ask(start, end)
    if answer is not None:
        return answer
    seconds, meters = np.full((2, len(start), len(end)), np.nan)
    rows = [row for row in range(len(start)) if ask(start[[row]], start[[row]]) is not None]
    columns = [place for place in range(len(end)) if ask(end[[place]], end[[place]]) is not None]
    if rows and columns:
        grid = np.ix_(rows, columns)
        seconds[grid], meters[grid] = _known(ask, start[rows], end[columns])
    return seconds, meters


def _known(ask: Ask, start: LonLat, end: LonLat) -> Cells:
    """Cells between places the server knows one by one."""
    answer = ask(start, end)
    if answer is not None:
        return answer
    seconds, meters = np.full((2, len(start), len(end)), np.nan)
    for row, column in np.ndindex(seconds.shape):
        pair = ask(start[[row]], end[[column]])
        if pair is not None:
            seconds[row, column], meters[row, column] = pair[0][0, 0], pair[1][0, 0]
    return seconds, meters


def _whole(took: NDArray[np.float64], went: NDArray[np.float64]) -> tuple[NDArray[np.int32], ...]:
    """Whole seconds and metres, rounded up; a pair lacking either has no way."""
    is_cut = np.isnan(took) | np.isnan(went)
    return tuple(
        np.where(is_cut, UNREACHABLE, np.minimum(np.ceil(values), UNREACHABLE - 1)).astype(np.int32)
        for values in (np.where(is_cut, 0, took), np.where(is_cut, 0, went))
    )
