"""Potential: what each unit is worth in money, of what parts, how much is ours, what is open."""

from territory.potential.explain import explain
from territory.potential.flows import with_fitted_reach
from territory.potential.params import PotentialParams
from territory.potential.score import score

__all__ = ["PotentialParams", "explain", "score", "with_fitted_reach"]
