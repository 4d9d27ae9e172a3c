"""Questions of travel on a small town with an island and a private road."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

from api.usecases.places import find_places, own_outlets, read_places
from api.usecases.travel_check import check_csv, check_lines, check_roads
from api.usecases.travel_questions import (
    nearest_of,
    reach_geojson,
    reach_page,
    save_table,
    travel_of,
    way,
    way_lines,
    within_reach,
)
from api.usecases.unreachable import with_reasons
from api.usecases.workspace import Workspace
from data.travel import estimated_travel
from territory.errors import Infeasible, InputError, MissingPart, NotFound
from territory.routes import Unserved, VisitPlan
from territory.visits import Shift, VisitNeed
from tests.api.travel_town import HOSTILE, place, town
from tests.data.roads.small import STEP


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    made = town(tmp_path_factory.mktemp("town"))
    yield made
    made.store.close()


def test_a_place_is_a_pair_or_an_id_of_the_market(workspace: Workspace) -> None:
    market = workspace.store.market("town")
    outlet, point = find_places(market, ["O2", " 0.005, -0.001 "])
    assert (outlet.kind, outlet.lon, outlet.lat) == ("outlet", 0.01, 0.01)
    assert (point.kind, point.lon, point.lat) == ("point", 0.005, -0.001)
    with pytest.raises(NotFound, match="no place 'nowhere'"):
        find_places(market, ["nowhere"])
    with pytest.raises(InputError, match="not on the globe"):
        find_places(market, ["200,10"])


def test_a_way_is_told_turn_by_turn_with_its_source(workspace: Workspace) -> None:
    found = way(workspace, "town", ["O1", "O2"])
    lines = list(way_lines(found))
    assert lines[0].startswith(f"{HOSTILE} to O2: ")
    assert any("Start on" in line and HOSTILE in line for line in lines)
    assert any("← Turn left into East Street" in line for line in lines)
    assert lines[-1].endswith("2.2 km by car, on roads")
    assert found.seconds == found.legs[0].seconds
    with pytest.raises(Infeasible, match="no way by car"):
        way(workspace, "town", ["O1", "ISLE"])
    with pytest.raises(InputError, match="two places"):
        way(workspace, "town", ["O1"])


def test_a_market_without_roads_for_a_mode_says_that_it_estimates(workspace: Workspace) -> None:
    lines = list(way_lines(way(workspace, "town", ["O1", "O2"], mode="foot")))
    assert lines[-1].endswith("on foot, estimated: straight line and detour, no roads are given")
    with pytest.raises(InputError, match="one of car, foot, bicycle"):
        travel_of(workspace, "town", "canoe")


def test_reach_is_geojson_with_the_longest_time_first(workspace: Workspace) -> None:
    found = within_reach(workspace, "town", ["O1"], minutes=[1, 3])
    answer = json.loads(json.dumps(reach_geojson(found)))
    assert [part["properties"]["minutes"] for part in answer["features"]] == [3, 1]
    outer, inner = (shapely.geometry.shape(part["geometry"]) for part in answer["features"])
    assert outer.is_valid
    assert outer.covers(inner)
    assert answer["features"][0]["properties"]["source"] == "road"
    with pytest.raises(InputError, match="no place to start"):
        within_reach(workspace, "town", [])


def test_of_several_starts_those_off_the_road_are_left_out_and_named(
    workspace: Workspace,
) -> None:
    found = within_reach(workspace, "town", ["O1", "FAR"], minutes=[2])
    assert [place.place_id for place in found.places] == ["O1"]
    told = reach_geojson(found)["left_out"]
    assert told == [
        {"id": "FAR", "detail": "It lies 1.1 km from the nearest road; the limit is 1 km."}
    ]
    assert "FAR is left out: lies 1.1 km" in reach_page(workspace, found).html
    with pytest.raises(Infeasible, match="joins a road"):
        within_reach(workspace, "town", ["FAR"])


@pytest.mark.parametrize("mode", ["car", "foot"])
def test_reach_is_a_page_with_hostile_names_as_text(workspace: Workspace, mode: str) -> None:
    found = within_reach(workspace, "town", ["O1"], minutes=[1, 3], mode=mode)
    page = reach_page(workspace, found)
    assert "<b>=1+1" not in page.html
    assert "1337" not in page.html
    assert ("no roads are given" in page.html) == (mode == "foot")


def test_what_is_cut_off_says_why_with_metres(workspace: Workspace) -> None:
    found = check_roads(workspace, "town")
    assert found.looked_at == 6
    told = {item.place.place_id: (item.reason, item.detail) for item in found.cut_off}
    assert set(told) == {"ISLE", "GATED", "FAR"}
    assert told["ISLE"] == (
        "island",
        "It lies on an island of 2 junctions that no road or ferry joins to the rest.",
    )
    assert told["FAR"] == (
        "beyond_limit",
        "It lies 1.1 km from the nearest road; the limit is 1 km.",
    )
    assert told["GATED"][0] == "closed_road"
    assert told["GATED"][1].startswith("Its nearest road is private, the nearest open one is 6")
    lines = list(check_lines(found))
    assert lines[0] == "6 places looked at by car: 3 cut off"
    assert any("outlet FAR (FAR): It lies 1.1 km" in line for line in lines)
    rows = list(csv.DictReader(io.StringIO(check_csv(found).decode())))
    assert [row["id"] for row in rows] == ["ISLE", "GATED", "FAR"]


def test_without_roads_there_is_nothing_to_check(workspace: Workspace) -> None:
    with pytest.raises(MissingPart, match="no roads of its own for foot"):
        check_roads(workspace, "town", mode="foot")


def places_file(folder: Path, name: str = "places.csv") -> Path:
    path = folder / name
    rows = [("00123", place(2, 0)), ("=cmd()", place(10, 5)), ("NA", place(45, 0))]
    path.write_text("id,lon,lat\n" + "".join(f"{key},{pair}\n" for key, pair in rows))
    return path


def test_a_table_is_written_a_row_for_each_pair(workspace: Workspace, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    places = read_places(places_file(tmp_path))
    assert [spot.place_id for spot in places] == ["00123", "=cmd()", "NA"]
    _, travel = travel_of(workspace, "town", "")
    for name in ("m.csv", "m.parquet"):
        assert save_table(travel, places, places, tmp_path / name) == 4
    expected = travel.block(*[np.array([[spot.lon, spot.lat] for spot in places])] * 2)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "m.csv").read_text(encoding="utf-8"))))
    assert len(rows) == 9
    assert [row["to_id"] for row in rows[:3]] == ["00123", "'=cmd()", "NA"]
    assert rows[1]["seconds"] == str(expected.seconds[0, 1])
    assert (rows[2]["seconds"], rows[2]["meters"], rows[2]["source"]) == ("", "", "road")
    table = pq.read_table(tmp_path / "m.parquet").to_pylist()
    assert table[1] == {
        "from_id": "00123",
        "to_id": "=cmd()",
        "seconds": int(expected.seconds[0, 1]),
        "meters": int(expected.meters[0, 1]),
        "source": "road",
    }
    assert table[2]["seconds"] is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.csv", "m.parquet", "places.csv"]


def test_a_table_in_an_unknown_form_leaves_nothing_behind(
    workspace: Workspace, tmp_path: Path
) -> None:
    places = read_places(places_file(tmp_path))
    with pytest.raises(InputError, match=r"\.csv or \.parquet"):
        save_table(travel_of(workspace, "town", "")[1], places, places, tmp_path / "m.xls")
    assert [path.name for path in tmp_path.iterdir()] == ["places.csv"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,lon,lat\n", "no places"),
        ("id,lon\nA,1\n", "lat"),
        ("id,lon,lat\nA,200,1\n", "not degrees"),
        ("id,lon,lat\nA,nan,1\nA,1,1\n", "'nan'"),
    ],
)
def test_a_bad_file_of_places_is_refused_with_its_rows(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "places.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        read_places(path)


@pytest.mark.parametrize("mode", ["car", "foot"])
def test_the_nearest_are_the_least_of_the_table(workspace: Workspace, mode: str) -> None:
    market = workspace.store.market("town")
    _, travel = travel_of(workspace, "town", mode)
    sources = find_places(market, [place(2, 0), place(10, 8)])
    targets = own_outlets(market)
    found = nearest_of(travel, sources, targets, 2)
    names = [[targets[t].place_id for t in row if t >= 0] for row in found.index]
    assert names[0][:2] == ["O1", "O2"] if mode == "car" else names[0][0] == "O1"
    assert names[1][0] == "O2"
    limited = nearest_of(travel, sources, targets, 2, limit_seconds=1)
    assert (limited.index == -1).all()
    assert found.source == ("road" if mode == "car" else "estimated")


def need(visit: str, east: float, executive: str = "AE-1") -> VisitNeed:
    return VisitNeed(
        visit_id=visit, account_id=visit, executive_id=executive, lon=east * STEP, lat=STEP / 2,
        visit_seconds=600, dates=(date(2026, 11, 23),), windows=(((0, 80_000),),), value=1.0,
    )  # fmt: skip


def shift(executive: str, east: float) -> Shift:
    home = (east * STEP, 0.0)
    return Shift(
        executive_id=executive, date=date(2026, 11, 23), start_seconds=0, end_seconds=80_000,
        start_lonlat=home, end_lonlat=home,
    )  # fmt: skip


def test_unreachable_visits_say_why_and_nothing_else_changes(workspace: Workspace) -> None:
    needs = [need("A", 2), need("FAR", 30), need("ISLE", 45), need("B", 3, "AE-2"), need("C", 4)]
    shifts = [shift("AE-1", 1), shift("AE-2", 30)]
    said = "No road leads there from the day's start and back."
    unserved = tuple(
        Unserved(
            visit_id=item.visit_id, account_id=item.account_id, executive_id=item.executive_id,
            reason="capacity_day_full" if item.visit_id == "C" else "unreachable_island",
            detail=said, value=1.0,
        )
        for item in needs[1:]
    )  # fmt: skip
    plan = VisitPlan(
        first_date=date(2026, 11, 23), last_date=date(2026, 11, 29), mode="car",
        travel_source="road", routes=(), unserved=unserved, travel_seconds=0, travel_meters=0,
        visit_seconds=0, served=0, value_kept=0.0, value_lost=4.0,
    )  # fmt: skip
    _, travel = travel_of(workspace, "town", "")
    told = with_reasons(plan, needs, shifts, travel)
    details = {item.visit_id: item.detail for item in told.unserved}
    assert details["FAR"] == f"{said} It lies 1.1 km from the nearest road; the limit is 1 km."
    assert details["ISLE"].startswith(f"{said} It lies on an island of 2 junctions")
    assert details["B"].startswith(f"{said} The day's start of AE-2 is cut off: It lies 1.1 km")
    assert details["C"] == said
    assert [item.reason for item in told.unserved] == [item.reason for item in unserved]
    assert with_reasons(plan, needs, shifts, estimated_travel("car")) is plan
