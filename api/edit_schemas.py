"""Edits of an alignment by hand, as every door takes them and as a version keeps them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Id = Annotated[str, Field(min_length=1, max_length=200)]
Ids = Annotated[tuple[Id, ...], Field(max_length=100_000)]


class _Edit(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MoveEdit(_Edit):
    """These units go to one executive."""

    kind: Literal["move"] = "move"
    units: Ids = Field(min_length=1)
    to: Id


class MergeEdit(_Edit):
    """``into`` takes the whole jurisdiction of ``executive``, who leaves the alignment."""

    kind: Literal["merge"]
    executive: Id
    into: Id


class SplitEdit(_Edit):
    """``to``, new or without units, takes half of a jurisdiction."""

    kind: Literal["split"]
    executive: Id
    to: Id


class SwapEdit(_Edit):
    """Two executives exchange their jurisdictions."""

    kind: Literal["swap"]
    executive: Id
    other: Id


class VacateEdit(_Edit):
    """An executive leaves; the neighbours absorb."""

    kind: Literal["vacate"]
    executive: Id


class HireEdit(_Edit):
    """A new executive joins; the jurisdictions around unit ``at`` give."""

    kind: Literal["hire"]
    executive: Id
    at: Id | None = Field(default=None, description="A unit; where most work is if empty.")


class RebalanceEdit(_Edit):
    """Borders move only among the chosen jurisdictions and one or two rings around them."""

    kind: Literal["rebalance"]
    executives: Ids = ()
    units: Ids = ()
    rings: int = Field(default=1, ge=1, le=2)
    seed: int = Field(default=1, ge=0, le=2**31 - 1)


class UndoEdit(_Edit):
    """Back to the version before the last edit, as a new version."""

    kind: Literal["undo"]


class RedoEdit(_Edit):
    """Forward again to the newest version that was undone, as a new version."""

    kind: Literal["redo"]


Edit = Annotated[
    MoveEdit
    | MergeEdit
    | SplitEdit
    | SwapEdit
    | VacateEdit
    | HireEdit
    | RebalanceEdit
    | UndoEdit
    | RedoEdit,
    Field(discriminator="kind"),
]


class EditRecord(BaseModel):
    """What a version made by hand keeps of its edit.

    ``team`` is who is in the alignment after it; empty in versions of before teams could change.
    ``restores`` is the version whose place an undo or redo takes, "" for any other edit.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    edit: Edit
    team: tuple[str, ...] = ()
    restores: str = ""


def record_of(raw: Any) -> EditRecord:
    """A record from what a version keeps; the first versions kept only ``units`` and ``to``."""
    found = raw if "edit" in raw else {"edit": {"kind": "move", **raw}}
    return TypeAdapter(EditRecord).validate_python(found)
