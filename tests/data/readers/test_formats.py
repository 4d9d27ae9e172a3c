"""XLSX, GeoJSON, GeoPackage and GeoParquet: read by content, and hostile ones refused."""

import json
import sqlite3
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import geopandas
import pandas as pd
import pytest
from openpyxl import Workbook
from shapely.geometry import Point, box

from data.readers import guess_table, read_table
from territory.errors import InputError
from territory.tables import TABLES

ACCOUNTS, ZONES, OUTLETS = TABLES["accounts"], TABLES["zones"], TABLES["outlets"]
POINTS = geopandas.GeoDataFrame(
    {"account_id": ["00123", "NA"], "name": ["<b>", "b"], "visit_minutes": [30, 45]},
    geometry=[Point(24.94, 60.17), Point(24.95, 60.18)],
    crs="EPSG:4326",
)
CANARY = "canary-4711"


def workbook(folder: Path, rows: list[list[object]], title: str = "Sheet") -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    path = folder / "accounts.xlsx"
    book.save(path)
    return path


def test_a_workbook_keeps_ids_dates_times_and_flags(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["account_id", "lon", "lat", "last_visit", "is_key", "name"],
        ["00123", 24.94, 60.17, datetime(2026, 3, 31), True, "${x}"],  # noqa: DTZ001
        [None] * 6,
        [12345, 24.95, 60.18, date(2026, 4, 1), False, 7],
    ]
    good = read_table(workbook(tmp_path, rows), ACCOUNTS).checked.good
    assert good["account_id"].tolist() == ["00123", "12345"]
    assert good["last_visit"].tolist() == [date(2026, 3, 31), date(2026, 4, 1)]
    assert good["is_key"].tolist() == [True, False]
    assert good["name"].tolist() == ["${x}", "7"]
    people: list[list[object]] = [
        ["executive_id", "lon", "lat", "shift_start"],
        ["E1", 24.9, 60.1, time(8, 15)],
    ]
    executives = read_table(workbook(tmp_path, people), TABLES["executives"]).checked.good
    assert executives["shift_start"].tolist() == ["08:15"]


def test_faults_of_a_workbook_name_the_row_of_the_sheet(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["account_id", "lon", "lat"],
        ["A1", 24.9, 60.1],
        [],
        ["A2", 24.9, 91],
    ]
    with pytest.raises(InputError) as caught:
        read_table(workbook(tmp_path, rows), ACCOUNTS)
    assert [(fault.row, fault.column) for fault in caught.value.faults] == [(4, "lat")]


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["account_id"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b"0" * 20_000_000)
    with pytest.raises(InputError, match="unpacks from"):
        read_table(path, ACCOUNTS)


def test_an_archive_of_too_many_parts_or_strange_paths_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["account_id"]])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../evil", b"x")
    with pytest.raises(InputError, match="outside itself"):
        read_table(path, ACCOUNTS)
    path = workbook(tmp_path, [["account_id"]])
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(1_001):
            archive.writestr(f"p{number}", b"")
    with pytest.raises(InputError, match="parts"):
        read_table(path, ACCOUNTS)


