"""Tours of one horizon, compiled: a frozen problem in, routes and their cost in parts out."""

from optimizer.visits.tours.problem import TourProblem, Tours, Vehicle
from optimizer.visits.tours.solve import TourParams, solve_tours
from optimizer.visits.tours.warm import warm_up

__all__ = ["TourParams", "TourProblem", "Tours", "Vehicle", "solve_tours", "warm_up"]
