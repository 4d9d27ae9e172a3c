"""Rows from outside: kept when right, named with all their faults when not."""

import time
from datetime import date

import numpy as np
import pandas as pd
import pytest

from territory.tables import TABLES
from territory.tables.check import Checked, check_references, check_table
from territory.tables.frames import empty_frame, frame_schema, typed_frame

ACCOUNTS = TABLES["accounts"]
HELSINKI = np.array([[24.93, 60.16], [24.95, 60.17], [24.94, 60.18]])


def accounts(**columns: list[object]) -> pd.DataFrame:
    """Text cells of accounts in Helsinki, with these columns instead."""
    count = max((len(values) for values in columns.values()), default=1)
    base: dict[str, list[object]] = {
        "account_id": [f"A{row}" for row in range(count)],
        "lon": ["24.94"] * count,
        "lat": ["60.17"] * count,
    }
    return pd.DataFrame(base | columns)


def check(**columns: list[object]) -> Checked:
    return check_table(accounts(**columns), ACCOUNTS, file="accounts.csv")


@pytest.mark.parametrize("given", ["00123", "NA", "1234567890123456789012345", "1E5", "null", "-"])
def test_ids_stay_letter_for_letter(given: str) -> None:
    checked = check(account_id=[given])
    assert checked.is_clean
    assert checked.good["account_id"].tolist() == [given]


def test_a_clean_table_fits_its_schema_in_every_table() -> None:
    for spec in TABLES.values():
        frame_schema(spec).validate(empty_frame(spec))
    good = check(
        tier=["A", "b"],
        is_key=["yes", ""],
        last_visit=["2026-03-31", ""],
        opening_hours=["Mo-Fr 9:00-17:00", ""],
        visit_minutes=["30", ""],
    ).good
    frame_schema(ACCOUNTS).validate(good)
    assert good["tier"].tolist() == ["A", "B"]
    assert good["last_visit"].tolist() == [date(2026, 3, 31), None]
    assert good["is_key"].tolist() == [True, pd.NA]
    assert np.isnan(good["visit_minutes"][1])
    assert good["name"].tolist() == ["", ""]


def test_all_faults_come_at_once_with_their_places() -> None:
    checked = check(
        account_id=["A1", "", "A3", "A1"],
        lat=["60.1", "60.1", "91.2", "60.1"],
        visit_minutes=["30", "half an hour", "900", "20"],
        tier=["A", "D", "", ""],
        allowed_weekdays=["Mo", "Mo", "Funday", "Mo"],
        opening_hours=["24/7", "24/7", "always", "24/7"],
    )
    places = {(fault.row, fault.column) for fault in checked.faults}
    assert places == {
        (3, "account_id"),
        (3, "visit_minutes"),
        (3, "tier"),
        (4, "lat"),
        (4, "visit_minutes"),
        (4, "allowed_weekdays"),
        (4, "opening_hours"),
        (5, "account_id"),
    }
    assert checked.good["account_id"].tolist() == ["A1"]
    assert checked.bad_rows.tolist() == [1, 2, 3]
    assert (
        "accounts.csv, row 4, column 'lat': '91.2' is not a latitude from -90 to 90 degrees."
        in [str(fault) for fault in checked.faults]
    )
    assert "row 2" in checked.bad_reasons[2]


def test_a_missing_required_column_is_said_once() -> None:
    frame = accounts(account_id=["A1", "A2"]).drop(columns=["lat"])
    checked = check_table(frame, ACCOUNTS)
    assert [fault.column for fault in checked.faults] == ["lat"]
    assert "--map yours=lat" in checked.faults[0].fix
    assert len(checked.good) == 0
    assert checked.bad_rows.tolist() == [0, 1]


@pytest.mark.parametrize("cell", ["inf", "nan", "1e999", "-Infinity", "0x10", "1_000", "12 34"])
def test_what_is_not_a_finite_number_is_refused(cell: str) -> None:
    assert [fault.column for fault in check(annual_potential=[cell]).faults] == ["annual_potential"]


