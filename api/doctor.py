"""Is this installation sound? Each finding says what was looked at and how to mend it."""

import importlib
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from api.settings import Settings

PACKAGES = ("territory", "optimizer", "api", "maps", "data")
FREE_BYTES_WANTED = 500_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at."""

    subject: str
    is_sound: bool
    detail: str

    def __str__(self) -> str:
        return f"{'ok  ' if self.is_sound else 'BAD '} {self.subject}: {self.detail}"


def examine(settings: Settings, *, warm: bool = False) -> Iterator[Finding]:
    """Look at Python, the five packages, the runtime folder, the store and the solvers."""
    yield Finding(
        subject="python",
        is_sound=(3, 11) <= sys.version_info[:2] < (3, 14),
        detail=f"{platform.python_version()} (3.11, 3.12 or 3.13 is wanted)",
    )
    yield _one_house()
    yield _room(settings.var_path)
    yield _store(settings)
    yield _solvers()
    yield _browser(settings)
    if warm:
        yield _warm()


def find_chromium(settings: Settings) -> str | None:
    """Path of a Chromium for the browser tests, None if there is none."""
    if settings.chromium:
        return settings.chromium if Path(settings.chromium).exists() else None
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def _one_house() -> Finding:
    """The generic names (api, data, maps) must come from one place, not from another project."""
    homes = {}
    for name in PACKAGES:
        module = importlib.import_module(name)
        homes[name] = Path(module.__file__ or "").resolve().parent.parent
    places = set(homes.values())
    if len(places) == 1:
        return Finding(subject="packages", is_sound=True, detail="all five from one place")
    strays = ", ".join(f"{name} from {home.name}/" for name, home in homes.items())
    return Finding(
        subject="packages",
        is_sound=False,
        detail=f"they come from {len(places)} places ({strays}). "
        "Install Fieldwright alone in an environment of its own.",
    )


def _room(var: Path) -> Finding:
    free = shutil.disk_usage(var).free
    return Finding(
        subject="disk",
        is_sound=free >= FREE_BYTES_WANTED,
        detail=f"{free / 1e9:.1f} GB free for the runtime folder (0.5 GB are wanted)",
    )


def _store(settings: Settings) -> Finding:
    from data.store import Store
    from territory.errors import FieldwrightError

    try:
        store = Store.open(settings.url)
        count = len(store.list_markets())
    except (FieldwrightError, OSError) as error:
        return Finding(subject="store", is_sound=False, detail=str(error))
    kind = settings.url.split(":", 1)[0]
    return Finding(subject="store", is_sound=True, detail=f"{kind}, {count} markets")


def _solvers() -> Finding:
    try:
        from ortools.sat.python import cp_model
    except ImportError as error:
        return Finding(subject="solvers", is_sound=False, detail=f"OR-Tools: {error}")
    model = cp_model.CpModel()
    model.maximize(model.new_int_var(0, 3, "x"))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.solve(model)
    return Finding(
        subject="solvers",
        is_sound=solver.objective_value == 3,
        detail=f"OR-Tools {version('ortools')} solves",
    )


def _browser(settings: Settings) -> Finding:
    path = find_chromium(settings)
    detail = "Chromium found" if path else "no Chromium: optional, the browser tests are skipped"
    return Finding(subject="browser", is_sound=True, detail=detail)


def _warm() -> Finding:
    """Compile the numba kernels once, so that the first job does not wait for them."""
    import time

    from api.usecases.warm import warm_kernels

    started = time.perf_counter()
    warm_kernels()
    return Finding(
        subject="kernels",
        is_sound=True,
        detail=f"compiled in {time.perf_counter() - started:.0f} s",
    )
