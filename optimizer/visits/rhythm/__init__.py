"""Recurring visits to given patterns of days by a fleet (the periodic vehicle routing problem)."""

from optimizer.visits.rhythm.problem import RhythmPlan, RhythmProblem, measure
from optimizer.visits.rhythm.solve import solve_rhythm

__all__ = ["RhythmPlan", "RhythmProblem", "measure", "solve_rhythm"]
