"""Versions of an alignment edited by hand: a tree by ``provenance.parents``, in which nothing ends.

Undo and redo are versions too: each takes the place of an earlier one, its *place*, so that editing
goes on from there and what was undone stays where it is.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.edit_schemas import EditRecord, record_of
from api.usecases.workspace import Workspace
from territory.errors import Conflict
from territory.plans import Provenance

if TYPE_CHECKING:
    from data.store import StoredPlan


def edit_of(origin: Provenance) -> EditRecord | None:
    """The edit a plan was made by, None if a solver made it."""
    found = origin.params.get("edit")
    return None if found is None else record_of(found)


def refuse_stale(workspace: Workspace, stored: "StoredPlan") -> None:
    """Raise Conflict, naming both heads, if the version was edited already."""
    versions = _versions(workspace, stored)
    newest = _children(versions, stored.plan_id)
    if not newest:
        return
    head = newest[0]
    while further := _children(versions, head.plan_id):
        head = further[0]
    raise Conflict(
        f"Version {stored.version} ({stored.plan_id}) was edited already; its line has come to "
        f"version {head.version} ({head.plan_id}).",
        fix=f"Edit {head.plan_id}, undo back to {stored.plan_id} first, or ask for a branch.",
    )


def undone(workspace: Workspace, stored: "StoredPlan") -> "StoredPlan":
    """The version that an undo of this one goes back to.

    Raises
    ------
    Conflict
        If the version was not made by an edit.
    """
    place = _place(workspace, stored)
    if edit_of(place.provenance) is None:
        raise Conflict(
            f"There is nothing to undo: version {place.version} was not made by an edit."
        )
    return _place(workspace, workspace.store.load_plan(place.provenance.parents[0]))


def redone(workspace: Workspace, stored: "StoredPlan") -> "StoredPlan":
    """The newest version that was undone to come here.

    Raises
    ------
    Conflict
        If nothing was undone here.
    """
    place = _place(workspace, stored)
    versions = _versions(workspace, stored)
    here = {place.plan_id} | {
        each.plan_id
        for each in versions
        if (record := edit_of(each.provenance)) and record.restores == place.plan_id
    }
    for each in versions:
        record = edit_of(each.provenance)
        if record and not record.restores and each.provenance.parents[0] in here:
            return each
    raise Conflict(f"There is nothing to redo: no edit of version {place.version} was undone.")


def _place(workspace: Workspace, stored: "StoredPlan") -> "StoredPlan":
    """The version whose place this one takes: itself, unless it is an undo or a redo."""
    record = edit_of(stored.provenance)
    if record is None or not record.restores:
        return stored
    return workspace.store.load_plan(record.restores)


def _versions(workspace: Workspace, stored: "StoredPlan") -> "tuple[StoredPlan, ...]":
    """All alignments of the market, newest first."""
    found = workspace.store.list_plans(stored.market, "alignment")
    return tuple(sorted(found, key=lambda each: -each.version))


def _children(versions: "Sequence[StoredPlan]", plan_id: str) -> "list[StoredPlan]":
    """The versions made by an edit of this one, newest first."""
    return [
        each
        for each in versions
        if each.provenance.parents[:1] == (plan_id,) and "edit" in each.provenance.params
    ]
