"""The judge of scores and gaps: a small correct plan of each, and every way to spoil it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from territory.checks import GapFacts, ScoreFacts, check_gaps, check_score
from territory.outlets import GapPlan, Site
from territory.plans import Table
from territory.scores import ScorePlan

# Three units: potential 100, 300, 0. Captured 20, 30, 0.


def score_facts() -> ScoreFacts:
    return ScoreFacts(
        unit_ids=("u1", "u2", "u3"),
        known={
            "companies": np.array([2.0, 5.0, 0.0]),
            "consumption": np.array([110.0, 290.0, 0.0]),
            "captured": np.array([20.0, 30.0, 0.0]),
            "minutes_to_own": np.array([4.0, 9.0, np.inf]),
        },
        total_market=400.0,
    )


def score_plan() -> ScorePlan:
    return ScorePlan(
        unit_ids=("u1", "u2", "u3"),
        table=Table(
            columns={
                "companies": (2, 5, 0),
                "income": (50.0, 60.0, 0.0),
                "consumption": (110.0, 290.0, 0.0),
                "potential": (100.0, 300.0, 0.0),
                "reach": (0.5, 0.4, 0.1),
                "accessible": (50.0, 120.0, 0.0),
                "captured": (20.0, 30.0, 0.0),
                "penetration": (0.2, 0.1, 0.0),
                "penetration_shrunk": (0.15, 0.12, 0.0),
                "reliability": (0.6, 0.8, 0.0),
                "benchmark": (0.15, 0.15, 0.0),
                "gap": (0.0, 15.0, 0.0),  # 0.15 x 100 - 20 is below nothing
                "target": (25.0, 40.0, 0.0),
                "target_gap": (5.0, 10.0, 0.0),
                "workload_hours": (3.0, 4.0, 0.0),
                "own_outlets": (1, 0, 0),
                "competitor_outlets": (0, 2, 0),
                "minutes_to_own": (4.0, 9.0, None),
                "minutes_to_competitor": (7.0, 1.0, None),
                "score": (50.0, 100.0, 0.0),
                "opportunity": (0.0, 100.0, 0.0),
                "confidence": ("A", "A", "C"),
                "segment": ("harvest", "grow", "skip"),
            }
        ),
        parts=Table(columns={"base": (130.0,) * 3, "size": (-30.0, 170.0, -130.0)}),
        totals={"potential": 400.0, "captured": 50.0, "gap": 15.0, "penetration": 0.125},
    )


def spoiled(table: Table, column: str, place: int, value: Any) -> Table:
    cells = list(table.columns[column])
    cells[place] = value
    return Table(columns={**table.columns, column: tuple(cells)})


def test_the_judge_finds_nothing_in_the_correct_score() -> None:
    assert check_score(score_plan(), score_facts()) == ()


@pytest.mark.parametrize(
    ("column", "place", "value", "codes"),
    [
        ("accessible", 0, 51.0, {"wrong_ratio"}),
        ("penetration", 0, 0.21, {"wrong_ratio"}),
        ("gap", 1, 16.0, {"wrong_gap", "wrong_total"}),
        ("target_gap", 1, 9.0, {"wrong_gap"}),
        ("score", 0, 101.0, {"out_of_range", "wrong_rank"}),
        ("score", 1, 40.0, {"wrong_rank"}),
        ("opportunity", 1, -1.0, {"out_of_range", "wrong_rank"}),
        ("reliability", 0, 1.2, {"out_of_range"}),
        ("companies", 1, 6, {"wrong_facts"}),
        ("minutes_to_own", 1, None, {"wrong_facts"}),
        ("minutes_to_own", 2, 30.0, {"wrong_facts"}),
        ("confidence", 0, "A+", {"out_of_range"}),
        ("segment", 0, "", {"out_of_range"}),
    ],
)
def test_the_judge_names_a_corrupted_score(
    column: str, place: int, value: Any, codes: set[str]
) -> None:
    plan = score_plan()
    found = check_score(
        replace(plan, table=spoiled(plan.table, column, place, value)), score_facts()
    )
    assert {one.code for one in found} == codes


def test_parts_totals_units_and_the_known_market_are_held() -> None:
    plan, facts = score_plan(), score_facts()
    parts = replace(plan, parts=spoiled(plan.parts, "size", 1, 171.0))
    assert [one.code for one in check_score(parts, facts)] == ["wrong_parts"]
    totals = replace(plan, totals={**plan.totals, "potential": 401.0})
    assert [one.code for one in check_score(totals, facts)] == ["wrong_total"]
    ratio = replace(plan, totals={**plan.totals, "penetration": 0.2})
    assert [one.code for one in check_score(ratio, facts)] == ["wrong_ratio"]
    market = replace(facts, total_market=500.0)
    assert [one.code for one in check_score(plan, market)] == ["wrong_total"]
    renamed = replace(plan, unit_ids=("u1", "u2", "u9"))
    assert [one.code for one in check_score(renamed, facts)] == ["unknown_unit", "missing_unit"]


def sure_plan() -> ScorePlan:
    """The same score with intervals, ranks and the parts of what is reached."""
    plan = score_plan()
    sure = {
        "potential_low": (80.0, 250.0, 0.0),
        "potential_high": (120.0, 300.0, 0.0),
        "gap_low": (0.0, 10.0, 0.0),
        "gap_high": (4.0, 20.0, 0.0),
        "rank": (2.0, 1.0, 3.0),
        "rank_low": (1.0, 1.0, 3.0),
        "rank_high": (2.0, 2.0, 3.0),
    }
    return replace(
        plan,
        table=Table(columns={**plan.table.columns, **sure}),
        accessible_parts=Table(columns={"base": (60.0,) * 3, "reach": (-10.0, 60.0, -60.0)}),
    )


def test_the_judge_finds_nothing_in_a_score_that_says_how_sure_it_is() -> None:
    assert check_score(sure_plan(), score_facts()) == ()


@pytest.mark.parametrize(
    ("column", "place", "value", "code"),
    [
        ("potential_low", 0, 101.0, "wrong_interval"),
        ("potential_high", 1, 299.0, "wrong_interval"),
        ("gap_low", 0, -1.0, "wrong_interval"),
        ("rank_low", 1, 1.5, "wrong_interval"),
        ("potential_low", 0, None, "wrong_interval"),
    ],
)
def test_an_interval_that_does_not_hold_its_figure_is_named(
    column: str, place: int, value: Any, code: str
) -> None:
    plan = sure_plan()
    found = check_score(
        replace(plan, table=spoiled(plan.table, column, place, value)), score_facts()
    )
    assert {one.code for one in found} == {code}


def test_a_rank_out_of_order_and_parts_of_reach_that_miss_are_named() -> None:
    plan = sure_plan()
    ranks = plan.table.columns | {"rank": (1.0, 1.0, 3.0)}
    found = check_score(replace(plan, table=Table(columns=ranks)), score_facts())
    assert {one.code for one in found} == {"wrong_rank"}
    parts = replace(plan, accessible_parts=spoiled(plan.accessible_parts, "reach", 1, 61.0))
    assert {one.code for one in check_score(parts, score_facts())} == {"wrong_parts"}
    short = replace(plan, accessible_parts=Table(columns={"base": (60.0,)}))
    assert check_score(short, score_facts()) != ()


# Three cells of potential 100, 60, 40; own outlets a and b, one competitor c of pull 1; reach 5, 10
# minutes (weights 1 and one half).
#
#     minutes   k1   k2   k3        weights
#     a          2    9   30         1   1/2   0
#     b          8   30   30        1/2   0    0
#     c          4   30    9         1    0   1/2
#
# Competitors leave 1/2, 1, 2/3: demand 50, 60, 80/3. Nearest own 2, 9, 30: white space 0, 30, 80/3.


def gap_facts() -> GapFacts:
    return GapFacts(
        cell_ids=("k1", "k2", "k3"),
        potential=np.array([100.0, 60.0, 40.0]),
        own=tuple(Site(site_id=one, name=one, lon=0.0, lat=0.0, role="own") for one in "ab"),
        own_minutes=np.array([[2.0, 9.0, 30.0], [8.0, 30.0, 30.0]]),
        competitor_minutes=np.array([[4.0, 30.0, 9.0]]),
        competitors=(Site(site_id="c", name="c", lon=0.0, lat=0.0, role="competitor"),),
        reach_minutes=(5, 10),
    )


def gap_plan() -> GapPlan:
    return GapPlan(
        cells=Table(
            columns={
                "unit_id": ("k1", "k2", "k3"),
                "potential": (100.0, 60.0, 40.0),
                "minutes_to_own": (2.0, 9.0, 30.0),
                "minutes_to_competitor": (4.0, 30.0, 9.0),
                "coverage": (1.0, 0.5, 0.0),
                "white_space": (0.0, 30.0, 80 / 3),
                "is_coverage_gap": (False, False, True),
                "is_underserved": (False, True, False),
                "is_white_space": (False, True, False),
                "cluster": (0, 1, 0),
            }
        ),
        coverage=Table(
            columns={
                "minutes": (5, 10),
                "own_percent": (50.0, 80.0),
                "competitor_percent": (50.0, 70.0),
            }
        ),
        overlap=Table(columns={"outlet_a": ("a",), "outlet_b": ("b",), "shared": (25.0,)}),
        outlets=Table(
            columns={
                "site_id": ("a", "b"),
                "name": ("a", "b"),
                "captured": (80.0, 0.0),
                "loss_if_closed": (55.0, 0.0),  # b would catch half of k1, nobody k2
            }
        ),
        supportable_outlets=0,
        reach_minutes=(5, 10),
        travel_source="estimated",
    )


def test_the_judge_finds_nothing_in_the_correct_gaps() -> None:
    assert check_gaps(gap_plan(), gap_facts()) == ()
    assert check_gaps(gap_plan(), replace(gap_facts(), competitors=None)) == ()


GAPS: Mapping[str, tuple[str, str, int, Any, set[str]]] = {
    "a unit made up": ("cells", "unit_id", 0, "k9", {"unknown_unit"}),
    "a potential changed": ("cells", "potential", 0, 99.0, {"wrong_facts"}),
    "a nearer outlet": ("cells", "minutes_to_own", 1, 8.0, {"wrong_coverage"}),
    "no way to an outlet": ("cells", "minutes_to_own", 1, None, {"wrong_coverage"}),
    "a nearer competitor": ("cells", "minutes_to_competitor", 2, 8.0, {"wrong_coverage"}),
    "a better coverage": ("cells", "coverage", 1, 1.0, {"wrong_coverage"}),
    "more white space": ("cells", "white_space", 1, 31.0, {"wrong_capture"}),
    "a coverage gap forgotten": ("cells", "is_coverage_gap", 2, False, {"wrong_flag"}),
    "a coverage gap invented": ("cells", "is_coverage_gap", 1, True, {"wrong_flag"}),
    "well served, called under-served": ("cells", "is_underserved", 0, True, {"wrong_flag"}),
    "no white space, called white": ("cells", "is_white_space", 0, True, {"wrong_flag"}),
    "a cluster of nothing": ("cells", "cluster", 2, 2, {"wrong_flag"}),
    "a wider reach of ours": ("coverage", "own_percent", 0, 60.0, {"wrong_coverage"}),
    "a smaller reach of theirs": ("coverage", "competitor_percent", 1, 60.0, {"wrong_coverage"}),
    "more overlap": ("overlap", "shared", 0, 26.0, {"wrong_capture"}),
    "an overlap with nobody": ("overlap", "outlet_b", 0, "z", {"unknown_site", "wrong_capture"}),
    "more captured": ("outlets", "captured", 0, 81.0, {"wrong_total", "wrong_capture"}),
    "a larger loss": ("outlets", "loss_if_closed", 1, 5.0, {"wrong_marginal"}),
}


@pytest.mark.parametrize("name", GAPS)
def test_the_judge_names_corrupted_gaps(name: str) -> None:
    table, column, place, value, codes = GAPS[name]
    plan = gap_plan()
    changed = spoiled(getattr(plan, table), column, place, value)
    found = check_gaps(replace(plan, **{table: changed}), gap_facts())  # type: ignore[arg-type]
    assert {one.code for one in found} == codes


def test_white_space_is_held_to_its_limits_where_competitors_are_not_known() -> None:
    plan, facts = gap_plan(), replace(gap_facts(), competitors=None)
    cells = spoiled(plan.cells, "white_space", 2, 41.0)  # more than the potential
    assert [one.code for one in check_gaps(replace(plan, cells=cells), facts)] == [
        "out_of_range",
        "wrong_flag",
    ]


def test_a_pair_left_out_of_the_overlaps_is_missed() -> None:
    none = Table(columns={"outlet_a": (), "outlet_b": (), "shared": ()})
    found = check_gaps(replace(gap_plan(), overlap=none), gap_facts())
    assert [(one.code, one.subject) for one in found] == [("wrong_capture", "overlap a, b")]


def test_a_market_without_outlets_of_ours_or_theirs_is_all_white() -> None:
    facts = replace(
        gap_facts(),
        own=(),
        own_minutes=np.empty((0, 3)),
        competitor_minutes=np.empty((0, 3)),
        competitors=None,
    )
    plan = gap_plan()
    cells = {
        **plan.cells.columns,
        "minutes_to_own": (None, None, None),
        "minutes_to_competitor": (None, None, None),
        "coverage": (0.0, 0.0, 0.0),
        "white_space": (100.0, 60.0, 40.0),
        "is_coverage_gap": (True, True, True),
        "is_underserved": (True, False, False),
        "is_white_space": (True, True, False),
        "cluster": (1, 1, 0),
    }
    nothing = Table(columns={"site_id": (), "name": (), "captured": (), "loss_if_closed": ()})
    bare = replace(
        plan,
        cells=Table(columns=cells),
        coverage=Table(
            columns={
                "minutes": (5, 10),
                "own_percent": (0.0, 0.0),
                "competitor_percent": (0.0, 0.0),
            }
        ),
        overlap=Table(columns={"outlet_a": (), "outlet_b": (), "shared": ()}),
        outlets=nothing,
    )
    assert check_gaps(bare, facts) == ()


def deep_gaps() -> tuple[GapPlan, GapFacts]:
    """A gap plan that the finder made, with all its depth, and what the judge is told."""
    from territory.units import zone_units
    from tests.territory.strip import zones
    from tests.territory.test_gaps import gaps_of

    minutes = [[1.0 + 2 * k, 3.0 + 2 * k] for k in range(14)]
    units, plan = gaps_of(14, [100.0 + 7 * k for k in range(14)], own_minutes=minutes)
    facts = GapFacts(
        cell_ids=units.ids,
        potential=np.array([100.0 + 7 * k for k in range(14)]),
        own=tuple(
            Site(site_id=name, name=name, lon=0.0, lat=0.0, role="own") for name in ("a", "b")
        ),
        own_minutes=np.array(minutes).T,
        competitor_minutes=np.empty((0, 14)),
        reach_minutes=(5, 10, 15),
        competitors=(),
        neighbours=(
            zone_units(zones(14)).neighbours.indptr,
            zone_units(zones(14)).neighbours.indices,
        ),
    )
    return plan, facts


def test_the_judge_finds_nothing_in_deep_gaps_as_they_were_found() -> None:
    plan, facts = deep_gaps()
    assert check_gaps(plan, facts) == ()
    assert len(plan.findings) > 0


@pytest.mark.parametrize(
    ("table", "column", "value", "code"),
    [
        ("cells", "access", 1.0, "wrong_coverage"),
        ("cells", "hot_z", 9.0, "wrong_statistic"),
        ("cells", "hot", 1, "wrong_flag"),
        ("outlets", "alone", 1.0, "wrong_marginal"),
        ("outlets", "redundant_share", 0.123, "wrong_ratio"),
        ("findings", "money", 1e-3, "wrong_rank"),
        ("areas", "per_million", 1.0, "wrong_ratio"),
        ("areas", "missing", 77.0, "wrong_ratio"),
    ],
)
def test_a_wrong_figure_in_the_depth_of_gaps_is_named(
    table: str, column: str, value: Any, code: str
) -> None:
    plan, facts = deep_gaps()
    wrong = replace(plan, **{table: spoiled(getattr(plan, table), column, 0, value)})
    assert code in {one.code for one in check_gaps(wrong, facts)}