@pytest.mark.parametrize(
    ("cell", "decimal", "number"),
    [
        ("30.5", ".", 30.5),
        ("1,234,567.5", ".", 1_234_567.5),
        ("1 234 567", ".", 1_234_567),
        ("1e3", ".", 1000),
        ("30,5", ",", 30.5),
        ("1.234,5", ",", 1234.5),
        ("1 234,5", ",", 1234.5),
        ("1,234", ",", 1.234),
    ],
)
def test_numbers_are_read_with_the_decimal_mark_of_the_file(
    cell: str, decimal: str, number: float
) -> None:
    checked = check_table(accounts(annual_potential=[cell]), ACCOUNTS, decimal=decimal)  # type: ignore[arg-type]
    # With a decimal comma the point in "24.94" is no thousands mark, so only this column is asked.
    assert "annual_potential" not in {fault.column for fault in checked.faults}
    if decimal == ".":
        assert checked.good["annual_potential"].tolist() == [number]
    else:
        whole = check_table(
            accounts(annual_potential=[cell], lon=["24,94"], lat=["60,17"]), ACCOUNTS, decimal=","
        )
        assert whole.good["annual_potential"].tolist() == [number]


@pytest.mark.parametrize(("cell", "decimal"), [("1,234", "."), ("1.234", ",")])
def test_a_mark_that_could_mean_two_things_is_not_guessed(cell: str, decimal: str) -> None:
    frame = accounts(annual_potential=[cell], lon=[24.94], lat=[60.17])
    faults = check_table(frame, ACCOUNTS, decimal=decimal).faults  # type: ignore[arg-type]
    assert ["clear number" in fault.expected for fault in faults] == [True]


def test_dates_are_read_where_they_are_clear() -> None:
    cells: list[object] = ["2026-03-31", "20260331", "31.03.2026", "2026/03/31T00:00", "1.4.2026"]
    good = check(last_visit=cells).good
    assert good["last_visit"].tolist() == [date(2026, 3, 31)] * 4 + [date(2026, 4, 1)]
    day_first = check(last_visit=["31/03/2026", "01/02/2026"]).good["last_visit"].tolist()
    assert day_first == [date(2026, 3, 31), date(2026, 2, 1)]
    month_first = check(last_visit=["03/31/2026", "01/02/2026"]).good["last_visit"].tolist()
    assert month_first == [date(2026, 3, 31), date(2026, 1, 2)]


def test_dates_that_could_be_read_twice_or_never_are_refused() -> None:
    assert "swapped" in check(last_visit=["01/02/2026"]).faults[0].expected
    assert [fault.row for fault in check(last_visit=["2026-02-30", "soon", ""]).faults] == [2, 3]


def test_zero_and_half_missing_places_are_refused() -> None:
    assert "0, 0" in check(lon=["0"], lat=["0"]).faults[0].expected
    people = pd.DataFrame(
        {"executive_id": ["E1"], "home_lon": ["24.9"], "home_lat": ["60.2"], "end_lon": ["24.9"]}
    )
    faults = check_table(people, TABLES["executives"]).faults
    assert [(fault.column, fault.expected) for fault in faults] == [
        ("end_lat", "empty while 'end_lon' is filled")
    ]


def test_swapped_coordinates_are_said_and_not_changed() -> None:
    sure = check(lon=["35.6"], lat=["139.7"])
    assert "swapped" in sure.faults[0].expected
    assert len(sure.faults) == 1
    swapped = accounts(lon=["60.16", "60.17"], lat=["24.93", "24.94"])
    assert check_table(swapped, ACCOUNTS).is_clean  # a place in Iran: nothing says otherwise
    judged = check_table(swapped, ACCOUNTS, market_points=HELSINKI)
    assert len(judged.faults) == 2
    assert "among the market's points" in judged.faults[0].expected
    assert check_table(accounts(), ACCOUNTS, market_points=HELSINKI).is_clean


@pytest.mark.parametrize(
    ("east", "north", "market", "named"),
    [
        ("385000", "6672000", None, "EPSG:3067"),
        ("385000", "6672000", HELSINKI, "EPSG:3067"),
        ("2776000", "8437000", HELSINKI, "EPSG:3857"),
        ("2776000", "8437000", None, "EPSG:3857"),
        ("6672000", "385000", HELSINKI, "EPSG:3067, north before east"),
        ("455000", "3968000", np.array([[14.5, 35.85]]), "EPSG:32633"),
    ],
)
def test_projected_coordinates_are_named(
    east: str, north: str, market: np.ndarray | None, named: str
) -> None:
    frame = accounts(lon=[east], lat=[north])
    faults = check_table(frame, ACCOUNTS, market_points=market).faults
    assert len(faults) == 1
    assert named in faults[0].expected


