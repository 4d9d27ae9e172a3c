"""Which pairs of records are compared at all: near each other, or of one telephone or name.

Places are swept in rows of one radius; a pair within the radius is a neighbour, and a candidate if
the letters of the names, a telephone number, a brand, or missing names of one category speak for
it. What is left out is counted, since the weights need to know how neighbours usually differ.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from territory.survey.resolve.records import Records

LEAST_SHARED_LETTERS = 0.42
"""Candidates share this part of the letter pairs of the shorter name."""

NAMELESS_METERS = 60.0
"""A record without name is compared with one that has a name within this distance."""

MOST_NEIGHBOURS = 2_000
"""In one sweep a record looks at this many others; where more stand, equal names decide."""

MOST_CANDIDATES = 40
"""In one sweep a record is compared with this many candidates, in the order of longitude."""

MOST_IN_KEY = 40
"""A key (telephone, name) of more records makes no pairs by itself."""

SAMPLE_PAIRS = 60_000

_METERS_PER_DEGREE = 111_195.0
_CHUNK_PAIRS = 2_000_000

Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """Pairs of records, ``left`` before ``right``, each once, in order.

    ``neighbours`` counts all pairs within the radius, candidates or not; ``sample_left`` and
    ``sample_right`` are an even sample of those. ``crowded`` counts records with more neighbours
    than were looked at.
    """

    left: Index
    right: Index
    neighbours: int
    sample_left: Index
    sample_right: Index
    crowded: int


def candidate_pairs(records: Records, *, radius_meters: float, workers: int = 2) -> Candidates:
    """The pairs worth comparing. Time grows with records times neighbours within the radius.

    ``workers`` threads sweep; their number changes nothing but the time.
    """
    sweep = _sweep(records, radius_meters)
    tasks = [] if sweep is None else list(sweep.tasks())
    step = 1 if sweep is None else max(1, sweep.total // (2 * SAMPLE_PAIRS))

    def work(task: Task) -> tuple[int, tuple[Index, Index], tuple[Index, Index]]:
        assert sweep is not None
        swept, left, right = sweep.near(task)
        keep = _first_of_each(swept, _is_promising(records, left, right))
        return len(left), (left[keep], right[keep]), (left[::step], right[::step])

    with ThreadPoolExecutor(max(1, workers)) as threads:
        done = list(threads.map(work, tasks))
    crowded = 0 if sweep is None else sweep.crowded
    found = [pairs for _, pairs, _ in done]
    found += [_pairs_of_key(key) for key in _keys(records, is_crowded=crowded > 0)]
    left, right = _unique(found, len(records))
    sample_left, sample_right = _joined([pairs for _, _, pairs in done])
    return Candidates(
        left=left,
        right=right,
        neighbours=sum(count for count, _, _ in done),
        sample_left=sample_left,
        sample_right=sample_right,
        crowded=crowded,
    )


def distance_meters(records: Records, left: Index, right: Index) -> NDArray[np.float64]:
    """Metres between two records on a sphere, flat over a few kilometres; NaN without a place."""
    lat = np.radians((records.lat[left] + records.lat[right]) / 2)
    east = (records.lon[left] - records.lon[right]) * np.cos(lat)
    north = records.lat[left] - records.lat[right]
    return np.asarray(_METERS_PER_DEGREE * np.hypot(east, north), dtype=np.float64)


Task = tuple[int, int, int]
"""Which sweep, and its first and last record."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sweep:
    """Placed records in rows of one radius, by longitude, and for each the run of those near it.

    Two sweeps, one along a record's own row and one along the next: ``starts`` and ``counts``.
    """

    radius_meters: float
    order: Index
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    shrink: NDArray[np.float64]
    starts: tuple[Index, Index]
    counts: tuple[Index, Index]
    crowded: int

    @property
    def total(self) -> int:
        return int(sum(count.sum() for count in self.counts))

    def tasks(self) -> Iterator[Task]:
        """Parts of the work of about a chunk of pairs each."""
        for which, counts in enumerate(self.counts):
            yield from ((which, first, last) for first, last in _chunks(counts))

    def near(self, task: Task) -> tuple[Index, Index, Index]:
        """Pairs within the radius, led by who swept."""
        which, first, last = task
        some = self.counts[which][first:last]
        near = np.repeat(np.arange(first, last), some)
        far = _runs(self.starts[which][first:last], some)
        north = self.lat[far] - self.lat[near]
        east = (self.lon[far] - self.lon[near]) * self.shrink[near]
        reach = (self.radius_meters / _METERS_PER_DEGREE) ** 2
        is_near = np.flatnonzero(north * north + east * east <= reach)
        near = near[is_near]
        one, other = self.order[near], self.order[far[is_near]]
        return near, np.minimum(one, other), np.maximum(one, other)


