"""Which pairs of records are compared at all: near each other, or of one telephone or name.

Places are swept in rows of one radius; a pair within the radius is a neighbour, and a candidate if
the letters of the names, a telephone number, a brand, or missing names of one category speak for
it. What is left out is counted, since the weights need to know how neighbours usually differ.
"""

from collections.abc import Iterator
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
_CHUNK_PAIRS = 4_000_000

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


def candidate_pairs(records: Records, *, radius_meters: float) -> Candidates:
    """The pairs worth comparing. Time grows with records times neighbours within the radius."""
    found: list[tuple[Index, Index]] = []
    sample: list[tuple[Index, Index]] = []
    neighbours, crowded = 0, 0
    step = 1
    for swept, left, right, cut in _neighbours(records, radius_meters):
        crowded += cut
        if neighbours == 0 and len(left):
            step = max(1, _guess_total(records, len(left)) // SAMPLE_PAIRS)
        keep = _first_of_each(swept, _is_promising(records, left, right))
        found.append((left[keep], right[keep]))
        sample.append((left[::step], right[::step]))
        neighbours += len(left)
    found += [_pairs_of_key(key) for key in _keys(records, is_crowded=crowded > 0)]
    left, right = _unique(found, len(records))
    sample_left, sample_right = _joined(sample)
    return Candidates(
        left=left,
        right=right,
        neighbours=neighbours,
        sample_left=sample_left,
        sample_right=sample_right,
        crowded=crowded,
    )


def _guess_total(records: Records, first: int) -> int:
    """Neighbour pairs there will be: a full first chunk means about as many per record on."""
    return first if first < _CHUNK_PAIRS // 8 else max(first, 50 * len(records))


def distance_meters(records: Records, left: Index, right: Index) -> NDArray[np.float64]:
    """Metres between two records on a sphere, flat over a few kilometres; NaN without a place."""
    lat = np.radians((records.lat[left] + records.lat[right]) / 2)
    east = (records.lon[left] - records.lon[right]) * np.cos(lat)
    north = records.lat[left] - records.lat[right]
    return np.asarray(_METERS_PER_DEGREE * np.hypot(east, north), dtype=np.float64)


def _neighbours(records: Records, radius: float) -> Iterator[tuple[Index, Index, Index, int]]:
    """Pairs within the radius in chunks, led by who swept; and how many records were cut short."""
    placed = np.flatnonzero(records.has_place)
    if len(placed) < 2:
        return
    band = np.floor(records.lat[placed] * (_METERS_PER_DEGREE / radius)).astype(np.int64)
    order = placed[np.lexsort([placed, records.lon[placed], band])]
    lon, lat = records.lon[order], records.lat[order]
    band = np.floor(lat * (_METERS_PER_DEGREE / radius)).astype(np.int64)
    reach = radius / (_METERS_PER_DEGREE * np.maximum(np.cos(np.radians(np.abs(lat) + 0.01)), 1e-6))
    place = band * 1_000.0 + lon  # bands are further apart than the globe is wide
    own = np.arange(1, len(order) + 1)
    starts = [own, np.searchsorted(place, place + 1_000.0 - reach)]
    ends = [np.searchsorted(place, place + shift + reach, side="right") for shift in (0.0, 1_000.0)]
    for start, end in zip(starts, ends, strict=True):
        counts = np.maximum(end - start, 0)
        cut = int((counts > MOST_NEIGHBOURS).sum())
        counts = np.minimum(counts, MOST_NEIGHBOURS)
        for first, last in _chunks(counts):
            some = counts[first:last]
            near = np.repeat(np.arange(first, last), some)
            far = _runs(start[first:last], some)
            is_near = _flat_meters(lon, lat, near, far) <= radius
            one, other = order[near[is_near]], order[far[is_near]]
            yield near[is_near], np.minimum(one, other), np.maximum(one, other), cut
            cut = 0


def _flat_meters(
    lon: NDArray[np.float64], lat: NDArray[np.float64], near: Index, far: Index
) -> NDArray[np.float64]:
    north = lat[far] - lat[near]
    east = (lon[far] - lon[near]) * np.cos(np.radians(lat))[near]
    return np.asarray(_METERS_PER_DEGREE * np.hypot(east, north), dtype=np.float64)


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
