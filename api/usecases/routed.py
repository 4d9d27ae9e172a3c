"""Four weeks of an alignment put to the visit engine: how long each executive is on the road.

Beardwood's formula knows area and density; the routes know opening hours, days, roads and where
accounts cluster. A quick search suffices to compare executives with each other.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import numpy as np

from api.usecases.workspace import Surveyed, Workspace
from territory.alignment import Alignment
from territory.calendar import Calendar
from territory.travel import TravelMatrix

WEEKS = 4
CYCLES_PER_YEAR = 13
MOST_VISITS = 6_000
"""More visits than this in four weeks are not routed: it would take longer than the redraw."""
QUICK_TURNS = 20  # turns of the search for each visit, a tenth of a plan's


def routed_hours(
    workspace: Workspace, surveyed: Surveyed, alignment: Alignment
) -> tuple[Mapping[str, float], tuple[str, ...]]:
    """Hours a year on the road by executive, from judged routes of four weeks; notes.

    Visits that did not fit into anybody's days count like those that did, so an executive with too
    much work does not seem to drive little. Executives without a shift or a served visit are left
    out; nobody is listed, and a note says why, where there is nothing to route or too much.
    """
    calendar = _calendar(surveyed, alignment)
    if calendar is None or not calendar.needs:
        return {}, ("Not routed: the market has no accounts to visit.",)
    if len(calendar.needs) > MOST_VISITS:
        return {}, (
            f"Not routed: {len(calendar.needs):,} visits in four weeks, {MOST_VISITS:,} at most.",
        )
    return _driven(workspace, surveyed, calendar)


def _calendar(surveyed: Surveyed, alignment: Alignment) -> Calendar | None:
    """Four weeks from the next Monday, every account with the owner of its unit.

    Tasks and appointments are somebody's own, wherever the area is, and left out.
    """
    from territory.calendar import visit_needs
    from territory.units import locate

    market = surveyed.market
    accounts = market.table("accounts")
    if len(accounts) == 0:
        return None
    owner_of = alignment.owner_of()
    unit = locate(surveyed.units, accounts[["lon", "lat"]].to_numpy(dtype=np.float64))
    ids = surveyed.units.ids
    owners = {
        str(account): owner_of[ids[at]]
        for account, at in zip(accounts["account_id"], unit.tolist(), strict=True)
        if at >= 0 and ids[at] in owner_of
    }
    today = market.settings.today
    first = today + timedelta(days=-today.weekday() % 7)
    calendar = visit_needs(market, first_date=first, weeks=WEEKS, owner_of_account=owners)
    return replace(calendar, needs=tuple(each for each in calendar.needs if each.kind == "visit"))


def _driven(
    workspace: Workspace, surveyed: Surveyed, calendar: Calendar
) -> tuple[Mapping[str, float], tuple[str, ...]]:
    """The routes of a quick search, judged, and the hours they come to."""
    from optimizer.visits import VisitParams, make_problem, solve
    from territory.checks import VisitFacts, check_visits

    market = surveyed.market
    travel = workspace.travel(market.name, market.settings.mode)
    matrices: list[tuple[np.ndarray, TravelMatrix]] = []

    def block(points: np.ndarray) -> TravelMatrix:
        matrices.append((points, travel.block(points, points)))
        return matrices[-1][1]

    dates = [shift.date for shift in calendar.shifts]
    if not dates:
        return {}, ("Not routed: nobody has a shift in the next four weeks.",)
    problem = make_problem(
        calendar.needs,
        calendar.shifts,
        block=block,
        first_date=min(dates),
        last_date=max(dates),
        mode=market.settings.mode,
        unserved=calendar.unserved,
    )
    plan = solve(problem, params=VisitParams(engine="ruin", iterations_per_visit=QUICK_TURNS)).plan
    points, matrix = matrices[-1]
    facts = VisitFacts(
        needs=calendar.needs,
        shifts=calendar.shifts,
        points=points,
        travel=matrix,
        mode=market.settings.mode,
        unplannable=calendar.unserved,
    )
    wrong = check_visits(plan, facts)
    if wrong:
        return {}, (f"Not routed: the judge refuses the routes ({wrong[0].message}).",)
    needed = Counter(need.executive_id for need in calendar.needs)
    served = Counter(route.executive_id for route in plan.routes for _ in route.stops)
    seconds: dict[str, float] = {}
    for route in plan.routes:
        seconds[route.executive_id] = seconds.get(route.executive_id, 0.0) + route.travel_seconds
    return {
        executive: driven / 3600 * CYCLES_PER_YEAR * needed[executive] / served[executive]
        for executive, driven in seconds.items()
        if served[executive]
    }, ()
