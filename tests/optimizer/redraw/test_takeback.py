"""What moved and need not have goes back, across several jurisdictions at once."""

import numpy as np
import pytest

from optimizer.redraw import RedrawParams
from optimizer.redraw.field import arena
from optimizer.redraw.problem import RedrawProblem
from optimizer.redraw.takeback import taken_back
from optimizer.run import Stop
from territory.measures import components
from tests.optimizer.redraw.grids import grid

PLAIN = RedrawParams()


def strip(owners: str, *, tolerance: float = 1.0) -> RedrawProblem:
    """Units of load 1 side by side, today's executive of each by letter."""
    return grid(
        len(owners),
        1,
        np.ones((1, len(owners))),
        "ABC",
        tolerance=tolerance,
        before=tuple(owners),
        move_price=20.0,
    )


def seats(owners: str) -> np.ndarray:
    return np.array(["ABC".index(one) for one in owners], dtype=np.int32)


def back(asked: RedrawProblem, owners: str) -> str:
    found = taken_back(seats(owners), arena(asked), PLAIN, Stop())
    return "".join("ABC"[place] for place in found.tolist())


def test_a_ring_of_moves_nobody_needed_is_undone_at_once() -> None:
    asked = strip("AAAAABBBBBCCCCC")
    assert back(asked, "AAAABBBBBBCCCCC") == "AAAAABBBBBCCCCC"
    shifted = strip("AAAAABBBBBCCCCC", tolerance=20.0)
    assert back(shifted, "AAAAAABBBBBCCCC") == "AAAAABBBBBCCCCC"


def test_what_balance_needs_stays_moved() -> None:
    asked = strip("AAAAAABBBBBCCCC")
    assert back(asked, "AAAAABBBBBCCCCC") == "AAAAABBBBBCCCCC"


def test_no_more_lies_beyond_tolerance_than_before() -> None:
    asked = strip("AAAAAAABBBBCCCC")
    assert back(asked, "AAAAAABBBBBCCCC") == "AAAAAABBBBBCCCC"


@pytest.mark.parametrize("seed", range(6))
def test_it_moves_less_stays_whole_and_as_balanced(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, columns = np.divmod(np.arange(400), 20)
    before = tuple("ABCD"[2 * (r >= 10) + (c >= 10)] for r, c in zip(rows, columns, strict=True))
    asked = grid(20, 20, rng.lognormal(0, 0.05, (2, 400)), "ABCD", before=before, move_price=20.0)
    ready = arena(asked)
    bent = 2 * (rows + rng.integers(-1, 2) >= 10) + (columns >= 10 + (rows % 4 == 0))
    start = bent.astype(np.int32)
    found = taken_back(start, ready, PLAIN, Stop())
    was, now = ready.objective(start), ready.objective(found)
    assert now.moved < was.moved
    assert now.violation <= was.violation + 1e-9
    assert components(found.astype(np.int64), asked.neighbours, 4).tolist() == [1, 1, 1, 1]
    again = taken_back(start, ready, RedrawParams(threads=1), Stop())
    assert np.array_equal(found, again)


def test_locked_units_stay_where_they_are() -> None:
    asked = grid(
        6, 1, np.ones((1, 6)), "AB", tolerance=40.0, before=tuple("AAABBB"), move_price=20.0,
        pinned=(("u2", "B"),),
    )  # fmt: skip
    found = taken_back(np.array([0, 0, 1, 1, 1, 1], dtype=np.int32), arena(asked), PLAIN, Stop())
    assert found.tolist() == [0, 0, 1, 1, 1, 1]
