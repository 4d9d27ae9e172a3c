"""Travel times from a routing server the user already runs: OSRM or Valhalla over HTTP."""

from data.travel.servers.http import Limits, allowed_server
from data.travel.servers.osrm import TABLE_LIMIT, OsrmTravel, osrm_travel
from data.travel.servers.valhalla import PAIR_LIMIT, ValhallaTravel, valhalla_travel

__all__ = [
    "PAIR_LIMIT",
    "TABLE_LIMIT",
    "Limits",
    "OsrmTravel",
    "ValhallaTravel",
    "allowed_server",
    "osrm_travel",
    "valhalla_travel",
]
