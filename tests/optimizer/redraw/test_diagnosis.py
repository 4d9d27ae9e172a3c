"""Proofs against a tolerance: by hand on strips and stars, by enumeration on small grids."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from optimizer.redraw import RedrawProblem, diagnose
from territory.checks import AlignmentFacts, Violation, check_alignment
from territory.diagnosis import Finding
from territory.measures import alignment_plan, components, deviation_percent, load_sums
from territory.redrawn import KeyAccount
from tests.optimizer.redraw.grids import grid, problem


def only(kind: str, asked: RedrawProblem) -> list[Finding]:
    return [finding for finding in diagnose(asked) if finding.kind == kind]


def plans(asked: RedrawProblem) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Every contiguous assignment with its deviations (m, p)."""
    for choice in product(range(asked.executives), repeat=len(asked.unit_ids)):
        owners = np.array(choice)
        if (components(owners, asked.neighbours, asked.executives) == 1).all():
            yield owners, deviation_percent(load_sums(owners, asked.loads, asked.executives))


def key_accounts(asked: RedrawProblem) -> tuple[KeyAccount, ...]:
    """One for each executive, holding what the problem says that they carry."""
    if asked.carried_loads is None:
        return ()
    return tuple(
        KeyAccount(account_id=f"K{who}", executive_id=who, unit_id="", loads=tuple(loads))
        for who, loads in zip(asked.executive_ids, asked.carried_loads.T.tolist(), strict=True)
    )


def said_by_the_judge(asked: RedrawProblem, *findings: Finding) -> list[Violation]:
    """Violations of the proofs alone, on a plan that gives all to the first executive."""
    owners = np.zeros(len(asked.unit_ids), dtype=np.int64)
    plan = alignment_plan(
        asked.alignment(owners),
        asked.ground,
        tolerance_percent=asked.tolerance_percent,
        notes=[f"tolerance {name}" for name in asked.load_names],
    )
    facts = AlignmentFacts(
        unit_ids=asked.unit_ids,
        executive_ids=asked.executive_ids,
        neighbours=asked.neighbours,
        xy_meters=asked.xy_meters,
        area_square_meters=asked.area_square_meters,
        load_names=asked.load_names,
        loads=asked.loads,
        tolerance_percent=asked.tolerance_percent,
        key_accounts=key_accounts(asked),
    )
    found = check_alignment(replace(plan, diagnosis=findings), facts)
    return [one for one in found if one.subject.startswith("finding")]


# --- what executives carry besides units -------------------------------------------------------


def test_the_lightest_key_accounts_count_with_a_unit_that_is_too_large() -> None:
    carried = np.array([[1.0, 2.0, 1.0]])  # mean (8 + 4) / 3 = 4; the second unit and 1 are 5
    asked = grid(5, 1, [[1, 4, 1, 1, 1]], "ABC", tolerance=20.0, carried_loads=carried)
    (finding,) = only("largest_unit", asked)
    assert finding.unit_ids == ("u1",)
    assert finding.least_percent == pytest.approx(25.0)
    assert "key accounts" in finding.text
    assert said_by_the_judge(asked, finding) == []
    (code,) = {one.code for one in said_by_the_judge(asked, replace(finding, least_percent=26.0))}
    assert code == "wrong_proof"


@pytest.mark.parametrize("seed", range(4))
def test_no_plan_with_key_accounts_breaks_its_proofs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    loads = np.array([[6.0, 5, 4, 1, 1, 1, 1], [1, 1, 1, 3, 4, 5, 6]]) * rng.uniform(
        0.8, 1.2, (2, 7)
    )
    carried = rng.uniform(0, 1.5, (2, 3))
    asked = grid(7, 1, loads, "ABC", tolerance=10.0, carried_loads=carried)
    found = diagnose(asked)
    assert {one.kind for one in found} >= {"ratio_floor"}
    assert said_by_the_judge(asked, *found) == []
    row = {name: place for place, name in enumerate(asked.load_names)}
    for owners, _ in plans(asked):
        sums = load_sums(owners, asked.loads, asked.executives) + carried
        worst = np.abs(deviation_percent(sums)).max(axis=1)
        spans = [np.ptp(asked.xy_meters[owners == k, 0]) for k in owners]
        for one in found:
            rows = [row[name] for name in one.load_names]
            if (worst[rows] <= np.array(one.tolerance_percent)).all():
                assert one.reach_meters is not None
                units = [int(unit[1:]) for unit in one.unit_ids]
                assert max(spans[unit] for unit in units) > one.reach_meters


