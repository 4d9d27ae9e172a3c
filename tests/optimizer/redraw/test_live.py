"""Hand editing on strips and grids that can be checked by hand, and chains of random edits.

A strip of nine squares, three executives with three units of 1 each:

    u0 u1 u2 u3 u4 u5 u6 u7 u8
    A  A  A  B  B  B  C  C  C
"""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from optimizer.redraw.live import LiveAlignment
from optimizer.redraw.problem import RedrawProblem
from territory.alignment import Alignment
from territory.edits import Breach, EditAnswer
from territory.errors import Conflict, InputError
from territory.measures import components, load_sums, owner_positions
from tests.optimizer.redraw.grids import grid
from tests.optimizer.redraw.worlds import disc, hexagons, people


def strip(owners: str = "AAABBBCCC", *, tolerance: float = 10.0, locked: str = "") -> LiveAlignment:
    """A strip of squares with a load of 1 each; ``locked`` names units."""
    names = "".join(sorted(set(owners)))
    asked = grid(
        len(owners),
        1,
        np.ones((2, len(owners))),
        names,
        tolerance=tolerance,
        before=tuple(owners),
        locked_units=tuple(locked.split()),
    )
    return LiveAlignment(asked)


def block(rows: list[str], *, tolerance: float = 200.0) -> LiveAlignment:
    """A block of squares, a letter for the executive of each."""
    owners = "".join(rows)
    asked = grid(
        len(rows[0]),
        len(rows),
        np.ones((2, len(owners))),
        "".join(sorted(set(owners))),
        tolerance=tolerance,
        before=tuple(owners),
    )
    return LiveAlignment(asked)


def drawn(live: LiveAlignment) -> str:
    return "".join(live.alignment().owners)


def standing(answer: EditAnswer) -> dict[str, tuple[int, float, int]]:
    """Units, workload deviation and pieces of each touched jurisdiction."""
    return {
        one.executive_id: (one.units, round(one.deviation_percent[-1], 2), one.pieces)
        for one in answer.standings
    }


def breach(answer: EditAnswer, code: str) -> Breach:
    return next(each for each in answer.breaches if each.code == code)


# --- the edits ---------------------------------------------------------------------------------


def test_a_move_answers_with_loads_and_pieces_of_both_and_of_nobody_else() -> None:
    live = strip()
    answer = live.move(["u3"], to="A")
    assert drawn(live) == "AAAABBCCC"
    assert standing(answer) == {"A": (4, 33.33, 1), "B": (2, -33.33, 1)}
    assert answer.moved_units == ("u3",)
    assert answer.mean_loads == (3.0, 3.0)


def test_what_a_move_broke_is_mended_by_the_move_it_proposes() -> None:
    live = strip()
    answer = live.move(["u3"], to="A")
    said = breach(answer, "over_tolerance")
    assert said.message == "'A' lies +33.33 % from the mean in potential; 10 % allowed."
    assert said.move is not None
    assert said.mend == "Move 1 unit (u3) of 'A' to 'B': that brings 'A' within tolerance."
    mended = live.move(said.move.unit_ids, to=said.move.to)
    assert mended.breaches == ()
    assert "Mended: over tolerance in potential of 'A'." in mended.notes


def test_units_that_stay_where_they_are_do_not_count_as_moved() -> None:
    live = strip()
    assert live.move(["u0", "u1"], to="A").moved_units == ()
    assert drawn(live) == "AAABBBCCC"


def test_a_piece_cut_off_is_an_island_and_goes_to_its_longest_border() -> None:
    live = strip(tolerance=100.0)
    answer = live.move(["u1"], to="C")
    island = {each.executive_id: each for each in answer.breaches if each.code == "island"}
    assert standing(answer)["A"][2] == 2
    assert standing(answer)["C"][2] == 2
    assert island["C"].message == "1 unit (u1) of 'C' lie apart from the rest."
    assert island["C"].move is not None
    assert (island["C"].move.unit_ids, island["C"].move.to) == (("u1",), "A")
    assert live.move(["u1"], to="A").breaches == ()


def test_land_that_a_jurisdiction_encloses_is_a_hole() -> None:
    live = block(["AAAAB", "AAAAB", "AAAAB", "AAAAB"])
    answer = live.move(["u6"], to="B")
    hole = breach(answer, "hole")
    assert (hole.executive_id, hole.move is not None) == ("A", True)
    assert hole.message == "'A' encloses 1 unit (u6) of 'B'."
    assert breach(answer, "island").executive_id == "B"
    # at the rim it is an island of B all the same, but nobody encloses it
    live.undo()
    assert [each.code for each in live.move(["u1"], to="B").breaches] == ["island"]


