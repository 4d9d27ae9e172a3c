"""What a planner asks beside the plan, against brute force and by hand."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from optimizer.outlets import OutletProblem, cover_from_minutes, solve
from optimizer.outlets.answers import (
    Desk,
    Draws,
    WhatIf,
    alternatives,
    paybacks,
    robustness,
    transfers,
    what_ifs,
)
from optimizer.run import Stop
from territory.checks.networks import OutletFacts
from territory.checks.outlet_answers import AnswerFacts, check_answers
from territory.errors import Infeasible, InputError
from territory.outlets import OutletPlan, Site
from territory.plans import Table
from tests.optimizer.outlets.worlds import (
    brute_force,
    candidate,
    captured_by,
    is_allowed,
    own,
    random_world,
)

REACH = (5, 10)


def market(seed: int = 3, sites: int = 9, cells: int = 30, **fields: object) -> OutletProblem:
    """A drawn market of own outlets a and b and candidates, minutes by the straight line."""
    random = np.random.default_rng(seed)
    places, points = random.uniform(0, 20, (sites, 2)), random.uniform(0, 20, (cells, 2))
    minutes = np.hypot(*(places[:, None] - points[None]).transpose(2, 0, 1))
    named = [own("a", upkeep_cost=5.0), own("b", may_close=True, upkeep_cost=500.0)]
    named += [candidate(f"s{k}", opening_cost=30.0, upkeep_cost=4.0) for k in range(sites - 2)]
    given: dict[str, object] = {
        "unit_ids": tuple(f"c{i}" for i in range(cells)),
        "demand": random.integers(1, 50, cells).astype(float),
        "sites": tuple(named),
        "cover": cover_from_minutes(minutes, REACH),
        "reach_minutes": REACH,
        "reach_weights": (1.0, 0.5),
        "travel_source": "estimated",
        "new_sites": 3,
    }
    return OutletProblem(**{**given, **fields})  # type: ignore[arg-type]


def minutes_of(problem: OutletProblem) -> np.ndarray:
    """The minutes behind the cover, far where it does not reach."""
    minutes = np.full((len(problem.sites), len(problem.unit_ids)), 99.0)
    for site in range(len(problem.sites)):
        part = problem.cover.of(site)
        minutes[site, problem.cover.cells[part]] = problem.cover.minutes[part]
    return minutes


def facts_of(problem: OutletProblem, **fields: object) -> OutletFacts:
    given: dict[str, object] = {
        "cell_ids": problem.unit_ids,
        "demand": problem.demand,
        "sites": problem.sites,
        "minutes": minutes_of(problem),
        "reach_minutes": problem.reach_minutes,
        "new_sites": problem.new_sites,
        "budget": problem.budget,
    }
    return OutletFacts(**{**given, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(40))
def test_the_desk_answers_every_question_as_brute_force_does(seed: int) -> None:
    problem = random_world(seed)
    try:
        desk = Desk(problem)
    except Infeasible:
        return  # rules that leave nothing are refused before any question
    free = [site.site_id for site in problem.sites if site.role == "candidate"][:3]
    for site_id in free:
        for question, flag in ((WhatIf(shut=(site_id,)), False), (WhatIf(opened=(site_id,)), True)):
            row = next(k for k, site in enumerate(problem.sites) if site.site_id == site_id)
            allowed = [
                captured_by(problem, network)
                for network in product((False, True), repeat=len(problem.sites))
                if network[row] == flag and is_allowed(problem, network)
            ]
            if not allowed:
                with pytest.raises(Infeasible):
                    desk.ask(question)
                continue
            answer = desk.ask(question)
            assert answer.captured == pytest.approx(max(allowed))
            assert answer.bound >= max(allowed) - 1e-6
            assert answer.is_proven
            assert bool(answer.is_open[row]) == flag


def test_another_number_of_sites_or_budget_is_answered_from_the_same_desk() -> None:
    problem = market()
    desk = Desk(problem)
    for number in (0, 1, 2, 4):
        answer = desk.ask(WhatIf(new_sites=number))
        assert answer.captured == pytest.approx(brute_force(replace(problem, new_sites=number)))
    tight = desk.ask(WhatIf(budget=40.0))
    assert tight.captured == pytest.approx(brute_force(replace(problem, budget=40.0)))


def test_the_desk_names_sites_it_does_not_know() -> None:
    with pytest.raises(InputError) as caught:
        Desk(market()).ask(WhatIf(name="x", opened=("nowhere",), shut=("neither",)))
    assert {fault.value for fault in caught.value.faults} == {"nowhere", "neither"}


def test_an_outlet_that_may_not_close_cannot_be_shut() -> None:
    with pytest.raises(Infeasible, match="stays open by the rules"):
        Desk(market()).ask(WhatIf(shut=("a",)))


def test_a_landlords_no_has_the_best_network_without_the_site() -> None:
    problem = market()
    plan = solve(problem).plan
    told = alternatives(Desk(problem), plan, networks=4)
    opened = [site.site_id for site in plan.sites if site.decision == "open"]
    assert [name for name in told.texts("without") if name] == opened
    for row, name in enumerate(told.texts("without")[: len(opened)]):
        gone = tuple(replace(s, is_forbidden=s.site_id == name) for s in problem.sites)
        best = brute_force(replace(problem, sites=gone))
        assert told.numbers("captured")[row] == pytest.approx(best)
        assert name in told.texts("leaves")[row]


def test_next_best_networks_fall_and_differ() -> None:
    problem = market(seed=8, sites=10, cells=12)
    plan = solve(problem).plan
    told = alternatives(Desk(problem), plan, networks=6)
    rest = [row for row, name in enumerate(told.texts("without")) if not name]
    losses = [told.numbers("loss_percent")[row] for row in rest]
    assert losses == sorted(losses)
    assert all(loss <= 1 + 1e-9 for loss in losses)
    moves = [(told.texts("opens")[row], told.texts("leaves")[row]) for row in rest]
    assert len(set(moves)) == len(moves)


def test_what_ifs_are_told_against_the_plan_and_a_conflict_says_why() -> None:
    problem = market()
    plan = solve(problem).plan
    poorer = replace(problem, demand=problem.demand / 2)
    asked = [
        (Desk(problem), WhatIf(name="one", new_sites=1)),
        (Desk(poorer), WhatIf(name="half the demand")),
        (Desk(problem), WhatIf(name="no a", shut=("a",))),
    ]
    told = what_ifs(plan, asked)
    assert told.numbers("captured")[0] == pytest.approx(brute_force(replace(problem, new_sites=1)))
    assert told.numbers("change")[1] == pytest.approx(-plan.captured / 2)
    assert "stays open" in told.texts("note")[2]


def test_payback_is_opening_over_what_the_margin_leaves() -> None:
    problem = market()
    plan = solve(problem).plan
    told = paybacks(problem, plan, margin_percent=50)
    for row, site_id in enumerate(told.texts("site_id")):
        result = next(site for site in plan.sites if site.site_id == site_id)
        if result.decision == "open":
            earns = result.marginal / 2 - 4
            assert told.numbers("earns")[row] == pytest.approx(earns)
            assert told.numbers("payback_years")[row] == pytest.approx(30 / earns)
    kept = told.texts("site_id").index("b")
    assert told.texts("decision")[kept] in ("keep", "close")
    if told.texts("decision")[kept] == "keep":
        assert told.numbers("saved")[kept] > 0  # 500 of upkeep is more than it brings


def two_cells() -> tuple[OutletProblem, OutletPlan, tuple[Site, ...], np.ndarray]:
    """Cell c0 half held by own outlet a, cell c1 half held by rivals r (1) and q (3)."""
    sites = (own("a", lon=0.0), candidate("n", lon=1.0))
    problem = OutletProblem(
        unit_ids=("c0", "c1"),
        demand=np.array([100.0, 40.0]),
        sites=sites,
        cover=cover_from_minutes([[8.0, 99.0], [3.0, 4.0]], REACH),
        reach_minutes=REACH,
        reach_weights=(1.0, 0.5),
        travel_source="estimated",
        new_sites=1,
    )
    rivals = (candidate("r", role="competitor"), candidate("q", role="competitor"))
    rivals = (rivals[0], replace(rivals[1], attractiveness=3.0))
    return problem, solve(problem).plan, rivals, np.array([[99.0, 8.0], [99.0, 9.0]])


def test_a_new_site_takes_from_own_from_rivals_by_pull_and_from_nobody() -> None:
    problem, plan, rivals, _ = two_cells()
    told = transfers(
        problem, plan, competitors=rivals, rival_weights=np.array([[0.0, 0.0], [0.5, 0.5]])
    )
    rows = {
        (site, source, other): amount
        for site, source, other, amount in zip(
            told.texts("site_id"),
            told.texts("source"),
            told.texts("source_id"),
            told.numbers("amount"),
            strict=True,
        )
    }
    assert rows == pytest.approx(
        {
            ("n", "own", "a"): 50.0,
            ("n", "unmet", ""): 50.0 + 20.0,
            ("n", "competitor", "q"): 15.0,
            ("n", "competitor", "r"): 5.0,
        }
    )


def test_robust_sites_are_chosen_in_every_draw_without_spread() -> None:
    problem = market()
    plan = solve(problem).plan
    minutes = minutes_of(problem)
    told = robustness(
        problem,
        plan,
        draws=Draws(count=5, demand_spread=0.0, travel_spread=0.0),
        cover_at=lambda factor: cover_from_minutes(minutes * factor, REACH),
    )
    assert set(told.regret_percent) == {0.0}
    assert set(told.sites.numbers("chosen_percent")) == {100.0}
    assert told.sites.texts("decision") == ("open",) * plan.new_sites
    assert "5 draws" in told.sentence


def test_the_same_seed_draws_the_same_and_a_cancelled_run_keeps_what_it_has() -> None:
    problem = market()
    plan = solve(problem).plan
    minutes = minutes_of(problem)

    def told(seed: int, stop: Stop | None = None) -> tuple[float, ...]:
        return robustness(
            problem,
            plan,
            draws=Draws(count=6, seed=seed, demand_spread=0.6),
            cover_at=lambda factor: cover_from_minutes(minutes * factor, REACH),
            stop=stop,
        ).regret_percent

    assert told(1) == told(1) != told(2)
    gone = Stop()
    gone.cancel.set()
    assert told(1, gone) == ()


def answered() -> tuple[OutletPlan, AnswerFacts]:
    """A plan with every table, and the facts it is judged by."""
    problem = market()
    plan = solve(problem).plan
    minutes = minutes_of(problem)
    rivals = (candidate("r", role="competitor", attractiveness=2.0),)
    rival_minutes = np.linspace(1, 20, len(problem.unit_ids))[None, :]
    from territory.coverage import reach_weight

    desk = Desk(problem)
    draws = Draws(count=4)
    plan = replace(
        plan,
        margin_percent=40.0,
        transfers=transfers(
            problem,
            plan,
            competitors=rivals,
            rival_weights=reach_weight(rival_minutes.T, REACH),
        ),
        alternatives=alternatives(desk, plan),
        paybacks=paybacks(problem, plan, margin_percent=40.0),
        robustness=robustness(
            problem,
            plan,
            draws=draws,
            cover_at=lambda factor: cover_from_minutes(minutes * factor, REACH),
        ).sites,
        what_ifs=what_ifs(plan, [(desk, WhatIf(name="one", new_sites=1))]),
    )
    market_facts = facts_of(problem)
    return plan, AnswerFacts(
        market=market_facts,
        rivals=rivals,
        rival_minutes=rival_minutes,
        what_ifs={"one": facts_of(problem, new_sites=1)},
    )


def test_the_judge_finds_nothing_in_true_answers() -> None:
    plan, facts = answered()
    assert check_answers(plan, facts) == ()


def changed(table: Table, name: str, row: int, value: object) -> Table:
    """The table with one figure changed."""
    column = list(table.columns[name])
    column[row] = value  # type: ignore[call-overload]
    return Table(columns={**table.columns, name: tuple(column)})


@pytest.mark.parametrize(
    ("name", "column", "value", "code"),
    [
        ("transfers", "amount", 1e6, "wrong_figure"),
        ("alternatives", "captured", 1.0, "wrong_capture"),
        ("alternatives", "bound", 1.0, "wrong_bound"),
        ("alternatives", "loss_percent", 55.0, "wrong_ratio"),
        ("alternatives", "leaves", "", "wrong_figure"),
        ("alternatives", "opens", "nowhere", "unknown_site"),
        ("paybacks", "earns", 1e6, "wrong_cost"),
        ("paybacks", "payback_years", 0.1, "wrong_ratio"),
        ("paybacks", "site_id", "nowhere", "unknown_site"),
        ("robustness", "chosen_percent", 120.0, "out_of_range"),
        ("robustness", "site_id", "a", "unknown_site"),
        ("robustness", "decision", "leave", "wrong_facts"),
        ("what_ifs", "captured", 1e6, "wrong_capture"),
        ("what_ifs", "spent", 1e6, "wrong_total"),
        ("what_ifs", "name", "two", "wrong_figure"),
        ("what_ifs", "opens", "s0, s1, s2", "too_many_sites"),
    ],
)
def test_the_judge_finds_a_planted_fault(name: str, column: str, value: object, code: str) -> None:
    plan, facts = answered()
    bad = replace(plan, **{name: changed(getattr(plan, name), column, 0, value)})
    assert code in {violation.code for violation in check_answers(bad, facts)}
