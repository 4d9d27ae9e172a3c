"""The demo: the whole mission on two sample markets, every plan judged, drawn and exported."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cluster import side_by_side
from api.progress import lines
from api.schemas import JobKind
from api.settings import Settings
from api.usecases.check import check_plan
from api.usecases.imports import load_sample
from api.usecases.pictures import (
    index_entry,
    save_day_sheets,
    save_exports,
    save_page,
)
from api.usecases.run import parse_request, run
from api.usecases.summary import summarise
from api.usecases.workspace import Workspace
from territory.errors import CheckFailed

if TYPE_CHECKING:
    from data.store import StoredPlan
    from maps import IndexEntry

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoMarket:
    """One market of the demo: where it comes from and what is asked of each job."""

    name: str
    sample: str
    jobs: Mapping[JobKind, Mapping[str, Any]]


HELSINKI = DemoMarket(
    name="helsinki",
    sample="helsinki",
    jobs={
        "score": {},
        "redraw": {"tolerance_percent": 5.0},
        "visits": {"weeks": 2, "alignment_plan": "helsinki:alignment"},
        "gaps": {},
        "outlets": {"new_sites": 3},
        "report": {},
    },
)
METROPOLIS = DemoMarket(
    name="metropolis",
    sample="metropolis",
    jobs={
        "score": {},
        "redraw": {"tolerance_percent": 5.0},
        "visits": {"weeks": 4, "alignment_plan": "metropolis:alignment"},
        "gaps": {},
        "outlets": {"new_sites": 6, "minimum_separation_meters": 1500.0},
        "report": {},
    },
)


MARKETS = (HELSINKI, METROPOLIS)


def run_demo(workspace: Workspace, out: Path, *, companies: int, executives: int, say: Say) -> None:
    """Fill ``out`` with an index, maps, day sheets, reports and exports of both markets.

    The markets are planned side by side, each in a process of its own.

    Raises
    ------
    CheckFailed
        If the judge finds anything wrong with any plan.
    """
    started = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    workspace.store.list_markets()  # makes the database before two processes open it
    plan = partial(
        plan_market,
        var_path=str(workspace.settings.var_path),
        database_url=workspace.settings.url,
        out=out,
        companies=companies,
        executives=executives,
    )
    entries = [entry for found in side_by_side(plan, MARKETS) for entry in found]
    _write_index(entries, out)
    say(
        f"\nAll plans judged clean in {time.monotonic() - started:.0f} s. Open {out / 'index.html'}"
    )


def plan_market(
    demo: DemoMarket,
    *,
    var_path: str,
    database_url: str,
    out: Path,
    companies: int,
    executives: int,
) -> "list[IndexEntry]":
    """One market of the demo from sample to exports; prints as it goes."""
    workspace = Workspace(Settings(var=Path(var_path), database_url=database_url))

    def say(line: str) -> None:
        print(line, flush=True)

    for line in load_sample(
        workspace, demo.sample, demo.name, companies=companies, executives=executives
    ):
        say(line)
    entries = []
    for kind, params in demo.jobs.items():
        entries += _do(workspace, demo.name, kind, params, out, say)
    workspace.store.close()
    return entries


def _do(
    workspace: Workspace, market: str, kind: JobKind, params: Mapping[str, Any], out: Path, say: Say
) -> "list[IndexEntry]":
    """One job: run, judge again from the store, draw, export."""
    began = time.monotonic()
    progress = lines(f"{market} {kind}")
    stored = run(workspace, market, kind, parse_request(kind, params), progress=progress)
    _, violations = check_plan(workspace, stored.plan_id)
    if violations:
        raise CheckFailed(f"The judge refuses the stored {kind} plan.", violations)
    entries = list(_draw(workspace, stored, market, kind, out))
    say(f"{market} {kind}: judged clean, {time.monotonic() - began:.1f} s")
    for line in summarise(stored.plan):
        say(f"  {line}")
    return entries


def _draw(
    workspace: Workspace, stored: "StoredPlan", market: str, kind: JobKind, out: Path
) -> "Iterator[IndexEntry]":
    href = f"{market}-{kind}.html"
    page = save_page(workspace, stored, out / href)
    yield index_entry(workspace, stored, href=href, preview=page.preview)
    if kind == "visits":
        yield from save_day_sheets(workspace, stored, out, prefix=f"{market}-")
    save_exports(workspace, stored, out / "exports" / market)


def _write_index(entries: "list[IndexEntry]", out: Path) -> None:
    from api.usecases.pictures import index_context
    from maps import draw_index

    draw_index(entries, index_context()).save(out / "index.html")
