"""Inner loops, compiled. Import this module inside functions only: numba is slow to load.

All take a model's rows (indptr, site, value in descending order per row) and its columns
(col_indptr, row, col_value) as plain arrays.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

EPSILON = 1e-9
Longs = NDArray[np.int64]
Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@njit(cache=True)
def serve(
    indptr: Longs,
    site: Ints,
    value: Floats,
    is_open: Flags,
    best: Floats,
    who: Ints,
    second: Floats,
) -> None:
    """Per row the best open value, its column (-1: none) and the second best."""
    for i in range(len(indptr) - 1):
        best[i] = 0.0
        who[i] = -1
        second[i] = 0.0
        for k in range(indptr[i], indptr[i + 1]):
            if is_open[site[k]]:
                if who[i] < 0:
                    who[i] = site[k]
                    best[i] = value[k]
                else:
                    second[i] = value[k]
                    break


@njit(cache=True)
def _excess(
    rule: int,
    change: float,
    activity: Floats,
    lower: Floats,
    upper: Floats,
) -> float:
    """By how much a change makes a rule worse than it is now."""
    before = max(lower[rule] - activity[rule], activity[rule] - upper[rule], 0.0)
    level = activity[rule] + change
    after = max(lower[rule] - level, level - upper[rule], 0.0)
    return float(after - before)


@njit(cache=True)
def _allowed(
    enter: int,
    leave: int,
    rule_ptr: Longs,
    rule_row: Longs,
    rule_weight: Floats,
    activity: Floats,
    lower: Floats,
    upper: Floats,
    change: Floats,
) -> bool:
    """Whether opening ``enter`` and closing ``leave`` (-1: nothing) makes no rule worse."""
    fine = True
    if leave >= 0:
        for k in range(rule_ptr[leave], rule_ptr[leave + 1]):
            change[rule_row[k]] -= rule_weight[k]
    if enter >= 0:
        for k in range(rule_ptr[enter], rule_ptr[enter + 1]):
            change[rule_row[k]] += rule_weight[k]
    if leave >= 0:
        for k in range(rule_ptr[leave], rule_ptr[leave + 1]):
            r = rule_row[k]
            if _excess(r, change[r], activity, lower, upper) > 1e-7:
                fine = False
    if enter >= 0 and fine:
        for k in range(rule_ptr[enter], rule_ptr[enter + 1]):
            r = rule_row[k]
            if _excess(r, change[r], activity, lower, upper) > 1e-7:
                fine = False
    if leave >= 0:
        for k in range(rule_ptr[leave], rule_ptr[leave + 1]):
            change[rule_row[k]] = 0.0
    if enter >= 0:
        for k in range(rule_ptr[enter], rule_ptr[enter + 1]):
            change[rule_row[k]] = 0.0
    return fine


@njit(cache=True)
def best_move(
    col_indptr: Longs,
    row: Ints,
    col_value: Floats,
    income: Floats,
    is_open: Flags,
    best: Floats,
    who: Ints,
    second: Floats,
    rule_ptr: Longs,
    rule_row: Longs,
    rule_weight: Floats,
    activity: Floats,
    lower: Floats,
    upper: Floats,
) -> tuple[float, int, int]:
    """The allowed add, drop or swap that gains most: (gain, enter, leave), -1 for none.

    After Whitaker's fast interchange: the profit of a swap is what the newcomer gains, less what
    the leaver loses, plus what the newcomer saves of that loss.
    """
    columns = len(is_open)
    loss = np.zeros(columns)
    for i in range(len(best)):
        if who[i] >= 0:
            loss[who[i]] += best[i] - second[i]
    change = np.zeros(len(activity))
    top, enter, leave = EPSILON, -1, -1
    for s in range(columns):
        if is_open[s]:
            profit = -loss[s] - income[s]
            if profit > top and _allowed(
                -1, s, rule_ptr, rule_row, rule_weight, activity, lower, upper, change
            ):
                top, enter, leave = profit, -1, s
    saved = np.zeros(columns)
    for j in range(columns):
        if is_open[j]:
            continue
        gain = income[j]
        for k in range(col_indptr[j], col_indptr[j + 1]):
            i = row[k]
            v = col_value[k]
            if v > best[i]:
                gain += v - best[i]
                if who[i] >= 0:
                    saved[who[i]] += best[i] - second[i]
            elif who[i] >= 0 and v > second[i]:
                saved[who[i]] += v - second[i]
        if gain > top and _allowed(
            j, -1, rule_ptr, rule_row, rule_weight, activity, lower, upper, change
        ):
            top, enter, leave = gain, j, -1
        for s in range(columns):
            if is_open[s]:
                profit = gain - loss[s] - income[s] + saved[s]
                if profit > top and _allowed(
                    j, s, rule_ptr, rule_row, rule_weight, activity, lower, upper, change
                ):
                    top, enter, leave = profit, j, s
                saved[s] = 0.0
    if enter < 0 and leave < 0:
        top = 0.0
    return top, enter, leave


@njit(cache=True)
def improve(
    indptr: Longs,
    site: Ints,
    value: Floats,
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
    rows = len(indptr) - 1
    best = np.empty(rows)
    second = np.empty(rows)
    who = np.empty(rows, dtype=np.int32)
    for move in range(most_moves):
        serve(indptr, site, value, is_open, best, who, second)
        _, enter, leave = best_move(
            col_indptr,
            row,
            col_value,
            income,
            is_open,
            best,
            who,
            second,
            rule_ptr,
            rule_row,
            rule_weight,
            activity,
            lower,
            upper,
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
def levels_at(
    indptr: Longs,
    site: Ints,
    value: Floats,
    x: Floats,
    level: Floats,
) -> float:
    """Per row the level of the tightest cut at the fractional point x; returns the rows' sum.

    The level is the value at which the sites, best first, add up to one; 0 if they never do.
    """
    total = 0.0
    for i in range(len(indptr) - 1):
        level[i] = 0.0
        share = 0.0
        worth = 0.0
        for k in range(indptr[i], indptr[i + 1]):
            take = x[site[k]]
            if take > 0.0:
                if share + take >= 1.0 - 1e-12:
                    level[i] = value[k]
                    worth += (1.0 - share) * value[k]
                    share = 1.0
                    break
                share += take
                worth += take * value[k]
        total += worth
    return total


@njit(cache=True)
def block_cuts(
    indptr: Longs,
    site: Ints,
    value: Floats,
    level: Floats,
    block_ptr: Longs,
    columns: int,
    out_ptr: Longs,
    out_site: Ints,
    out_weight: Floats,
    right: Floats,
) -> int:
    """One cut per block: theta <= right + sum of weight x; rows of a block lie side by side."""
    weight = np.zeros(columns)
    touched = np.empty(columns, dtype=np.int32)
    is_touched = np.zeros(columns, dtype=np.bool_)
    size = 0
    out_ptr[0] = 0
    for b in range(len(block_ptr) - 1):
        count = 0
        constant = 0.0
        for i in range(block_ptr[b], block_ptr[b + 1]):
            constant += level[i]
            for k in range(indptr[i], indptr[i + 1]):
                extra = value[k] - level[i]
                if extra <= 0.0:
                    break
                j = site[k]
                if not is_touched[j]:
                    is_touched[j] = True
                    touched[count] = j
                    count += 1
                weight[j] += extra
        right[b] = constant
        for t in range(count):
            j = touched[t]
            if size < len(out_site):
                out_site[size] = j
                out_weight[size] = weight[j]
            size += 1
            weight[j] = 0.0
            is_touched[j] = False
        out_ptr[b + 1] = size
    return size
