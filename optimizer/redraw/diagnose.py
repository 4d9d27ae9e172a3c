"""Why a tolerance cannot be met: large units, uneven groups, bottlenecks, ratio floors; proved."""

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.bottleneck import bottlenecks
from optimizer.redraw.problem import RedrawProblem
from optimizer.redraw.ratio import ratio_floors
from optimizer.redraw.seats import group_names
from territory.diagnosis import Finding

GROUPS_TOLD = 10  # of the level above, the worst


def diagnose(problem: RedrawProblem) -> tuple[Finding, ...]:
    """What is proved to stand against the tolerances; empty if nothing is found.

    A proof holds for every plan, contiguous or not, whatever engine made it. Nothing found proves
    nothing. Takes about 3 s at 20,000 units. What executives carry besides units counts; no
    bottleneck is looked for then, as those know of land alone.
    """
    groups = _uneven_groups(problem) if problem.unit_groups else ()
    ways = () if problem.carried_loads is not None else bottlenecks(problem)
    return (*_large_units(problem), *groups, *ways, *ratio_floors(problem))


def _uneven_groups(problem: RedrawProblem) -> tuple[Finding, ...]:
    """Groups of the given level whose own mean is out of tolerance, the worst of each load."""
    found: list[tuple[float, Finding]] = []
    for name in group_names(problem):
        units = np.flatnonzero([group == name for group in problem.unit_groups])
        seats = np.flatnonzero([group == name for group in problem.executive_groups])
        held = problem.loads[:, units].sum(axis=1) + problem.carried[:, seats].sum(axis=1)
        for row, tolerance in enumerate(problem.tolerance_percent):
            fair = float(problem.mean_loads[row]) * len(seats)
            off = 100 * (float(held[row]) / fair - 1) if fair > 0 else 0.0
            if abs(off) > tolerance + 1e-9:
                found.append((abs(off), _uneven(problem, row, name, units, len(seats), off)))
    found.sort(key=lambda each: -each[0])
    return tuple(finding for _, finding in found[:GROUPS_TOLD])


def _uneven(
    problem: RedrawProblem, row: int, group: str, units: NDArray[np.int64], seats: int, off: float
) -> Finding:
    name, load = problem.load_names[row], problem.loads[row]
    tolerance = problem.tolerance_percent[row]
    way = "fewer" if off < 0 else "more"
    return Finding(
        kind="group",
        load_names=(name,),
        tolerance_percent=(tolerance,),
        unit_ids=tuple(problem.unit_ids[unit] for unit in units.tolist()),
        share_percent=(100 * float(load[units].sum()) / (float(load.sum()) or 1.0),),
        least_percent=abs(off) * (1 - 1e-9),
        text=(
            f"Group {group} of the level above holds {off:+.2f} % in {name} for each of its "
            f"{seats} executives, so no plan within it meets a tolerance of ±{tolerance:g} %. "
            f"{way.capitalize()} executives or another border of the group would change that."
        ),
    )


def _large_units(problem: RedrawProblem) -> tuple[Finding, ...]:
    found = []
    for row, (name, load) in enumerate(zip(problem.load_names, problem.loads, strict=True)):
        total, tolerance = float(load.sum()), problem.tolerance_percent[row]
        if total <= 0:
            continue
        besides = problem.carried[row]
        mean = (total + float(besides.sum())) / problem.executives
        percent = 100 * (load + float(besides.min())) / mean
        large = np.flatnonzero(percent > 100 + tolerance + 1e-9)
        if len(large) == 0:
            continue
        worst = int(percent.argmax())
        found.append(
            Finding(
                kind="largest_unit",
                load_names=(name,),
                tolerance_percent=(tolerance,),
                unit_ids=tuple(problem.unit_ids[unit] for unit in large.tolist()),
                share_percent=(100 * float(load[large].sum()) / total,),
                least_percent=float(percent[worst]) - 100,
                text=(
                    f"Unit {problem.unit_ids[worst]} {_with_whom(float(besides.min()))} is "
                    f"{percent[worst]:.0f} % of a mean jurisdiction in {name}: no plan is better "
                    f"than ±{percent[worst] - 100:.1f} % on it. {len(large)} units are larger than "
                    "a jurisdiction may be; smaller units or fewer executives would mend it."
                ),
            )
        )
    return tuple(found)


def _with_whom(besides: float) -> str:
    """Words for what even the executive with the smallest key accounts carries."""
    return "with the least that anybody's key accounts hold" if besides > 0 else "alone"
