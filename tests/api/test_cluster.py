"""A Dask cluster reads the same companies to the same figures, and is closed afterwards."""

import pandas as pd
import psutil
import pytest

from api.cluster import company_runner, visit_spread
from optimizer.visits import VisitParams, solve
from territory.errors import InputError
from territory.survey import per_unit
from territory.survey.parts import frame_parts
from tests.optimizer.visits.worlds import city
from tests.territory.strip import units_of
from tests.territory.test_parts import crowded, without_companies


def children():
    return {child.pid for child in psutil.Process().children(recursive=True)}


def test_workers_started_here_give_the_same_figures_and_end():
    pytest.importorskip("distributed")
    world = crowded()
    parts = frame_parts(world.tables["companies"], rows=700)
    before = children()
    with company_runner("local") as run:
        started = children() - before
        found = per_unit(without_companies(world), units_of(world), companies=parts, run=run)
    assert len(started) >= 2
    assert not (children() & started) - {
        child.pid for child in psutil.Process().children() if "resource_tracker" in _line(child)
    }
    whole = per_unit(world, units_of(world))
    pd.testing.assert_frame_equal(whole, found, check_exact=True)
    assert whole.attrs["notes"] == found.attrs["notes"]


def _line(process):
    return " ".join(process.cmdline())


def test_without_the_setting_this_process_reads():
    with company_runner("") as run:
        assert run is None


def test_a_setting_that_is_no_address_is_refused():
    with pytest.raises(InputError, match="FIELDWRIGHT_DASK"), company_runner("yes"):
        pass


def test_a_scheduler_that_does_not_answer_is_said(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("api.cluster.CONNECT_SECONDS", 0.3)
    with (
        pytest.raises(InputError, match="No Dask scheduler answers"),
        company_runner("tcp://127.0.0.1:9"),
    ):
        pass


def test_visits_planned_by_workers_started_here_are_the_same_plan():
    pytest.importorskip("distributed")
    world = city(executives=3, weeks=1, accounts=8)
    params = VisitParams(engine="ruin", iterations_per_visit=20)
    before = children()
    with visit_spread("local") as spread:
        assert spread.workers == 2
        found = solve(world, params=params, spread=spread)
    assert found.plan == solve(world, params=params).plan
    assert found.work.stopped_by == "work"
    assert not {child for child in children() - before if _is_worker(child)}


def test_a_task_that_fails_on_a_worker_fails_here():
    pytest.importorskip("distributed")
    with visit_spread("local", workers=1) as spread, pytest.raises(ZeroDivisionError):
        list(spread(_divide, [1, 0]))


def test_without_the_setting_visits_are_planned_in_this_process():
    with visit_spread("") as spread:
        assert spread is None


def _divide(task):
    return 1 / task


def _is_worker(pid):
    try:
        return "resource_tracker" not in _line(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False
