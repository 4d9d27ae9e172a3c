"""Rows in order, and rows that rank the same sites alike taken together, which is exact."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


def row_order(row: NDArray[np.int64], site: NDArray[np.int64], value: Floats) -> NDArray[np.int64]:
    """Row by row, the largest value first, equal values by site.

    Plain cover has one value per row; given site by site it needs one cheap sort, not three.
    """
    order = np.argsort(row, kind="stable")
    same_row = row[order][1:] == row[order][:-1]
    is_flat = bool((value[order][1:] == value[order][:-1])[same_row].all())
    is_ascending = bool((site[order][1:] > site[order][:-1])[same_row].all())
    return order if is_flat and is_ascending else np.lexsort((site, -value, row))


def merged_rows(
    indptr: NDArray[np.int64], site: Ints, value: Floats
) -> tuple[NDArray[np.int64], Ints, Floats]:
    """Rows with the same list of sites become one, their values added up."""
    lengths = np.diff(indptr)
    filled = np.flatnonzero(lengths)
    heads, group = alike(indptr, site)
    starts = np.concatenate([[0], np.cumsum(lengths[heads])]).astype(np.int64)
    place = np.arange(len(site)) - np.repeat(indptr[:-1], lengths)
    target = np.repeat(starts[:-1][group], lengths[filled]) + place
    summed = np.bincount(target, weights=value, minlength=int(starts[-1])).astype(np.float64)
    picks = np.repeat(indptr[heads] - starts[:-1], lengths[heads]) + np.arange(starts[-1])
    return starts, site[picks], summed


def alike(
    indptr: NDArray[np.int64], site: Ints, value: Floats | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows with the same list of sites (and values): (first row of each group, group per row).

    Empty rows are in no group and left out. Found by two 64-bit hashes of the list; groups stand
    in the order in which they first occur, so that the result does not depend on the hashes.
    """
    lengths = np.diff(indptr)
    filled = np.flatnonzero(lengths)
    if not len(filled):
        return filled, filled
    starts = np.repeat(indptr[:-1], lengths)
    place = (np.arange(len(site)) - starts).astype(np.uint64)
    word = site.astype(np.uint64)
    if value is not None:
        word += value.view(np.uint64) * _VALUE_SALT
    heads = indptr[:-1][filled]
    keys = [np.add.reduceat(_mix(word, place, salt), heads) for salt in _SALTS]
    _, first, group = np.unique(
        np.column_stack([*keys, lengths[filled].astype(np.uint64)]),
        axis=0,
        return_index=True,
        return_inverse=True,
    )
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return filled[np.sort(first)], rank[group.ravel()]


_VALUE_SALT = np.uint64(0xC2B2AE3D27D4EB4F)
_SALTS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1B54A32D192ED03))


def _mix(
    site: NDArray[np.uint64], place: NDArray[np.uint64], salt: np.uint64
) -> NDArray[np.uint64]:
    """A well scattered number per (place in the list, site)."""
    word: NDArray[np.uint64] = (site + np.uint64(1)) * salt + (place + np.uint64(1)) * np.uint64(
        0xBF58476D1CE4E5B9
    )
    word ^= word >> np.uint64(30)
    word *= np.uint64(0xBF58476D1CE4E5B9)
    word ^= word >> np.uint64(27)
    word *= np.uint64(0x94D049BB133111EB)
    word ^= word >> np.uint64(31)
    return word
