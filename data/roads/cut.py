"""Cuts a box out of an extract, so that a city can be read from the file of a country."""

from pathlib import Path
from typing import Any, Final

from data.roads.intake import Intake
from data.roads.osm import Progress, quiet
from territory.errors import Fault, InputError

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

WAY_KEYS: Final = ("highway", "route", "natural", "waterway", "landuse", "boundary")
"""What roads and base maps are made of."""

TELL_EVERY: Final = 50_000


def cut_box(intake: Intake, box: Box, target: Path, *, progress: Progress = quiet) -> Path:
    """Write to ``target`` (.osm.pbf) all ways that enter the box, whole, with their nodes.

    Relations that name one of these ways come along. Nodes must come before the ways that use
    them, as in every extract that is sorted.

    Raises
    ------
    InputError
        If the file breaks off, or no way enters the box.
    """
    import osmium

    path = intake.path
    source = osmium.io.File(str(path), intake.kind)
    try:
        tracker, count = _found(source, box, progress)
        if count:
            _copy(source, tracker, target, progress)
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        fault = Fault(value=path.name, expected="a whole, undamaged OpenStreetMap file")
        raise InputError(
            f"{path.name} cannot be read to its end: {error}.",
            [fault],
            fix="Download the extract again.",
        ) from error
    if not count:
        raise InputError(
            f"{path.name} has no way inside the box {box!r}.",
            [Fault(value=repr(box), expected="a box that the extract covers")],
        )
    return target


def _found(source: Any, box: Box, progress: Progress) -> tuple[Any, int]:
    """The ids to keep, and how many ways are among them."""
    import osmium

    tracker = osmium.IdTracker()
    kinds = osmium.osm.NODE | osmium.osm.WAY | osmium.osm.RELATION
    processor = osmium.FileProcessor(source, kinds).with_locations()
    processor.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY | osmium.osm.RELATION))
    processor.with_filter(osmium.filter.KeyFilter(*WAY_KEYS, "type"))
    kept = 0
    found: Any
    for count, found in enumerate(processor):
        if count % TELL_EVERY == 0:
            progress(f"Look for the box: {kept:,} of {count:,} ways enter it", 0.0)
        if found.is_relation():
            if tracker.contains_any_references(found):
                tracker.add_relation(found.id)
        elif _enters(found, box):
            tracker.add_way(found.id)
            tracker.add_references(found)
            kept += 1
    return tracker, kept


def _enters(way: Any, box: Box) -> bool:
    west, south, east, north = box
    for node in way.nodes:
        place = node.location
        if place.valid() and west <= place.lon <= east and south <= place.lat <= north:
            return True
    return False


def _copy(source: Any, tracker: Any, target: Path, progress: Progress) -> None:
    import osmium

    progress("Cut the box out", 0.5)
    with osmium.SimpleWriter(str(target), overwrite=True) as writer:
        for found in osmium.FileProcessor(source).with_filter(tracker.id_filter()):
            writer.add(found)
    progress("Cut the box out", 1.0)
