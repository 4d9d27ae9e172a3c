"""Fleet problems in VROOM's terms: routes for vehicles, and a reason for what is left out."""

from optimizer.fleet.given import time_given
from optimizer.fleet.solve import FleetParams, solve_fleet

__all__ = ["FleetParams", "solve_fleet", "time_given"]
