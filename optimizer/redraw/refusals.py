"""What a redraw problem is refused for: wrong lengths, names, numbers; rules that leave no plan."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.rules import refuse_broken_rules, unknown_in_rules
from territory.errors import Fault, Infeasible, InputError

if TYPE_CHECKING:
    from optimizer.redraw.problem import RedrawProblem

LARGEST_LOAD = 1e100
"""Of a unit; squares of sums of more would leave the range of numbers."""


def refuse_bad_values(problem: "RedrawProblem") -> None:
    """Raise InputError with every wrong length, name or number."""
    faults = [*_wrong_lengths(problem)]
    if not faults:
        faults = [*_wrong_numbers(problem), *_wrong_names(problem)]
    if faults:
        raise InputError("The redraw problem cannot be taken as it is.", faults)


def _wrong_lengths(problem: "RedrawProblem") -> list[Fault]:
    n, m, p = len(problem.unit_ids), len(problem.load_names), problem.executives
    wanted: dict[str, tuple[NDArray[Any] | None, tuple[int, ...]]] = {
        "xy_meters": (problem.xy_meters, (n, 2)),
        "area_square_meters": (problem.area_square_meters, (n,)),
        "loads": (problem.loads, (m, n)),
        "indptr": (problem.neighbours.indptr, (n + 1,)),
        "homes_meters": (problem.homes_meters, (p, 2)),
        "perimeter_meters": (problem.perimeter_meters, (n,)),
        "move_cost": (problem.move_cost, (n,)),
        "carried_loads": (problem.carried_loads, (m, p)),
        "center_seconds": (problem.center_seconds, (p, n)),
        "target_loads": (problem.target_loads, (m,)),
    }
    faults = [
        Fault(column=name, value=str(np.shape(array)), expected=f"an array of shape {shape}")
        for name, (array, shape) in wanted.items()
        if array is not None and np.shape(array) != shape
    ]
    lists = {
        "tolerance_percent": (problem.tolerance_percent, m),
        "soft_price": (problem.soft_price or (0.0,) * m, m),
        "executive_names": (problem.executive_names or problem.executive_ids, p),
        "before": (problem.before if isinstance(problem.before, tuple) else ("",) * n, n),
        "unit_groups": (problem.unit_groups or ("",) * n, n),
        "executive_groups": (problem.executive_groups or ("",) * p, p),
    }
    faults += [
        Fault(column=name, value=str(len(values)), expected=f"a list of {size}")
        for name, (values, size) in lists.items()
        if len(values) != size
    ]
    if m == 0:
        faults.append(Fault(column="load_names", expected="at least one load is needed"))
    if p == 0:
        faults.append(Fault(column="executive_ids", expected="at least one executive is needed"))
    return faults


def _wrong_numbers(problem: "RedrawProblem") -> list[Fault]:
    faults = []
    for name, load in zip(problem.load_names, problem.loads, strict=True):
        bad = np.flatnonzero(~(np.isfinite(load) & (load >= 0)))
        faults += [
            Fault(
                column=name,
                value=f"{load[unit]} of unit {problem.unit_ids[unit]}",
                expected="a load of 0 or more",
            )
            for unit in bad.tolist()
        ]
        if not len(bad) and float(load.max(initial=0.0)) > LARGEST_LOAD:
            worst = int(load.argmax())
            faults.append(
                Fault(
                    column=name,
                    value=f"{load[worst]} of unit {problem.unit_ids[worst]}",
                    expected=f"a load of {LARGEST_LOAD:g} at most",
                    fix="Count it in a larger unit of measure.",
                )
            )
    places = np.isfinite(problem.xy_meters).all(axis=1)
    areas = np.isfinite(problem.area_square_meters) & (problem.area_square_meters > 0)
    for column, good in (("xy_meters", places), ("area_square_meters", areas)):
        faults += [
            Fault(column=column, value=problem.unit_ids[unit], expected="a unit with a true value")
            for unit in np.flatnonzero(~good).tolist()
        ]
    prices = {"move_price": problem.move_price, "border_price": problem.border_price}
    numbers = list(prices.items())
    numbers += [("tolerance_percent", value) for value in problem.tolerance_percent]
    numbers += [("soft_price", value) for value in problem.soft_price]
    for name, array in (
        ("move_cost", problem.move_cost),
        ("carried_loads", problem.carried_loads),
        ("center_seconds", problem.center_seconds),
        ("target_loads", problem.target_loads),
    ):
        if array is not None:
            numbers += [(name, float(value)) for value in array[~(array >= 0) | np.isinf(array)]]
    faults += [
        Fault(column=name, value=str(value), expected="a number of 0 or more")
        for name, value in numbers
        if not (math.isfinite(value) and value >= 0)
    ]
    homes = problem.homes_meters
    if problem.homes_fixed and (homes is None or not np.isfinite(homes).all()):
        faults.append(Fault(column="homes_meters", expected="fixed homes need a home for everyone"))
    return faults


def _wrong_names(problem: "RedrawProblem") -> list[Fault]:
    faults = []
    for column, ids in (("unit_id", problem.unit_ids), ("executive_id", problem.executive_ids)):
        if len(set(ids)) != len(ids) or "" in ids:
            faults.append(Fault(column=column, expected="every id once, none empty"))
    here = dict(zip(problem.unit_ids, problem.owners_before.tolist(), strict=True))
    for unit in sorted(set(problem.locked_units)):
        if unit not in here:
            faults.append(Fault(column="locked_units", value=unit, expected="a unit of the market"))
        elif here[unit] < 0:
            faults.append(
                Fault(
                    column="locked_units",
                    value=unit,
                    expected="a unit that belongs to one of these executives today",
                    fix="Unlock it or give it an executive.",
                )
            )
    owned = {problem.executive_ids[owner] for owner in set(here.values()) if owner >= 0}
    faults += [
        Fault(
            column="sealed", value=executive, expected="one of these executives, with units today"
        )
        for executive in sorted(set(problem.sealed))
        if executive not in owned
    ]
    return [*faults, *_wrong_groups(problem), *unknown_in_rules(problem)]


def _wrong_groups(problem: "RedrawProblem") -> list[Fault]:
    """Units without a group where others have one, executives of groups that have no unit."""
    known = set(problem.unit_groups)
    faults = [
        Fault(column="unit_groups", value=unit, expected="a unit with a group")
        for unit, group in zip(problem.unit_ids, problem.unit_groups, strict=False)
        if not group
    ]
    faults += [
        Fault(
            column="executive_groups",
            value=f"{group} of {executive}",
            expected="a group that has units",
        )
        for executive, group in zip(problem.executive_ids, problem.executive_groups, strict=False)
        if group and group not in known
    ]
    return faults


def refuse_contradictions(problem: "RedrawProblem") -> None:
    """Raise Infeasible when there are too few units, or locks leave an executive none."""
    refuse_broken_rules(problem)
    n, p = len(problem.unit_ids), problem.executives
    if n < p:
        raise Infeasible(
            f"{p} executives cannot share {n} units: each needs at least one.",
            fix="Use smaller units (a finer H3 resolution) or fewer executives.",
        )
    locked = problem.locked
    free, landless = int((locked < 0).sum()), p - len(set(locked[locked >= 0].tolist()))
    if free < landless:
        raise Infeasible(
            f"{len(problem.locked_units)} locked units leave {free} free units for the {landless} "
            "executives who have no locked unit: each needs at least one.",
            fix="Unlock some units.",
        )


def heavy_units(problem: "RedrawProblem") -> tuple[str, ...]:
    """A note for each load one unit of which alone exceeds the tolerance."""
    notes = []
    for name, load, tolerance, mean in zip(
        problem.load_names, problem.loads, problem.limits_percent, problem.mean_loads, strict=True
    ):
        if mean <= 0:
            notes.append(f"Load {name!r} is 0 everywhere, so there is nothing to balance in it.")
            continue
        percent = 100 * load / mean
        heavy = np.flatnonzero(percent > 100 + tolerance + 1e-9)
        if len(heavy):
            worst = int(percent.argmax())
            notes.append(
                f"{len(heavy)} units are each heavier in {name} than a whole jurisdiction may be: "
                f"unit {problem.unit_ids[worst]} alone is {percent[worst]:.0f} % of the mean, "
                f"{100 + tolerance:g} % is allowed. No plan can meet this tolerance; smaller units "
                "or fewer executives can."
            )
    return tuple(notes)
