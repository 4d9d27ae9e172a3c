"""Why a tolerance cannot be met: units too large, bottlenecks, the ratio floor; with proofs."""

import numpy as np

from optimizer.redraw.bottleneck import bottlenecks
from optimizer.redraw.problem import RedrawProblem
from optimizer.redraw.ratio import ratio_floors
from territory.diagnosis import Finding


def diagnose(problem: RedrawProblem) -> tuple[Finding, ...]:
    """What is proved to stand against the tolerances; empty if nothing is found.

    A proof holds for every plan, contiguous or not, whatever engine made it. Nothing found proves
    nothing. Takes about 3 s at 20,000 units. What executives carry besides units counts; no
    bottleneck is looked for then, as those know of land alone.
    """
    ways = () if problem.carried_loads is not None else bottlenecks(problem)
    return (*_large_units(problem), *ways, *ratio_floors(problem))


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