def test_dates_of_one_row_stand_in_order() -> None:
    rows = pd.DataFrame(
        {"executive_id": ["E1"], "first_date": ["2026-05-02"], "last_date": ["2026-05-01"]}
    )
    faults = check_table(rows, TABLES["absences"]).faults
    assert [(fault.column, fault.value) for fault in faults] == [("last_date", "2026-05-01")]


def test_shapes_are_read_mended_or_refused() -> None:
    shapes = [
        "POLYGON ((0 0, 1 0, 1 1, 0 1, 0 0))",
        "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))",  # a bow-tie: two triangles of area 1
        "POLYGON Z ((0 0 5, 1 0 5, 1 1 5, 0 0 5))",
        "POINT (1 1)",
        "POLYGON EMPTY",
        "POLYGON ((0 0",
        "POLYGON ((385000 6672000, 385001 6672000, 385001 6672001, 385000 6672000))",
        "",
    ]
    rows = pd.DataFrame({"zone_id": list("abcdefgh"), "geometry": shapes})
    checked = check_table(rows, TABLES["zones"])
    assert checked.good["zone_id"].tolist() == ["a", "b", "c"]
    assert checked.good["geometry"][1].startswith("MULTIPOLYGON")
    assert sorted({fault.row for fault in checked.faults}) == [5, 6, 7, 8, 9]
    assert any("mended" in note and "2 square degrees" in note for note in checked.notes)
    assert any("heights" in note for note in checked.notes)


def test_typed_cells_are_taken_as_they_are() -> None:
    frame = pd.DataFrame(
        {
            "account_id": [7.0, 12345.0],  # how a spreadsheet holds the ids 7 and 12345
            "lon": [24.9, 24.91],
            "lat": [60.1, 60.2],
            "last_visit": pd.to_datetime(["2026-01-02", None]),
            "is_key": [True, False],
            "visit_minutes": [30, 20],
        }
    )
    checked = check_table(frame, ACCOUNTS)
    assert checked.is_clean
    assert checked.good["account_id"].tolist() == ["7", "12345"]
    assert checked.good["last_visit"].tolist() == [date(2026, 1, 2), None]
    assert checked.good["is_key"].tolist() == [True, False]


def test_nul_and_endless_texts_are_refused() -> None:
    faults = check(name=["a\x00b", "x" * 100_001, "y" * 10_000]).faults
    assert [fault.row for fault in faults] == [2, 3]
    assert len(faults[1].value) <= 121


def test_dangling_references_are_found_across_tables() -> None:
    executives = typed_frame(
        {"executive_id": ["E1"], "home_lon": [24.9], "home_lat": [60.1]}, TABLES["executives"]
    )
    visited = check(executive_id=["E1", "E9", ""], company_id=["C1", "", ""]).good
    faults = check_references({"executives": executives, "accounts": visited})
    # company_id is not asked, for no companies are known at all.
    assert [(fault.row, fault.value) for fault in faults] == [(2, "E9")]


def test_two_hundred_thousand_rows_take_seconds() -> None:
    count = 200_000
    frame = accounts(
        account_id=[f"A{row:07d}" for row in range(count)],
        lon=[f"{24 + row / count:.6f}" for row in range(count)],
        visit_minutes=["30"] * count,
        last_visit=["2026-03-31"] * count,
        opening_hours=["Mo-Fr 09:00-17:00"] * count,
    )
    started = time.perf_counter()
    assert len(check_table(frame, ACCOUNTS).good) == count
    assert time.perf_counter() - started < 20


def test_many_faults_are_counted_beyond_those_listed() -> None:
    checked = check(visit_minutes=["soon"] * 20_010)
    assert len(checked.faults) == 20_001
    assert "10 more faults" in checked.faults[-1].expected
    assert len(checked.bad_reasons) == 20_010