def test_a_bottleneck_is_no_proof_where_executives_carry_key_accounts() -> None:
    asked = star([0, 1, 1, 1], "AB")
    (finding,) = only("bottleneck", asked)
    carrying = replace(asked, carried_loads=np.full((1, 2), 0.5))
    assert only("bottleneck", carrying) == []
    (fault,) = said_by_the_judge(carrying, finding)
    assert fault.code == "wrong_proof"


# --- largest unit ------------------------------------------------------------------------------


def test_a_unit_of_half_the_market_is_the_reason_for_four_executives() -> None:
    asked = grid(5, 1, [[1, 1, 4, 1, 1]], "ABCD")  # mean 2, the third unit 4: +100 %
    (finding,) = only("largest_unit", asked)
    assert finding.unit_ids == ("u2",)
    assert finding.share_percent == (50.0,)
    assert finding.least_percent == pytest.approx(100)
    assert said_by_the_judge(asked, finding) == []
    assert min(abs(off).max() for _, off in plans(asked)) == pytest.approx(100)


# --- bottleneck --------------------------------------------------------------------------------


def star(loads: list[float], executives: str) -> RedrawProblem:
    """Unit 0 in the middle, the others hang on it alone."""
    turns = 2 * np.pi * np.arange(len(loads) - 1) / (len(loads) - 1)
    xy = 1000 * np.vstack([[0.0, 0.0], np.column_stack([np.cos(turns), np.sin(turns)])])
    pairs = [(0, arm) for arm in range(1, len(loads))]
    return problem(xy, pairs, [loads], executives)


def test_three_equal_arms_cannot_be_shared_by_two_better_than_by_a_third() -> None:
    asked = star([0, 1, 1, 1], "AB")  # one arm against two: 1 and 2 about a mean of 1.5
    (finding,) = only("bottleneck", asked)
    assert finding.unit_ids[0] == "u0"
    assert finding.least_percent == pytest.approx(100 / 3)
    assert min(abs(off).max() for _, off in plans(asked)) == pytest.approx(100 / 3)
    assert said_by_the_judge(asked, finding) == []
    assert "Unit u0 is the only way between parts worth 0.67, 0.67, 0.67" in finding.text


def test_the_star_is_no_bottleneck_where_every_arm_is_a_jurisdiction() -> None:
    assert only("bottleneck", star([0, 1, 1, 1], "ABC")) == []


@pytest.mark.parametrize("seed", range(12))
def test_no_plan_beats_the_least_deviation_of_a_bottleneck(seed: int) -> None:
    rng = np.random.default_rng(seed)
    asked = star(rng.integers(1, 6, 6).astype(float).tolist(), "ABC"[: 2 + seed % 2])
    best = min(abs(off).max() for _, off in plans(asked))
    for finding in only("bottleneck", asked):
        assert finding.least_percent <= best + 1e-6
        assert said_by_the_judge(asked, finding) == []


# --- ratio floor -------------------------------------------------------------------------------

STRIP = [[0, 0, 0, 2, 2, 2], [1, 1, 1, 1, 1, 1]]


def test_potential_at_one_end_of_a_strip_asks_for_jurisdictions_of_three_kilometres() -> None:
    asked = grid(6, 1, STRIP, "ABC", tolerance=0.0)
    first = only("ratio_floor", asked)[0]
    # each of the three full units needs the workload of one empty unit, all three kilometres off;
    # told from the full end, where jurisdictions would be shorter if all were even
    assert first.load_names == ("workload", "potential")
    assert set(first.unit_ids) <= {"u3", "u4", "u5"}
    assert first.reach_meters == pytest.approx(3000, rel=1e-6)
    assert "must be longer than 3.0 km" in first.text
    assert said_by_the_judge(asked, *diagnose(asked)) == []


