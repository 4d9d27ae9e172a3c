"""Redraw: units shared among executives, balanced, in one piece each, compact, few changes."""

from optimizer.redraw.again import improve, measured
from optimizer.redraw.counts import Counted, solve_counts, tried
from optimizer.redraw.diagnose import diagnose
from optimizer.redraw.frontier import Trial, non_dominated, trials
from optimizer.redraw.levels import drawn_levels
from optimizer.redraw.method import solve
from optimizer.redraw.problem import RedrawParams, RedrawProblem
from optimizer.redraw.ratio import ratio_floors
from optimizer.redraw.relax import Rules, nearest_rules
from optimizer.redraw.road import OnRoad, best_center, solve_on_road

__all__ = [
    "Counted",
    "OnRoad",
    "RedrawParams",
    "RedrawProblem",
    "Rules",
    "Trial",
    "best_center",
    "diagnose",
    "drawn_levels",
    "improve",
    "measured",
    "nearest_rules",
    "non_dominated",
    "ratio_floors",
    "solve",
    "solve_counts",
    "solve_on_road",
    "trials",
    "tried",
]
