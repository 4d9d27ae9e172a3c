"""A user's own case, a whole country: files, roads, jobs and pictures."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from api.usecases.check import check_plan
from api.usecases.imports import import_files
from api.usecases.pictures import draw_plan
from api.usecases.roads import build_roads
from data.roads import load_network
from territory.alignment import AlignmentPlan
from territory.errors import InputError
from territory.geo import haversine_meters
from territory.outlets import OutletPlan
from territory.routes import VisitPlan
from territory.scores import ScorePlan
from territory.units import build_units, locate
from tests.acceptance.worlds import World, make_plans, open_workspace
from tests.shared import shared_path

pytestmark = pytest.mark.shared

MALTA = "malta"
HOMES = {
    "Valletta": (14.5146, 35.8989),
    "Sliema": (14.5045, 35.9122),
    "Birkirkara": (14.4611, 35.8972),
    "Mosta": (14.4256, 35.9094),
    "Qormi": (14.4719, 35.8764),
    "Zabbar": (14.5381, 35.8772),
    "San Pawl": (14.4064, 35.9483),
    "Victoria": (14.2397, 36.0440),  # on Gozo, the other island
}
GOZO_NORTH_OF = 36.0
JOBS = {
    "score": {},
    "redraw": {"executives": 8, "tolerance_percent": 15.0, "iterations": 1_000_000},
    "visits": {
        "first_date": "2026-11-30",
        "weeks": 1,
        "alignment_plan": f"{MALTA}:alignment",
        "iterations": 10_000,
    },
    "gaps": {},
    "outlets": {"new_sites": 3, "candidates": 60},
}


def executives() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "executive_id": f"{number:03d}",
                "name": f"AE {town}",
                "home_lon": lon,
                "home_lat": lat,
            }
            for number, (town, (lon, lat)) in enumerate(HOMES.items(), start=1)
        ]
    )


def accounts(companies: pd.DataFrame) -> pd.DataFrame:
    """Every fourth shop that has a name, the first of them of the best tier."""
    shops = companies[(companies["key"] == "shop") & (companies["name"] != "")].iloc[::4]
    tiers = ["A" if number % 10 == 0 else "C" for number in range(len(shops))]
    return pd.DataFrame(
        {
            "account_id": shops["osm"],
            "company_id": shops["osm"],
            "name": shops["name"],
            "lon": shops["lon"],
            "lat": shops["lat"],
            "tier": tiers,
        }
    )


def outlets(companies: pd.DataFrame) -> pd.DataFrame:
    """Lidl as ours, every other supermarket as a competitor's."""
    stores = companies[companies["kind"] == "supermarket"]
    is_own = stores["name"].str.contains("Lidl") | stores["brand"].str.contains("Lidl")
    return pd.DataFrame(
        {
            "outlet_id": stores["osm"],
            "name": stores["name"],
            "lon": stores["lon"],
            "lat": stores["lat"],
            "owner": np.where(is_own, "own", "competitor"),
        }
    )


