"""The worlds that acceptance tests share, each made once."""

from collections.abc import Iterator

import pytest

from tests.acceptance.worlds import CITY, World, load_city, make_plans, open_workspace


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The small city with every plan made. Tests must not change its tables."""
    workspace = open_workspace(tmp_path_factory.mktemp("city"))
    load_city(workspace)
    yield World(workspace=workspace, market=CITY, plans=make_plans(workspace, CITY))
    workspace.store.close()
