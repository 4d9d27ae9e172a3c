"""Exports reopened with independent readers: the same figures, and nothing live inside."""

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas
import gpxpy
import openpyxl
import pyogrio
import pytest
from icalendar import Calendar

from data.exports import FORMATS, MEDIA_TYPES, bundle, export, render
from territory.errors import InputError
from territory.routes import VisitChange
from tests.data.exports.worlds import HOSTILE, PLANS, alignment, context, outlets, score, visits

EVERY = [(kind, format) for kind, formats in FORMATS.items() for format in formats]


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def workbook(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def by_name(files):
    return {file.name: file.content for file in files}


def part(files, ending: str) -> bytes:
    """The one file whose name ends so."""
    (content,) = [file.content for file in files if file.name.endswith(ending)]
    return content


def test_every_kind_has_csv_and_xlsx_and_every_format_a_media_type():
    assert set(FORMATS) == set(PLANS)
    assert all({"csv", "xlsx"} <= set(formats) for formats in FORMATS.values())
    assert {format for _, format in EVERY} == set(MEDIA_TYPES)


@pytest.mark.parametrize(("kind", "format"), EVERY)
def test_the_same_plan_gives_the_same_bytes(kind, format):
    plan = PLANS[kind]()
    first = render(plan, kind, format, context=context())
    assert first
    assert all(file.content for file in first)
    assert first == render(plan, kind, format, context=context())


def test_csv_keeps_ids_as_text_and_numbers_exact():
    rows = read_csv(part(render(score(), "score", "csv", context=context()), "-units.csv"))
    assert [row["unit_id"] for row in rows] == ["007", "NA"]
    assert [row["unit_name"] for row in rows] == ["West", "East"]
    assert [float(row["potential"]) for row in rows] == [100.5, 50.25]
    assert [row["gap"] for row in rows] == ["", "-3.0"]


def test_a_csv_starts_with_a_byte_order_mark_only_when_asked():
    plain = render(score(), "score", "csv", context=context())
    marked = render(score(), "score", "csv", context=context(has_bom=True))
    assert not any(file.content.startswith(b"\xef\xbb\xbf") for file in plain)
    assert all(file.content.startswith(b"\xef\xbb\xbf") for file in marked)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("kind", PLANS)
def test_no_csv_cell_of_text_can_run(kind, text):
    for file in render(PLANS[kind](text), kind, "csv", context=context(text)):
        for row in read_csv(file.content):
            for cell in row.values():
                is_number = re.fullmatch(r"-?\d+(\.\d+)?(e[+-]\d+)?", cell) is not None
                assert is_number or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("kind", PLANS)
def test_no_xlsx_cell_is_a_formula_or_a_link(kind, text):
    (file,) = render(PLANS[kind](text), kind, "xlsx", context=context(text))
    for sheet in workbook(file.content):
        for row in sheet.iter_rows():
            assert all(cell.data_type in ("s", "n", "b", "d") for cell in row)
            assert all(cell.hyperlink is None for cell in row)
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        pages = [name for name in archive.namelist() if "worksheets" in name]
        assert pages
        assert not any(b"<f>" in archive.read(name) for name in pages)


@pytest.mark.parametrize("text", ["=1+1", "<script>", "\u202eعربى", "x" * 10_000, "_x0041_"])
def test_xlsx_gives_hostile_text_back_letter_for_letter(text):
    (file,) = render(outlets(text), "outlets", "xlsx", context=context())
    sheet = workbook(file.content)["sites"]
    header = [cell.value for cell in sheet[1]]
    row = dict(zip(header, sheet[2], strict=True))
    assert row["name"].value == text
    assert row["name"].data_type == "s"
    assert (row["site_id"].value, row["site_id"].data_type) == ("00123", "s")
    assert (row["captured"].value, row["captured"].data_type) == (100.5, "n")


def test_text_longer_than_a_cell_ends_in_an_ellipsis():
    (file,) = render(outlets("😀" * 30_000), "outlets", "xlsx", context=context())
    value = workbook(file.content)["sites"]["B2"].value
    assert value.endswith("…")
    assert len(value.encode("utf-16-le")) // 2 <= 32_767


def test_the_visit_workbook_has_routes_stops_and_unserved_with_frozen_headers():
    (file,) = render(visits(), "visits", "xlsx", context=context())
    book = workbook(file.content)
    assert book.sheetnames == ["routes", "stops", "unserved", "about"]
    assert all(sheet.freeze_panes == "B2" for sheet in book)
    route = [cell.value for cell in book["routes"][2]]
    assert route.pop(2).date() == date(2026, 3, 29)
    assert route == [
        "e1", "Plan", "08:00:00", "14:00:00", 2, 30, 15, 60, 30,
    ]  # fmt: skip
    stops = list(book["stops"].values)
    assert [row[stops[0].index("start")] for row in stops[1:]] == ["09:00:00", "13:00:00"]
    assert book["unserved"]["H2"].value == 12.5


def test_the_alignment_workbook_has_the_hours_driven_and_the_proofs_unit_by_unit():
    (file,) = render(alignment(), "alignment", "xlsx", context=context())
    book = workbook(file.content)
    assert [cell.value for cell in book["driven"][2]][:5] == ["e1", 10, 8, 1.5, 0.5]
    assert [cell.value for cell in book["diagnosis"][2]] == [1, "largest_unit", "Ann", "007"]
    assert "frontier" not in book.sheetnames  # there is none in this plan


def test_workbooks_carry_the_plans_date_not_the_clocks():
    (file,) = render(visits(), "visits", "xlsx", context=context())
    assert workbook(file.content).properties.created.date() == date(2026, 3, 2)


def rings(geometry) -> list[list[list[float]]]:
    polygons = geometry["coordinates"]
    return polygons if geometry["type"] == "Polygon" else [ring for p in polygons for ring in p]


def signed_area(ring) -> float:
    pairs = pairwise(ring)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) / 2


