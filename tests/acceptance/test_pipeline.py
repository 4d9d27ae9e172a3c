"""A small city from its tables to its plans: judged, stored, made again, edited, handed out."""

import csv
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import geopandas
import gpxpy
import openpyxl
import pytest
from icalendar import Calendar

from api.schemas import JobKind, OutletsRequest
from api.usecases.check import check_plan
from api.usecases.edits import move_units
from api.usecases.explain import explain_unit
from api.usecases.judging import judge_outlets
from api.usecases.listing import plan_id_of
from api.usecases.outlets_job import outlets
from api.usecases.pictures import export_plan
from api.usecases.run import rerun
from api.usecases.summary import summarise
from api.usecases.workspace import outlet_sites
from data.exports import FORMATS
from optimizer.run import Stop, silent
from territory.alignment import AlignmentPlan
from territory.errors import Conflict, InputError, NotFound
from territory.outlets import OutletPlan
from territory.routes import VisitPlan
from territory.scores import ScorePlan
from tests.acceptance.worlds import CITY, JOBS, World, copy_of, fieldwright

EVERY_JOB = pytest.mark.parametrize("kind", JOBS)


def alignment_of(world: World) -> AlignmentPlan:
    plan = world.plans["redraw"].plan
    assert isinstance(plan, AlignmentPlan)
    return plan


def visits_of(world: World) -> VisitPlan:
    plan = world.plans["visits"].plan
    assert isinstance(plan, VisitPlan)
    return plan


@EVERY_JOB
def test_the_judge_finds_nothing_in_the_stored_plan(city: World, kind: JobKind) -> None:
    stored, violations = check_plan(city.workspace, city.plans[kind].plan_id)
    assert violations == ()
    assert stored.plan_hash == city.plans[kind].plan_hash


@EVERY_JOB
def test_made_again_from_its_parameters_it_is_the_same_plan(city: World, kind: JobKind) -> None:
    stored, made = rerun(city.workspace, city.plans[kind].plan_id)
    assert stored.provenance.work.is_repeatable
    assert made == stored.plan_hash


def test_an_outlet_plan_answers_what_a_planner_asks_next(city: World) -> None:
    plan = city.plans["outlets"].plan
    assert isinstance(plan, OutletPlan)
    opened = [site.site_id for site in plan.sites if site.decision == "open"]
    assert set(opened) <= set(plan.alternatives.texts("without"))
    assert set(opened) <= set(plan.robustness.texts("site_id"))
    taken = sum(plan.transfers.numbers("amount"))
    assert taken >= sum(site.captured for site in plan.sites if site.decision == "open") - 1


def test_scenarios_are_answered_judged_and_refused_by_name(city: World) -> None:
    market = city.workspace.store.market(CITY)
    stays = next(site.site_id for site in outlet_sites(market, "own") if not site.may_close)
    what_if = [
        {"name": "one site", "new_sites": 1},
        {"name": "no rival", "competitors_close": [_rival(city)]},
        {"name": "rival next door", "competitors_open": [{"lon": 24.94, "lat": 60.17}]},
        {"name": "one less of ours", "shut": [stays]},
    ]
    request = OutletsRequest.model_validate({"new_sites": 2, "what_if": what_if})
    made = outlets(city.workspace, market, request, Stop(), silent)
    assert made.violations == ()
    names = ("one site", "no rival", "rival next door", "one less of ours")
    assert made.plan.what_ifs.texts("name") == names
    assert made.plan.what_ifs.texts("closes")[3] == stays
    assert made.plan.what_ifs.texts("note")[3] == ""
    told = [line for line in summarise(made.plan) if line.startswith("what if one less of ours")]
    assert told[0].endswith(f"; closes {stays}")
    assert made.plan.what_ifs.numbers("change")[0] <= 0 <= made.plan.what_ifs.numbers("change")[1]
    wrong = {"what_if": [{"name": "x", "shut": ["<b>nowhere"]}, {"name": "x"}]}
    with pytest.raises(InputError) as caught:
        outlets(city.workspace, market, OutletsRequest.model_validate(wrong), Stop(), silent)
    assert {fault.value for fault in caught.value.faults} == {"x", "<b>nowhere"}


