"""Compile every kernel once by running a small city from end to end in a folder of its own."""

import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from api.settings import Settings
from api.usecases.imports import load_sample
from api.usecases.run import parse_request, run
from api.usecases.workspace import Workspace

SMALL_COMPANIES = 300
SMALL_EXECUTIVES = 3


def warm_kernels() -> None:
    """Run redraw, edits, visits, outlets on a small city; compiled code lands in the cache.

    Travel, tours and visits by all rules are compiled in a second process beside the rest, since
    compiling keeps one core busy.
    """
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Settings(var=Path(folder), database_url=""))
        load_sample(
            workspace,
            "metropolis",
            "warm",
            companies=SMALL_COMPANIES,
            executives=SMALL_EXECUTIVES,
        )
        roads = workspace.folder("warm") / "roads" / "car"
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as beside:
            travel = beside.submit(_warm_travel, roads)
            tours = beside.submit(_warm_tours)
            for kind, params in (
                ("redraw", {}),
                ("visits", {"weeks": 1}),
                ("outlets", {"new_sites": 2}),
            ):
                run(workspace, "warm", kind, parse_request(kind, params))  # type: ignore[arg-type]
            _warm_edits(workspace)
            _warm_vroom(workspace)
            travel.result()
            tours.result()
        workspace.store.close()


def _warm_edits(workspace: Workspace) -> None:
    from api.edit_schemas import HireEdit, RebalanceEdit, VacateEdit
    from api.usecases.edits import edit_plan

    first = str(workspace.store.market("warm").table("executives")["executive_id"].iloc[0])
    for edit in (
        HireEdit(kind="hire", executive="fresh"),
        VacateEdit(kind="vacate", executive=first),
        RebalanceEdit(kind="rebalance", executives=("fresh",)),
    ):
        edit_plan(workspace, "warm:redraw", edit)


def _warm_vroom(workspace: Workspace) -> None:
    from api.vroom.door import answer_vroom

    places = [[24.9 + 0.01 * n, 60.2] for n in range(4)]
    answer_vroom(
        workspace,
        {
            "jobs": [{"id": 1, "delivery": [1], "location": places[0]}],
            "shipments": [
                {
                    "amount": [1],
                    "pickup": {"id": 1, "location": places[1]},
                    "delivery": {"id": 1, "location": places[2]},
                }
            ],
            "vehicles": [{"id": 1, "start": places[3], "capacity": [2]}],
            "options": {"x": 0},
        },
    )


def _warm_travel(roads: Path) -> None:
    from data.roads import load_network
    from data.travel.warm import warm_travel

    warm_travel(load_network(roads))


def _warm_tours() -> None:
    from optimizer.visits import one_day, warm
    from optimizer.visits.tours import warm_up

    warm_up()
    one_day.warm_up()
    warm.warm_up()
