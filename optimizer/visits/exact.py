"""A handful of visits solved exactly: every order of every set on every kind of shift, then dates.

For each distinct shift the shortest drive of every set of needs that fits it is found by trying all
orders; a dynamic program over the shifts then picks a set for each. Used where all that is little
work, so that small plans are the best there are and a search cannot stall on a swap of whole days.
"""

from collections.abc import Iterator
from itertools import combinations, permutations
from math import perm

from optimizer.visits.annealing import Days
from optimizer.visits.case import Case
from optimizer.visits.timing import day_legs, day_price, time_day

MOST_ORDERS = 20_000  # orders timed for one executive, about a second
MOST_STATES = 20_000  # of the dynamic program, before it gives up

_Sets = dict[int, tuple[int, tuple[int, ...]]]
"""Per set of needs (a bit mask): its shortest drive in seconds and the order of it."""

_Placed = tuple[tuple[int, int], ...]
"""The needs of series served so far, each with its shift."""

_States = dict[tuple[int, _Placed], tuple[int, Days]]


def orders_to_try(case: Case) -> int:
    """How many orders an exact plan would have to time."""
    needs = len(case.point)
    if needs > 8:
        return MOST_ORDERS + 1
    return sum(perm(needs, size) for size in range(needs + 1)) * len(_kinds(case))


def exact_days(case: Case) -> Days | None:
    """The best days there are; None where there is too much to try."""
    if orders_to_try(case) > MOST_ORDERS or case.rates[2] > 0:
        return None  # what work above the even share costs is no sum over days
    kinds = _kinds(case)
    tables = {kind: _best_orders(case, shift) for kind, shift in kinds.items()}
    states: _States = {(0, ()): (0, ())}
    for shift in range(len(case.start)):
        states = _with_shift(case, states, tables[_kind(case, shift)], shift)
        if len(states) > MOST_STATES:
            return None
    return min(
        ((cost + _lost(case, mask), days) for (mask, _), (cost, days) in states.items()),
        key=lambda plan: plan,
    )[1]


def _kind(case: Case, shift: int) -> tuple[int, ...]:
    """Two shifts of a kind offer every need the same hours, span, lunch and driving."""
    return (
        int(case.twin[shift]),
        int(case.capacity[shift]),
        *(int(value) for value in case.window_first[:, shift]),
        *(int(value) for value in case.window_count[:, shift]),
    )


def _kinds(case: Case) -> dict[tuple[int, ...], int]:
    """Each kind of shift with the first shift of that kind."""
    kinds: dict[tuple[int, ...], int] = {}
    for shift in range(len(case.start)):
        kinds.setdefault(_kind(case, shift), shift)
    return kinds


def _best_orders(case: Case, shift: int) -> _Sets:
    possible = [need for need in range(len(case.point)) if case.window_count[need, shift] > 0]
    best: _Sets = {0: (0, ())}
    for size in range(1, len(possible) + 1):
        for chosen in combinations(possible, size):
            timed = [
                (sum(day_legs(case, shift, order)) + day_price(case, shift, order), order)
                for order in permutations(chosen)
                if time_day(case, shift, order) is not None
            ]
            if timed:
                best[sum(1 << need for need in chosen)] = min(timed)
    return best


def _with_shift(case: Case, states: _States, sets: _Sets, shift: int) -> _States:
    """All plans of the shifts so far and one more; of equals in what is served, the cheapest."""
    grown: _States = {}
    for (mask, placed), (cost, days) in states.items():
        for chosen, (drive, order) in sets.items():
            if mask & chosen or not _keeps_distance(case, order, placed, shift):
                continue
            off = sum(int(case.off_preferred[need, shift]) for need in order)
            key = (mask | chosen, (*placed, *_in_series(case, order, shift)))
            plan = (cost + drive + off, (*days, order))
            if key not in grown or plan < grown[key]:
                grown[key] = plan
    return grown


def _in_series(case: Case, order: tuple[int, ...], shift: int) -> Iterator[tuple[int, int]]:
    return ((need, shift) for need in sorted(order) if case.series[need] >= 0)


def _keeps_distance(case: Case, order: tuple[int, ...], placed: _Placed, shift: int) -> bool:
    here = tuple(_in_series(case, order, shift))
    return all(
        _fit_together(case, (need, shift), other)
        for place, (need, _) in enumerate(here)
        for other in (*placed, *here[:place])
        if case.series[need] == case.series[other[0]]
    )


def _fit_together(case: Case, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two visits of a series, each with its shift, are neither too near nor too far."""
    (need, shift), (sibling, at) = one, other
    apart = int(case.day[shift] - case.day[at])
    if abs(apart) < max(case.spacing[need], case.spacing[sibling]):
        return False
    if case.before[need] == sibling:
        return apart <= int(case.longest[need])
    return case.after[need] != sibling or -apart <= int(case.longest[sibling])


def _lost(case: Case, mask: int) -> int:
    return sum(int(price) for need, price in enumerate(case.penalty) if not mask >> need & 1)
