"""Sizing: how many executives, by three methods."""

import pytest

from territory.errors import InputError
from territory.sizing import size_by_increment, size_by_potential, size_by_workload


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
