"""The steps of a redraw: solved on straight lines or roads, for a range, and made complete."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from api.schemas import RedrawRequest
from api.usecases.redraw_loads import area_accounts
from api.usecases.redraw_problem import (
    Asked,
    asked_of,
    counts_of,
    home_lonlat,
    levels_asked,
    move_weights,
)
from api.usecases.redraw_road import road_seconds, road_shape_of
from api.usecases.workspace import Surveyed
from optimizer.run import Progress, Result, Stop
from territory.alignment import AlignmentPlan
from territory.redrawn import CountTried, Level, MovedShare, RoadShape, best_count
from territory.scores import ScorePlan

if TYPE_CHECKING:
    from optimizer.redraw import RedrawParams, RedrawProblem

Owners = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawing:
    """What every step of the job needs."""

    surveyed: Surveyed
    scored: ScorePlan
    params: "RedrawParams"
    stop: Stop
    progress: Progress[Any]

    def again(self) -> Stop:
        """A fresh stop with the same cancel flag and work limit."""
        return Stop(cancel=self.stop.cancel, iterations=self.stop.iterations)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """What was asked and found; ``tried`` is empty where no range was asked for."""

    asked: Asked
    result: Result[AlignmentPlan]
    tried: tuple[CountTried, ...] = ()


def solved(drawing: Drawing, asked: Asked, request: RedrawRequest, owners: Owners | None) -> Drawn:
    """The plan of a problem, from ``owners`` if they are given."""
    from optimizer.redraw import improve, solve, solve_on_road

    problem, surveyed = asked.problem, drawing.surveyed
    stop = drawing.stop if owners is None else drawing.again()
    if request.shape == "straight":
        result = (
            solve(problem, params=drawing.params, stop=stop, progress=drawing.progress)
            if owners is None
            else improve(problem, owners, params=drawing.params, stop=stop)
        )
        return Drawn(asked=asked, result=result)
    lonlat = surveyed.units.lonlat

    def seconds(sources: Owners, targets: Owners) -> Floats:
        return road_seconds(surveyed, lonlat[sources], lonlat[targets])

    homes = home_lonlat(surveyed.market, problem.executive_ids)
    found = solve_on_road(
        problem,
        seconds,
        home_seconds=road_seconds(surveyed, homes, lonlat) if problem.homes_fixed else None,
        owners=owners,
        params=drawing.params,
        stop=stop,
        progress=drawing.progress,
    )
    return Drawn(asked=asked, result=found.result)


Drive = Callable[[Drawn], Drawn]
"""What drives a plan and redraws it on the hours found."""


def best_of_counts(drawing: Drawing, request: RedrawRequest, drive: Drive) -> Drawn:
    """The plan of the best number of executives of a range, with what each number came to.

    Shape on the road and rounds on driven hours take their time: the number is chosen by the plans
    of straight lines and hours as surveyed, and the plan of the number chosen carried on by road
    and driven; if it then is no longer the best, the next best is taken.
    """
    from optimizer.redraw import Counted, solve_counts, tried
    from territory.measures import owner_positions

    made: dict[int, Asked] = {}

    def make(count: int) -> "RedrawProblem":
        one = request.model_copy(update={"chosen_executives": count})
        made[count] = asked_of(drawing.surveyed, drawing.scored, one)
        return made[count].problem

    counts = counts_of(drawing.surveyed.market, request)
    today = len(drawing.surveyed.market.table("executives"))
    found = dict(
        solve_counts(
            make, counts, first=today, params=drawing.params, stop=drawing.stop,
            progress=drawing.progress,
        )
    )  # fmt: skip
    drawn: dict[int, Drawn] = {}
    while True:
        rows = tuple(
            tried(
                one, full_hours=request.full_hours, is_driven=request.driven > 0 and size in drawn
            )
            for size, one in found.items()
        )
        count = rows[best_count(rows, request.choose)].executives
        if count in drawn or (request.shape == "straight" and not request.driven):
            break
        drawn[count] = Drawn(asked=made[count], result=found[count].result)
        if request.shape == "road":
            owners = owner_positions(found[count].result.plan.alignment)
            drawn[count] = solved(drawing, made[count], request, owners)
        if request.driven:
            drawn[count] = drive(drawn[count])
        found[count] = Counted(problem=made[count].problem, result=drawn[count].result)
    chosen = drawn.get(count) or Drawn(asked=made[count], result=found[count].result)
    told = tuple(replace(row, is_chosen=row.executives == count) for row in rows)
    return replace(chosen, tried=told)


def completed(
    drawing: Drawing, plan: AlignmentPlan, drawn: Drawn, request: RedrawRequest
) -> AlignmentPlan:
    """The plan with key accounts, moved shares, road shape, levels, counts, and notes on them."""
    from territory.hierarchy import level_notes

    levels = _levels(drawing, plan, drawn, request)
    notes = [*plan.notes, *level_notes(levels, plan.load_names, plan.soft_price)]
    road: tuple[RoadShape, ...] = ()
    if request.shape == "road":
        road = road_shape_of(drawing.surveyed, drawn.asked.problem, plan)
        minutes = [one.mean_minutes for one in road]
        notes.append(
            "Compactness was asked for on the road: from its centre the workload of a jurisdiction "
            f"is {min(minutes):.1f} to {max(minutes):.1f} minutes away on average."
        )
    if drawn.tried:
        notes.append(_chosen(drawn.tried, request))
    if plan.key_accounts or drawn.asked.burden.key_accounts:
        notes.append(
            f"{len(drawn.asked.burden.key_accounts)} key accounts stay with their executives "
            "whatever area they lie in; loads count them with the executive."
        )
    return replace(
        plan,
        key_accounts=drawn.asked.burden.key_accounts,
        moved_by=moved_by(plan, drawn.asked, request),
        road_shape=road,
        levels=levels,
        counts=drawn.tried,
        notes=tuple(notes),
    )


def _chosen(tried: tuple[CountTried, ...], request: RedrawRequest) -> str:
    why = {
        "fewest": f"the fewest executives whose years of {request.full_hours:g} hours hold the "
        "work, or the least overfull",
        "balance": "the best balance",
        "compact": "the most compact jurisdictions",
        "moves": "the least workload moved",
    }[request.choose]
    count = next(one.executives for one in tried if one.is_chosen)
    span = f"{tried[0].executives} to {tried[-1].executives}"
    return f"Of {span} executives {count} were chosen: tolerances first, then {why}."


def moved_by(plan: AlignmentPlan, asked: Asked, request: RedrawRequest) -> tuple[MovedShare, ...]:
    """What share of each measure changes hands; empty without an alignment before."""
    from territory.measures import changed_hands

    if plan.before is None:
        return ()
    moved = changed_hands(plan.before, plan.alignment)
    weights = move_weights(request, asked.before)
    return tuple(
        MovedShare(
            name=name,
            weight=weights.get(name, 0.0),
            percent=100 * float(worth[moved].sum()) / (float(worth.sum()) or 1.0),
        )
        for name, worth in asked.burden.measures.items()
    )


def _levels(
    drawing: Drawing, plan: AlignmentPlan, drawn: Drawn, request: RedrawRequest
) -> tuple[Level, ...]:
    """The hierarchy asked for, drawn of the plan's jurisdictions, and the level that is given."""
    from optimizer.redraw import drawn_levels
    from territory.hierarchy import level_of
    from territory.measures import owner_positions

    problem, given = drawn.asked.problem, drawn.asked.given
    above = tuple(
        level_of(
            plan.alignment,
            problem.ground,
            dict(zip(problem.executive_ids, problem.executive_groups, strict=True)),
            name=name,
            tolerance_percent=tolerance,
        )
        for name, _, tolerance in levels_asked(drawn.asked, request)
        if given.unit_groups and name == given.name
    )
    if not request.levels:
        return above
    groups = drawn_levels(
        problem,
        owner_positions(plan.alignment),
        [(level.groups, level.tolerance_percent) for level in request.levels],
        params=drawing.params,
        stop=drawing.again(),
    )
    below = tuple(
        level_of(
            plan.alignment,
            problem.ground,
            {
                executive: f"{level.name} {group + 1}"
                for executive, group in zip(problem.executive_ids, places.tolist(), strict=True)
            },
            name=level.name,
            tolerance_percent=level.tolerance_percent,
        )
        for level, places in zip(request.levels, groups, strict=True)
    )
    return (*below, *above)


def without_key_accounts(surveyed: Surveyed, executives: tuple[str, ...]) -> Surveyed:
    """The survey with only those accounts that go with their area, for the drives of the area."""
    market = surveyed.market
    tables = {**market.tables, "accounts": area_accounts(surveyed, executives)}
    return replace(surveyed, market=replace(market, tables=tables))
