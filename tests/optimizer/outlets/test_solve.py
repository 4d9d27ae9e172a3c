"""The outlet solver: right on worlds small enough to try every network, and honest about limits."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from optimizer.outlets import OutletParams, OutletProblem, SiteRule, solve
from optimizer.outlets.warnings import refuse_hopeless
from optimizer.run import Report, Stop
from territory.errors import Infeasible, InputError
from territory.outlets import OutletPlan
from tests.optimizer.outlets.worlds import (
    brute_force,
    candidate,
    captured_by,
    is_allowed,
    own,
    random_world,
    world,
)

# Four cells in a row, worth 10, 20, 30 and 40; site a reaches the first two, b the middle two,
# c the last two.        c0=10  c1=20  c2=30  c3=40
#                        a      a,b    b,c    c
ROW = [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]


def row_world(**fields: object) -> OutletProblem:
    sites = [candidate("a"), candidate("b"), candidate("c")]
    return world([10, 20, 30, 40], sites, ROW, **fields)


def opened(plan: OutletPlan) -> list[str]:
    return [site.site_id for site in plan.sites if site.decision == "open"]


def test_one_site_goes_where_most_demand_is():
    plan = solve(row_world(new_sites=1)).plan
    assert opened(plan) == ["c"]
    assert (plan.captured, plan.bound, plan.gap_percent) == (70, 70, 0)
    assert plan.is_proven
    assert plan.why_not_proven == ""


def test_two_sites_share_no_cell_when_that_is_better():
    plan = solve(row_world(new_sites=2)).plan
    assert opened(plan) == ["a", "c"]
    assert plan.captured == 100


def test_the_frontier_has_a_row_per_number_of_new_sites_with_its_bound():
    table = solve(row_world(new_sites=3)).plan.frontier
    assert table.columns["new_sites"] == (0, 1, 2, 3)
    assert table.numbers("captured") == (0, 70, 100, 100)
    assert table.columns["adds"] == (None, 70, 30, 0)
    assert table.numbers("bound") == pytest.approx((0, 70, 100, 100))


def test_what_a_new_site_takes_from_own_outlets_is_told_apart_from_what_was_unmet():
    """Own outlet o holds c1 half and c2 whole; c brings c2 nothing and c3 forty."""
    weights = [[0, 0.5, 1, 0], [1, 1, 0, 0], [0, 0, 1, 1]]
    sites = [own("o"), candidate("a"), candidate("c")]
    plan = solve(world([10, 20, 30, 40], sites, weights, new_sites=2)).plan
    by_id = {site.site_id: site for site in plan.sites}
    assert plan.captured_before == 40
    assert plan.captured == 100
    # a takes c1 whole: 10 of its 20 were o's
    assert (by_id["a"].captured, by_id["a"].from_own, by_id["a"].from_unmet) == (30, 10, 20)
    # c2 stays with the outlet that serves it as well as c would
    assert (by_id["c"].captured, by_id["c"].from_own, by_id["c"].from_unmet) == (40, 0, 40)
    assert by_id["o"].captured == 30
    assert plan.cannibalised == 10
    assert by_id["a"].marginal == 20
    assert plan.cells.texts("site_id") == ("a", "a", "o", "c")
    assert sum(site.captured for site in plan.sites) == plan.captured


def test_an_outlet_closes_when_its_upkeep_pays_for_a_better_site():
    sites = [own("o", may_close=True, upkeep_cost=50), candidate("new", opening_cost=40)]
    problem = world([10, 100], sites, [[1, 0], [0, 1]], new_sites=1, budget=0)
    plan = solve(problem).plan
    decisions = {site.site_id: site.decision for site in plan.sites}
    assert decisions == {"o": "close", "new": "open"}
    assert (plan.captured_before, plan.captured, plan.spent) == (10, 100, -10)


def test_sites_nearer_than_the_separation_are_not_opened_together():
    near = [candidate("a"), candidate("b", lon=0.001), candidate("c", lon=0.01)]
    problem = world([50, 40, 5], near, np.eye(3), new_sites=2, minimum_separation_meters=200)
    assert opened(solve(problem).plan) == ["a", "c"]


def test_a_candidate_too_near_to_a_kept_outlet_is_left_with_its_reason():
    sites = [own("o"), candidate("a", lon=0.001), candidate("b", lon=0.01)]
    problem = world([1, 50, 5], sites, np.eye(3), new_sites=1, minimum_separation_meters=200)
    plan = solve(problem).plan
    assert opened(plan) == ["b"]
    assert "nearer than 200 m to 'o'" in plan.sites[1].reason


def test_a_quota_holds():
    rule = SiteRule(name="old town", weights={"a": 1, "c": 1}, at_most=1)
    plan = solve(row_world(new_sites=2, rules=(rule,))).plan
    assert opened(plan) == ["b", "c"]
    assert plan.captured == 90


def test_a_phase_opens_one_site_only_with_another():
    rule = SiteRule(name="c after b", weights={"c": 1, "b": -1}, at_most=0)
    assert opened(solve(row_world(new_sites=1, rules=(rule,))).plan) == ["b"]


@pytest.mark.parametrize("first", range(0, 100, 20))
@pytest.mark.parametrize("shares", [False, True], ids=["best site", "shares"])
def test_no_bound_is_wrong_on_200_random_models_up_to_8_sites(first, shares):
    for seed in range(first, first + 20):
        problem = random_world(seed, shares=shares)
        want = brute_force(problem)
        if want is None:
            with pytest.raises(Infeasible):
                solve(problem)
        elif problem.new_sites and not can_open(problem):
            assert_refused_or_best(problem, want, seed)
        else:
            assert_best(problem, want, seed)


def can_open(problem: OutletProblem) -> bool:
    """Whether any allowed network opens a new site."""
    if not problem.new_sites:
        return False
    least = max(1, problem.new_sites_at_least)
    free = replace(problem, new_sites_at_least=least, most_cannibalised=None)
    return brute_force(free) is not None


def assert_refused_or_best(problem: OutletProblem, want: float, seed: int) -> None:
    """No new site can open: a budget too small is refused, else the best network is told."""
    try:
        plan = solve(problem).plan
    except Infeasible as refused:
        if "budget opens nothing" not in str(refused):
            raise
    else:
        assert plan.captured == pytest.approx(want, rel=1e-5), f"seed {seed}"


def assert_best(problem: OutletProblem, want: float, seed: int) -> None:
    plan = solve(problem).plan
    is_open = [site.decision in ("open", "keep") for site in plan.sites]
    assert is_allowed(problem, is_open), f"seed {seed}"
    assert plan.captured == pytest.approx(want, rel=1e-5), f"seed {seed}"
    assert plan.captured == pytest.approx(captured_by(problem, is_open)), f"seed {seed}"
    assert want <= plan.bound * (1 + 1e-9), f"seed {seed}"
    assert plan.is_proven, f"seed {seed}: {plan.why_not_proven}"


def test_an_own_outlet_stays_when_closing_it_gains_nothing():
    sites = [own("o", may_close=True, upkeep_cost=5), candidate("a")]
    plan = solve(world([10], sites, [[1], [1]], new_sites=1)).plan
    assert [site.decision for site in plan.sites] == ["keep", "leave"]


def test_a_forced_site_closes_the_outlet_it_stands_too_near_to():
    sites = [own("o", may_close=True), candidate("a", is_forced=True, lon=0.001)]
    plan = solve(world([10, 1], sites, np.eye(2), minimum_separation_meters=200)).plan
    assert [site.decision for site in plan.sites] == ["close", "open"]
    assert "Must close" in plan.sites[0].reason


@pytest.mark.parametrize("engine", ["cuts", "highs", "gscip", "cp_sat"])
def test_every_engine_agrees(engine):
    seeds = [
        seed
        for seed in range(30)
        if can_open(random_world(seed)) and random_world(seed).most_cannibalised is None
    ][:4]
    for seed in seeds:
        problem = random_world(seed)
        plan = solve(problem, params=OutletParams(engine=engine)).plan
        assert plan.captured == pytest.approx(brute_force(problem))
        assert plan.is_proven


def test_rules_that_contradict_are_named_as_a_smallest_set():
    apart = {"minimum_separation_meters": 500.0, "new_sites": 2, "new_sites_at_least": 2}
    sites = [candidate("a"), candidate("b", lon=0.001), candidate("c", lon=0.002)]
    with pytest.raises(Infeasible) as caught:
        solve(world([1, 1, 1], sites, np.eye(3), **apart))
    assert "number of new sites" in str(caught.value)
    assert "minimum separation" in str(caught.value)
    assert "budget" not in str(caught.value)


def test_a_budget_that_opens_nothing_is_said_with_the_amount_needed():
    sites = [candidate("a", opening_cost=90), candidate("b", opening_cost=70)]
    with pytest.raises(Infeasible, match="Raise the budget to 70 or more"):
        solve(world([1, 1], sites, np.eye(2), budget=50))


def test_all_faults_come_at_once():
    sites = [candidate("a", is_forced=True, is_forbidden=True), candidate("a")]
    with pytest.raises(InputError) as caught:
        world([-1, float("nan")], sites, np.eye(2), new_sites=5)
    columns = [fault.column for fault in caught.value.faults]
    assert columns == ["demand", "demand", "site_id", "is_forbidden", "new_sites"]


def test_demand_that_no_site_reaches_is_told_before_the_search_with_its_share_and_the_fix():
    told: list[str] = []
    problem = world([75, 25], [candidate("a")], [[1, 0]])
    plan = solve(problem, progress=lambda report: told.append(report.message)).plan
    (note,) = plan.notes
    assert note.startswith("25 a year of demand (25.0 %) in 1 cells is reached by no site within")
    assert "add candidates there" in note
    assert told[0] == note
    assert plan.demand == 100


def test_sites_that_reach_no_demand_at_all_are_refused_before_the_search():
    with pytest.raises(InputError, match="No site reaches any demand") as caught:
        refuse_hopeless(world([0, 25], [candidate("a"), own("o")], [[1, 0], [1, 0]]))
    assert "raise the reach steps" in caught.value.faults[0].fix
    refuse_hopeless(world([0, 0], [candidate("a")], [[1, 0]]))
    refuse_hopeless(world([1, 25], [candidate("a"), own("o")], [[1, 0], [1, 0]]))


def test_the_same_seed_gives_the_same_plan():
    problem = city(cells=300, sites=60, new_sites=6)
    assert solve(problem).plan == solve(problem).plan


def test_a_cancelled_run_still_gives_an_allowed_network_and_a_true_bound():
    problem = city(cells=300, sites=60, new_sites=6)
    best = solve(problem).plan.captured
    stop = Stop()
    stop.cancel.set()
    result = solve(problem, stop=stop)
    assert result.work.stopped_by == "cancelled"
    assert len(opened(result.plan)) <= 6
    assert result.plan.captured <= best <= result.plan.bound * (1 + 1e-9)
    assert not result.plan.is_proven
    assert "stopped" in result.plan.why_not_proven


def test_progress_hands_over_whole_plans():
    seen: list[Report[OutletPlan]] = []
    plan = solve(row_world(new_sites=2), progress=seen.append).plan
    bests = [report.best for report in seen if report.best is not None]
    assert bests
    assert bests[-1].captured <= plan.captured
    assert all(best.captured <= best.bound for best in bests)


def test_the_own_proof_agrees_with_or_tools_on_a_city_with_every_rule():
    problem = rich_city(cells=400, sites=80)
    cuts = solve(problem, params=OutletParams(engine="cuts", has_frontier=False)).plan
    whole = solve(problem, params=OutletParams(engine="highs", has_frontier=False)).plan
    assert cuts.is_proven
    assert whole.is_proven
    assert cuts.captured == pytest.approx(whole.captured, rel=1e-5)


def test_2000_cells_by_300_sites_are_proven_within_few_nodes():
    problem = city(cells=2000, sites=300, new_sites=15)
    result = solve(problem, params=OutletParams(has_frontier=False))
    assert result.plan.is_proven
    assert result.work.stopped_by == "finished"
    assert result.work.iterations < 500


def test_a_node_limit_ends_with_a_true_bound_and_says_so():
    problem = rich_city(cells=400, sites=80)
    best = solve(problem, params=OutletParams(has_frontier=False)).plan.captured
    cut = solve(problem, params=OutletParams(has_frontier=False, kicks=0), stop=Stop(iterations=0))
    assert cut.work.stopped_by == "work"
    assert cut.plan.captured <= best * (1 + 1e-9) <= cut.plan.bound * (1 + 2e-9)
    assert "work limit" in cut.plan.why_not_proven


@pytest.mark.parametrize("first", ["highspy", "ortools.math_opt.python.mathopt"])
def test_highs_and_or_tools_load_in_one_process_in_either_order(first):
    names = [first, "highspy", "ortools.sat.python.cp_model", "ortools.math_opt.python.mathopt"]
    code = "import importlib\n" + "\n".join(f"importlib.import_module({name!r})" for name in names)
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def rich_city(*, cells: int, sites: int, seed: int = 3) -> OutletProblem:
    """A city with own outlets, half of which may close, a budget and a separation."""
    random = np.random.default_rng(seed)
    problem = city(cells=cells, sites=sites, new_sites=10, seed=seed)
    changed = []
    for place, site in enumerate(problem.sites):
        role = "own" if place < sites // 8 else "candidate"
        changed.append(
            replace(
                site,
                role=role,
                may_close=role == "own" and place % 2 == 0,
                opening_cost=float(random.integers(20, 60)),
                closing_cost=float(random.integers(0, 10)),
                upkeep_cost=float(random.integers(10, 30)),
            )
        )
    return replace(problem, sites=tuple(changed), budget=300.0, minimum_separation_meters=2000.0)


def city(*, cells: int, sites: int, new_sites: int, seed: int = 5) -> OutletProblem:
    """Cells and sites strewn over a square; three steps of reach."""
    random = np.random.default_rng(seed)
    homes, shops = random.uniform(0, 30, (cells, 2)), random.uniform(0, 30, (sites, 2))
    far = np.hypot(*(shops[:, None] - homes[None]).transpose(2, 0, 1))
    weights = np.select([far <= 2, far <= 3.5, far <= 5], [1.0, 2 / 3, 1 / 3], 0.0)
    demand = 1000 * random.pareto(1.5, cells)
    names = [
        candidate(f"s{i}", lon=float(x) / 100, lat=float(y) / 100) for i, (x, y) in enumerate(shops)
    ]
    return world(demand.tolist(), names, weights, new_sites=new_sites)


def test_an_outlet_that_may_move_lets_one_more_site_open():
    """o serves c0 alone; b and c are worth more than a place for one new site gives."""
    sites = [own("o", may_close=True), candidate("a"), candidate("b")]
    weights = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    stays = solve(world([10, 20, 30], sites, weights, new_sites=1)).plan
    assert (opened(stays), stays.captured) == (["b"], 40)
    moved = solve(world([10, 20, 30], sites, weights, new_sites=1, moves=1)).plan
    assert [site.decision for site in moved.sites] == ["close", "open", "open"]
    assert moved.captured == 50


def test_new_sites_take_no_more_from_own_outlets_than_the_cap():
    """a would bring 50 and take 20 of o's; b brings 30 and takes nothing."""
    sites = [own("o"), candidate("a"), candidate("b")]
    weights = [[0.5, 0, 0], [1, 1, 0], [0, 0, 1]]
    demand = [40, 30, 30]
    free = solve(world(demand, sites, weights, new_sites=1)).plan
    assert (opened(free), free.cannibalised) == (["a"], 20)
    capped = solve(world(demand, sites, weights, new_sites=1, most_cannibalised=19.0)).plan
    assert (opened(capped), capped.cannibalised) == (["b"], 0)
    with pytest.raises(InputError, match="own outlets that stay"):
        world([10], [own("o", may_close=True), candidate("a")], np.eye(2)[:, :1],
              most_cannibalised=1.0)  # fmt: skip
    forced = [own("o"), candidate("a", is_forced=True), candidate("b")]
    with pytest.raises(Infeasible, match="cannibalisation"):
        solve(world(demand, forced, weights, new_sites=1, most_cannibalised=19.0))


def test_sites_at_one_place_are_named():
    plan = solve(
        world([1], [candidate("a"), candidate("b"), candidate("c", lon=1.0)], [[1]] * 3)
    ).plan
    assert any("2 sites stand at one place with another: 'a', 'b'." in one for one in plan.notes)