@pytest.mark.parametrize("capture", ["huff", "mnl"])
def test_outlets_of_a_market_that_shares_its_demand_are_proven_and_clean(
    city: World, capture: str
) -> None:
    scenario = {"name": "no rival", "competitors_close": [_rival(city)]}
    asked = {"new_sites": 2, "capture": capture, "robustness_draws": 2, "what_if": [scenario]}
    request = OutletsRequest.model_validate(asked)
    market = city.workspace.store.market(CITY)
    made = outlets(city.workspace, market, request, Stop(), silent)
    assert made.violations == ()
    assert made.plan.is_proven
    assert made.plan.capture == request.sharing
    shares = city.plans["outlets"].plan
    assert isinstance(shares, OutletPlan)
    assert made.plan.demand > shares.demand  # competitors pull beside, nothing is taken off before
    assert made.plan.what_ifs.numbers("change")[0] > 0


@pytest.mark.parametrize("goal", ["fewest", "nearest"])
def test_outlets_for_another_goal_say_what_is_proved_of_it(city: World, goal: str) -> None:
    request = OutletsRequest.model_validate({"goal": goal, "new_sites": 3, "robustness_draws": 0})
    market = city.workspace.store.market(CITY)
    made = outlets(city.workspace, market, request, Stop(), silent)
    assert made.violations == ()
    aim = made.plan.goal
    assert aim.kind == goal
    reached = made.plan.new_sites if goal == "fewest" else aim.within_minutes
    assert aim.bound == pytest.approx(reached)
    wrong = replace(made.plan, goal=replace(aim, beyond=aim.beyond + 1))
    judged = judge_outlets(city.workspace, market, wrong, request)
    assert {one.code for one in judged} == {"wrong_goal"}


def test_more_new_sites_than_candidates_is_said(city: World) -> None:
    asked = {"new_sites": 500, "robustness_draws": 0, "alternatives": 0}
    request = OutletsRequest.model_validate(asked)
    market = city.workspace.store.market(CITY)
    made = outlets(city.workspace, market, request, Stop(), silent)
    assert made.violations == ()
    assert any("500 new sites were asked for; only" in note for note in made.plan.notes)


def test_rules_moves_and_the_cap_hold_and_are_judged(city: World) -> None:
    free = city.plans["outlets"].plan
    assert isinstance(free, OutletPlan)
    opened = [site.site_id for site in free.sites if site.decision == "open"]
    rule = {"name": "one of two", "sites": dict.fromkeys(opened[:2], 1.0), "at_most": 1}
    asked = {"new_sites": 3, "rules": [rule], "robustness_draws": 0, "alternatives": 0}
    cap = free.cannibalised / 2
    asked |= {"most_cannibalised": cap, "may_close": False}
    request = OutletsRequest.model_validate(asked)
    market = city.workspace.store.market(CITY)
    made = outlets(city.workspace, market, request, Stop(), silent)
    assert made.violations == ()
    assert made.plan.cannibalised <= cap + 1e-6
    other = OutletsRequest.model_validate(asked | {"most_cannibalised": made.plan.cannibalised / 2})
    if made.plan.cannibalised:
        codes = {one.code for one in judge_outlets(city.workspace, market, made.plan, other)}
        assert codes == {"over_cap"}
    still = {site.site_id for site in made.plan.sites if site.decision == "open"}
    tight = {"name": "none", "sites": dict.fromkeys(sorted(still)[:1], 1.0), "at_most": 0}
    other = OutletsRequest.model_validate(asked | {"rules": [tight]})
    codes = {one.code for one in judge_outlets(city.workspace, market, made.plan, other)}
    assert codes == {"broken_rule"}


def _rival(city: World) -> str:
    rows = city.workspace.store.market(CITY).table("outlets")
    return str(rows.loc[rows["owner"] != "own", "outlet_id"].iloc[0])


