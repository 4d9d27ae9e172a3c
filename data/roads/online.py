"""Roads fetched from OpenStreetMap's servers through OSMnx: only when asked, and never much."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from data.roads.cut import Box
from data.roads.network import RoadNetwork
from data.roads.profile import Profile
from territory.errors import Fault, InputError, MissingPart, NotFound
from territory.geo import EARTH_RADIUS_METERS
from territory.travel import Mode

if TYPE_CHECKING:
    import networkx
    import shapely

NETWORK_TYPES: Final[dict[Mode, str]] = {"car": "drive_service", "foot": "walk", "bicycle": "bike"}

MOST_SQUARE_KM: Final = 25_000.0
"""Ten of Overpass's own largest questions; beyond, an extract is quicker and more polite."""

WAY_TAGS: Final = (
    "motor_vehicle",
    "motorcar",
    "vehicle",
    "foot",
    "bicycle",
    "oneway:bicycle",
    "maxspeed:forward",
    "maxspeed:backward",
    "route",
    "surface",
)
"""Tags our rules read and OSMnx would drop."""

_LOCAL: Final = "Check the connection, or give a local extract with --pbf."


def check_box(box: Box) -> Box:
    """The box, if it is one.

    Raises
    ------
    InputError
        If it is not west < east and south < north on the globe.
    """
    west, south, east, north = box
    if -180 <= west < east <= 180 and -90 <= south < north <= 90:
        return box
    expected = "west, south, east, north in degrees with west < east and south < north"
    raise InputError("This is no box on the globe.", [Fault(value=repr(box), expected=expected)])


def outline(wkt: str) -> "shapely.Geometry":
    """The polygon of a WKT text, in degrees.

    Raises
    ------
    InputError
        If it is no valid polygon on the globe.
    """
    import shapely

    try:
        shape = shapely.from_wkt(wkt)
    except (shapely.errors.GEOSException, TypeError) as error:
        raise InputError(f"The outline is not WKT: {error}.") from error
    why = ""
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        why = f"The outline is a {shape.geom_type}, not an area."
    elif not shape.is_valid:
        why = f"The outline is no valid polygon: {shapely.is_valid_reason(shape)}."
    else:
        west, south, east, north = _bounds(shape)
        if west < -180 or east > 180 or south < -90 or north > 90:
            why = f"The outline leaves the globe: {_bounds(shape)!r} are not degrees."
    if why:
        fault = Fault(value=wkt[:60], expected="a valid POLYGON in longitude and latitude")
        raise InputError(why, [fault], fix="Mend it, or give a bounding box.")
    return shape


def fetch(
    profile: Profile,
    *,
    cache_folder: Path | None,
    place: str = "",
    box: Box | None = None,
    wkt: str = "",
) -> RoadNetwork:
    """The network of a named place, a box or a polygon in WKT, asked of OpenStreetMap online.

    What is fetched is kept in ``cache_folder``, by default under ``var/``.

    Raises
    ------
    MissingPart
        If OpenStreetMap's servers cannot be reached or refuse.
    NotFound
        If they know no such place.
    InputError
        If the area is none, is too large, or holds no road.
    """
    shape = outline(wkt) if wkt else None
    if shape is not None:
        _refuse_too_large(_bounds(shape))
    if box is not None:
        _refuse_too_large(check_box(box))
    name = place or ("polygon" if wkt else "box")
    graph = _asked(profile.mode, cache_folder, name, place=place, box=box, shape=shape)
    from data.roads.osmnx_bridge import from_osmnx

    return from_osmnx(graph, profile.mode, name=name, profile=profile)


def _bounds(shape: "shapely.Geometry") -> Box:
    import shapely

    west, south, east, north = shapely.bounds(shape).tolist()
    return west, south, east, north


def _refuse_too_large(box: Box) -> None:
    from math import radians, sin

    west, south, east, north = box
    square_meters = (
        EARTH_RADIUS_METERS**2 * radians(east - west) * (sin(radians(north)) - sin(radians(south)))
    )
    if square_meters > MOST_SQUARE_KM * 1e6:
        raise InputError(
            f"The area of {square_meters / 1e6:,.0f} km² is too large to be fetched; "
            f"{MOST_SQUARE_KM:,.0f} km² are the most.",
            fix="Download an extract and give it with --pbf.",
        )


def _asked(
    mode: Mode, cache_folder: Path | None, name: str, *, place: str, box: Box | None, shape: Any
) -> "networkx.MultiDiGraph[Any]":
    import osmnx
    from osmnx._errors import InsufficientResponseError, ResponseStatusCodeError
    from requests.exceptions import RequestException

    folder = cache_folder or Path("var") / "osmnx"  # never OSMnx's own ./cache and ./data
    osmnx.settings.cache_folder = folder / "cache"
    osmnx.settings.data_folder = folder / "data"
    tags = [*osmnx.settings.useful_tags_way, *WAY_TAGS]
    osmnx.settings.useful_tags_way = list(dict.fromkeys(tags))
    kind = NETWORK_TYPES[mode]
    try:
        if place:
            return osmnx.graph_from_place(place, network_type=kind, retain_all=True)
        if box is not None:
            return osmnx.graph_from_bbox(box, network_type=kind, retain_all=True)
        return osmnx.graph_from_polygon(shape, network_type=kind, retain_all=True)
    except (RequestException, OSError) as error:
        raise MissingPart("OpenStreetMap's servers cannot be reached.", fix=_LOCAL) from error
    except ResponseStatusCodeError as error:
        raise MissingPart(
            f"OpenStreetMap's servers refuse to answer: {error}.",
            fix="Try again later, or give a local extract with --pbf.",
        ) from error
    except InsufficientResponseError as error:
        raise _nothing_there(name, place, error) from error
    except (ValueError, TypeError) as error:
        raise InputError(f"OpenStreetMap gives no roads for {name!r}: {error}.") from error


def _nothing_there(name: str, place: str, error: Exception) -> Exception:
    if place and "nominatim" in str(error).lower():
        return NotFound(
            f"OpenStreetMap knows no place {place!r}.",
            fix='Write it as on its map, like "Porto, Portugal", or give a bounding box.',
        )
    fix = "Use a larger area." if not place else "Name a larger place."
    fault = Fault(value=name, expected="an area with roads")
    return InputError(f"OpenStreetMap has no road in {name!r}.", [fault], fix=fix)
