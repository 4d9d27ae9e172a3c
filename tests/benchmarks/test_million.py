"""The generated networks: as large as asked for, the same each time, and parted as real ones."""

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.million import generated_network
from data.roads import RoadNetwork


@pytest.fixture(scope="module")
def towns() -> RoadNetwork:
    return generated_network(20_000, seed=3)


def test_it_is_one_piece_of_about_the_size_asked_for(towns: RoadNetwork) -> None:
    assert towns.component_sizes == (towns.node_count,)
    assert 0.95 * 20_000 <= towns.node_count <= 1.1 * 20_000
    assert 2.3 <= towns.arc_count / towns.node_count <= 2.9  # Porto: 2.4
    assert set(np.unique(towns.arc_class())) == set(range(len(towns.classes)))


def test_a_seed_decides_it(towns: RoadNetwork) -> None:
    assert generated_network(20_000, seed=3).content_hash == towns.content_hash
    assert generated_network(20_000, seed=4).content_hash != towns.content_hash


def test_a_grid_is_whole_and_harder_to_part(towns: RoadNetwork) -> None:
    grid = generated_network(20_000, kind="grid")
    assert grid.node_count == 142 * 142
    assert grid.arc_count == 4 * 142 * 141
    assert _narrowest(grid) > 3 * _narrowest(towns)


def _narrowest(network: RoadNetwork) -> int:
    """Fewest streets between the western and the eastern quarter of the nodes."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import maximum_flow

    place: NDArray[np.int64] = np.argsort(np.argsort(network.lonlat[:, 0]))
    quarter = network.node_count // 4
    group = np.where(place < quarter, 0, np.where(place >= 3 * quarter, 1, place + 2))
    pairs = np.unique(np.sort(np.column_stack([network.tail, network.head])), axis=0)
    ends = group[pairs]
    ends = ends[ends[:, 0] != ends[:, 1]]
    both = np.concatenate([ends, ends[:, ::-1]])
    size = int(group.max()) + 1
    capacity = coo_array((np.ones(len(both), dtype=np.int32), both.T), shape=(size, size))
    return int(maximum_flow(capacity.tocsr(), 0, 1).flow_value)
