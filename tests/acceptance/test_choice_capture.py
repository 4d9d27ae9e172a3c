"""Plans whose cells share their demand: best of all networks, clean to the judge, hard to forge.

The enumeration is written from the documented definition and shares no code with the solver.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from optimizer.outlets import OutletProblem, cover_from_minutes, solve
from optimizer.outlets.answers import transfers
from territory.checks import OutletFacts, check_outlets
from territory.checks.networks import best_by_enumeration
from territory.checks.outlet_answers import AnswerFacts, check_answers
from territory.coverage import pull_against
from territory.errors import Infeasible, InputError
from territory.outlets import Capture, OutletPlan, Site

REACH = (4, 8, 12)
CAPTURES = (
    Capture(kind="huff"),
    Capture(kind="huff", decay=1.5, outside_pull=0.02),
    Capture(kind="mnl", decay=0.3, outside_pull=0.5),
)


class World:
    """Eight sites (two own), three rivals and forty cells on 20 minutes by 20 minutes."""

    def __init__(self, seed: int, capture: Capture) -> None:
        rng = np.random.default_rng(seed)
        at, cells = rng.uniform(0, 20, (11, 2)), rng.uniform(0, 20, (40, 2))
        minutes = np.linalg.norm(at[:, None] - cells[None, :], axis=2)
        self.capture, self.minutes, self.rival_minutes = capture, minutes[:8], minutes[8:]
        self.demand = rng.integers(0, 100, 40).astype(np.float64)
        self.sites = tuple(_site(rng, number, seed) for number in range(8))
        self.rivals = tuple(
            Site(site_id=f"r{k}", name=f"Rival {k}", lon=0, lat=0, role="competitor",
                 attractiveness=float(rng.uniform(0.2, 3)))
            for k in range(3)
        )  # fmt: skip
        strength = [rival.attractiveness for rival in self.rivals]
        self.against = pull_against(self.rival_minutes.T, strength, REACH, capture)
        self.cells = tuple(f"c{number}" for number in range(40))
        self.budget = 60.0 if seed % 2 else None

    def problem(self) -> OutletProblem:
        return OutletProblem(
            unit_ids=self.cells,
            demand=self.demand,
            sites=self.sites,
            cover=cover_from_minutes(self.minutes, REACH, self.capture),
            reach_minutes=REACH,
            reach_weights=(1.0, 2 / 3, 1 / 3),
            travel_source="road",
            new_sites=3,
            budget=self.budget,
            capture=self.capture,
            against=self.against,
        )

    def facts(self) -> OutletFacts:
        return OutletFacts(
            cell_ids=self.cells,
            demand=self.demand,
            sites=self.sites,
            minutes=self.minutes,
            reach_minutes=REACH,
            new_sites=3,
            budget=self.budget,
            travel_source="road",
            capture=self.capture,
            against=self.against,
        )

    def most_captured(self) -> float:
        """Every allowed network tried, cell by cell."""
        return max(
            (
                self._captured(network)
                for size in range(1, 9)
                for network in combinations(range(8), size)
                if self._is_allowed(network)
            ),
            default=-np.inf,
        )

    def _captured(self, network: tuple[int, ...]) -> float:
        total = 0.0
        for cell, demand in enumerate(self.demand):
            own = sum(
                self.sites[row].attractiveness * self._pull(float(self.minutes[row, cell]))
                for row in network
            )
            others = self.capture.outside_pull + sum(
                rival.attractiveness * self._pull(float(self.rival_minutes[row, cell]))
                for row, rival in enumerate(self.rivals)
            )
            total += demand * own / (own + others)
        return float(total)

    def _pull(self, minutes: float) -> float:
        if minutes > REACH[-1]:
            return 0.0
        if self.capture.kind == "mnl":
            return float(np.exp(-self.capture.decay * minutes))
        if self.capture.decay is not None:
            return float(max(1.0, minutes) ** -self.capture.decay)
        return 1.0 if minutes <= 4 else 2 / 3 if minutes <= 8 else 1 / 3

    def _is_allowed(self, network: tuple[int, ...]) -> bool:
        new = [self.sites[row] for row in network if self.sites[row].role == "candidate"]
        shut = [self.sites[row] for row in range(2) if row not in network]
        spent = sum(site.opening_cost + site.upkeep_cost for site in new)
        spent += sum(site.closing_cost - site.upkeep_cost for site in shut)
        return (
            len(new) <= 3
            and all(site.may_close for site in shut)
            and not any(site.is_forbidden for site in new)
            and all(site in new for site in self.sites if site.is_forced)
            and (self.budget is None or spent <= self.budget)
        )


def _site(rng: np.random.Generator, number: int, seed: int) -> Site:
    return Site(
        site_id=f"s{number}",
        name=f"Site {number}",
        lon=number / 1000,
        lat=0.0,
        role="own" if number < 2 else "candidate",
        attractiveness=float(rng.uniform(0.5, 2.0)),
        opening_cost=0.0 if number < 2 else float(rng.integers(10, 40)),
        closing_cost=float(rng.integers(0, 10)),
        upkeep_cost=float(rng.integers(0, 30)),
        may_close=number == 1,
        is_forced=number == 7 and seed % 3 == 0,
        is_forbidden=number == 6 and seed % 2 == 0,
    )


@pytest.mark.parametrize("capture", CAPTURES, ids=("huff steps", "huff power", "mnl"))
@pytest.mark.parametrize("seed", range(8))
def test_a_shared_market_is_proven_best_and_clean(seed: int, capture: Capture) -> None:
    world = World(seed, capture)
    best = world.most_captured()
    if best == -np.inf:
        with pytest.raises(Infeasible):
            solve(world.problem())
        return
    plan = solve(world.problem()).plan
    assert check_outlets(plan, world.facts()) == ()
    assert plan.captured == pytest.approx(best, rel=1e-6)
    assert best_by_enumeration(world.facts()) == pytest.approx(best, rel=1e-9)
    assert best - 1e-9 <= plan.bound <= best * (1 + 1e-5)
    assert plan.is_proven


@pytest.mark.parametrize("seed", range(4))
def test_who_takes_from_whom_adds_up_and_is_found_again_by_the_judge(seed: int) -> None:
    world = World(seed, CAPTURES[1])
    problem = world.problem()
    plan = solve(problem).plan
    told = transfers(
        problem,
        plan,
        competitors=world.rivals,
        rival_weights=cover_weights(world),
    )
    facts = AnswerFacts(
        market=world.facts(), rivals=world.rivals, rival_minutes=world.rival_minutes
    )
    told_plan = replace(plan, transfers=told)
    assert check_answers(told_plan, facts) == ()
    opened = {site.site_id: site for site in plan.sites if site.decision == "open"}
    for site_id, site in opened.items():
        rows = zip(told.texts("site_id"), told.numbers("amount"), strict=True)
        assert sum(a for name, a in rows if name == site_id) == pytest.approx(site.captured)
    amounts = list(told.numbers("amount"))
    amounts[0] *= 1.01
    forged = replace(told, columns={**told.columns, "amount": tuple(amounts)})
    assert {one.code for one in check_answers(replace(plan, transfers=forged), facts)} == {
        "wrong_figure"
    }


def cover_weights(world: World) -> np.ndarray:
    from territory.coverage import capture_weight

    return np.asarray(capture_weight(world.rival_minutes.T, REACH, world.capture))


FORGERIES: dict[str, Callable[[OutletPlan], OutletPlan]] = {
    "wrong_facts": lambda plan: replace(plan, capture=Capture(kind="huff", decay=1.0)),
    "wrong_total": lambda plan: replace(plan, cannibalised=plan.cannibalised + 5),
    "wrong_capture": lambda plan: _with_site(plan, captured=1.5),
    "wrong_cannibalised": lambda plan: _with_site(plan, from_own=1.5),
    "wrong_marginal": lambda plan: _with_site(plan, marginal=1.5),
    "wrong_bound": lambda plan: replace(plan, bound=plan.captured * 0.9),
}


def _with_site(plan: OutletPlan, **factors: float) -> OutletPlan:
    """The first opened site's figures, each times its factor and a little more."""
    place = next(k for k, site in enumerate(plan.sites) if site.decision == "open")
    site = plan.sites[place]
    changed = {name: getattr(site, name) * by + 1 for name, by in factors.items()}
    sites = list(plan.sites)
    sites[place] = replace(site, **changed)
    return replace(plan, sites=tuple(sites))


@pytest.mark.parametrize("code", FORGERIES)
def test_the_judge_names_a_forged_plan_of_shares(code: str) -> None:
    world = World(1, CAPTURES[0])
    plan = solve(world.problem()).plan
    found = check_outlets(FORGERIES[code](plan), world.facts())
    assert code in {one.code for one in found}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "mnl"}, "a decay per minute"),
        ({"kind": "mnl", "decay": 0.0}, "never falls"),
        ({"kind": "huff", "decay": -1.0}, "never falls"),
        ({"kind": "best", "decay": 1.0}, "no decay"),
        ({"kind": "huff", "outside_pull": -0.1}, "0 or more"),
    ],
)
def test_a_sharing_that_makes_no_sense_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Capture(**fields)  # type: ignore[arg-type]


def test_cells_that_nothing_stands_against_are_refused_with_the_fix() -> None:
    world = World(0, replace(CAPTURES[0], outside_pull=0.0))
    with pytest.raises(InputError, match="outside pull above 0"):
        replace(world.problem(), against=np.zeros(40))
