"""Visits told in money, from the tables to page, workbook and replan, and judged all the way."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from api.replan_schemas import DelayIn, ReplanRequest
from api.settings import Settings
from api.usecases.check import check_plan
from api.usecases.drives import route_legs
from api.usecases.imports import load_sample
from api.usecases.judging import judge_visits
from api.usecases.pictures import draw_plan, export_plan, save_day_sheets
from api.usecases.replanning import replan
from api.usecases.run import parse_request, request_of, rerun, run
from api.usecases.summary import summarise
from api.usecases.workspace import Workspace
from territory.errors import InputError
from territory.routes import VisitPlan

CITY = "city"
PRICES = {"driving": 40.0, "waiting": 10.0, "imbalance": 5.0, "change": 25.0}


@pytest.fixture(scope="module", name="workspace")
def _workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Three executives: overtime and lunch at home, lunch at accounts, days that end anywhere."""
    workspace = Workspace(Settings(var=tmp_path_factory.mktemp("prices"), database_url=""))
    load_sample(workspace, "metropolis", CITY, companies=200, executives=3)
    market = workspace.store.market(CITY)
    executives = market.table("executives").copy()
    executives["max_overtime_minutes"] = [60.0, float("nan"), float("nan")]
    executives["overtime_price"] = [70.0, float("nan"), float("nan")]
    executives["lunch_place"] = ["home", "account", ""]
    executives["day_ends"] = ["", "", "last_visit"]
    workspace.store.write_rows(CITY, "executives", executives)
    accounts = market.table("accounts").copy()
    accounts["late_minutes"] = [15.0 if row % 3 == 0 else float("nan") for row in accounts.index]
    workspace.store.write_rows(CITY, "accounts", accounts)
    rush = market.table("travel_hours").copy()
    rush.loc[0] = {
        "band_id": "am", "weekdays": "Mo-Th", "from_time": "07:30", "to_time": "09:30",
        "factor": 1.6, "synthetic": "",
    }  # fmt: skip
    workspace.store.write_rows(CITY, "travel_hours", rush)
    return workspace


@pytest.fixture(scope="module", name="plan_id")
def _plan_id(workspace: Workspace) -> str:
    asked = parse_request(
        "visits", {"weeks": 1, "iterations": 1500, "objective": "weighted", "prices": PRICES}
    )
    return run(workspace, CITY, "visits", asked).plan_id


def plan_of(workspace: Workspace, plan_id: str) -> VisitPlan:
    plan = workspace.store.load_plan(plan_id).plan
    assert isinstance(plan, VisitPlan)
    return plan


def test_every_part_is_told_and_judged(workspace: Workspace, plan_id: str) -> None:
    plan = plan_of(workspace, plan_id)
    assert plan.objective == "weighted"
    price = {part.name: part.price for part in plan.costs}
    assert price["driving"] == 40.0
    assert price["overtime"] == 45.0  # the usual one
    assert check_plan(workspace, plan_id)[1] == ()
    ends = {(r.executive_id, r.home_travel_seconds == 0) for r in plan.routes}
    open_ended = workspace.store.market(CITY).table("executives")["executive_id"].iloc[2]
    assert {is_open for who, is_open in ends if who == open_ended} == {True}


def test_who_eats_at_home_is_guided_by_home_on_sheet_and_device(
    workspace: Workspace, plan_id: str, tmp_path: Path
) -> None:
    stored = workspace.store.load_plan(plan_id)
    plan = plan_of(workspace, plan_id)
    route = next(r for r in plan.routes if any(b.lonlat for b in r.breaks))
    assert route.breaks[0].lonlat == route.start_lonlat
    legs = route_legs(workspace, workspace.store.market(CITY), plan)
    driven = legs[route.executive_id, route.date]
    told = [stop.travel_meters for stop in route.stops] + [route.home_travel_meters]
    assert [leg.meters for leg in driven] == told
    sheets = [
        (tmp_path / sheet.href).read_text(encoding="utf-8")
        for sheet in save_day_sheets(workspace, stored, tmp_path, prefix="")
    ]
    assert sum("Lunch at home" in sheet for sheet in sheets) == 1
    assert any(
        "<name>Lunch</name>" in path.read_text(encoding="utf-8")
        for path in export_plan(workspace, plan_id, "gpx", folder=tmp_path)
    )


