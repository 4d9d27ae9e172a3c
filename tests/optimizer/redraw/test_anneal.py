"""The inner loop: pieces never broken, running values true; schedules keep to work and clock."""

import itertools
from typing import Any

import numpy as np
import pytest

from optimizer.redraw import RedrawProblem, start
from optimizer.redraw.field import Arena, arena
from optimizer.redraw.kernel_anneal import anneal_lane, lane_of, tracked
from optimizer.redraw.kernel_ring import arcs_of
from optimizer.redraw.kernel_values import Track
from optimizer.redraw.mend import RoundClock
from optimizer.redraw.repair import lawful
from optimizer.redraw.schedule import CALM, Leash
from optimizer.run import Stop
from territory.measures import components
from tests.optimizer.redraw.grids import graph, grid, problem
from tests.optimizer.redraw.worlds import disc, hexagons

CITY = hexagons(disc(6), seed=3)
HOMES = np.random.default_rng(2).uniform(-8000, 8000, (6, 2))
TODAY = tuple(f"E{1 + unit % 6}" for unit in range(127))


def annealed(asked: RedrawProblem, proposals: int) -> tuple[Arena, Track]:
    """The running values after so many warm proposals from anywhere lawful."""
    ready = arena(asked)
    lane = lane_of(ready.field)
    nobody = np.full(len(asked.unit_ids), -1, dtype=np.int32)
    track = tracked(lane, lawful(nobody, ready))
    ends = [np.array(pair) for pair in ((0.5, 0.2), (0.1, 0.5), (0.3, 0.1))]
    for _ in range(10):  # slices: what one leaves behind the next must find true
        anneal_lane(lane, track, np.array([7], np.uint64), proposals // 10, *ends, 0.95, 0.4)
        pieces = components(track.owner.astype(np.int64), asked.neighbours, asked.executives)
        assert pieces.tolist() == [1] * asked.executives
    return ready, track


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"homes_meters": HOMES, "homes_fixed": True},
        {"before": TODAY, "move_price": 2.0, "locked_units": ()},
    ],
)
def test_running_values_after_a_run_are_those_of_a_fresh_look(rules: dict[str, Any]) -> None:
    asked = CITY.problem(6, **rules)
    ready, track = annealed(asked, 20_000)
    fresh = tracked(lane_of(ready.field), track.owner.copy())
    assert track.sums == pytest.approx(fresh.sums, abs=1e-9)
    assert track.tally.tolist() == fresh.tally.tolist()
    assert track.foreign.tolist() == fresh.foreign.tolist()
    listed = set(track.border[: track.length[0]].tolist())
    assert listed == set(fresh.border[: fresh.length[0]].tolist())


def test_the_energy_lost_is_the_objective_lost() -> None:
    """Without a price on loads the kernel's energy is p x the stated cost, move by move."""
    asked = CITY.problem(6, before=TODAY, move_price=2.0, border_price=0.7)
    ready = arena(asked)
    lane = lane_of(ready.field)
    track = tracked(lane, lawful(np.full(127, -1, dtype=np.int32), ready))
    nil, cold = np.array([1e-12, 1e-12]), np.array([1e-9, 1e-9])
    costs = [ready.objective(track.owner).cost]
    for seed in range(1, 60):
        anneal_lane(lane, track, np.array([seed], np.uint64), 40, cold, nil, nil, 0.95, 0.4)
        costs.append(ready.objective(track.owner).cost)
    assert costs[-1] < 0.9 * costs[0]
    assert all(later <= earlier + 1e-9 for earlier, later in itertools.pairwise(costs))


def test_squares_whose_neighbours_do_not_border_one_another_move_too() -> None:
    loads = np.random.default_rng(1).uniform(1, 3, (2, 144))
    _, track = annealed(grid(12, 12, loads, "ABCD"), 20_000)
    assert set(np.bincount(track.owner).tolist()) != {36}


def test_a_unit_of_forty_neighbours_is_no_trouble() -> None:
    pairs = [(0, spoke) for spoke in range(1, 41)] + [(k, k + 1) for k in range(1, 40)]
    xy = np.array([[0.0, 0.0], *[(1000 * k, 1000.0) for k in range(40)]])
    annealed(problem(xy, pairs, np.ones((2, 41)), "AB"), 5_000)


def test_a_ring_table_tells_who_borders_whom_around_a_unit() -> None:
    star = graph(4, [(0, 1), (0, 2), (0, 3), (1, 2)])
    arcs = arcs_of(star.indptr, star.indices)
    assert arcs[: star.indptr[1]].tolist() == [0b010, 0b001, 0]


class Clock(Stop):
    """A stop whose clock goes on by itself, a tick each time it is asked."""

    tick = 0.0

    @property
    def elapsed_seconds(self) -> float:
        Clock.tick += 0.01
        return Clock.tick


def test_a_leash_spends_its_work_and_passes_the_whole_schedule() -> None:
    steps = list(Leash(proposals=1_000_003).steps(Stop()))
    assert sum(step.proposals for step in steps) == 1_000_003
    assert (steps[0].start, steps[-1].end) == (0.0, pytest.approx(1.0))
    assert all(a.end == b.start for a, b in itertools.pairwise(steps))


def test_on_a_clock_the_schedule_is_passed_in_time() -> None:
    leash = Leash(proposals=10**9, ends=2.0)
    Clock.tick = 0.0
    steps = list(leash.steps(Clock(seconds=60)))
    assert leash.is_clocked
    assert steps[-1].end == pytest.approx(1.0)
    assert 1.8 < Clock.tick < 2.2


def test_heat_falls_and_prices_rise_along_the_whole_way() -> None:
    steps = list(Leash(proposals=100_000).steps(Stop()))
    values = [step.on(CALM)[1] for step in steps]
    heats = [float(value) for heat, _, _ in values for value in heat]
    prices = [float(value) for _, price, _ in values for value in price]
    assert heats == sorted(heats, reverse=True)
    assert prices == sorted(prices)
    assert (heats[0], heats[-1]) == (pytest.approx(1.3), pytest.approx(0.004))


def test_a_start_found_on_a_sample_is_about_as_balanced_as_one_found_on_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    field = hexagons(disc(24), seed=5)
    ready = arena(field.problem(8))
    worst = []
    for least in (10_000, 200):
        monkeypatch.setattr(start, "SAMPLE_UNITS", least)
        monkeypatch.setattr(start, "SAMPLE_SHARE", 1)
        owner = start.power_start(ready, np.random.default_rng(1))
        held = np.bincount(owner, ready.field.load.mean(axis=1), minlength=8)
        worst.append(float(np.abs(held - 1).max()))
    assert worst[1] < max(1.5 * worst[0], 0.2)


def test_a_start_without_time_still_gives_every_unit_an_owner() -> None:
    ready = arena(hexagons(disc(12), seed=5).problem(8))
    asked: list[int] = []

    def is_over() -> bool:
        asked.append(1)
        return True

    owner = start.power_start(ready, np.random.default_rng(1), is_over)
    assert len(asked) == 1  # one pass of prices, not 280
    assert set(owner.tolist()) <= set(range(8))
    assert len(set(owner.tolist())) > 4


@pytest.mark.parametrize(("spare", "rounds"), [(0.0, 12), (5.0, 7)])
def test_rounds_end_while_what_follows_them_has_time(spare: float, rounds: int) -> None:
    Clock.tick = 0.0
    clock = RoundClock(Clock(seconds=0.4), first_seconds=0.0, spare_rounds=spare)
    made = 0
    while clock.has_time():
        made += 1
    assert made == pytest.approx(rounds, abs=1)