@pytest.fixture(scope="module")
def malta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Malta from its files: imported, given roads, every job done."""
    places = shared_path("geo", "malta", "companies.csv")
    zones = shared_path("geo", "malta", "zones_admin8.geojson")
    extract = shared_path("geo", "malta", "malta-2018.osm.pbf")
    workspace = open_workspace(tmp_path_factory.mktemp("malta"))
    import_files(
        workspace,
        MALTA,
        [places],
        table="companies",
        mapping=("osm=company_id", "kind=category", "street=address"),
        settings={"title": "Malta", "timezone": "Europe/Malta", "country": "MT"},
    )
    with pytest.raises(InputError, match="Ir-Rabat"):
        import_files(workspace, MALTA, [zones], table="zones", mapping=("name=zone_id",))
    said = import_files(
        workspace, MALTA, [zones], table="zones", mapping=("name=zone_id",), skip_bad_rows=True
    )
    assert any("67 rows into zones" in line for line in said)
    companies = pd.read_csv(places, dtype="str", keep_default_na=False)
    folder = tmp_path_factory.mktemp("files")
    files = []
    for name, frame in {
        "executives": executives(),
        "accounts": accounts(companies),
        "outlets": outlets(companies),
    }.items():
        files.append(folder / f"{name}.csv")
        frame.to_csv(files[-1], index=False)
    import_files(workspace, MALTA, files)
    junctions, bans, isles, lines = build_roads(workspace, MALTA, pbf=extract)
    for word, line in (
        ("junctions", junctions),
        ("turn restrictions obeyed", bans),
        ("1 parts that no road joins", isles),
        ("road lines", lines),
    ):
        assert word in line
    yield World(workspace=workspace, market=MALTA, plans=make_plans(workspace, MALTA, JOBS))
    workspace.store.close()


def test_its_tables_are_whole_but_for_the_locality_named_twice(malta: World) -> None:
    market = malta.workspace.store.market(MALTA)
    assert len(market.table("companies")) == 4_104
    assert len(market.table("zones")) == 67
    assert market.table("zones")["zone_id"].is_unique
    rejects = list((malta.workspace.folder(MALTA) / "rejects").iterdir())
    assert len(rejects) == 1
    assert "Ir-Rabat" in rejects[0].read_text(encoding="utf-8")
    assert set(market.table("outlets")["owner"]) == {"own", "competitor"}
    assert not market.has_synthetic
    assert any("OpenStreetMap" in text for text in market.settings.attribution)


def test_its_roads_are_two_islands(malta: World) -> None:
    network = load_network(malta.workspace.folder(MALTA) / "roads" / "car")
    large = [size for size in network.component_sizes if size > 1_000]
    assert len(large) == 2
    assert malta.workspace.travel(MALTA, "car").source != "estimate"


@pytest.mark.parametrize("kind", JOBS)
def test_the_judge_finds_nothing_in_any_plan(malta: World, kind: str) -> None:
    assert check_plan(malta.workspace, malta.plans[kind].plan_id)[1] == ()


def test_its_potential_lies_where_its_companies_are(malta: World) -> None:
    plan = malta.plans["score"].plan
    assert isinstance(plan, ScorePlan)
    assert sum(plan.table.numbers("companies")) == 4_104
    units = build_units(malta.workspace.store.market(MALTA))
    valletta = locate(units, np.array([HOMES["Valletta"]]))[0]
    assert plan.table.numbers("score")[valletta] > 90


def test_its_jurisdictions_are_eight_in_one_piece_but_for_the_channel(malta: World) -> None:
    plan = malta.plans["redraw"].plan
    assert isinstance(plan, AlignmentPlan)
    assert len(plan.jurisdictions) == 8
    assert all(item.units > 0 for item in plan.jurisdictions)
    assert sum(item.components for item in plan.jurisdictions) <= 9


def test_nobody_drives_across_the_sea(malta: World) -> None:
    plan = malta.plans["visits"].plan
    assert isinstance(plan, VisitPlan)
    assert plan.served > 60
    for route in plan.routes:
        islands = {stop.lat > GOZO_NORTH_OF for stop in route.stops}
        assert islands == {route.start_lonlat[1] > GOZO_NORTH_OF}
    assert all(item.detail for item in plan.unserved)


def test_its_new_outlets_stand_apart_from_each_other_with_a_bound(malta: World) -> None:
    plan = malta.plans["outlets"].plan
    assert isinstance(plan, OutletPlan)
    opened = [site for site in plan.sites if site.decision == "open"]
    assert len(opened) == 3
    places = np.array([(site.lon, site.lat) for site in opened])
    apart = haversine_meters(places, places)[np.triu_indices(3, 1)]
    assert apart.min() > 1_000
    assert plan.captured_before < plan.captured <= plan.bound * (1 + 1e-9)


@pytest.mark.parametrize("kind", JOBS)
def test_every_plan_is_drawn_over_its_own_roads(malta: World, kind: str, tmp_path: Path) -> None:
    page = draw_plan(malta.workspace, malta.plans[kind].plan_id)
    path = page.save(tmp_path / f"{kind}.html")
    assert 100_000 < path.stat().st_size < 8_000_000
    assert "OpenStreetMap" in page.html
    assert malta.workspace.base_map(MALTA).roads


def test_its_weeks_are_counted_from_the_day_asked_for(malta: World) -> None:
    plan = malta.plans["visits"].plan
    assert isinstance(plan, VisitPlan)
    assert min(route.date for route in plan.routes) >= date(2026, 11, 30)
    assert max(route.date for route in plan.routes) <= date(2026, 12, 6)
