"""The living day: a sample plan is replanned after what happens, and judged."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.replan_schemas import AddedIn, DelayIn, IllnessIn, ReplanRequest
from api.settings import Settings
from api.usecases.check import check_plan
from api.usecases.imports import load_sample
from api.usecases.replanning import Replanned, replan
from api.usecases.run import parse_request, rerun, run
from api.usecases.why import why_visit
from api.usecases.workspace import Workspace
from territory.checks import check_replan
from territory.errors import Conflict, InputError, NotFound
from territory.living import Happening, Illness
from territory.routes import Route, VisitPlan


@pytest.fixture(scope="module", name="world")
def _world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    """A small city and two weeks of visits."""
    settings = Settings(var=tmp_path_factory.mktemp("living"), database_url="")
    workspace = Workspace(settings)
    load_sample(workspace, "metropolis", "city", companies=300, executives=3)
    asked = parse_request("visits", {"weeks": 2, "iterations": 3000})
    return workspace, run(workspace, "city", "visits", asked).plan_id


def _plan(world: tuple[Workspace, str]) -> VisitPlan:
    found = world[0].store.load_plan(world[1]).plan
    assert isinstance(found, VisitPlan)
    return found


def _day(plan: VisitPlan) -> tuple[Route, datetime]:
    """A route of five stops or more, and a minute into its third visit."""
    route = next(r for r in plan.routes if len(r.stops) >= 5 and r.date > plan.first_date)
    midnight = datetime.combine(route.date, datetime.min.time())
    return route, midnight + timedelta(seconds=route.stops[2].start_seconds + 60)


def _slack_day(plan: VisitPlan) -> tuple[Route, datetime]:
    """A route on the day on which some colleague is home earliest, and that day at six."""
    idle = min(plan.routes, key=lambda r: (r.return_seconds, r.executive_id))
    route = next(
        r for r in plan.routes if r.date == idle.date and r.executive_id != idle.executive_id
    )
    return route, datetime.combine(route.date, datetime.min.time()) + timedelta(hours=6)


def _replanned(world: tuple[Workspace, str], **what: Any) -> tuple[Replanned, VisitPlan]:
    now = what.pop("now", None) or _day(_plan(world))[1]
    done = replan(world[0], world[1], ReplanRequest(now=now, **what), branch=True)
    assert check_plan(world[0], done.stored.plan_id)[1] == ()
    assert rerun(world[0], done.stored.plan_id)[1] == done.stored.plan_hash
    assert isinstance(done.stored.plan, VisitPlan)
    return done, done.stored.plan


def _same_day(plan: VisitPlan, route: Route) -> Route:
    return next(
        r for r in plan.routes if (r.executive_id, r.date) == (route.executive_id, route.date)
    )


def test_after_a_delay_the_past_stays_and_nobody_else_is_touched(
    world: tuple[Workspace, str],
) -> None:
    """Three stops were made or begun; the next is not driven to before the delay is over."""
    before = _plan(world)
    route, _ = _day(before)
    _, after = _replanned(world, delays=[DelayIn(executive=route.executive_id, minutes=60)])
    now = _same_day(after, route)
    assert now.stops[:3] == route.stops[:3]
    ready = route.stops[2].end_seconds + 3600
    assert all(stop.arrive_seconds - stop.travel_seconds >= ready for stop in now.stops[3:4])
    assert {one.executive_id for one in after.changes} == {route.executive_id}
    others = [r for r in before.routes if r.executive_id != route.executive_id]
    assert [r for r in after.routes if r.executive_id != route.executive_id] == others


def test_from_the_present_position_the_next_leg_is_driven(world: tuple[Workspace, str]) -> None:
    """The route says where it goes on, and the judge takes the leg from there."""
    route, _ = _day(_plan(world))
    here = (route.start_lonlat[0] + 0.004, route.start_lonlat[1] + 0.004)
    _, after = _replanned(world, delays=[DelayIn(executive=route.executive_id, minutes=5, at=here)])
    resume = _same_day(after, route).resume
    assert resume is not None
    assert (resume.after_stops, resume.lonlat) == (3, here)


def test_a_visit_called_off_leaves_the_rest_alone(world: tuple[Workspace, str]) -> None:
    """It is unserved by hand; every other visit stays on its day."""
    route, _ = _day(_plan(world))
    gone = route.stops[-1].visit_id
    _, after = _replanned(world, cancelled=[gone])
    (entry,) = [one for one in after.unserved if one.visit_id == gone]
    assert entry.reason == "manual_exclude"
    assert "cancelled" in {one.kind for one in after.changes}
    assert "moved" not in {one.kind for one in after.changes}


def test_one_who_is_ill_goes_home_and_the_visits_move(world: tuple[Workspace, str]) -> None:
    """No stop after now today; what can be made later is."""
    before = _plan(world)
    route, _ = _day(before)
    _, after = _replanned(world, ill=[IllnessIn(executive=route.executive_id)])
    today = _same_day(after, route)
    assert today.stops == route.stops[:3]
    assert today.return_seconds >= route.stops[2].end_seconds
    late = {stop.visit_id for stop in route.stops[3:]}
    assert late == {c.visit_id for c in after.changes if c.kind in ("moved", "dropped")} & late


def test_colleagues_cover_for_one_who_is_ill_only_if_asked_and_can_be_replanned(
    world: tuple[Workspace, str],
) -> None:
    """Same date, another executive, listed; a visit handed over can then be called off."""
    workspace, _ = world
    route, now = _slack_day(_plan(world))
    ill = [IllnessIn(executive=route.executive_id)]
    _, alone = _replanned(world, now=now, ill=ill)
    assert "covered" not in {one.kind for one in alone.changes}
    done, after = _replanned(world, now=now, ill=ill, cover=True, cover_minutes=0)
    handed = [one for one in after.changes if one.kind == "covered"]
    assert handed
    maker = {s.visit_id: (r.executive_id, r.date) for r in after.routes for s in r.stops}
    for one in handed:
        assert one.before_executive_id == route.executive_id != one.executive_id
        assert one.before_date == one.after_date == route.date
        assert maker[one.visit_id] == (one.executive_id, route.date)
    assert after.value_kept >= alone.value_kept
    dear = _replanned(world, now=now, ill=ill, cover=True, cover_minutes=1440)[1]
    assert len([one for one in dear.changes if one.kind == "covered"]) <= len(handed)
    gone = handed[0]
    off = ReplanRequest(now=now + timedelta(minutes=1), cancelled=(gone.visit_id,))
    second = replan(workspace, done.stored.plan_id, off)
    assert check_plan(workspace, second.stored.plan_id)[1] == ()
    (told,) = [c for c in second.stored.plan.changes if c.visit_id == gone.visit_id]  # type: ignore[union-attr]
    assert (told.kind, told.executive_id) == ("cancelled", gone.executive_id)


def test_the_judge_finds_a_cover_that_nobody_asked_for(world: tuple[Workspace, str]) -> None:
    """The same version is clean with the illness and wrong without cover or without illness."""
    before = _plan(world)
    route, now = _slack_day(before)
    ill = [IllnessIn(executive=route.executive_id)]
    _, after = _replanned(world, now=now, ill=ill, cover=True, cover_minutes=0)
    seconds = now.hour * 3600
    sick = Illness(executive_id=route.executive_id, until=route.date)
    happening = Happening(today=route.date, seconds=seconds, ill=(sick,), is_covered=True)
    assert check_replan(before, after, happening) == ()
    for wrong in (replace(happening, is_covered=False), replace(happening, ill=())):
        assert "wrong_cover" in {one.code for one in check_replan(before, after, wrong)}
    silent = replace(
        after, changes=tuple(replace(c, before_executive_id=None) for c in after.changes)
    )
    assert "wrong_change" in {one.code for one in check_replan(before, silent, happening)}


def test_a_visit_more_goes_in_and_can_be_replanned_again(world: tuple[Workspace, str]) -> None:
    """Added, then a delay on top: the version after knows of both."""
    workspace, _ = world
    route, now = _day(_plan(world))
    account = route.stops[0].account_id
    done, after = _replanned(world, added=[AddedIn(account=account, minutes=20, value=1e9)])
    (added,) = [one for one in after.changes if one.kind == "added"]
    assert added.visit_id == f"{account}+1"
    again = ReplanRequest(
        now=now + timedelta(minutes=30),
        delays=(DelayIn(executive=route.executive_id, minutes=10),),
    )
    second = replan(workspace, done.stored.plan_id, again)
    assert check_plan(workspace, second.stored.plan_id)[1] == ()
    with pytest.raises(Conflict, match="meanwhile"):
        replan(workspace, done.stored.plan_id, again)


def test_what_did_not_happen_or_is_not_there_is_refused(world: tuple[Workspace, str]) -> None:
    """Nothing, a stranger, a visit begun already, a clock time that is none, an unknown account."""
    workspace, plan_id = world
    route, now = _day(_plan(world))
    for what, words in (
        ({}, "Nothing happened"),
        ({"ill": [IllnessIn(executive="nobody")]}, "does not know"),
        ({"cancelled": [route.stops[0].visit_id]}, "not to come"),
        ({"delays": [DelayIn(executive=route.executive_id, until="25:99")]}, "no clock time"),
        ({"added": [AddedIn(account="no such")]}, "no account"),
    ):
        with pytest.raises(InputError, match=words):
            replan(workspace, plan_id, ReplanRequest(now=now, **what))  # type: ignore[arg-type]


def test_the_judge_finds_what_a_replan_hides(world: tuple[Workspace, str]) -> None:
    """History changed, an illness not heeded, a change unsaid."""
    before = _plan(world)
    route, now = _day(before)
    seconds = now.hour * 3600 + now.minute * 60
    calm = Happening(today=route.date, seconds=seconds)
    assert check_replan(before, replace(before, changes=()), calm) == ()
    stops = (replace(route.stops[0], start_seconds=route.stops[0].start_seconds - 60),)
    forged = replace(
        before,
        routes=tuple(
            replace(r, stops=(*stops, *r.stops[1:])) if r is route else r for r in before.routes
        ),
    )
    assert {"rewritten_past", "wrong_change"} <= {
        item.code for item in check_replan(before, forged, calm)
    }
    ill = replace(calm, ill=(Illness(executive_id=route.executive_id, until=date.max),))
    assert "ignored_event" in {item.code for item in check_replan(before, before, ill)}
    missing = replace(calm, added=("ghost",), cancelled=(route.stops[-1].visit_id,))
    assert len(check_replan(before, before, missing)) == 2


def test_over_http_a_replan_lists_its_changes_and_offers_come_at_once(
    world: tuple[Workspace, str],
) -> None:
    """201 with the new version; five slots, the kernel's milliseconds beside them."""
    workspace, plan_id = world
    route, now = _day(_plan(world))
    with TestClient(create_app(workspace.settings), base_url="http://127.0.0.1:8000") as client:
        body = {
            "now": now.isoformat(),
            "delays": [{"executive": route.executive_id, "minutes": 30}],
        }
        made = client.post(f"/v1/plans/{plan_id}/replans?branch=true", json=body)
        assert made.status_code == 201
        new = made.json()["plan"]["plan_id"]
        assert made.headers["location"] == f"/v1/plans/{new}"
        assert client.get(f"/v1/plans/{new}/map").status_code == 200
        asked = {
            "now": now.isoformat(),
            "visit": {"account": route.stops[0].account_id, "minutes": 15},
            "any_executive": True,
        }
        found = client.post(f"/v1/plans/{new}/offers", json=asked).json()
        assert 1 <= len(found["offers"]) <= 5
        assert found["kernel_milliseconds"] > 0
        extra = [one["extra_travel_minutes"] for one in found["offers"]]
        assert all(one["start"] <= one["latest_start"] for one in found["offers"])
        assert len(extra) == len(found["offers"])


def test_every_visit_can_be_asked_why(world: tuple[Workspace, str]) -> None:
    """Served: its day is planned, its executive told; unserved: its code; another: not found."""
    workspace, plan_id = world
    before = _plan(world)
    route, _ = _day(before)
    found = why_visit(workspace, plan_id, route.stops[1].visit_id)
    assert [one.date for one in found.days if one.verdict == "planned"] == [route.date]
    assert any(route.executive_id in line and "From home" in line for line in found.sentences)
    for left in before.unserved[:3]:
        told = why_visit(workspace, plan_id, left.visit_id)
        assert left.reason in told.sentences[0]
        assert "planned" not in {one.verdict for one in told.days}
    with pytest.raises(NotFound):
        why_visit(workspace, plan_id, "no such visit")
    with TestClient(create_app(workspace.settings), base_url="http://127.0.0.1:8000") as client:
        asked = client.get(f"/v1/plans/{plan_id}/why", params={"visit": route.stops[1].visit_id})
        assert asked.json()["sentences"] == list(found.sentences)
