"""Gaps of an outlet network: what is out of reach, under-served, unclaimed, and doubly served."""

from territory.gaps.candidates import candidate_sites
from territory.gaps.find import GapParams, clusters, find_gaps

__all__ = ["GapParams", "candidate_sites", "clusters", "find_gaps"]
