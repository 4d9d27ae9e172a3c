"""What a planner should know of the question before the search: demand out of reach, twins."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from optimizer.outlets.presolve import Reduced
from optimizer.outlets.problem import OutletProblem
from territory.errors import Fault, InputError


def refuse_hopeless(problem: OutletProblem) -> None:
    """Raise InputError where there is demand, and no site reaches any of it."""
    reached = np.unique(problem.cover.cells)
    if not problem.sites or not problem.demand.any() or problem.demand[reached].any():
        return
    steps = ", ".join(str(minutes) for minutes in problem.reach_minutes)
    fault = Fault(
        column="sites",
        value=f"{len(problem.sites)} sites",
        expected=f"at least one within {problem.reach_minutes[-1]} minutes of some demand",
        fix=f"Check their lon and lat, add sites nearer to demand, or raise the reach steps "
        f"({steps} minutes).",
    )
    raise InputError("No site reaches any demand.", [fault])


def warnings(problem: OutletProblem, reduced: Reduced) -> tuple[str, ...]:
    """What is odd about the question but does not keep it from being answered, with the fix."""
    return (*_out_of_reach(problem), *_twins(problem), *_too_near(problem, reduced))


def _out_of_reach(problem: OutletProblem) -> Iterator[str]:
    reached = np.zeros(len(problem.unit_ids), dtype=np.bool_)
    reached[problem.cover.cells] = True
    beyond = problem.demand[~reached].sum()
    if beyond > 0:
        share = 100 * beyond / problem.demand.sum()
        cells = int((~reached & (problem.demand > 0)).sum())
        yield (
            f"{beyond:,.0f} a year of demand ({share:.1f} %) in {cells} cells is reached by no "
            f"site within {problem.reach_minutes[-1]} minutes. To win it, add candidates there or "
            "raise the last reach step."
        )


def _twins(problem: OutletProblem) -> Iterator[str]:
    places = Counter((site.lon, site.lat) for site in problem.sites)
    shared = [site.site_id for site in problem.sites if places[site.lon, site.lat] > 1]
    if shared:
        named = ", ".join(repr(name) for name in shared[:4]) + (" ..." if len(shared) > 4 else "")
        yield (
            f"{len(shared)} sites stand at one place with another: {named}. If they are one, "
            "keep one row."
        )


def _too_near(problem: OutletProblem, reduced: Reduced) -> Iterator[str]:
    near = [site for site, why in reduced.left_out.items() if why.startswith("nearer")]
    if near:
        yield (
            f"{len(near)} candidates stand nearer than {problem.minimum_separation_meters:g} m "
            f"to an outlet that stays."
        )
