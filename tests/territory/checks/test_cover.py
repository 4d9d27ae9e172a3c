"""The judge of covers: what is handed over of one account goes to one colleague."""

from dataclasses import replace

from territory.checks import check_replan
from territory.living import Happening, Illness
from territory.routes import Stop, VisitPlan
from tests.acceptance.clean_plans import visit_plan


def _plan(stops_of: dict[str, tuple[Stop, ...]]) -> VisitPlan:
    """The routes of some executives on the first day of a clean plan."""
    clean = visit_plan()
    routes = tuple(
        replace(clean.routes[0], executive_id=executive, stops=stops)
        for executive, stops in stops_of.items()
    )
    return replace(clean, routes=routes)


def test_an_account_that_is_handed_to_two_colleagues_is_found() -> None:
    clean = visit_plan().routes[0]
    first, second = (replace(stop, account_id="A") for stop in clean.stops[:2])
    before = _plan({"Ann": (first, second), "Bob": (), "Cid": ()})
    sick = Illness(executive_id="Ann", until=clean.date)
    happening = Happening(today=clean.date, seconds=3600, ill=(sick,), is_covered=True)
    together = _plan({"Ann": (), "Bob": (first, second), "Cid": ()})
    apart = _plan({"Ann": (), "Bob": (first,), "Cid": (second,)})
    assert "wrong_cover" not in {one.code for one in check_replan(before, together, happening)}
    found = [one for one in check_replan(before, apart, happening) if one.code == "wrong_cover"]
    assert [one.subject for one in found] == ["account A"]