def test_the_plans_hold_together(city: World) -> None:
    alignment, visits = alignment_of(city), visits_of(city)
    assert city.plans["visits"].provenance.parents == (city.plans["redraw"].plan_id,)
    accounts = city.workspace.store.market(CITY).table("accounts")
    visited = {stop.account_id for route in visits.routes for stop in route.stops}
    assert visited <= set(accounts["account_id"])
    assert {route.executive_id for route in visits.routes} <= set(alignment.alignment.executive_ids)
    assert sum(len(route.stops) for route in visits.routes) == visits.served > 50


def test_a_unit_moved_by_hand_is_a_new_version_that_can_be_made_again(city: World) -> None:
    before = alignment_of(city).alignment
    unit, to = (
        before.unit_ids[0],
        next(other for other in before.executive_ids if other != before.owners[0]),
    )
    edited, warnings = move_units(city.workspace, city.plans["redraw"].plan_id, [unit], to=to)
    assert isinstance(edited.plan, AlignmentPlan)
    assert edited.version > city.plans["redraw"].version
    assert edited.provenance.parents == (city.plans["redraw"].plan_id,)
    owners = edited.plan.alignment.owner_of()
    changed = [name for name in before.unit_ids if owners[name] != before.owner_of()[name]]
    assert (changed, owners[unit]) == ([unit], to)
    assert all(warning for warning in warnings)
    stored, made = rerun(city.workspace, edited.plan_id)
    assert made == stored.plan_hash == edited.plan_hash
    assert check_plan(city.workspace, edited.plan_id)[1] == ()
    # the plan it came from is untouched
    assert check_plan(city.workspace, city.plans["redraw"].plan_id)[0].plan_hash == (
        city.plans["redraw"].plan_hash
    )


def test_a_move_to_nobody_or_of_no_unit_is_refused(city: World) -> None:
    plan = city.plans["redraw"].plan_id
    unit = alignment_of(city).alignment.unit_ids[0]
    with pytest.raises(InputError):
        move_units(city.workspace, plan, [unit], to="nobody")
    with pytest.raises(InputError):
        move_units(city.workspace, plan, ["nowhere"], to=alignment_of(city).alignment.owners[0])
    with pytest.raises(NotFound):
        move_units(city.workspace, city.plans["score"].plan_id, [unit], to="nobody")


def test_a_score_is_explained_in_sentences_whose_money_adds_up(city: World) -> None:
    plan = city.plans["score"].plan
    assert isinstance(plan, ScorePlan)
    potential = plan.table.numbers("potential")
    best = max(range(len(potential)), key=potential.__getitem__)
    worth, parts, *rest = explain_unit(city.workspace, CITY, plan.unit_ids[best])
    near = pytest.approx(potential[best], rel=0.01)  # sentences round to two or three digits
    assert amounts(worth)[0] == near
    assert sum(amounts(parts)) == near
    assert len(rest) >= 2
    with pytest.raises(NotFound):
        explain_unit(city.workspace, CITY, "no such unit")


def amounts(sentence: str) -> list[float]:
    """The sums of money in a sentence, such as "+238 k EUR"."""
    size = {"": 1, "k ": 1e3, "M ": 1e6}
    found = re.findall(r"([+-]?\d[\d,.]*) (k |M |)EUR", sentence)
    return [float(digits.replace(",", "")) * size[letter] for digits, letter in found]


@EVERY_JOB
def test_every_format_of_every_plan_is_written(city: World, kind: JobKind, tmp_path: Path) -> None:
    stored = city.plans[kind]
    for format_ in (*FORMATS[stored.kind], "html"):
        paths = export_plan(city.workspace, stored.plan_id, format_, folder=tmp_path / format_)
        assert paths, format_
        assert all(path.suffix == f".{format_}" and path.stat().st_size > 100 for path in paths)
    with pytest.raises(InputError, match="Formats: "):
        export_plan(city.workspace, stored.plan_id, "pdf", folder=tmp_path)


