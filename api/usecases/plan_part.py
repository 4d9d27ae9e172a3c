"""The part of a large visit plan that one page can show, and the words that say so."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from territory.errors import Fault, InputError
from territory.routes import VisitPlan

MOST_STOPS = 20_000
"""Of more a browser and the drawing of roads would take too long: some 90 executives' month."""


def shown_part(
    plan: VisitPlan, executives: Sequence[str], *, most_stops: int = MOST_STOPS
) -> VisitPlan:
    """The routes and unserved of the executives asked for, or of the first that a page can hold.

    Totals stay those of the whole plan. A note says who is shown if it is not everybody.

    Raises
    ------
    InputError
        If somebody is asked for whom the plan does not know.
    """
    stops: Counter[str] = Counter()
    for route in plan.routes:
        stops[route.executive_id] += len(route.stops)
    known = sorted(stops.keys() | {one.executive_id for one in plan.unserved})
    _refuse_unknown(executives, known)
    wanted = sorted(set(executives)) or known
    held = [total <= most_stops for total in accumulate(stops[who] for who in wanted)]
    shown = wanted[: max(1, sum(held))]
    if len(shown) == len(known):
        return plan
    part = set(shown)
    return replace(
        plan,
        routes=tuple(route for route in plan.routes if route.executive_id in part),
        unserved=tuple(one for one in plan.unserved if one.executive_id in part),
        notes=(_note(shown, len(known), len(wanted)), *plan.notes),
    )


def _refuse_unknown(executives: Sequence[str], known: Sequence[str]) -> None:
    strangers = sorted(set(executives) - set(known))
    if strangers:
        raise InputError(
            "The plan does not know everybody who is asked for.",
            [
                Fault(column="executive", value=name, expected="an executive of this plan")
                for name in strangers
            ],
        )


def _note(shown: Sequence[str], known: int, wanted: int) -> str:
    some = shown[0] if len(shown) == 1 else f"{shown[0]} to {shown[-1]}"
    cut = " More than that is too much for one page." if len(shown) < wanted else ""
    return (
        f"This page shows {len(shown)} of {known} executives ({some}).{cut} Ask for others by "
        "name; the figures at the top are of all."
    )
