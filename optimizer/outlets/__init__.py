"""Outlets: which to open, keep and close so that most demand is captured, proven best."""

from optimizer.outlets.cover import (
    Cover,
    cover_from_minutes,
    cover_from_travel,
    cover_from_weights,
)
from optimizer.outlets.problem import OutletProblem
from optimizer.outlets.search import OutletParams
from optimizer.outlets.solve import solve
from optimizer.outlets.warm import warm_up
from territory.outlets import SiteRule

__all__ = [
    "Cover",
    "OutletParams",
    "OutletProblem",
    "SiteRule",
    "cover_from_minutes",
    "cover_from_travel",
    "cover_from_weights",
    "solve",
    "warm_up",
]
