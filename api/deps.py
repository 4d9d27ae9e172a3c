"""What handlers are given: the workspace of this process."""

from typing import Annotated, cast

from fastapi import Depends, Request

from api.usecases.workspace import Workspace


def workspace_of(request: Request) -> Workspace:
    """The workspace this app was made with."""
    return cast(Workspace, request.app.state.workspace)


WorkspaceDep = Annotated[Workspace, Depends(workspace_of)]
