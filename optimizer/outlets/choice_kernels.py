"""Inner loops of choice-type capture, compiled. Import this module inside functions only.

A row of weight w with pulls e captures w U / (1 + U), U the sum of its open pulls. Rows are given
as (indptr, site, value in descending order per row), columns as (col_indptr, row, col_value).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.outlets.kernels import EPSILON, _allowed

Longs = NDArray[np.int64]
Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_LEAST_SHARE = 0.02  # shares below it are never worth a place among the sure sites of a cut
_MOST_SURE = 12


@njit(cache=True)
def pulls(indptr: Longs, site: Ints, value: Floats, is_open: Flags, total: Floats) -> None:
    """Per row the sum of open pulls."""
    for i in range(len(indptr) - 1):
        u = 0.0
        for k in range(indptr[i], indptr[i + 1]):
            if is_open[site[k]]:
                u += value[k]
        total[i] = u


@njit(cache=True)
def _best_move(
    weight: Floats,
    col_indptr: Longs,
    row: Ints,
    col_value: Floats,
    income: Floats,
    is_open: Flags,
    total: Floats,
    rule_ptr: Longs,
    rule_row: Longs,
    rule_weight: Floats,
    activity: Floats,
    lower: Floats,
    upper: Floats,
    share: Floats,
    change: Floats,
) -> tuple[float, int, int]:
    """The allowed add, drop or swap that gains most: (gain, enter, leave), -1 for none.

    A swap costs one look at the newcomer's rows: the leaver's pull is taken off first.
    """
    columns = len(is_open)
    top, enter, leave = EPSILON, -1, -1
    for s in range(-1, columns):
        if s >= 0 and not is_open[s]:
            continue
        lost = 0.0
        if s >= 0:
            lost = income[s]
            for k in range(col_indptr[s], col_indptr[s + 1]):
                i = row[k]
                rest = max(0.0, total[i] - col_value[k])
                lost += weight[i] * (total[i] / (1 + total[i]) - rest / (1 + rest))
                share[i] = rest
            if -lost > top and _allowed(
                -1, s, rule_ptr, rule_row, rule_weight, activity, lower, upper, change
            ):
                top, enter, leave = -lost, -1, s
        for j in range(columns):
            if is_open[j]:
                continue
            gain = income[j] - lost
            for k in range(col_indptr[j], col_indptr[j + 1]):
                i = row[k]
                u = share[i]
                gain += weight[i] * col_value[k] / ((1 + u) * (1 + u + col_value[k]))
            if gain > top and _allowed(
                j, s, rule_ptr, rule_row, rule_weight, activity, lower, upper, change
            ):
                top, enter, leave = gain, j, s
        if s >= 0:
            for k in range(col_indptr[s], col_indptr[s + 1]):
                share[row[k]] = total[row[k]]
    return top, enter, leave


@njit(cache=True)
def improve(
    indptr: Longs,
    site: Ints,
    value: Floats,
    weight: Floats,
    col_indptr: Longs,
    row: Ints,
    col_value: Floats,
    income: Floats,
    is_open: Flags,
    rule_ptr: Longs,
    rule_row: Longs,
    rule_weight: Floats,
    activity: Floats,
    lower: Floats,
    upper: Floats,
    most_moves: int,
) -> int:
    """Best moves until none gains (in place); returns the moves made."""
    total = np.zeros(len(indptr) - 1)
    change = np.zeros(len(activity))
    for move in range(most_moves):
        pulls(indptr, site, value, is_open, total)
        _, enter, leave = _best_move(
            weight,
            col_indptr,
            row,
            col_value,
            income,
            is_open,
            total,
            rule_ptr,
            rule_row,
            rule_weight,
            activity,
            lower,
            upper,
            total.copy(),
            change,
        )
        if enter < 0 and leave < 0:
            return move
        if leave >= 0:
            is_open[leave] = False
            for k in range(rule_ptr[leave], rule_ptr[leave + 1]):
                activity[rule_row[k]] -= rule_weight[k]
        if enter >= 0:
            is_open[enter] = True
            for k in range(rule_ptr[enter], rule_ptr[enter + 1]):
                activity[rule_row[k]] += rule_weight[k]
    return most_moves


@njit(cache=True)
def _level(e: Floats, x: Floats, is_sure: Flags, size: int, base: float) -> tuple[float, float]:
    """The level whose cut is lowest at x, and its value there, the sure sites' pull being ``base``.

    Sites stronger than the level count whole, weaker ones by their slope: the level t solves
    t = sum of min(e, t) x. ``e`` descends.
    """
    small = 0.0
    for k in range(size):
        if not is_sure[k]:
            small += e[k] * x[k]
    strong, last, t = 0.0, 0.0, -1.0
    for k in range(size):
        if is_sure[k]:
            continue
        if strong >= 1.0 - 1e-12:
            t = last
            break
        if small >= e[k] * (1.0 - strong):
            t = small / (1.0 - strong)
            break
        strong += x[k]
        small -= e[k] * x[k]
        last = e[k]
    if t < 0.0:
        t = 0.0 if strong < 1.0 - 1e-12 else last
    slope = 1.0 / (1.0 + base + t) ** 2
    constant = (base + t) / (1.0 + base + t) - t * slope
    worth = constant
    for k in range(size):
        if not is_sure[k]:
            if e[k] <= t:
                worth += x[k] * slope * e[k]
            else:
                worth += x[k] * ((base + e[k]) / (1.0 + base + e[k]) - constant)
    return t, worth


@njit(cache=True)
def _sure_sites(
    e: Floats, x: Floats, is_sure: Flags, size: int, is_deep: bool
) -> tuple[float, float]:
    """Choose sure sites one by one as long as the cut gets lower at x: (base, level)."""
    base = 0.0
    is_sure[:size] = False
    t, worth = _level(e, x, is_sure, size, base)
    if not is_deep:
        return base, t
    for _ in range(_MOST_SURE):
        chosen = -1
        for k in range(size):
            if is_sure[k] or x[k] < _LEAST_SHARE or e[k] < 1e-6 * (1.0 + base):
                continue
            is_sure[k] = True
            level, value = _level(e, x, is_sure, size, base + e[k])
            is_sure[k] = False
            if value < worth - 1e-9:
                worth, t, chosen = value, level, k
        if chosen < 0:
            break
        is_sure[chosen] = True
        base += e[chosen]
    return base, t


@njit(cache=True)
def block_cuts(
    indptr: Longs,
    site: Ints,
    value: Floats,
    row_weight: Floats,
    x: Floats,
    is_deep: bool,
    block_ptr: Longs,
    columns: int,
    out_ptr: Longs,
    out_site: Ints,
    out_weight: Floats,
    right: Floats,
) -> int:
    """One cut per block, each row's part as tight at x as its family allows.

    theta <= right + sum of weight x. See ``optimizer.outlets.choice`` for the family and why it
    holds.
    """
    weight = np.zeros(columns)
    touched = np.empty(columns, dtype=np.int32)
    is_touched = np.zeros(columns, dtype=np.bool_)
    is_sure_site = np.zeros(columns, dtype=np.bool_)
    e, share = np.empty(columns), np.empty(columns)
    is_sure = np.zeros(columns, dtype=np.bool_)
    who = np.empty(columns, dtype=np.int32)
    size = 0
    out_ptr[0] = 0
    for b in range(len(block_ptr) - 1):
        count = 0
        sum_right = 0.0
        for i in range(block_ptr[b], block_ptr[b + 1]):
            held = 0
            for k in range(indptr[i], indptr[i + 1]):
                if x[site[k]] > 0.0:
                    e[held], share[held], who[held] = value[k], x[site[k]], site[k]
                    held += 1
            base, t = _sure_sites(e, share, is_sure, held, is_deep)
            for k in range(held):
                if is_sure[k]:
                    is_sure_site[who[k]] = True
            slope = 1.0 / (1.0 + base + t) ** 2
            constant = (base + t) / (1.0 + base + t) - t * slope
            sum_right += row_weight[i] * constant
            for k in range(indptr[i], indptr[i + 1]):
                j = site[k]
                if is_sure_site[j]:
                    continue
                if not is_touched[j]:
                    is_touched[j] = True
                    touched[count] = j
                    count += 1
                v = value[k]
                if v <= t:
                    weight[j] += row_weight[i] * slope * v
                else:
                    whole = (base + v) / (1.0 + base + v) - constant
                    weight[j] += row_weight[i] * whole
            for k in range(held):
                is_sure_site[who[k]] = False
        right[b] = sum_right
        for q in range(count):
            j = touched[q]
            if size < len(out_site):
                out_site[size] = j
                out_weight[size] = weight[j]
            size += 1
            weight[j] = 0.0
            is_touched[j] = False
        out_ptr[b + 1] = size
    return size
