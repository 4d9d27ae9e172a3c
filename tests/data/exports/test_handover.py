"""What changes hands on a strip of four units, added up by hand, and its workbook.

unit   u0 u1 u2 u3        potential 10 20 30 40, hours 1 2 3 4
before A  A  B  .         accounts a1 in u1, a2 and a3 in u2, a4 in u0
after  A  B  C  C
"""

import io
from datetime import date

import openpyxl

from data.exports import ExportContext
from data.exports.handover import handover_bytes
from territory.alignment import Alignment, AlignmentPlan
from territory.handover import AlignmentDiff, alignment_diff

RISKY = "+cmd|' /C calc'!A0"
UNITS = ("u0", "u1", "u2", "u3")
LOADS = ((10.0, 20.0, 30.0, 40.0), (1.0, 2.0, 3.0, 4.0))


def plan(owners: tuple[str, ...], team: tuple[str, ...]) -> AlignmentPlan:
    return AlignmentPlan(
        alignment=Alignment(unit_ids=UNITS, executive_ids=team, owners=owners),
        before=None,
        load_names=("potential", "workload"),
        unit_loads=LOADS,
        tolerance_percent=(5.0, 5.0),
        locked_units=(),
        jurisdictions=(),
        jurisdictions_before=(),
        worst_percent=(0.0, 0.0),
        cut_edges=0,
        moment_of_inertia=0.0,
        inertia_bound=0.0,
        moved_percent=0.0,
        moved_bound_percent=0.0,
    )


def changes() -> AlignmentDiff:
    return alignment_diff(
        plan(("A", "A", "B", ""), ("A", "B")),
        plan(("A", "B", "C", "C"), ("A", "C", "B")),
        before_plan="p1",
        after_plan="p2",
        unit_of_account={"a3": "u2", "a1": "u1", "a2": "u2", "a4": "u0"},
    )


def test_each_pair_hands_over_its_units_accounts_money_and_hours() -> None:
    found = changes()
    assert [
        (one.from_executive, one.to_executive, one.unit_ids, one.account_ids, one.loads)
        for one in found.exchanges
    ] == [
        ("", "C", ("u3",), (), (40.0, 4.0)),
        ("A", "B", ("u1",), ("a1",), (20.0, 2.0)),
        ("B", "C", ("u2",), ("a2", "a3"), (30.0, 3.0)),
    ]
    assert [one.account_units for one in found.exchanges] == [(), ("u1",), ("u2", "u2")]
    assert (found.units, found.accounts) == (3, 3)
    assert found.moved_loads == (90.0, 9.0)
    assert found.moved_percent == (90.0, 90.0)
    assert (found.joined, found.left) == (("C",), ())


def test_the_workbook_repeats_it_and_runs_nothing() -> None:
    context = ExportContext(
        title="Changes",
        market="toy",
        plan_id="p2",
        date=date(2026, 11, 23),
        executive_names={"A": RISKY, "B": "=1+1"},
        account_names={"a1": "@SUM(A1)"},
    )
    content = handover_bytes(changes(), context)
    assert content == handover_bytes(changes(), context)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["handovers", "units", "accounts", "about"]
    pairs = list(book["handovers"].iter_rows(min_row=2, values_only=True))
    assert pairs == [
        (None, "nobody", "C", "C", 1, 0, 40, 4),
        ("A", RISKY, "B", "=1+1", 1, 1, 20, 2),
        ("B", "=1+1", "C", "C", 1, 2, 30, 3),
        (None, "all", None, "all", 3, 3, 90, 9),
    ]
    assert [row[0] for row in book["units"].iter_rows(min_row=2, values_only=True)] == [
        "u3", "u1", "u2",
    ]  # fmt: skip
    assert [row[:2] for row in book["accounts"].iter_rows(min_row=2, values_only=True)] == [
        ("a1", "@SUM(A1)"), ("a2", "a2"), ("a3", "a3"),
    ]  # fmt: skip
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)


def test_two_equal_versions_change_nothing() -> None:
    same = plan(("A", "A", "B", ""), ("A", "B"))
    found = alignment_diff(same, same, before_plan="p1", after_plan="p1", unit_of_account={})
    assert (found.exchanges, found.moved_percent) == ((), (0.0, 0.0))