def test_entities_in_a_workbook_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["account_id"]])
    bomb = '<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><x>&c;</x>'
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/evil.xml", bomb)
    with pytest.raises(InputError, match="entities"):
        read_table(path, ACCOUNTS)


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "parquet"])
def test_points_become_longitude_and_latitude(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"accounts.{kind}"
    if kind == "parquet":
        POINTS.to_parquet(path)
    else:
        POINTS.to_file(path, driver={"geojson": "GeoJSON", "gpkg": "GPKG"}[kind])
    disguised = path.rename(tmp_path / "accounts.csv")  # the name says nothing
    good = read_table(disguised, ACCOUNTS).checked.good
    assert good["account_id"].tolist() == ["00123", "NA"]
    assert good["lon"].tolist() == [24.94, 24.95]
    assert good["lat"].tolist() == [60.17, 60.18]
    assert good["visit_minutes"].tolist() == [30, 45]


@pytest.mark.parametrize("kind", ["gpkg", "parquet"])
def test_a_declared_system_is_obeyed_and_said(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"accounts.{kind}"
    moved = POINTS.to_crs("EPSG:3067")
    if kind == "parquet":
        moved.to_parquet(path)
    else:
        moved.to_file(path, driver="GPKG")
    found = read_table(path, ACCOUNTS)
    assert found.checked.good["lon"].tolist() == pytest.approx([24.94, 24.95], abs=1e-7)
    assert any("EPSG:3067" in note for note in found.notes)


def test_polygons_become_wkt_and_the_layer_of_the_table_is_read(tmp_path: Path) -> None:
    zones = geopandas.GeoDataFrame(
        {"zone_id": ["Z1"]}, geometry=[box(24, 60, 25, 61)], crs="EPSG:4326"
    )
    path = tmp_path / "map.gpkg"
    POINTS.to_file(path, layer="accounts", driver="GPKG")
    zones.to_file(path, layer="zones", driver="GPKG")
    good = read_table(path, ZONES).checked.good
    assert good["geometry"][0].startswith("POLYGON ((25 60")
    assert len(read_table(path, ACCOUNTS).checked.good) == 2
    with pytest.raises(InputError, match="which of its layers"):
        read_table(path, OUTLETS)


def geojson(folder: Path, **members: object) -> Path:
    feature = {
        "type": "Feature",
        "properties": {"account_id": "A1", "nested": {"a": 1}},
        "geometry": {"type": "Point", "coordinates": [385_000, 6_672_000]},
    }
    path = folder / "accounts.geojson"
    body = {"type": "FeatureCollection", "features": [feature], **members}
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def test_a_crs_member_is_obeyed_projected_numbers_without_one_are_refused(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3067"}}
    found = read_table(geojson(tmp_path, crs=crs), ACCOUNTS)
    assert found.checked.good["lon"][0] == pytest.approx(24.92, abs=0.05)
    with pytest.raises(InputError, match="EPSG:3067"):
        read_table(geojson(tmp_path), ACCOUNTS)
    for evil in ("/etc/passwd", "+init=/etc/passwd", "EPSG:999999"):
        declared = {"properties": {"name": evil}}
        with pytest.raises(InputError, match=r"coordinate system|does not exist"):
            read_table(geojson(tmp_path, crs=declared), ACCOUNTS)


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"type": "FeatureCollection", "features": 7}',
        '{"type": "FeatureCollection", "features": [NaN]}',
        '{"type": "Polygon", "coordinates": []}',
        "{",
        '{"type": "FeatureCollection", "features": [[]]}',
    ],
)
def test_json_that_is_no_geojson_is_refused(tmp_path: Path, body: str) -> None:
    path = tmp_path / "x.geojson"
    path.write_text(body, encoding="utf-8")
    with pytest.raises(InputError):
        read_table(path, ACCOUNTS)


