"""Edits of an alignment: each gives a new value, says no in full, and can be taken back."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territory.alignment import Alignment, diff, far_half
from territory.errors import Conflict, InputError
from territory.measures import components, owner_positions
from territory.units import Neighbours
from tests.territory.squares import chain, drawn, grid_neighbours, picture

ROWS = drawn("AAA BBB CCC")
GRID = grid_neighbours(3, 3)
EVEN = np.ones(9)


def pieces_of(alignment: Alignment, neighbours: Neighbours = GRID) -> dict[str, int]:
    """How many pieces each executive has."""
    count = len(alignment.executive_ids)
    found = components(owner_positions(alignment), neighbours, count)
    return dict(zip(alignment.executive_ids, found.tolist(), strict=True))


# --- the value ---------------------------------------------------------------------------------


def test_an_alignment_knows_who_owns_what() -> None:
    world = drawn("A.B BBB CCC")
    assert world.owner_of()["u1"] == ""
    assert world.units_of("B") == ("u2", "u3", "u4", "u5")
    assert world.units_of("nobody here") == ()


@pytest.mark.parametrize(
    ("units", "owners", "said"),
    [
        (("u0", "u1"), ("A",), "1 owners for 2 units"),
        (("u0", "u0"), ("A", "A"), "stands twice"),
        (("u0", "u1"), ("A", "Z"), r"\['Z'\] are not among"),
    ],
)
def test_an_alignment_that_contradicts_itself_is_refused(
    units: tuple[str, ...], owners: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Alignment(unit_ids=units, executive_ids=("A",), owners=owners)


def test_an_alignment_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        ROWS.owners = ROWS.owners  # type: ignore[misc]


# --- move, merge, swap -------------------------------------------------------------------------


def test_a_move_gives_units_to_one_executive_and_leaves_the_old_value_for_undo() -> None:
    kept = ROWS
    moved = ROWS.move(["u0", "u8"], to="B")
    assert picture(moved) == "BAABBBCCB"
    assert picture(kept) == "AAABBBCCC"
    assert moved.move(["u0"], to="A").move(["u8"], to="C") == kept


def test_a_move_to_its_own_executive_changes_nothing() -> None:
    assert ROWS.move(["u0", "u1"], to="A") == ROWS
    assert ROWS.move([], to="A") == ROWS


def test_a_move_names_every_unknown_unit_and_the_unknown_executive() -> None:
    with pytest.raises(InputError) as refused:
        ROWS.move(["u9", "u1", "<b>u</b>"], to="Z")
    assert [(fault.column, fault.value) for fault in refused.value.faults] == [
        ("unit_id", "<b>u</b>"),
        ("unit_id", "u9"),
        ("executive_id", "Z"),
    ]


def test_nobody_is_no_executive_to_move_units_to() -> None:
    with pytest.raises(InputError):
        ROWS.move(["u0"], to="")


def test_a_merge_leaves_an_executive_without_units_but_on_the_list() -> None:
    merged = ROWS.merge("A", into="B")
    assert picture(merged) == "BBBBBBCCC"
    assert merged.executive_ids == ("A", "B", "C")
    assert ROWS.merge("A", into="A") == ROWS


def test_a_swap_exchanges_two_jurisdictions_and_undoes_itself() -> None:
    swapped = ROWS.swap("A", "C")
    assert picture(swapped) == "CCCBBBAAA"
    assert swapped.swap("C", "A") == ROWS
    assert ROWS.swap("B", "B") == ROWS


@pytest.mark.parametrize("edit", ["merge", "swap"])
def test_merge_and_swap_name_both_unknown_executives(edit: str) -> None:
    with pytest.raises(InputError) as refused:
        ROWS.merge("Y", into="Z") if edit == "merge" else ROWS.swap("Y", "Z")
    assert [fault.value for fault in refused.value.faults] == ["Y", "Z"]


# --- split -------------------------------------------------------------------------------------


def test_a_split_gives_a_new_hire_half_of_the_load_in_one_piece() -> None:
    whole = drawn("AAA AAA AAA", "A")
    split = whole.split_in_two("A", to="New", neighbours=GRID, load=EVEN)
    assert split.executive_ids == ("A", "New")
    assert sorted(len(split.units_of(each)) for each in ("A", "New")) == [4, 5]
    assert pieces_of(split) == {"A": 1, "New": 1}
    assert picture(whole) == "AAAAAAAAA"


def test_a_split_halves_the_load_not_the_units() -> None:
    row = drawn("AAAA", "A")
    split = row.split_in_two(
        "A", to="B", neighbours=chain([1000.0] * 3), load=np.array([6.0, 2.0, 2.0, 2.0])
    )
    assert {split.units_of("A"), split.units_of("B")} == {("u0",), ("u1", "u2", "u3")}


def test_a_split_to_someone_known_leaves_them_what_they_have() -> None:
    split = ROWS.split_in_two("A", to="C", neighbours=GRID, load=EVEN)
    assert split.executive_ids == ROWS.executive_ids
    assert set(split.units_of("C")) > set(ROWS.units_of("C"))
    assert split.units_of("B") == ROWS.units_of("B")
    assert len(split.units_of("A")) in (1, 2)


def test_a_single_unit_cannot_be_split_nor_can_a_stranger() -> None:
    with pytest.raises(Conflict, match="has 1 units"):
        drawn("ABB").split_in_two("A", to="C", neighbours=chain([1.0, 1.0]), load=np.ones(3))
    with pytest.raises(InputError):
        ROWS.split_in_two("Z", to="C", neighbours=GRID, load=EVEN)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_both_halves_of_one_piece_are_one_piece(data: st.DataObject) -> None:
    near = grid_neighbours(4, 4)
    order = data.draw(st.permutations(range(16)))
    size = data.draw(st.integers(2, 16))
    piece = grown(order, size, near)
    whole = drawn("".join("A" if unit in piece else "B" for unit in range(16)), "AB")
    load = np.array(data.draw(st.lists(st.integers(0, 9), min_size=16, max_size=16)), float)
    split = whole.split_in_two("A", to="New", neighbours=near, load=load)
    assert pieces_of(split, near)["A"] == pieces_of(split, near)["New"] == 1
    assert set(split.units_of("A")) | set(split.units_of("New")) == set(whole.units_of("A"))
    assert split.units_of("B") == whole.units_of("B")


def grown(order: list[int], size: int, near: Neighbours) -> set[int]:
    """A connected set of units: each time the first of ``order`` that touches what is there."""
    piece = {order[0]}
    while len(piece) < size:
        piece.add(
            next(
                unit for unit in order if unit not in piece and piece & set(near.of(unit).tolist())
            )
        )
    return piece


def test_units_to_be_kept_never_leave() -> None:
    keep = np.zeros(9, dtype=np.bool_)
    keep[[0, 1]] = True
    far = far_half(np.arange(9), GRID, EVEN, keep=keep)
    assert len(far) in (4, 5)
    assert not {0, 1} & set(far.tolist())
    assert len(far_half(np.arange(9), GRID, EVEN, keep=np.ones(9, dtype=np.bool_))) == 0


# --- vacate ------------------------------------------------------------------------------------


def test_vacated_units_go_to_whoever_they_touch_most() -> None:
    # each of u3, u4, u5 borders A and C alike: the first id has it; else the longest border decides
    world = ROWS.vacate("B", neighbours=GRID)
    assert (world.executive_ids, picture(world)) == (("A", "C"), "AAAAAACCC")
    long_west = chain([900.0, 400.0])
    assert picture(drawn("ABC").vacate("B", neighbours=long_west)) == "AAC"
    assert picture(drawn("ABC").vacate("B", neighbours=chain([400.0, 900.0]))) == "ACC"


def test_a_wide_jurisdiction_is_absorbed_from_both_sides_ring_by_ring() -> None:
    row = drawn("ABBBBC").vacate("B", neighbours=chain([1000.0] * 5))
    assert picture(row) == "AAACCC"


def test_units_that_reach_nobody_are_left_to_nobody() -> None:
    island = drawn("AAB", "AB")
    two_parts = Neighbours(
        indptr=np.array([0, 1, 2, 2], np.int32),
        indices=np.array([1, 0], np.int32),
        border_meters=np.full(2, 1000.0),
    )
    assert picture(island.vacate("B", neighbours=two_parts)) == "AA."
    assert picture(drawn("AAA", "A").vacate("A", neighbours=chain([1.0, 1.0]))) == "..."


def test_units_of_nobody_stay_so_and_strangers_cannot_leave() -> None:
    assert picture(drawn("A.BC").vacate("B", neighbours=chain([1000.0] * 3))) == "A.CC"
    with pytest.raises(InputError) as refused:
        ROWS.vacate("Z", neighbours=GRID)
    assert [fault.value for fault in refused.value.faults] == ["Z"]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_every_vacated_unit_joins_a_jurisdiction_it_touches(data: st.DataObject) -> None:
    near = grid_neighbours(4, 4)
    owners = data.draw(
        st.text("ABCD", min_size=16, max_size=16).filter(lambda text: set(text) > {"A"})
    )
    before = drawn(owners, "ABCD")
    after = before.vacate("A", neighbours=near)
    absorbed = {unit for unit, owner in enumerate(before.owners) if owner == "A"}
    for unit, owner in enumerate(after.owners):
        if unit not in absorbed:
            assert owner == before.owners[unit]
        else:
            assert owner in {after.owners[other] for other in near.of(unit).tolist()}
    more = pieces_of(before, near)
    assert all(count <= more[each] for each, count in pieces_of(after, near).items())


# --- diff --------------------------------------------------------------------------------------


def test_a_diff_sums_what_goes_from_whom_to_whom() -> None:
    after = drawn("ABB BCB CCA")
    money, hours = [float(unit) for unit in range(9)], [10.0] * 9
    handed = diff(ROWS, after, unit_loads=[money, hours])
    assert [(one.from_executive, one.to_executive, one.unit_ids, one.loads) for one in handed] == [
        ("A", "B", ("u1", "u2"), (3, 20)),
        ("B", "C", ("u4",), (4, 10)),
        ("C", "A", ("u8",), (8, 10)),
    ]


def test_a_diff_of_equals_is_empty_and_without_loads_names_units_only() -> None:
    assert diff(ROWS, ROWS, unit_loads=[EVEN]) == ()
    assert [one.loads for one in diff(ROWS, ROWS.swap("A", "B"))] == [(), ()]


def test_units_that_are_new_come_from_nobody_and_lost_ones_go_to_nobody() -> None:
    before = Alignment(
        unit_ids=("old", "u0", "nobody's"), executive_ids=("A",), owners=("A", "A", "")
    )
    after = drawn("AB", "AB")
    handed = diff(before, after, unit_loads=[[5.0, 7.0]])
    assert [(one.from_executive, one.to_executive, one.unit_ids, one.loads) for one in handed] == [
        ("", "B", ("u1",), (7,)),
        ("A", "", ("old",), (0,)),
    ]


@given(st.text("ABC.", min_size=9, max_size=9), st.text("ABC.", min_size=9, max_size=9))
def test_a_diff_lists_each_moved_unit_once_and_replayed_gives_the_other(one: str, two: str) -> None:
    before, after = drawn(one), drawn(two)
    handed = diff(before, after)
    owner_of = dict(before.owner_of())
    listed = [unit for each in handed for unit in each.unit_ids]
    assert len(listed) == len(set(listed)) == sum(a != b for a, b in zip(one, two, strict=True))
    for each in handed:
        assert {owner_of[unit] for unit in each.unit_ids} == {each.from_executive}
        owner_of |= dict.fromkeys(each.unit_ids, each.to_executive)
    assert owner_of == dict(after.owner_of())
