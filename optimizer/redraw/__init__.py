"""Redraw: units shared among executives, balanced, in one piece each, compact, few changes."""

from optimizer.redraw.again import improve, measured
from optimizer.redraw.diagnose import diagnose
from optimizer.redraw.frontier import Trial, non_dominated, trials
from optimizer.redraw.method import solve
from optimizer.redraw.problem import RedrawParams, RedrawProblem
from optimizer.redraw.relax import Rules, nearest_rules

__all__ = [
    "RedrawParams",
    "RedrawProblem",
    "Rules",
    "Trial",
    "diagnose",
    "improve",
    "measured",
    "nearest_rules",
    "non_dominated",
    "solve",
    "trials",
]