def test_what_was_broken_before_the_edit_is_not_called_new() -> None:
    live = strip("AAABCBCCC", tolerance=200.0)
    answer = live.move(["u0"], to="B")
    assert {(each.code, each.executive_id, each.is_new) for each in answer.breaches} == {
        ("island", "B", False)
    }


def test_a_merge_gives_everything_to_one_and_the_other_leaves() -> None:
    live = strip()
    answer = live.merge("A", into="B")
    assert drawn(live) == "BBBBBBCCC"
    assert live.executive_ids == ("B", "C")
    assert answer.mean_loads == (4.5, 4.5)
    assert standing(answer) == {"B": (6, 33.33, 1)}
    assert answer.notes == (
        "1 jurisdictions that this edit did not touch lie beyond tolerance because the mean "
        "changed: C.",
    )


def test_a_swap_exchanges_jurisdictions() -> None:
    live = strip("AABBBBCCC", tolerance=50.0)
    assert standing(live.swap("A", "B")) == {"A": (4, 33.33, 1), "B": (2, -33.33, 1)}
    assert drawn(live) == "BBAAAACCC"


def test_a_split_gives_a_newcomer_half_in_one_piece() -> None:
    live = strip("AAAAAABBB", tolerance=50.0)
    answer = live.split("A", to="N")
    assert sorted(drawn(live)) == list("AAABBBNNN")
    assert standing(answer) == {"A": (3, 0.0, 1), "N": (3, 0.0, 1)}
    assert live.executive_ids == ("A", "B", "N")


def test_a_split_leaves_locked_units_where_they_are() -> None:
    live = strip("AAAAAABBB", tolerance=50.0, locked="u5")
    live.split("A", to="N")
    assert drawn(live) == "NNNAAABBB"
    both_ends = strip("AAAAAABBB", tolerance=50.0, locked="u0 u5")
    with pytest.raises(Conflict, match="without breaking a lock"):
        both_ends.split("A", to="N")


def test_neighbours_absorb_a_vacancy_evenly_and_in_one_piece() -> None:
    live = strip("AAABBBBCCC", tolerance=40.0)
    answer = live.vacate("B")
    assert drawn(live) == "AAAAACCCCC"
    assert standing(answer) == {"A": (5, 0.0, 1), "C": (5, 0.0, 1)}
    assert live.executive_ids == ("A", "C")
    assert answer.breaches == ()


def test_a_vacancy_lifts_the_locks_of_who_leaves() -> None:
    live = strip("AAABBCCC", tolerance=40.0, locked="u3")
    answer = live.vacate("B")
    assert drawn(live) == "AAAACCCC"
    lock = breach(answer, "lock")
    assert "locked to 'B', now of 'A'" in lock.message
    assert lock.move is None
    # nobody is left to keep the lock for
    assert live.move(["u3"], to="C").moved_units == ("u3",)


def test_neighbours_give_a_newcomer_land_until_all_hold_alike() -> None:
    live = block(["AAAABBBB"] * 4, tolerance=25.0)
    answer = live.hire("N", at="u19")
    held = {who: units for who, (units, _, _) in standing(answer).items()}
    assert sum(held.values()) == 32
    assert all(8 <= units <= 13 for units in held.values()), held
    assert all(one.pieces == 1 for one in answer.standings)
    assert live.executive_ids == ("A", "B", "N")


def test_a_rebalance_moves_borders_here_and_nowhere_else() -> None:
    live = strip("AAAAAABBBCCCDDD", tolerance=5.0)
    away = live.alignment().units_of("D")
    answer = live.rebalance(executives=["A"], rings=2)
    assert live.alignment().units_of("D") == away
    assert sorted(units for units, _, _ in standing(answer).values()) == [4, 4, 4]
    assert all(pieces == 1 for _, _, pieces in standing(answer).values())
    assert any("more rings can" in note for note in answer.notes)


def test_a_rebalance_keeps_locks_and_never_makes_it_worse() -> None:
    live = strip("AAAABB", tolerance=10.0, locked="u3")
    assert live.rebalance(executives=["B"]).moved_units == ()
    assert drawn(live) == "AAAABB"
    assert live.rebalance(units=["u0"]).notes == (
        "Nothing better was found here; all stays as it is.",
    )


