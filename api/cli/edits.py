"""Commands that edit an alignment by hand, and the diff of two versions."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.common import PlanArg, SeedOpt, app, say, workspace

if TYPE_CHECKING:
    from api.edit_schemas import Edit

ExecutiveArg = Annotated[str, typer.Argument(help="Id of an executive.")]
BranchOpt = Annotated[
    bool, typer.Option("--branch", help="Begin a second line from a version edited already.")
]


@app.command()
def move(
    plan: PlanArg,
    units: Annotated[list[str], typer.Argument(help="Units to move.")],
    to: Annotated[str, typer.Option(help="Executive who gets them.")],
    branch: BranchOpt = False,
) -> None:
    """Edit an alignment by hand: a new version with live numbers."""
    from api.edit_schemas import MoveEdit

    _edit(plan, MoveEdit.model_construct(kind="move", units=tuple(units), to=to), branch=branch)


@app.command()
def merge(
    plan: PlanArg,
    executive: ExecutiveArg,
    into: Annotated[str, typer.Option(help="Executive who takes the jurisdiction.")],
    branch: BranchOpt = False,
) -> None:
    """Give a whole jurisdiction to another executive; the first leaves the alignment."""
    from api.edit_schemas import MergeEdit

    edit = MergeEdit.model_construct(kind="merge", executive=executive, into=into)
    _edit(plan, edit, branch=branch)


@app.command()
def split(
    plan: PlanArg,
    executive: ExecutiveArg,
    to: Annotated[str, typer.Option(help="Executive who gets half: new, or without units.")],
    branch: BranchOpt = False,
) -> None:
    """Split a jurisdiction in two halves of equal load, each in one piece."""
    from api.edit_schemas import SplitEdit

    edit = SplitEdit.model_construct(kind="split", executive=executive, to=to)
    _edit(plan, edit, branch=branch)


@app.command()
def swap(
    plan: PlanArg,
    executive: ExecutiveArg,
    other: Annotated[str, typer.Argument(help="The other executive.")],
    branch: BranchOpt = False,
) -> None:
    """Two executives exchange their jurisdictions."""
    from api.edit_schemas import SwapEdit

    edit = SwapEdit.model_construct(kind="swap", executive=executive, other=other)
    _edit(plan, edit, branch=branch)


@app.command()
def vacate(plan: PlanArg, executive: ExecutiveArg, branch: BranchOpt = False) -> None:
    """An executive leaves: the neighbours absorb the units, balanced."""
    from api.edit_schemas import VacateEdit

    _edit(plan, VacateEdit.model_construct(kind="vacate", executive=executive), branch=branch)


@app.command()
def hire(
    plan: PlanArg,
    executive: Annotated[str, typer.Argument(help="Id of the new executive.")],
    at: Annotated[
        str | None, typer.Option(help="Unit to settle around; where most work is if empty.")
    ] = None,
    branch: BranchOpt = False,
) -> None:
    """A new executive joins: the neighbours give units, balanced."""
    from api.edit_schemas import HireEdit

    _edit(plan, HireEdit.model_construct(kind="hire", executive=executive, at=at), branch=branch)


@app.command()
def rebalance(
    plan: PlanArg,
    executives: Annotated[
        list[str] | None, typer.Argument(help="Executives to rebalance around.")
    ] = None,
    unit: Annotated[
        list[str] | None, typer.Option(help="A unit to rebalance around; may be repeated.")
    ] = None,
    rings: Annotated[int, typer.Option(help="Rings of neighbours who take part: 1 or 2.")] = 1,
    seed: SeedOpt = 1,
    branch: BranchOpt = False,
) -> None:
    """Rebalance only here: chosen jurisdictions and one or two rings around, all else locked."""
    from api.edit_schemas import RebalanceEdit

    edit = RebalanceEdit.model_construct(
        kind="rebalance",
        executives=tuple(executives or ()),
        units=tuple(unit or ()),
        rings=rings,
        seed=seed,
    )
    _edit(plan, edit, branch=branch)


@app.command()
def undo(plan: PlanArg) -> None:
    """Go back to the version before the last edit; nothing is lost."""
    from api.edit_schemas import UndoEdit

    _edit(plan, UndoEdit.model_construct(kind="undo"), branch=False)


@app.command()
def redo(plan: PlanArg) -> None:
    """Go forward again to the newest version that was undone."""
    from api.edit_schemas import RedoEdit

    _edit(plan, RedoEdit.model_construct(kind="redo"), branch=False)


@app.command()
def diff(
    plan: PlanArg,
    other: Annotated[str, typer.Argument(help="The later version to compare with.")],
    out: Annotated[
        Path | None, typer.Option(help="File to write: .xlsx a workbook, .html a map page.")
    ] = None,
) -> None:
    """Say what changes hands between two versions: units, accounts, money, hours, per pair."""
    from api.usecases.differences import diff_lines, diff_of, names_of, save_diff

    opened = workspace()
    found = diff_of(opened, plan, other)
    for line in diff_lines(found, names_of(opened, found)):
        say(line)
    if out is not None:
        say(str(save_diff(opened, found.before_plan, found.after_plan, out)))


def _edit(plan: str, edit: "Edit", *, branch: bool) -> None:
    """Make an edit and say what came of it."""
    from api.usecases.edits import edit_plan
    from api.usecases.summary import summarise

    edited = edit_plan(workspace(), plan, edit, branch=branch)
    answer = edited.answer
    say(f"{edited.stored.kind} plan {edited.stored.plan_id} saved")
    say(f"  {answer.edit}: {len(answer.moved_units):,} units change hands")
    for one in answer.standings:
        loads = ", ".join(
            f"{name} {off:+.1f} %"
            for name, off in zip(answer.load_names, one.deviation_percent, strict=True)
        )
        pieces = "one piece" if one.pieces == 1 else f"{one.pieces} pieces"
        say(f"  {one.name}: {one.units:,} units, {loads}, {pieces}")
    for breach in answer.breaches:
        say(f"  {'broken' if breach.is_new else 'still'}: {breach.message} {breach.mend}")
    for line in (*answer.notes, *summarise(edited.stored.plan)[:1], *edited.warnings):
        say(f"  {line}")
