"""The judge names every corruption of key accounts, moves, roads, levels, counts and soft loads."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from territory.alignment import AlignmentPlan
from territory.checks import AlignmentFacts, check_alignment
from territory.redrawn import (
    ChooseBy,
    CountTried,
    Group,
    KeyAccount,
    Level,
    MovedShare,
    RoadShape,
    best_count,
)
from tests.acceptance import clean_plans

# The six squares of clean_plans, and: everyone carries one key account of 3 sales and 1 hour, so
# all hold 23 and 5; sales are soft; districts North (Ann, Bo) and South (Cy) make up one Country;
# each column's centre is its upper unit and the lower one is a minute of road away; 2, 3 and 4
# executives were tried, with a full year of 10 hours.

PEOPLE = ("Ann", "Bo", "Cy")
KEYS = tuple(
    KeyAccount(account_id=f"K{name}", executive_id=name, unit_id="c1", loads=(3.0, 1.0))
    for name in PEOPLE
)


def facts() -> AlignmentFacts:
    return replace(
        clean_plans.alignment_facts(),
        soft_price=(2.0, 0.0),
        key_accounts=KEYS,
        measures={"accounts": np.array([0, 0, 0, 0, 3.0, 1.0]), "workload": np.full(6, 2.0)},
        move_weights={"accounts": 1.0},
        is_on_road=True,
        road_seconds=np.array([0.0, 0.0, 0.0, 60.0, 60.0, 60.0]),
        unit_lonlat=np.array([(x / 100, y / 100) for y in (1, 0) for x in (0, 1, 2)]),
        levels=(("district", 2, 5.0), ("country", 1, 5.0)),
        counts=(2, 3, 4),
        full_hours=10.0,
    )


def group(name: str, *members: str) -> Group:
    count = len(members)
    return Group(
        group_id=name,
        executive_ids=members,
        loads=(23.0 * count, 5.0 * count),
        deviation_percent=(0.0, 0.0),
        components=1,
    )


def level(name: str, *groups: Group) -> Level:
    return Level(name=name, tolerance_percent=5.0, groups=groups, worst_percent=(0.0, 0.0))


def tried(count: int, **changes: Any) -> CountTried:
    given: dict[str, Any] = {
        "executives": count,
        "worst_percent": (0.0, 0.0),
        "beyond_percent": 0.0,
        "polsby_popper": 4 * np.pi * 2 / 36,
        "moment_of_inertia": 3.0,
        "moved_percent": 100 * 2 / 12,
        "full_percent": 150.0 / count,
        "is_chosen": False,
    }
    return CountTried(**{**given, **changes})


def plan() -> AlignmentPlan:
    clean = clean_plans.alignment_plan()

    def carrying(rows: tuple[Any, ...]) -> tuple[Any, ...]:
        loads = [(one.loads[0] + 3, one.loads[1] + 1) for one in rows]
        return tuple(
            replace(
                one,
                loads=pair,
                deviation_percent=(100 * (pair[0] / 23 - 1), 100 * (pair[1] / 5 - 1)),
            )
            for one, pair in zip(rows, loads, strict=True)
        )

    return replace(
        clean,
        jurisdictions=carrying(clean.jurisdictions),
        jurisdictions_before=carrying(clean.jurisdictions_before),
        soft_price=(2.0, 0.0),
        key_accounts=KEYS,
        moved_by=(
            MovedShare(name="accounts", weight=1.0, percent=75.0),
            MovedShare(name="workload", weight=0.0, percent=100 * 2 / 12),
        ),
        road_shape=tuple(
            RoadShape(
                executive_id=name, center_unit=unit, center_lon=east / 100, center_lat=0.01,
                mean_minutes=0.5, minutes_squared=0.5, worst_minutes=1.0,
            )
            for east, (name, unit) in enumerate(zip(PEOPLE, ("a1", "b1", "c1"), strict=True))
        ),
        levels=(
            level("district", group("North", "Ann", "Bo"), group("South", "Cy")),
            level("country", group("All", *PEOPLE)),
        ),
        counts=(
            tried(2, beyond_percent=4.0),
            tried(3, is_chosen=True),
            tried(4, moment_of_inertia=1.0),
        ),
    )  # fmt: skip


def codes(plan: AlignmentPlan, facts: AlignmentFacts) -> set[str]:
    return {violation.code for violation in check_alignment(plan, facts)}


def test_the_judge_finds_nothing_in_the_correct_plan() -> None:
    assert check_alignment(plan(), facts()) == ()


def changed(field: str, place: int, **changes: Any) -> Callable[[AlignmentPlan], AlignmentPlan]:
    """The plan with one entry of a tuple field changed."""

    def corrupt(plan: AlignmentPlan) -> AlignmentPlan:
        rows = list(getattr(plan, field))
        rows[place] = replace(rows[place], **changes)
        return replace(plan, **{field: tuple(rows)})

    return corrupt


def of_level(place: int, **changes: Any) -> Callable[[AlignmentPlan], AlignmentPlan]:
    """The plan with the first group of a level changed."""

    def corrupt(plan: AlignmentPlan) -> AlignmentPlan:
        groups = plan.levels[place].groups
        first = replace(groups[0], **changes)
        return changed("levels", place, groups=(first, *groups[1:]))(plan)

    return corrupt


def without(field: str) -> Callable[[AlignmentPlan], AlignmentPlan]:
    return lambda plan: replace(plan, **{field: getattr(plan, field)[1:]})


TORN = (group("North", "Ann", "Cy"), group("South", "Bo"))
CORRUPTIONS: dict[str, tuple[str, Callable[[AlignmentPlan], AlignmentPlan]]] = {
    "a key account lost": ("wrong_key_account", without("key_accounts")),
    "a key account twice": (
        "wrong_key_account",
        lambda plan: replace(plan, key_accounts=(*plan.key_accounts, plan.key_accounts[0])),
    ),
    "a key account with another executive": (
        "wrong_key_account", changed("key_accounts", 0, executive_id="Bo")),
    "a key account elsewhere": ("wrong_key_account", changed("key_accounts", 1, unit_id="a1")),
    "a key account's hours": ("wrong_key_account", changed("key_accounts", 2, loads=(3.0, 1.5))),
    "a jurisdiction without its key account": (
        "wrong_total", changed("jurisdictions", 0, loads=(20.0, 4.0))),
    "a soft load called hard": ("wrong_facts", lambda plan: replace(plan, soft_price=())),
    "a moved share": ("wrong_moved", changed("moved_by", 0, percent=70.0)),
    "another price of moving": ("wrong_facts", changed("moved_by", 0, weight=2.0)),
    "a measure that is none": ("wrong_facts", changed("moved_by", 1, name="luck")),
    "a centre in another's land": ("wrong_road", changed("road_shape", 0, center_unit="b1")),
    "a centre beside its unit": ("wrong_road", changed("road_shape", 0, center_lon=0.005)),
    "a centre at a home that is none": ("wrong_road", changed("road_shape", 0, center_unit="")),
    "minutes of the road": ("wrong_road", changed("road_shape", 1, mean_minutes=0.4)),
    "squared minutes": ("wrong_road", changed("road_shape", 1, minutes_squared=0.25)),
    "the farthest unit": ("wrong_road", changed("road_shape", 2, worst_minutes=0.9)),
    "no shape on the road": ("wrong_road", lambda plan: replace(plan, road_shape=())),
    "a jurisdiction without road shape": ("wrong_facts", without("road_shape")),
    "a level left out": ("wrong_facts", without("levels")),
    "a district too many": (
        "wrong_level",
        changed("levels", 0, groups=tuple(group(name, name) for name in PEOPLE)),
    ),
    "an executive in no district": ("wrong_level", of_level(0, executive_ids=("Ann",))),
    "an executive in two districts": ("wrong_level", of_level(0, executive_ids=PEOPLE)),
    "a district's load": ("wrong_level", of_level(0, loads=(45.0, 10.0))),
    "a district's deviation": ("wrong_level", of_level(0, deviation_percent=(1.0, 0.0))),
    "a district's pieces": ("wrong_level", of_level(0, components=2)),
    "a level's worst": ("wrong_level", changed("levels", 0, worst_percent=(1.0, 0.0))),
    "a district in two pieces": (
        "island",
        changed("levels", 0, groups=(replace(TORN[0], components=2), TORN[1])),
    ),
    "another count chosen": (
        "wrong_count",
        lambda plan: changed("counts", 1, is_chosen=False)(
            changed("counts", 2, is_chosen=True)(plan)
        ),
    ),
    "a better count passed over": ("wrong_count", changed("counts", 0, beyond_percent=0.0,
                                                          full_percent=90.0)),
    "a count left out": ("wrong_facts", without("counts")),
    "the chosen count's inertia": ("wrong_count", changed("counts", 1, moment_of_inertia=2.0)),
    "the chosen count's fullest year": ("wrong_count", changed("counts", 1, full_percent=49.0)),
}  # fmt: skip


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_judge_names_a_corruption(name: str) -> None:
    code, corrupt = CORRUPTIONS[name]
    assert code in codes(corrupt(plan()), facts())


def test_a_soft_load_beyond_its_tolerance_is_no_fault_and_a_hard_one_is() -> None:
    """Sales 14 in a1 and a2: Ann holds 31 of (31 + 23 + 23) / 3 = 25.67."""
    loads = np.array([[14.0, 10, 10, 14, 10, 10], [2.0] * 6])
    given = facts()
    found = codes(plan(), replace(given, loads=loads))
    assert "over_tolerance" not in found
    hard = codes(plan(), replace(given, loads=loads, soft_price=()))
    assert "over_tolerance" in hard


def test_districts_of_two_regions_do_not_nest() -> None:
    crossed = (group("East", "Ann"), group("West", "Bo", "Cy"))
    bad = changed("levels", 1, groups=crossed)(plan())
    asked = replace(facts(), levels=(("district", 2, 5.0), ("country", 2, 5.0)))
    assert "wrong_level" in codes(bad, asked)


def test_a_level_beyond_tolerance_must_be_told() -> None:
    """c1 and c2 hold one hour more each: Cy 7 of a mean of 17 / 3 is 23.5 % more."""
    loads = np.array([[10.0] * 6, [2.0, 2, 3, 2, 2, 3]])
    asked = replace(facts(), loads=loads)
    found = check_alignment(plan(), asked)
    subjects = {one.subject for one in found if one.code == "over_tolerance"}
    assert "level district, load workload" in subjects
    told = replace(plan(), notes=("district misses its tolerance in workload by far",))
    subjects = {one.subject for one in check_alignment(told, asked) if one.code == "over_tolerance"}
    assert "level district, load workload" not in subjects


CHOICES: list[tuple[ChooseBy, int]] = [("fewest", 3), ("balance", 3), ("compact", 4), ("moves", 3)]


@pytest.mark.parametrize(("by", "count"), CHOICES)
def test_a_count_is_chosen_by_the_rule_named(by: ChooseBy, count: int) -> None:
    """Two executives miss a tolerance, so only three and four are in question."""
    rows = plan().counts
    assert rows[best_count(rows, by)].executives == count


def test_fewest_takes_more_when_three_are_overfull_and_the_least_full_when_all_are() -> None:
    full = (tried(3, full_percent=101.0), tried(4, full_percent=90.0))
    assert best_count(full, "fewest") == 1
    overfull = (tried(3, full_percent=140.0), tried(4, full_percent=120.0))
    assert best_count(overfull, "fewest") == 1