def test_even_loads_have_no_ratio_floor() -> None:
    assert only("ratio_floor", grid(6, 1, np.ones((2, 6)), "ABC", tolerance=0.0)) == []


def test_an_island_without_potential_is_told_to_have_no_plan() -> None:
    xy = np.array([(0.0, 0.0), (1000.0, 0.0), (9000.0, 0.0), (10000.0, 0.0)])
    loads = [[0, 0, 2, 2], [1, 1, 1, 1]]
    asked = problem(xy, [(0, 1), (2, 3)], loads, "AB", tolerance=5.0)
    assert len(asked.links) == 1  # joined by a ferry, so only length stands against a plan
    (first, *_) = only("ratio_floor", asked)
    assert first.reach_meters == pytest.approx(9000, rel=1e-6)
    assert said_by_the_judge(asked, first) == []


@pytest.mark.parametrize("seed", range(14))
def test_every_plan_within_tolerance_is_longer_than_its_ratio_floor(seed: int) -> None:
    rng = np.random.default_rng(seed)
    loads = rng.integers(0, 5, (2, 8)) + np.array([[0.2], [0.5]])
    asked = grid(4, 2, loads, "AB", tolerance=[2.0, 10.0, 25.0][seed % 3])
    floors = only("ratio_floor", asked)
    assert said_by_the_judge(asked, *floors) == []
    for owners, off in plans(asked):
        for floor in floors:
            rows = [asked.load_names.index(name) for name in floor.load_names]
            if (abs(off[rows]).max(axis=1) > np.array(floor.tolerance_percent)).any():
                continue
            held = {asked.unit_ids.index(unit) for unit in floor.unit_ids}
            lengths = [
                np.hypot(*(asked.xy_meters[mine][:, None] - asked.xy_meters[mine][None]).T).max()
                for mine in (np.flatnonzero(owners == k) for k in range(2))
                if held & set(mine.tolist())
            ]
            assert floor.reach_meters is not None
            assert max(lengths) > floor.reach_meters


# --- the judge finds planted faults ------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reach_meters": 3001.0}, "wrong_proof"),
        ({"unit_ids": ("u0", "u1", "u2", "u3", "u4", "u5")}, "wrong_proof"),
        ({"unit_ids": ("u0", "nowhere")}, "wrong_facts"),
        ({"share_percent": (1.0, 50.0)}, "wrong_total"),
        ({"tolerance_percent": (60.0, 60.0)}, "wrong_proof"),
        ({"load_names": ("potential",)}, "wrong_facts"),
    ],
)
def test_a_false_ratio_floor_is_found(change: dict[str, object], code: str) -> None:
    asked = grid(6, 1, STRIP, "ABC", tolerance=0.0)
    true = only("ratio_floor", asked)[0]
    assert code in {one.code for one in said_by_the_judge(asked, replace(true, **change))}  # type: ignore[arg-type]


def test_false_words_on_a_large_unit_or_a_bottleneck_are_found() -> None:
    asked = grid(5, 1, [[1, 1, 4, 1, 1]], "ABCD")
    (large,) = only("largest_unit", asked)
    for wrong in (replace(large, least_percent=101.0), replace(large, unit_ids=("u2", "u0"))):
        assert "wrong_proof" in {one.code for one in said_by_the_judge(asked, wrong)}
    asked = star([0, 1, 1, 1], "AB")
    (bottleneck,) = only("bottleneck", asked)
    for wrong in (
        replace(bottleneck, least_percent=34.0),
        replace(bottleneck, unit_ids=("u1", "u0")),
        replace(bottleneck, tolerance_percent=(40.0,)),
    ):
        assert "wrong_proof" in {one.code for one in said_by_the_judge(asked, wrong)}
