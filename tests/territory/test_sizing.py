"""Sizing: how many executives, by three methods."""

from itertools import pairwise

import pytest

from territory.errors import InputError
from territory.plans import Table
from territory.scores import ScorePlan
from territory.sizing import (
    TeamSize,
    agreement,
    sales_by_team_size,
    size_by_increment,
    size_by_potential,
    size_by_workload,
)


def test_the_build_up_divides_hours_and_rounds_up():
    size = size_by_workload([1000.0, 2000.0, 1.0], selling_hours_per_executive=1000)
    assert size.executives == 4
    assert "3,001 hours" in size.reason
    assert size_by_workload([3000.0], selling_hours_per_executive=1000).executives == 3
    assert size_by_workload([], selling_hours_per_executive=1000).executives == 0


def test_the_sales_potential_method_adds_those_who_leave():
    size = size_by_potential(10e6, sales_per_executive=1e6, turnover_rate=0.1)
    assert size.executives == 11


def test_the_incremental_method_stops_where_one_more_does_not_pay():
    sales = [0.0, 500.0, 800.0, 950.0, 1000.0]
    size = size_by_increment(sales, margin_share=0.5, cost_per_executive=80)
    assert size.executives == 2  # profits 0, 170, 240, 235, 180
    assert size_by_increment([10.0], margin_share=0.5, cost_per_executive=80).executives == 0


def test_impossible_figures_are_refused():
    with pytest.raises(InputError, match="selling_hours"):
        size_by_workload([1.0], selling_hours_per_executive=0)
    with pytest.raises(InputError):
        size_by_increment([], margin_share=0.5, cost_per_executive=1)
    with pytest.raises(InputError) as caught:
        size_by_increment([1.0], margin_share=-1, cost_per_executive=0)
    assert len(caught.value.faults) == 2


def a_score(*rows: tuple[float, float, float]) -> ScorePlan:
    """Units with (captured, gap, workload_hours)."""
    columns = {
        name: tuple(row[place] for row in rows)
        for place, name in enumerate(("captured", "gap", "workload_hours"))
    }
    return ScorePlan(
        unit_ids=tuple(str(place) for place in range(len(rows))),
        table=Table(columns=columns),
        parts=Table(columns={}),
        totals={},
    )


def test_hours_go_first_where_one_of_them_brings_most():
    # kept 0.5 x 300 = 150; the first unit brings (100 + 100) / 100 = 2 an hour,
    # the second (50 + 50) / 200 = 0.5
    plan = a_score((200.0, 100.0, 100.0), (100.0, 50.0, 200.0))
    sales = sales_by_team_size(
        plan, selling_hours_per_executive=150, largest=3, carryover_share=0.5
    )
    assert sales == (150.0, 150.0 + 200 + 25, 450.0, 450.0)
    gains = [after - before for before, after in pairwise(sales)]
    assert gains == sorted(gains, reverse=True)


def test_a_unit_without_work_brings_nothing_more():
    plan = a_score((100.0, 900.0, 0.0))
    assert sales_by_team_size(plan, selling_hours_per_executive=10, largest=2) == (40.0,) * 3
    with pytest.raises(InputError, match="team"):
        sales_by_team_size(plan, selling_hours_per_executive=10, largest=2, carryover_share=1.5)


def test_methods_are_compared_in_words():
    def say(workload: int, potential: int, increment: int) -> str:
        found = {"workload": workload, "potential": potential, "increment": increment}
        sizes = [TeamSize(method=name, executives=n, reason="") for name, n in found.items()]
        return agreement(sizes, today=9)

    assert say(10, 10, 10) == "All say 10; today there are 9."
    assert "agree on 10 to 11" in say(10, 10, 11)
    assert "does not pay" in say(12, 12, 5)
    assert "ask for more people" in say(8, 14, 9)