def test_a_torn_group_and_a_shared_pair_are_told_with_the_move_that_mends_them() -> None:
    asked = grid(
        9,
        1,
        np.ones((2, 9)),
        "ABC",
        tolerance=200.0,
        before=tuple("AAABBBCCC"),
        together=(("u1", "u2", "u0"),),
        apart=(("u2", "u3"),),
    )
    live = LiveAlignment(asked)
    answer = live.move(["u2"], to="B")
    torn, shared = breach(answer, "torn_group"), breach(answer, "shared_pair")
    assert torn.message == "1 unit (u2) belong together with units of 'A' and are not there."
    assert torn.move is not None
    assert (torn.move.unit_ids, torn.move.to) == (("u2",), "A")
    assert shared.mend == "Move u2 to 'A', who borders it."
    mended = live.move(torn.move.unit_ids, to=torn.move.to)
    assert mended.breaches == ()
    assert set(mended.notes) == {"Mended: torn group of 'A'.", "Mended: shared pair of 'B'."}


# --- what is refused ---------------------------------------------------------------------------


def test_a_move_lists_every_unknown_and_locked_unit_at_once() -> None:
    live = strip(locked="u4")
    with pytest.raises(InputError) as refused:
        live.move(["u9", "u4", "<b>"], to="A")
    assert [fault.value for fault in refused.value.faults] == ["u9", "<b>", "u4"]
    with pytest.raises(InputError, match="an executive of this alignment"):
        live.move(["u0"], to="Z")
    assert drawn(live) == "AAABBBCCC"


def test_a_locked_unit_may_be_named_with_its_own_executive() -> None:
    assert strip(locked="u4").move(["u4", "u2"], to="B").moved_units == ("u2",)


@pytest.mark.parametrize(
    "edit",
    [
        lambda live: live.merge("A", into="B"),
        lambda live: live.swap("A", "C"),
    ],
)
def test_merge_and_swap_do_not_take_locked_units_along(edit) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match="it is locked to 'A'"):
        edit(strip(locked="u0"))


@pytest.mark.parametrize(
    ("owners", "edit", "said"),
    [
        ("AAABBB", lambda live: live.merge("A", into="B"), "the last two"),
        ("AAAAAA", lambda live: live.vacate("A"), "the last executive"),
        ("ABBBBB", lambda live: live.split("A", to="N"), "1 units: nothing to split"),
        ("AAABBB", lambda live: live.split("A", to="B"), "has a jurisdiction of 3 units"),
        ("AAABBB", lambda live: live.hire("B", at="u0"), "has a jurisdiction of 3 units"),
        ("ABABAB", lambda live: live.undo(), "no edit to undo"),
    ],
)
def test_what_the_alignment_does_not_allow_is_a_conflict(owners, edit, said) -> None:  # type: ignore[no-untyped-def]
    live = strip(owners, tolerance=200.0)
    with pytest.raises(Conflict, match=said):
        edit(live)
    assert drawn(live) == owners


@pytest.mark.parametrize(
    "edit",
    [
        lambda live: live.merge("A", into="Z"),
        lambda live: live.merge("A", into="A"),
        lambda live: live.swap("A", "A"),
        lambda live: live.swap("Y", "Z"),
        lambda live: live.vacate("Z"),
        lambda live: live.split("Z", to="N"),
        lambda live: live.split("A", to=" "),
        lambda live: live.hire("", at="u0"),
        lambda live: live.hire("N", at="u99"),
        lambda live: live.rebalance(executives=["Z"]),
        lambda live: live.rebalance(units=["u99"]),
        lambda live: live.rebalance(executives=["A"], rings=3),
        lambda live: live.rebalance(),
    ],
)
def test_names_that_mean_nothing_are_bad_input(edit) -> None:  # type: ignore[no-untyped-def]
    live = strip()
    with pytest.raises(InputError):
        edit(live)
    assert drawn(live) == "AAABBBCCC"
    assert live.executive_ids == ("A", "B", "C")


def test_a_jurisdiction_without_units_is_told_and_can_be_given_some_again() -> None:
    live = strip("ABBBCCC", tolerance=200.0)
    assert breach(live.move(["u0"], to="B"), "empty").executive_id == "A"
    live.split("B", to="A")
    assert live.tally.min() > 0


# --- chains of edits ---------------------------------------------------------------------------

TOWN = hexagons(disc(4), seed=3)
TEAM = people(4)