def test_the_judge_asks_for_parts_that_are_gone(workspace: Workspace, plan_id: str) -> None:
    stored = workspace.store.load_plan(plan_id)
    asked = request_of(stored.provenance)
    market = workspace.store.market(CITY)
    bare = replace(plan_of(workspace, plan_id), costs=())
    found = judge_visits(workspace, market, bare, asked)  # type: ignore[arg-type]
    assert {one.code for one in found} == {"wrong_cost_part"}
    older = asked.model_copy(update={"prices": {}, "objective": "lexicographic"})
    assert judge_visits(workspace, market, bare, older) == ()  # type: ignore[arg-type]


def test_a_rerun_gives_the_same_plan(workspace: Workspace, plan_id: str) -> None:
    stored, made = rerun(workspace, plan_id)
    assert made == stored.plan_hash


def test_terminal_page_and_workbook_tell_the_parts(
    workspace: Workspace, plan_id: str, tmp_path: Path
) -> None:
    plan = plan_of(workspace, plan_id)
    words = " ".join(summarise(plan))
    assert "value kept" in words
    assert "driving" in words
    assert "(weighted)" in words
    html = draw_plan(workspace, plan_id).html
    assert ">Cost<" in html
    assert "off preferred weekdays" in html
    files = export_plan(workspace, plan_id, "xlsx", folder=tmp_path)
    book = openpyxl.load_workbook(files[0])
    rows = list(book["costs"].values)
    assert rows[0] == ("part", "quantity", "unit", "price", "amount")
    assert {row[0]: row[4] for row in rows[1:]}["driving"] == pytest.approx(
        next(part.amount for part in plan.costs if part.name == "driving")
    )


def test_a_plan_keeps_to_what_was_published(workspace: Workspace, plan_id: str) -> None:
    """Balanced days ask for changes of the first plan; dear ones are fewer than free ones."""

    def changes(change: float) -> float:
        asked = parse_request(
            "visits",
            {
                "weeks": 1,
                "iterations": 1500,
                "seed": 7,
                "published_plan": plan_id,
                "balance": "day",
                "prices": {"change": change, "imbalance": 400.0},
            },
        )
        stored = run(workspace, CITY, "visits", asked)
        assert plan_id in stored.provenance.parents
        plan = plan_of(workspace, stored.plan_id)
        return next(part.quantity for part in plan.costs if part.name == "changes")

    assert changes(500.0) < changes(0.0)


def test_a_replan_tells_its_costs_too(workspace: Workspace, plan_id: str) -> None:
    plan = plan_of(workspace, plan_id)
    route = next(r for r in plan.routes if len(r.stops) >= 3)
    now = datetime.combine(route.date, datetime.min.time())
    now += timedelta(seconds=route.stops[0].start_seconds + 60)
    late = DelayIn(executive=route.executive_id, minutes=45)
    done = replan(workspace, plan_id, ReplanRequest(now=now, delays=(late,)), branch=True)
    assert check_plan(workspace, done.stored.plan_id)[1] == ()
    assert plan_of(workspace, done.stored.plan_id).costs != ()


@pytest.mark.parametrize(
    "params",
    [
        {"prices": {"tolls": 3}},
        {"prices": {"driving": 0}},
        {"prices": {"waiting": -1}},
        {"objective": "cheap"},
        {"balance": "month"},
    ],
)
def test_prices_nobody_knows_are_refused(params: dict[str, object]) -> None:
    with pytest.raises(InputError):
        parse_request("visits", params)


def test_the_command_line_refuses_a_price_that_is_no_number() -> None:
    from api.cli.price_words import prices_of

    assert prices_of(["driving=36", " waiting = 0.5 "]) == {"driving": 36.0, "waiting": 0.5}
    with pytest.raises(InputError) as caught:
        prices_of(["driving", "waiting=much"])
    assert len(caught.value.faults) == 2


def test_prices_set_for_all_plans_hold_where_a_request_names_none(workspace: Workspace) -> None:
    usual = workspace.settings.model_copy(update={"visit_prices": "driving=41,overtime=77"})
    asked = parse_request("visits", {"weeks": 1, "iterations": 200, "prices": {"overtime": 50}})
    made = run(Workspace(usual), CITY, "visits", asked)
    prices = request_of(made.provenance).model_dump()["prices"]
    assert (prices["driving"], prices["overtime"], prices["lateness"]) == (41.0, 50.0, 60.0)
    assert rerun(workspace, made.plan_id)[1] == made.plan_hash