def test_broken_shapes_are_faults_of_their_feature(tmp_path: Path) -> None:
    geometries = [
        {"type": "Point", "coordinates": ["a", "b"]},
        {"type": "Point"},
        None,
        {"type": "Nonsense", "coordinates": [1, 2]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 0]]]},
        {"type": "Point", "coordinates": [24.9, 60.1]},
    ]
    features = [
        {"type": "Feature", "properties": {"account_id": f"A{i}"}, "geometry": geometry}
        for i, geometry in enumerate(geometries)
    ]
    found = read_table(geojson(tmp_path, features=features), ACCOUNTS, skip_bad_rows=True)
    assert found.checked.good["account_id"].tolist() == ["A5"]
    assert {fault.row for fault in found.checked.faults} == {1, 2, 3, 4, 5}


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "csv", "kml", "xlsx", "parquet"])
def test_a_vrt_in_disguise_reads_no_file(tmp_path: Path, suffix: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(f"account_id,lon,lat\n{CANARY},24.9,60.1\n", encoding="utf-8")
    vrt = f"""<OGRVRTDataSource><OGRVRTLayer name="secret">
    <SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""
    path = tmp_path / f"accounts.{suffix}"
    for lead in ("", "\ufeff", "\n  ", '<?xml version="1.0"?>'):
        path.write_text(lead + vrt, encoding="utf-8")
        with pytest.raises(InputError) as caught:
            read_table(path, ACCOUNTS)
        assert CANARY not in str(caught.value)


def test_other_binaries_are_refused(tmp_path: Path) -> None:
    database = tmp_path / "accounts.gpkg"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    cases = {
        "plain.gpkg": database.read_bytes(),
        "old.xlsx": b"\xd0\xcf\x11\xe0" + b"\x00" * 600,
        "a.parquet": b"PAR1" + b"x" * 100,
        "a.xlsx": b"PK\x03\x04 not a zip",
        "a.csv": bytes(range(256)) * 20,
        "a.gz": b"\x1f\x8b" + b"x" * 50,
    }
    for name, body in cases.items():
        path = tmp_path / name
        path.write_bytes(body)
        with pytest.raises(InputError):
            read_table(path, ACCOUNTS)
    half = tmp_path / "half.gpkg"
    POINTS.to_file(half, driver="GPKG")
    half.write_bytes(half.read_bytes()[:5000])
    with pytest.raises(InputError):
        read_table(half, ACCOUNTS)


def test_the_child_knows_no_other_format(tmp_path: Path) -> None:
    # A view in a GeoPackage that would read another file is only as strong as its drivers.
    from data.readers.geopackage import _environment

    skipped = _environment()["OGR_SKIP"].split(",")
    assert "GPKG" not in skipped
    assert {"OGR_VRT", "CSV", "GeoJSON", "SQLite", "KML"} <= set(skipped)


def test_columns_are_matched_by_mapping_name_and_alias(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "Kunde": ["A1"],
            "Longitude": [24.9],
            "LAT": [60.1],
            "Store Manager": ["Bo"],
            "colour": ["r"],
        }
    )
    path = tmp_path / "kunden.csv"
    frame.to_csv(path, index=False)
    found = read_table(path, ACCOUNTS, mapping={"Kunde": "account_id"})
    assert found.checked.good["account_id"].tolist() == ["A1"]
    assert found.checked.good["store_manager"].tolist() == ["Bo"]
    assert "columns not used: colour" in found.notes
    for wrong in ({"Kund": "account_id"}, {"Kunde": "account"}, {"Kunde": "lon", "LAT": "lon"}):
        with pytest.raises(InputError, match="mapping"):
            read_table(path, ACCOUNTS, mapping=wrong)


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("accounts.csv", "accounts"),
        ("Accounts-2026 final.csv", "accounts"),
        ("order_lines.csv", "order_lines"),
        ("my-price-rules.csv", "price_rules"),
        ("companies.gpkg", "companies"),
        ("company.csv", "companies"),
    ],
)
def test_a_file_name_tells_its_table(tmp_path: Path, name: str, table: str) -> None:
    path = tmp_path / name
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    assert guess_table(path).name == table


@pytest.mark.parametrize(
    ("header", "table"),
    [
        ("account_id,name,lon,lat", "accounts"),
        ("executive_id,home_lon,home_lat", "executives"),
        ("order_id,account_id,ordered_on,ordered_amount", "orders"),
        ("zone_id,geometry", "zones"),
        ("outlet_id,lon,lat,owner", "outlets"),
    ],
)
def test_columns_tell_the_table_when_the_name_does_not(
    tmp_path: Path, header: str, table: str
) -> None:
    path = tmp_path / "export.csv"
    path.write_text(header + "\n" + ",".join("1" * len(header.split(","))) + "\n", "utf-8")
    assert guess_table(path).name == table


def test_a_file_that_could_be_several_tables_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("id,lon,lat\n1,24.9,60.1\n", "utf-8")
    with pytest.raises(InputError, match="--table"):
        guess_table(path)


def test_half_characters_in_json_are_faults_of_their_cell(tmp_path: Path) -> None:
    cells: list[dict[str, object]] = [
        {"account_id": "A\ud800", "k\ud800": 1},
        {"account_id": "A2", "name": "what? ok"},
    ]
    point = {"type": "Point", "coordinates": [24.9, 60.1]}
    features = [{"type": "Feature", "properties": row, "geometry": point} for row in cells]
    path = geojson(tmp_path, features=features)
    found = read_table(path, ACCOUNTS, skip_bad_rows=True)
    assert [(fault.row, fault.column) for fault in found.checked.faults] == [(1, "account_id")]
    assert found.checked.good["account_id"].tolist() == ["A2"]
    assert found.checked.good["name"].tolist() == ["what? ok"]
    for text in (*map(str, found.checked.faults), *found.notes):
        text.encode()  # can be printed