def _sweep(records: Records, radius: float) -> Sweep | None:
    placed = np.flatnonzero(records.has_place)
    if len(placed) < 2:
        return None
    band = np.floor(records.lat[placed] * (_METERS_PER_DEGREE / radius)).astype(np.int64)
    sorting = np.lexsort([placed, records.lon[placed], band])
    order, band = placed[sorting], band[sorting]
    lon, lat = records.lon[order], records.lat[order]
    reach = radius / (_METERS_PER_DEGREE * np.maximum(np.cos(np.radians(np.abs(lat) + 0.01)), 1e-6))
    place = band * 1_000.0 + lon  # bands are further apart than the globe is wide
    starts = np.arange(1, len(order) + 1), np.searchsorted(place, place + 1_000.0 - reach)
    ends = [np.searchsorted(place, place + shift + reach, side="right") for shift in (0.0, 1_000.0)]
    counts = [np.maximum(end - start, 0) for start, end in zip(starts, ends, strict=True)]
    return Sweep(
        radius_meters=radius,
        order=order,
        lon=lon,
        lat=lat,
        shrink=np.cos(np.radians(lat)),
        starts=starts,
        counts=(np.minimum(counts[0], MOST_NEIGHBOURS), np.minimum(counts[1], MOST_NEIGHBOURS)),
        crowded=sum(int((count > MOST_NEIGHBOURS).sum()) for count in counts),
    )


def _chunks(counts: Index) -> Iterator[tuple[int, int]]:
    """Runs of rows whose counts sum to about a chunk."""
    total = np.cumsum(counts)
    first = 0
    while first < len(counts):
        before = total[first - 1] if first else 0
        last = int(np.searchsorted(total, before + _CHUNK_PAIRS, side="right"))
        last = max(last, first + 1)
        yield first, last
        first = last


def _runs(starts: Index, counts: Index) -> Index:
    """start, start + 1, ... for each start, as many as its count."""
    total = int(counts.sum())
    begins = np.cumsum(counts) - counts
    return np.asarray(np.arange(total) + np.repeat(starts - begins, counts), dtype=np.int64)


def _first_of_each(swept: Index, keep: NDArray[np.bool_]) -> Index:
    """Positions of kept pairs, at most so many per record that swept; ``swept`` ascends."""
    kept = np.flatnonzero(keep)
    who = swept[kept]
    rank = np.arange(len(kept)) - np.searchsorted(who, who)
    return np.asarray(kept[rank < MOST_CANDIDATES], dtype=np.int64)


def _is_promising(records: Records, left: Index, right: Index) -> NDArray[np.bool_]:
    names, category = records.names, records.category
    one, other = names.code[left], names.code[right]
    is_nameless_one, is_nameless_other = names.key[one] < 0, names.key[other] < 0
    first, second = names.signature[:, 0], names.signature[:, 1]
    shared = np.bitwise_count(first[one] & first[other])
    shared += np.bitwise_count(second[one] & second[other])
    fewest = np.minimum(names.bits[one], names.bits[other])
    is_alike = (shared >= LEAST_SHARED_LETTERS * fewest) & ~is_nameless_one & ~is_nameless_other
    is_alike |= _is_equal(records.phone, left, right, 0)
    is_alike |= _is_equal(records.brand, left, right, -1)
    is_nameless = is_nameless_one | is_nameless_other
    at = np.flatnonzero(is_nameless & (category[left] == category[right]))
    near = distance_meters(records, left[at], right[at]) <= NAMELESS_METERS
    is_alike[at[near | (is_nameless_one & is_nameless_other)[at]]] = True
    return np.asarray(is_alike, dtype=np.bool_)


def _is_equal(
    values: NDArray[np.integer], left: Index, right: Index, missing: int
) -> NDArray[np.bool_]:
    return np.asarray((values[left] == values[right]) & (values[left] != missing), dtype=np.bool_)


def _keys(records: Records, *, is_crowded: bool) -> Iterator[Index]:
    """Keys that pair records wherever they are: telephones; names where a place is missing."""
    yield np.where(records.phone == 0, -1, records.phone)
    if is_crowded or not records.has_place.all():
        core = records.names.core_key[records.names.code].astype(np.int64)
        if not is_crowded:
            lost = np.unique(core[~records.has_place])
            core = np.where(np.isin(core, lost), core, -1)
        yield core


def _pairs_of_key(key: Index) -> tuple[Index, Index]:
    """All pairs of records with the same key, unless too many have it."""
    rows = np.flatnonzero(key >= 0)
    rows = rows[np.argsort(key[rows], kind="stable")]
    if not len(rows):
        return rows, rows
    _, first, counts = np.unique(key[rows], return_index=True, return_counts=True)
    size = np.repeat(counts, counts)
    after = np.repeat(first + counts, counts) - np.arange(len(rows)) - 1
    after = np.where(size > MOST_IN_KEY, 0, after)
    left = np.repeat(np.arange(len(rows)), after)
    right = _runs(np.arange(1, len(rows) + 1), after)
    return rows[left], rows[right]


def _joined(parts: list[tuple[Index, Index]]) -> tuple[Index, Index]:
    if not parts:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    left, right = zip(*parts, strict=True)
    return np.concatenate(left), np.concatenate(right)


def _unique(parts: list[tuple[Index, Index]], count: int) -> tuple[Index, Index]:
    left, right = _joined(parts)
    code = np.sort(left.astype(np.int64) * max(count, 1) + right)
    code = code[np.concatenate([[True], code[1:] != code[:-1]])[: len(code)]]
    return code // max(count, 1), code % max(count, 1)
