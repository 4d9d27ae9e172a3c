"""Visit planning: dates and daily routes of every executive, and a reason for what is left out."""

from optimizer.visits.executive import Spread
from optimizer.visits.parts import make_problems
from optimizer.visits.problem import (
    Engine,
    Points,
    VisitParams,
    VisitProblem,
    Weights,
    gather_points,
    make_problem,
)
from optimizer.visits.solve import objective_parts, solve

__all__ = [
    "Engine",
    "Points",
    "Spread",
    "VisitParams",
    "VisitProblem",
    "Weights",
    "gather_points",
    "make_problem",
    "make_problems",
    "objective_parts",
    "solve",
]
