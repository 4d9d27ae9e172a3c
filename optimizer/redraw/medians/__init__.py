"""Districts around medians: least distance to each district's best unit, within limits, whole."""

from optimizer.redraw.medians.jurisdictions import median_problem, redraw_around_medians
from optimizer.redraw.medians.problem import MedianParams, MedianProblem
from optimizer.redraw.medians.solve import solve

__all__ = [
    "MedianParams",
    "MedianProblem",
    "median_problem",
    "redraw_around_medians",
    "solve",
]
