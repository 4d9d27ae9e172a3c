"""Loading a sample replaces an earlier sample and never a market of the user's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import Settings
from api.usecases.imports import import_files, load_sample
from api.usecases.workspace import Workspace
from territory.errors import Conflict, NotFound


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace(Settings(var=tmp_path / "var"))
    yield workspace
    workspace.store.close()


def _load(workspace: Workspace, companies: int) -> None:
    load_sample(workspace, "metropolis", "city", companies=companies, executives=2)


def test_a_sample_replaces_an_earlier_sample(workspace: Workspace) -> None:
    _load(workspace, 250)
    _load(workspace, 260)
    assert workspace.store.count_rows("city")["companies"] == 260


def test_a_market_of_ones_own_is_not_replaced(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "executives.csv"
    path.write_text("executive_id,name,home_lon,home_lat\nE1,First,24.9,60.1\n")
    import_files(workspace, "city", [path])
    with pytest.raises(Conflict, match="tables of yours"):
        _load(workspace, 250)
    assert workspace.store.count_rows("city")["executives"] == 1


def test_an_unknown_sample_names_the_known_ones(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="helsinki, metropolis"):
        load_sample(workspace, "atlantis", "city")
