"""Kernels are compiled once without the rules of price and once with them, and warmed in both."""

from numba.core.dispatcher import Dispatcher

from optimizer.visits.case import make_cases
from optimizer.visits.warm import small_day, warm_up


def test_overtime_asks_for_the_slow_clock_and_its_absence_is_told_by_a_type() -> None:
    plain, slow = (make_cases(small_day(overtime))[0].arrays for overtime in (0, 3_600))
    assert plain.slow is None
    assert slow.slow == 1


def test_warming_compiles_the_search_for_both_clocks() -> None:
    from optimizer.visits.kernel import search

    warm_up()
    assert isinstance(search, Dispatcher)
    kinds = {str(signature[0]) for signature in search.signatures}
    assert len(kinds) == 2
