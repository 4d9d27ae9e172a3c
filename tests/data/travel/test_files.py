"""Kept hierarchies: taken only for their own network, whole, and never a reason to fail."""

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from data.roads import read_network, save_network
from data.travel import files
from data.travel.cch import Hierarchy, HierarchyTooLarge
from data.travel.files import load_hierarchy, open_travel, prepare_travel, save_hierarchy
from territory.errors import Infeasible
from tests.data.roads.small import write_osm

NETWORK = "ab" * 32
SPOTS = {1: (0, 0), 2: (2, 0), 3: (2, 2), 4: (0, 2), 5: (4, 2)}
WAYS = [
    ([1, 2, 3, 4, 1], {"highway": "residential"}),
    ([2, 4], {"highway": "primary"}),
    ([3, 5], {"highway": "service"}),
]


def small_hierarchy() -> Hierarchy:
    """Two states, one arc up and none down."""
    return Hierarchy(
        rank=np.array([1, 0], dtype=np.int32),
        parent=np.array([1, -1], dtype=np.int32),
        up_first=np.array([0, 1, 1], dtype=np.int64),
        up_head=np.array([1], dtype=np.int32),
        down_first=np.zeros(3, dtype=np.int64),
        down_tail=np.empty(0, dtype=np.int32),
        turn_arc=np.array([0, 0], dtype=np.int32),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_hierarchy(small_hierarchy().arrays(), tmp_path, network_hash=NETWORK)
    return tmp_path


def load(folder: Path, network_hash: str = NETWORK) -> Hierarchy | None:
    return load_hierarchy(folder, network_hash=network_hash, take=Hierarchy.from_arrays)


def test_a_kept_hierarchy_comes_back_equal(folder: Path) -> None:
    again = load(folder)
    assert again is not None
    for name, values in small_hierarchy().arrays().items():
        other = again.arrays()[name]
        assert other.dtype == values.dtype
        assert other.tolist() == values.tolist()


def test_its_arrays_are_of_the_kind_that_compiled_code_was_compiled_for(folder: Path) -> None:
    """Compiled anew for read-only arrays it would cost seconds; writing changes no file."""
    again = load(folder)
    assert again is not None
    assert all(values.flags.writeable for values in again.arrays().values())
    assert all(values.flags.aligned for values in again.arrays().values())
    again.rank[0] = 7
    fresh = load(folder)
    assert fresh is not None
    assert fresh.rank.tolist() == [1, 0]


def test_none_kept_is_none(tmp_path: Path) -> None:
    assert load(tmp_path) is None
    assert load(tmp_path / "never made") is None


def test_that_of_another_network_is_not_taken_and_no_damage(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert load(folder, "cd" * 32) is None
    assert caplog.text == ""


def test_saving_for_another_network_takes_its_place(folder: Path) -> None:
    save_hierarchy(small_hierarchy().arrays(), folder, network_hash="cd" * 32)
    assert load(folder) is None
    assert load(folder, "cd" * 32) is not None
    assert len(list(folder.iterdir())) == 2


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [cut_short, empty, flip_a_bit, Path.unlink])
@pytest.mark.parametrize("name", ["rank.npy", "up_head.npy", "down_tail.npy"])
def test_damage_means_building_it_again_and_is_logged(
    folder: Path,
    name: str,
    damage: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    (inside,) = (path for path in folder.iterdir() if path.is_dir())
    damage(inside / name)
    assert load(folder) is None
    assert "rebuild_hierarchy" in caplog.text
    assert name in caplog.text


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"folder": "..", "files": {}, "facts": {}}'])
def test_a_spoilt_pointer_means_building_it_again(folder: Path, text: str) -> None:
    (folder / "hierarchy.about.json").write_text(text)
    assert load(folder) is None


def test_an_older_format_means_building_it_again(folder: Path) -> None:
    pointer = folder / "hierarchy.about.json"
    said = json.loads(pointer.read_text())
    said["facts"]["format"] = 0
    pointer.write_text(json.dumps(said))
    assert load(folder) is None


def test_arrays_that_are_refused_mean_building_it_again(folder: Path) -> None:
    def refuse(_arrays: dict[str, NDArray[Any]]) -> Hierarchy:
        raise ValueError("the tree has two parents")

    assert load_hierarchy(folder, network_hash=NETWORK, take=refuse) is None
    assert load_hierarchy(folder, network_hash=NETWORK, take=lambda arrays: arrays["no"]) is None


def test_two_processes_that_save_at_once_leave_one_whole_hierarchy(folder: Path) -> None:
    code = """
        import sys
        from pathlib import Path
        from data.travel.cch import Hierarchy
        from data.travel.files import load_hierarchy, save_hierarchy
        folder, network = Path(sys.argv[1]), sys.argv[2]
        for _ in range(20):
            kept = load_hierarchy(folder, network_hash=network, take=Hierarchy.from_arrays)
            assert kept is not None
            save_hierarchy(kept.arrays(), folder, network_hash=network)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(folder), NETWORK]
    both = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    again = load(folder)
    assert again is not None
    assert again.rank.tolist() == [1, 0]


def test_a_hierarchy_built_for_an_answer_is_there_at_the_next_start(tmp_path: Path) -> None:
    network = read_network(write_osm(tmp_path / "square.osm", SPOTS, WAYS), "car")
    save_network(network, tmp_path / "kept")
    first = open_travel(tmp_path / "kept", "car")
    assert first.engines.hierarchy is None
    built = first.hierarchy()
    second = open_travel(tmp_path / "kept", "car")
    assert second.engines.hierarchy is not None
    for name, values in built.arrays().items():
        np.testing.assert_array_equal(second.hierarchy().arrays()[name], values)
    points = network.lonlat
    one, other = first.block(points, points), second.block(points, points)
    np.testing.assert_array_equal(one.seconds, other.seconds)
    np.testing.assert_array_equal(one.meters, other.meters)


def test_a_hierarchy_that_cannot_be_kept_does_not_cost_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    network = read_network(write_osm(tmp_path / "square.osm", SPOTS, WAYS), "car")
    save_network(network, tmp_path / "kept")
    travel = open_travel(tmp_path / "kept", "car")

    def full(*_: object, **__: object) -> None:
        raise Infeasible("The disk is full.")

    monkeypatch.setattr(files, "save_hierarchy", full)
    assert travel.hierarchy().state_count == network.arc_count
    assert "keep_hierarchy" in caplog.text


def test_preparing_travel_builds_once_and_says_when_it_is_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = read_network(write_osm(tmp_path / "square.osm", SPOTS, WAYS), "car")
    folder = tmp_path / "kept"

    def too_large(*_: object, **__: object) -> Hierarchy:
        raise HierarchyTooLarge("9 GB would be needed.")

    with monkeypatch.context() as patched:
        patched.setattr("data.travel.cch.build.build_hierarchy", too_large)
        said: list[str] = []
        assert not prepare_travel(folder, network, progress=lambda text, _: said.append(text))
        assert "9 GB" in said[-1]
    assert prepare_travel(folder, network)
    before = (folder / "hierarchy.about.json").stat().st_mtime_ns
    assert prepare_travel(folder, network)
    assert (folder / "hierarchy.about.json").stat().st_mtime_ns == before
