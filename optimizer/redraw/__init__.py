"""Redraw: units shared among executives, balanced, in one piece each, compact, few changes."""

from optimizer.redraw.method import solve
from optimizer.redraw.problem import RedrawParams, RedrawProblem

__all__ = ["RedrawParams", "RedrawProblem", "solve"]
