"""The HTTP door: FastAPI with pages, tables, jobs and plans. Make it with ``create_app``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from api import problems
from api.auth import KeyRing
from api.doors import Guard
from api.settings import Settings, read_settings
from api.usecases.workspace import TOOL_VERSION, Workspace
from api.vroom.spool import Spool


def create_app(settings: Settings | None = None) -> FastAPI:
    """The app over one workspace. Nothing is read or opened before this is called."""
    from api.routers import (
        edits,
        jobs,
        markets,
        pages,
        plans,
        replans,
        survey,
        team,
        travel,
        validation,
        vroom,
    )

    settings = settings or read_settings()
    app = FastAPI(
        title="Fieldwright",
        version=TOOL_VERSION,
        summary="Territory planning and route optimisation.",
        docs_url=None,  # the stock pages load scripts from elsewhere
        redoc_url=None,
        lifespan=_lifespan,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.workspace = Workspace(settings)
    app.state.keys = KeyRing(settings.var_path / "keys.json")
    app.state.spool = Spool(app.state.workspace)
    app.add_middleware(
        Guard,
        keys=app.state.keys,
        allowed_hosts=frozenset(
            name.strip() for name in settings.allowed_hosts.split(",") if name.strip()
        ),
        max_bytes=settings.max_upload_bytes,
    )
    problems.install(app)
    for router in (
        pages.router,
        markets.router,
        survey.router,
        team.router,
        validation.router,
        travel.router,
        jobs.router,
        plans.router,
        edits.router,
        replans.router,
        vroom.router,
    ):
        app.include_router(router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Nothing at the start; at the end what is being worked on is put down, to be begun anew."""
    yield
    await run_in_threadpool(app.state.spool.close)
