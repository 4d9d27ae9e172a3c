"""Every page of the house, drawn from sample plans, by name."""

from maps import (
    IndexEntry,
    KeyFigure,
    Page,
    draw_alignment,
    draw_day_sheets,
    draw_diff,
    draw_gaps,
    draw_index,
    draw_outlets,
    draw_potential,
    draw_reach,
    draw_report,
    draw_visits,
)
from tests.maps import worlds
from tests.maps.worlds import Say, plain

MAP_PAGES = ("potential", "alignment", "visits", "outlets", "gaps", "reach", "diff")
PLAIN_PAGES = ("day_sheets", "report", "index")
ALL_PAGES = (*MAP_PAGES, *PLAIN_PAGES)


def draw(name: str, *, say: Say = plain, rings: int = 5) -> Page:
    """One page with every text of its plan, cards and context passed through ``say``."""
    units = worlds.hex_units(rings, say=say)
    context = worlds.context(f"The {name} page", units, say=say)
    visits = worlds.visit_plan(say=say)
    cards, names = worlds.cards(visits, say=say), worlds.names(visits, say=say)
    if name == "potential":
        return draw_potential(worlds.score_plan(units, say=say), units, context)
    if name == "alignment":
        return draw_alignment(worlds.alignment_plan(units, 9, say=say), units, context)
    if name == "diff":
        return draw_diff(
            worlds.changes(units, say=say), units, context, names={"AE-01": say("Executive 1")}
        )
    if name == "visits":
        return draw_visits(visits, context, cards=cards, lines={}, names=names)
    if name == "outlets":
        return draw_outlets(worlds.outlet_plan(units, say=say), units, context)
    if name == "gaps":
        return draw_gaps(
            worlds.gap_plan(units, say=say), units, context, worlds.own_sites(units, say=say)
        )
    if name == "day_sheets":
        first = visits.routes[0].executive_id
        steps = worlds.directions(visits, say=say)
        return draw_day_sheets(visits, context, cards, names, executive_id=first, steps=steps)
    if name == "reach":
        start = (say("Outlet 1"), *worlds.HELSINKI)
        outlets = worlds.own_sites(units, say=say)
        return draw_reach(
            worlds.reach_areas(), [start], context, how="by car, on roads", outlets=outlets
        )
    if name == "report":
        return draw_report(worlds.weekly_report(say=say), context)
    return draw_index(
        [
            IndexEntry(
                href=f"{kind}.html",
                title=say("Market potential"),
                text=say("19 units, 4 M EUR"),
                kind=kind,
                market=say("helsinki"),
                figures=(KeyFigure(label=say("units"), value=say("19")),),
                preview=draw("potential", rings=2).preview if kind == "score" else "",
            )
            for kind in ("score", "alignment", "visits", "report", "day_sheets", "file")
        ],
        context,
    )
