"""Travel times from a routing server the user already runs: OSRM or Valhalla over HTTP."""

from data.travel.servers.http import Limits, allowed_server
from data.travel.servers.osrm import OsrmTravel, osrm_travel
from data.travel.servers.valhalla import ValhallaTravel, valhalla_travel

__all__ = [
    "Limits",
    "OsrmTravel",
    "ValhallaTravel",
    "allowed_server",
    "osrm_travel",
    "valhalla_travel",
]