def test_geojson_follows_rfc_7946():
    content = part(render(score(), "score", "geojson", context=context()), "-units.geojson")
    document = json.loads(content)
    assert "crs" not in document
    assert [f["properties"]["unit_id"] for f in document["features"]] == ["007", "NA"]
    for feature in document["features"]:
        for ring in rings(feature["geometry"]):
            assert ring[0] == ring[-1]
            assert signed_area(ring) > 0, "outer rings run counter-clockwise"
    assert document["features"][0]["properties"]["gap"] is None


def test_geojson_points_have_six_decimals_lon_first():
    content = part(render(outlets(), "outlets", "geojson", context=context()), "-sites.geojson")
    (feature,) = json.loads(content)["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [24.123457, 60.05]}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("kind", [kind for kind in PLANS if "geojson" in FORMATS[kind]])
def test_every_geojson_of_hostile_text_opens(kind, text):
    files = render(PLANS[kind](text), kind, "geojson", context=context(text))
    assert files
    for file in files:
        assert json.loads(file.content)["type"] == "FeatureCollection"


def test_units_without_shapes_are_refused_with_a_word():
    with pytest.raises(InputError, match="no shapes of units"):
        render(score(), "score", "geojson", context=context(units=None))


def test_a_geopackage_holds_every_layer_with_its_figures(tmp_path):
    (path,) = export(alignment(), "alignment", "gpkg", folder=tmp_path, context=context())
    assert sorted(name for name, _ in pyogrio.list_layers(path)) == ["jurisdictions", "units"]
    units = geopandas.read_file(path, layer="units")
    assert units.crs.to_epsg() == 4326
    assert list(units["unit_id"]) == ["007", "NA"]
    assert list(units["potential"]) == [100.5, 50.25]
    (jurisdiction,) = geopandas.read_file(path, layer="jurisdictions").geometry
    assert jurisdiction.bounds == pytest.approx((24.0, 60.0, 24.2, 60.1))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_geopackage_of_hostile_text_opens(tmp_path, text):
    (path,) = export(outlets(text), "outlets", "gpkg", folder=tmp_path, context=context(text))
    frame = geopandas.read_file(path, layer="sites")
    assert frame["captured"][0] == 100.5
    assert path.parent == tmp_path


def test_market_tables_become_points_and_shapes(tmp_path):
    (path,) = export(PLANS["tables"](), "tables", "gpkg", folder=tmp_path, context=context())
    companies = geopandas.read_file(path, layer="companies")
    assert list(companies["company_id"]) == ["00123", "NA"]
    assert companies.geometry[0].coords[0] == (24.05, 60.05)
    assert companies.geometry[1] is None
    assert geopandas.read_file(path, layer="zones").geometry[0].geom_type == "Polygon"


def test_a_calendar_shows_each_stop_at_its_local_time_and_no_lunch():
    (file,) = render(visits(), "visits", "ics", context=context())
    calendar = Calendar.from_ical(file.content)
    events = calendar.walk("VEVENT")
    zone = ZoneInfo("Europe/Helsinki")
    starts = [event.decoded("dtstart") for event in events]
    assert starts == [datetime(2026, 3, 29, hour, tzinfo=zone) for hour in (9, 13)]
    assert all(start.utcoffset() == timedelta(hours=3) for start in starts), "summer time"
    lengths = [event.decoded("dtend") - event.decoded("dtstart") for event in events]
    assert lengths == [timedelta(minutes=30)] * 2
    assert [zone["tzid"] for zone in calendar.walk("VTIMEZONE")] == ["Europe/Helsinki"]


def test_a_visits_uid_stays_when_it_is_planned_anew():
    def uids(**fields):
        (file,) = render(visits(), "visits", "ics", context=context(**fields))
        return [str(event["uid"]) for event in Calendar.from_ical(file.content).walk("VEVENT")]

    again = uids(plan_id="another plan", date=date(2026, 3, 9))
    assert again == uids()
    assert len(set(again)) == 2


def test_a_later_version_of_a_plan_replaces_what_a_calendar_has():
    """Calendars take the event with the higher sequence number."""
    (file,) = render(visits(), "visits", "ics", context=context(version=7))
    events = Calendar.from_ical(file.content).walk("VEVENT")
    assert {int(event["sequence"]) for event in events} == {7}


def test_a_visit_called_off_or_covered_is_cancelled_in_the_calendar_that_had_it():
    """Version 1 had both stops; version 2 drops one, which keeps its UID and its old start."""
    plan = visits()
    (route,) = plan.routes
    (before,) = render(plan, "visits", "ics", context=context(version=1))
    uids = [str(one["uid"]) for one in Calendar.from_ical(before.content).walk("VEVENT")]
    lost = route.stops[1]
    change = VisitChange(
        visit_id=lost.visit_id,
        account_id=lost.account_id,
        executive_id=route.executive_id,
        kind="cancelled",
        before_date=route.date,
        before_seconds=lost.start_seconds,
    )
    routes = (replace(route, stops=route.stops[:1]),)
    later = replace(plan, routes=routes, changes=(change,))
    (file,) = render(later, "visits", "ics", context=context(version=2))
    kept, gone = Calendar.from_ical(file.content).walk("VEVENT")
    assert [str(kept["uid"]), str(gone["uid"])] == uids
    assert "status" not in kept
    assert (str(gone["status"]), int(gone["sequence"])) == ("CANCELLED", 2)
    assert gone.decoded("dtstart").hour == 13
    covered = replace(change, kind="covered", executive_id="E9", after_date=route.date)
    handed = replace(covered, before_executive_id="ill", after_seconds=lost.start_seconds)
    files = render(replace(plan, changes=(handed,)), "visits", "ics", context=context(version=2))
    assert len(files) == 2, "the one who is ill has no route left and still gets a calendar"
    (only,) = Calendar.from_ical(files[1].content).walk("VEVENT")
    assert str(only["status"]) == "CANCELLED"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_adds_no_event_and_breaks_no_calendar(text):
    (file,) = render(visits(text), "visits", "ics", context=context(text))
    events = Calendar.from_ical(file.content).walk("VEVENT")
    assert len(events) == 2
    if text.isprintable():
        assert str(events[0]["summary"]) == text


def test_a_gpx_route_runs_from_home_over_the_stops_in_order_and_back():
    (file,) = render(visits(), "visits", "gpx", context=context())
    (route,) = gpxpy.parse(file.content.decode()).routes
    assert route.name == "2026-03-29"
    assert [(point.longitude, point.latitude) for point in route.points] == [
        (24.0, 60.0), (24.05, 60.05), (24.05, 60.05), (24.0, 60.0),
    ]  # fmt: skip
    assert [point.name for point in route.points] == ["Start", "1. Plan", "2. Plan", "End"]


@pytest.mark.parametrize("text", HOSTILE)
def test_gpx_of_hostile_text_opens(text):
    (file,) = render(visits(text), "visits", "gpx", context=context(text))
    assert len(gpxpy.parse(file.content.decode()).routes[0].points) == 4


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(("kind", "format"), EVERY)
def test_file_names_are_ours_whatever_the_user_wrote(kind, format, text):
    for file in render(PLANS[kind](), kind, format, context=context(text)):
        assert re.fullmatch(rf"[a-z0-9-]+(-[a-z_]+)?\.{format}", file.name)
        assert len(file.name) < 200


def test_export_writes_what_render_gives_and_leaves_no_part_behind(tmp_path):
    folder = tmp_path / "new" / "folder"
    paths = export(visits(), "visits", "csv", folder=folder, context=context())
    rendered = by_name(render(visits(), "visits", "csv", context=context()))
    assert {path.name: path.read_bytes() for path in paths} == rendered
    assert sorted(folder.iterdir()) == sorted(paths)


def test_a_bundle_is_a_flat_zip_with_the_same_bytes_each_time(tmp_path):
    paths = export(visits(), "visits", "csv", folder=tmp_path, context=context())
    content = bundle(paths)
    assert content == bundle(render(visits(), "visits", "csv", context=context()))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == [path.name for path in paths]
        assert archive.read(paths[0].name) == paths[0].read_bytes()


def test_a_bundle_of_two_files_with_one_name_is_refused():
    with pytest.raises(InputError, match="same name"):
        bundle([Path("a/x.csv"), Path("b/x.csv")])


def test_a_wrong_kind_or_format_is_refused():
    with pytest.raises(InputError, match="'report' cannot be exported as 'ics'"):
        render(PLANS["report"](), "report", "ics", context=context())
    with pytest.raises(InputError, match="not a plan of kind 'score'"):
        render(visits(), "score", "csv", context=context())
