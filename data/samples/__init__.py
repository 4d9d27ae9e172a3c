"""Two markets to try everything on: a real city's centre, and a city of any size."""

from data.samples.helsinki import helsinki
from data.samples.metropolis import metropolis
from data.samples.sample import Sample

__all__ = ["Sample", "helsinki", "metropolis"]
