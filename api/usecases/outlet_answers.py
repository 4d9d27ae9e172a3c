"""The planner's further questions to an outlet plan, answered and judged over one market."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from api.schemas import OutletScenario, OutletsRequest
from api.usecases.workspace import Surveyed
from optimizer.run import Stop
from territory.errors import Fault, InputError
from territory.outlets import Capture, OutletPlan, Site
from territory.scores import ScorePlan

if TYPE_CHECKING:
    from optimizer.outlets import OutletProblem
    from optimizer.outlets.answers import Desk, WhatIf
    from territory.checks import OutletFacts, Violation

Floats = NDArray[np.float64]

NODES = 300  # of the proof of each question, which begins from the cuts of those before
USUAL_SPREAD = 0.2  # of ln demand where the score tells no interval
SPREADS = (0.05, 1.0)
WIDTH_OF_80_PERCENT = 2 * 1.2816


@dataclass(frozen=True, slots=True, kw_only=True)
class Rivals:
    """The competitors of a scenario and the minutes from each (row) to every unit (column)."""

    sites: tuple[Site, ...]
    minutes: Floats


def answered(
    plan: OutletPlan,
    problem: "OutletProblem",
    request: OutletsRequest,
    surveyed: Surveyed,
    scored: ScorePlan,
    minutes: Floats,
    stop: Stop,
) -> OutletPlan:
    """The plan with the tables its request asks for; what a clock cuts short is left out.

    Raises
    ------
    InputError
        If a scenario names a site or a competitor that the market does not have.
    """
    from optimizer.outlets import OutletParams, cover_from_minutes
    from optimizer.outlets.answers import (
        Desk,
        Draws,
        alternatives,
        paybacks,
        robustness,
        transfers,
        what_ifs,
    )
    from territory.coverage import capture_weight

    refuse_unknown(request, surveyed, problem.sites)
    params = OutletParams(seed=request.seed, nodes=NODES, has_frontier=False)
    rivals = rivals_of(surveyed)
    steps = surveyed.market.settings.reach_minutes
    plan = replace(
        plan,
        margin_percent=request.margin_percent,
        paybacks=paybacks(problem, plan, margin_percent=request.margin_percent),
    )
    if problem.has_capacities:  # the others ask a solver that splits no demand
        return plan
    plan = replace(
        plan,
        transfers=transfers(
            problem,
            plan,
            competitors=rivals.sites,
            rival_weights=capture_weight(rivals.minutes.T, steps, problem.capture),
        ),
    )
    desk = Desk(problem, params=params)
    if request.alternatives:
        told = alternatives(desk, plan, networks=request.alternatives, stop=stop)
        plan = replace(plan, alternatives=told)
    if request.what_if:
        asked = [
            _question(desk, scenario, surveyed, scored, problem) for scenario in request.what_if
        ]
        plan = replace(plan, what_ifs=what_ifs(plan, asked, stop=stop))
    if request.robustness_draws:
        sure = robustness(
            problem,
            plan,
            draws=Draws(
                count=request.robustness_draws,
                seed=request.seed,
                demand_spread=spread_of(scored),
            ),
            cover_at=lambda factor: cover_from_minutes(minutes * factor, steps, problem.capture),
            stop=stop,
        )
        notes = (*plan.notes, sure.sentence) if sure.sentence else plan.notes
        plan = replace(plan, robustness=sure.sites, notes=notes)
    return plan


def _question(
    desk: "Desk",
    scenario: OutletScenario,
    surveyed: Surveyed,
    scored: ScorePlan,
    problem: "OutletProblem",
) -> "tuple[Desk, WhatIf]":
    """The scenario's question, at the same desk unless demand or what may close is another."""
    from optimizer.outlets import OutletParams
    from optimizer.outlets.answers import Desk, WhatIf

    other = problem
    if scenario.competitors_open or scenario.competitors_close:
        rivals = rivals_of(surveyed, scenario)
        other = replace(
            problem,
            demand=demand_among(rivals, surveyed, scored, problem.capture),
            against=against(rivals, surveyed, problem.capture),
        )
    if other.most_cannibalised is None:  # a cap needs all own outlets to stay
        sites = closable(other.sites, scenario)
        other = other if sites == other.sites else replace(other, sites=sites)
    if other is not problem:
        desk = Desk(other, params=OutletParams(nodes=NODES, has_frontier=False))
    return desk, WhatIf(
        name=scenario.name,
        new_sites=scenario.new_sites,
        budget=scenario.budget,
        opened=scenario.opened,
        shut=scenario.shut,
    )


def closable(sites: tuple[Site, ...], scenario: OutletScenario) -> tuple[Site, ...]:
    """The sites, those own ones that the scenario shuts free to close."""
    return tuple(
        replace(site, may_close=True)
        if site.role == "own" and site.site_id in scenario.shut and not site.may_close
        else site
        for site in sites
    )


def rivals_of(surveyed: Surveyed, scenario: OutletScenario | None = None) -> Rivals:
    """The market's competitors as a scenario has them; today's without one."""
    from territory.coverage import matrix_minutes

    units = len(surveyed.units)
    minutes = np.zeros((units, 0))
    if surveyed.to_competitors is not None:
        minutes = matrix_minutes(surveyed.to_competitors)
    sites = surveyed.competitors
    if scenario is None:
        return Rivals(sites=sites, minutes=minutes.T)
    stays = [k for k, site in enumerate(sites) if site.site_id not in scenario.competitors_close]
    kept, new = tuple(sites[k] for k in stays), _new_rivals(scenario)
    minutes = minutes[:, stays]
    if new:
        points = np.array([(site.lon, site.lat) for site in new], dtype=np.float64)
        matrix = surveyed.reach.block(surveyed.units.lonlat, points)
        minutes = np.concatenate([minutes, matrix_minutes(matrix)], axis=1)
    return Rivals(sites=(*kept, *new), minutes=minutes.T)