def test_all_exports_of_the_visits_tell_the_same_stops(city: World, tmp_path: Path) -> None:
    plan = visits_of(city)
    of_plan = Counter(stop.account_id for route in plan.routes for stop in route.stops)
    files = {
        format_: export_plan(
            city.workspace, city.plans["visits"].plan_id, format_, folder=tmp_path / format_
        )
        for format_ in FORMATS["visits"]
    }
    (stops,) = [path for path in files["csv"] if path.stem.endswith("-stops")]
    with stops.open(encoding="utf-8-sig", newline="") as file:
        assert Counter(row["account_id"] for row in csv.DictReader(file)) == of_plan
    (book,) = files["xlsx"]
    sheet = openpyxl.load_workbook(book)["stops"]
    head, *rows = sheet.iter_rows(values_only=True)
    assert Counter(row[head.index("account_id")] for row in rows) == of_plan
    (points,) = [path for path in files["geojson"] if path.stem.endswith("-stops")]
    features = json.loads(points.read_text(encoding="utf-8"))["features"]
    assert Counter(item["properties"]["account_id"] for item in features) == of_plan
    (package,) = files["gpkg"]
    assert Counter(geopandas.read_file(package, layer="stops")["account_id"]) == of_plan
    events = [
        event
        for path in files["ics"]
        for event in Calendar.from_ical(path.read_bytes()).walk("VEVENT")
    ]
    assert len(files["ics"]) == len({route.executive_id for route in plan.routes})
    assert len(events) == plan.served
    ways = [way for path in files["gpx"] for way in gpxpy.parse(path.read_text("utf-8")).routes]
    # home, the stops, home
    assert sum(len(way.points) - 2 for way in ways) == plan.served
    assert len(ways) == len(plan.routes)


def test_once_a_table_changed_a_plan_is_neither_judged_nor_made_again(
    city: World, tmp_path: Path
) -> None:
    changed = copy_of(city.workspace, tmp_path / "var")
    try:
        companies = changed.store.market(CITY).table("companies").head(1)
        changed.store.write_rows(
            CITY, "companies", companies.assign(consumption=1e6), mode="upsert"
        )
        for stored in city.plans.values():
            with pytest.raises(Conflict, match="changed since"):
                check_plan(changed, stored.plan_id)
            with pytest.raises(Conflict, match="changed since"):
                rerun(changed, stored.plan_id)
    finally:
        changed.store.close()
    assert check_plan(city.workspace, city.plans["score"].plan_id)[1] == ()


def test_the_latest_plan_of_a_kind_is_found_by_job_and_by_kind(city: World) -> None:
    assert plan_id_of(city.workspace, f"{CITY}:visits") == city.plans["visits"].plan_id
    assert plan_id_of(city.workspace, f"{CITY}:redraw") == plan_id_of(
        city.workspace, f"{CITY}:alignment"
    )
    with pytest.raises(NotFound):
        plan_id_of(city.workspace, f"{CITY}:conquest")


def test_the_command_line_checks_and_lists_the_same_plans(city: World) -> None:
    var = city.workspace.settings.var_path
    checked = fieldwright(var, "check", f"{CITY}:visits")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert f"{city.plans['visits'].plan_id}: 0 violations" in checked.stdout
    listed = fieldwright(var, "plans", CITY, "--kind", "visits")
    assert listed.stdout.startswith(city.plans["visits"].plan_id)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("score", "atlantis"), 1, "fieldwright: There is no market 'atlantis'"),
        (("redraw", CITY, "--tolerance", "-3"), 1, "tolerance_percent"),
        (("check", "no-such-plan"), 1, "no-such-plan"),
        (("redraw",), 2, "Missing argument"),
        (("conquer", CITY), 2, "No such command"),
    ],
)
def test_the_command_line_says_no_in_a_sentence_and_by_its_status(
    city: World, words: tuple[str, ...], status: int, said: str
) -> None:
    refused = fieldwright(city.workspace.settings.var_path, *words)
    assert refused.returncode == status
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert refused.stdout == ""