def town(seed: int) -> RedrawProblem:
    """61 hexagons in four sectors of a kind, some of which lie in pieces."""
    random = np.random.default_rng(seed)
    centres = TOWN.xy_meters[random.choice(len(TOWN.unit_ids), 4, replace=False)]
    away = ((TOWN.xy_meters[:, None, :] - centres[None]) ** 2).sum(axis=2)
    return TOWN.problem(4, before=tuple(TEAM[k] for k in away.argmin(axis=1).tolist()))


EDITS = st.tuples(
    st.sampled_from(["move", "merge", "swap", "split", "vacate", "hire", "rebalance", "undo"]),
    st.integers(0, 10**6),
)


def do(live: LiveAlignment, kind: str, draw: int) -> EditAnswer | None:
    """One edit drawn by a number; None if the alignment refuses it."""
    units, team = live.problem.unit_ids, live.executive_ids
    one, other = team[draw % len(team)], team[(draw // 7) % len(team)]
    some = [units[(draw * step) % len(units)] for step in (1, 3, 11)]
    try:
        if kind == "move":
            return live.move(some, to=one)
        if kind == "merge":
            return live.merge(one, into=other)
        if kind == "swap":
            return live.swap(one, other)
        if kind == "split":
            return live.split(one, to=f"N{draw % 5}")
        if kind == "vacate":
            return live.vacate(one)
        if kind == "hire":
            return live.hire(f"H{draw % 5}", at=some[0] if draw % 2 else None)
        if kind == "rebalance":
            return live.rebalance(executives=[one], rings=1 + draw % 2)
        return live.undo()
    except (Conflict, InputError):
        return None


def assert_true(live: LiveAlignment, answer: EditAnswer | None) -> Alignment:
    """Every running figure equals a fresh measure of the value."""
    now = live.alignment()
    assert set(now.owners) <= {*now.executive_ids, ""}
    assert len(now.owners) == len(now.unit_ids) == len(set(now.unit_ids))
    owners, count = owner_positions(now), len(now.executive_ids)
    sums = load_sums(owners, live.problem.loads, count)
    pieces = components(owners, live.problem.neighbours, count)
    place = {each: k for k, each in enumerate(now.executive_ids)}
    for one in answer.standings if answer else ():
        k = place[one.executive_id]
        assert one.units == int((owners == k).sum())
        assert one.loads == pytest.approx(tuple(sums[:, k]), abs=1e-6)
        assert one.pieces == int(pieces[k])
        mean = sums.mean(axis=1)
        assert one.deviation_percent == pytest.approx(tuple(100 * (sums[:, k] / mean - 1)))
    here = [live.ids.index(each) for each in now.executive_ids]
    assert live.held[:, here] == pytest.approx(sums, abs=1e-6)
    return now


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1000), edits=st.lists(EDITS, min_size=1, max_size=12))
def test_a_chain_of_edits_keeps_every_unit_once_and_figures_true(
    seed: int, edits: list[tuple[str, int]]
) -> None:
    live = LiveAlignment(town(seed))
    for kind, draw in edits:
        assert_true(live, do(live, kind, draw))
    assert "" not in live.alignment().owners


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), edits=st.lists(EDITS, min_size=1, max_size=10))
def test_undone_to_the_end_all_is_as_it_was(seed: int, edits: list[tuple[str, int]]) -> None:
    live = LiveAlignment(town(seed))
    first, kept = live.alignment(), []
    for kind, draw in edits:
        if kind == "undo":
            continue
        was = live.alignment()
        if do(live, kind, draw) is not None:
            kept.append(was)
    for was in reversed(kept):
        assert_true(live, live.undo())
        assert live.alignment() == was
    assert live.alignment() == first


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), draw=st.integers(0, 10**6))
def test_the_land_that_whole_jurisdictions_give_and_take_is_never_broken(
    seed: int, draw: int
) -> None:
    whole = LiveAlignment(town(seed))
    now = whole.alignment()
    pieces = components(owner_positions(now), whole.problem.neighbours, len(now.executive_ids))
    assume((pieces == 1).all())  # some towns begin in pieces, which edits need not join
    for kind in ("vacate", "hire", "split", "rebalance"):
        answer = do(whole, kind, draw)
        for one in answer.standings if answer else ():
            assert one.pieces == 1


def test_the_same_edits_give_the_same_alignment() -> None:
    ends = []
    for _ in range(2):
        live = LiveAlignment(town(5))
        for kind, draw in (("vacate", 1), ("hire", 9), ("rebalance", 4)):
            do(live, kind, draw)
        ends.append(live.alignment())
    assert ends[0] == ends[1]
