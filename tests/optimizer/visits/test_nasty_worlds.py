"""Whatever the input, every need is planned cleanly or named with its reason; nothing is raised."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from optimizer.visits import VisitParams, VisitProblem, solve
from territory.checks import VisitFacts, check_visits
from territory.travel import UNREACHABLE
from territory.visits import Shift, VisitNeed
from tests.optimizer.visits.worlds import LUNCH, MONDAY, days, hm, need, problem, shift


def nasty_need(number: int, random: np.random.Generator) -> VisitNeed:
    """A need with some of: holes in its dates, tiny or many windows, pins, skills, tight series."""
    dates = tuple(day for day in days(10) if random.random() < 0.5) or (MONDAY,)
    starts = np.sort(random.choice(np.arange(6, 20), size=3, replace=False))
    windows = tuple((hm(int(h)), hm(int(h)) + int(random.integers(600, 3_600))) for h in starts)
    pinned = int(random.integers(hm(8), hm(17))) if random.random() < 0.15 else None
    is_twin, who = random.random() < 0.5, f"E{random.integers(1, 4)}"
    return need(
        f"N{number}",
        *random.uniform(-4, 4, 2).round(3).tolist(),
        executive_id=who,
        dates=dates[:1] if pinned is not None else dates,
        windows=(windows,) * (1 if pinned is not None else len(dates)),
        visit_seconds=int(random.choice([60, 900, 1_800, 36_000])),
        value=float(random.choice([0.0, 1.0, 250.0, 1e6])),
        series=f"{who} S{random.integers(0, 2)}" if is_twin else "",
        min_spacing_days=int(random.integers(0, 6)) if is_twin else 0,
        pinned_start_seconds=pinned,
        kind="appointment" if pinned is not None else "visit",
        required_skill=str(random.choice(["", "", "wine"])),
        preferred_dates=dates[:1] if random.random() < 0.3 else (),
    )


def nasty_shift(who: str, offset: int, random: np.random.Generator) -> Shift:
    start = int(random.integers(hm(6), hm(15)))
    return shift(
        MONDAY + timedelta(days=offset),
        executive_id=who,
        start_seconds=start,
        end_seconds=int(random.integers(start + 600, hm(22))),
        lunch=LUNCH if random.random() < 0.7 else None,
        max_driving_seconds=int(random.integers(0, 20_000)) if random.random() < 0.4 else None,
        skills=frozenset({"wine"}) if random.random() < 0.5 else frozenset(),
        end_lonlat=tuple(random.uniform(-1, 1, 2).round(2).tolist()),
    )


def nasty_world(seed: int) -> VisitProblem:
    random = np.random.default_rng(seed)
    shifts = [
        nasty_shift(who, offset, random)
        for who in ("E1", "E2")  # E3 has needs and never works
        for offset in range(10)
        if random.random() < 0.6
    ]
    world = problem([nasty_need(number, random) for number in range(30)], shifts)
    seconds, meters = world.travel.seconds.copy(), world.travel.meters.copy()
    holes = random.random(seconds.shape) < 0.05
    np.fill_diagonal(holes, False)
    seconds[holes] = meters[holes] = UNREACHABLE
    return replace(world, travel=replace(world.travel, seconds=seconds, meters=meters))


@pytest.mark.parametrize("seed", range(12))
def test_every_need_is_planned_cleanly_or_named(seed: int) -> None:
    world = nasty_world(seed)
    params = VisitParams(seed=seed, iterations_per_visit=20, routing_solutions=30)
    plan = solve(world, params=params).plan
    facts = VisitFacts(
        needs=world.needs, shifts=world.shifts, points=world.points.lonlat, travel=world.travel
    )
    assert check_visits(plan, facts) == ()
    served = [stop.visit_id for route in plan.routes for stop in route.stops]
    named = [item.visit_id for item in plan.unserved]
    assert sorted(served + named) == sorted(one.visit_id for one in world.needs)
    assert all(item.detail for item in plan.unserved)
    assert not any(item.reason == "solver_time_limit" for item in plan.unserved)
