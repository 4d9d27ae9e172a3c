"""A small city with every plan made, shared by the acceptance tests."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.schemas import JobKind
from api.settings import Settings
from api.usecases.imports import load_sample
from api.usecases.run import parse_request, run
from api.usecases.workspace import Workspace

if TYPE_CHECKING:
    from data.samples import Sample
    from data.store import StoredPlan

CITY = "city"
COMPANIES = 300
EXECUTIVES = 3

JOBS: Mapping[JobKind, Mapping[str, Any]] = {
    "score": {},
    "redraw": {"iterations": 200_000},
    "visits": {"weeks": 1, "alignment_plan": f"{CITY}:alignment", "iterations": 3_000},
    "gaps": {},
    "outlets": {"new_sites": 2},
    "report": {},
}
"""All jobs in the order of a planner's week, with a small work limit where there is a search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A workspace with one market and one plan of each job made."""

    workspace: Workspace
    market: str
    plans: "Mapping[JobKind, StoredPlan]"


def open_workspace(var: Path) -> Workspace:
    """A workspace in a folder, on SQLite, whatever the environment says."""
    return Workspace(Settings(var=var, database_url=""))


def load_city(workspace: Workspace) -> None:
    """The small city under the name ``CITY``: 300 companies, 3 executives, its own roads."""
    load_sample(workspace, "metropolis", CITY, companies=COMPANIES, executives=EXECUTIVES)


def load(workspace: Workspace, sample: "Sample") -> None:
    """A sample under the name ``CITY``, its tables taken as they are."""
    workspace.store.create_market(CITY, sample.market.settings)
    for table, frame in sample.market.tables.items():
        if len(frame):
            workspace.store.write_rows(CITY, table, frame, mode="replace")
    for network in sample.networks.values():
        workspace.save_network(CITY, network)
    workspace.save_base_map(CITY, sample.base_map)


def make_plans(
    workspace: Workspace, market: str, jobs: Mapping[JobKind, Mapping[str, Any]] = JOBS
) -> "dict[JobKind, StoredPlan]":
    """Every job run once, one after the other."""
    return {
        kind: run(workspace, market, kind, parse_request(kind, params))
        for kind, params in jobs.items()
    }


def copy_of(workspace: Workspace, var: Path) -> Workspace:
    """The same workspace in another folder, so that a test may change it."""
    workspace.store.close()  # so that the database is whole in its file
    shutil.copytree(workspace.settings.var_path, var, dirs_exist_ok=True)
    return open_workspace(var)


def environment(var: Path, **more: str) -> dict[str, str]:
    """The environment of a command line that works in ``var`` and nowhere else."""
    ours = {name: value for name, value in os.environ.items() if "FIELDWRIGHT" not in name}
    return ours | {"FIELDWRIGHT_VAR": str(var), **more}


def command_line(*words: str) -> list[str]:
    """``fieldwright`` with these words, run by the interpreter of the tests."""
    return [sys.executable, "-m", "api.cli", *words]


def fieldwright(var: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(
        command_line(*words),
        env=environment(var),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