def _new_rivals(scenario: OutletScenario) -> tuple[Site, ...]:
    return tuple(
        Site(
            site_id=f"new competitor {k}",
            name=f"new competitor {k}",
            lon=place.lon,
            lat=place.lat,
            role="competitor",
            attractiveness=place.attractiveness,
        )
        for k, place in enumerate(scenario.competitors_open, start=1)
    )


def against(rivals: Rivals, surveyed: Surveyed, capture: Capture) -> Floats | None:
    """What stands against own sites per unit where demand is shared; None where it is not."""
    from territory.coverage import pull_against

    if not capture.is_choice:
        return None
    pull = [site.attractiveness for site in rivals.sites]
    steps = surveyed.market.settings.reach_minutes
    return pull_against(rivals.minutes.T, pull, steps, capture)


def demand_among(
    rivals: Rivals, surveyed: Surveyed, scored: ScorePlan, capture: Capture | None = None
) -> Floats:
    """Potential that these competitors leave to an own outlet at the door, per unit.

    The whole potential where demand is shared: there competitors pull beside the own sites.
    """
    from territory.coverage import left_by_competitors, reach_weight

    if capture is not None and capture.is_choice:
        return np.array(scored.table.numbers("potential"), dtype=np.float64)
    steps = surveyed.market.settings.reach_minutes
    weights = reach_weight(rivals.minutes.T, steps, capture.reach_weights if capture else None)
    potential = np.array(scored.table.numbers("potential"))
    pull = [site.attractiveness for site in rivals.sites]
    return np.asarray(potential * left_by_competitors(weights, pull), dtype=np.float64)


def spread_of(scored: ScorePlan) -> Floats:
    """Standard deviation of ln potential per unit, from the score's 80 % interval."""
    table = scored.table
    size = len(scored.unit_ids)
    if "potential_low" not in table.columns:
        return np.full(size, USUAL_SPREAD)
    low, high = (np.array(table.numbers(f"potential_{end}")) for end in ("low", "high"))
    known = np.isfinite(low) & np.isfinite(high) & (low > 0) & (high > 0)
    ratio = np.ones(size)
    ratio[known] = high[known] / low[known]
    spread = np.where(known, np.log(ratio) / WIDTH_OF_80_PERCENT, USUAL_SPREAD)
    return np.asarray(np.clip(spread, *SPREADS), dtype=np.float64)


def refuse_unknown(request: OutletsRequest, surveyed: Surveyed, sites: Sequence[Site]) -> None:
    """Raise InputError with every scenario name given twice and every id nobody has."""
    ours = {site.site_id for site in sites}
    theirs = {site.site_id for site in surveyed.competitors}
    names = [scenario.name for scenario in request.what_if]
    faults = [
        Fault(column="what_if.name", value=name, expected="a name of its own")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    for scenario in request.what_if:
        for column, ids, known, what in (
            ("opened", scenario.opened, ours, "an own outlet or a candidate"),
            ("shut", scenario.shut, ours, "an own outlet or a candidate"),
            ("competitors_close", scenario.competitors_close, theirs, "a competitor's outlet"),
        ):
            faults += [
                Fault(
                    column=f"what_if.{column}",
                    value=site_id,
                    expected=f"the id of {what}",
                    fix=f"Mend the scenario {scenario.name!r}; there are {_some(known)}.",
                )
                for site_id in ids
                if site_id not in known
            ]
    if faults:
        raise InputError("The what-if scenarios cannot be asked as they stand.", faults)


def _some(ids: set[str]) -> str:
    """A few of the ids there are, and how many more."""
    names = ", ".join(repr(name) for name in sorted(ids)[:5])
    return f"{names} and {len(ids) - 5} more" if len(ids) > 5 else names or "none"


def judge_answers(
    plan: OutletPlan,
    request: OutletsRequest,
    facts: "OutletFacts",
    surveyed: Surveyed,
    scored: ScorePlan,
) -> "tuple[Violation, ...]":
    """Every table of answers against the market's facts and those of each scenario."""
    from territory.checks.outlet_answers import AnswerFacts, check_answers

    rivals = rivals_of(surveyed)
    found = AnswerFacts(
        market=facts,
        rivals=rivals.sites,
        rival_minutes=rivals.minutes,
        what_ifs={
            scenario.name: _facts_of(scenario, facts, surveyed, scored)
            for scenario in request.what_if
        },
    )
    return check_answers(plan, found)


def _facts_of(
    scenario: OutletScenario, facts: "OutletFacts", surveyed: Surveyed, scored: ScorePlan
) -> "OutletFacts":
    """The market as a scenario has it: limits, demand, sites that must be open or shut."""
    demand, stands = facts.demand, facts.against
    capped = facts.most_cannibalised is not None
    if scenario.competitors_open or scenario.competitors_close:
        rivals = rivals_of(surveyed, scenario)
        demand = demand_among(rivals, surveyed, scored, facts.capture)
        stands = against(rivals, surveyed, facts.capture)
    sites = tuple(
        replace(
            site,
            is_forced=site.is_forced or site.site_id in scenario.opened,
            is_forbidden=site.is_forbidden or site.site_id in scenario.shut,
        )
        for site in (facts.sites if capped else closable(facts.sites, scenario))
    )
    return replace(
        facts,
        demand=demand,
        against=stands,
        sites=sites,
        new_sites=facts.new_sites if scenario.new_sites is None else scenario.new_sites,
        budget=facts.budget if scenario.budget is None else scenario.budget,
    )
