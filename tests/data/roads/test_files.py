"""Kept networks: equal to what was built, whole or not at all, refused when damaged or old."""

import errno
import json
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import pytest

from data.roads import (
    RoadNetwork,
    load_network,
    network_hash,
    network_pointer,
    read_network,
    save_network,
    verify_network,
)
from data.roads import files as network_files
from data.roads.kept import LEFTOVER_SECONDS, Draft, Kept, keep, kept_names, read_kept
from territory.errors import Infeasible, InputError, NotFound
from tests.data.roads.small import write_osm

#   4 --- 3
#   |     |     and a street through the middle of the south side, ending at 5
#   1 -6- 2
SPOTS = {1: (0, 0), 2: (2, 0), 3: (2, 2), 4: (0, 2), 6: (1, 0), 5: (1, -1)}
WAYS = [
    ([1, 6, 2], {"highway": "residential", "name": "South <b>Street</b>"}),
    ([2, 3], {"highway": "primary"}),
    ([3, 4, 1], {"highway": "residential", "name": "Ring"}),
    ([6, 5], {"highway": "service", "name": "=cmd()"}),
]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> RoadNetwork:
    folder = tmp_path_factory.mktemp("source")
    return read_network(write_osm(folder / "square.osm", SPOTS, WAYS), "car")


def only_folder(folder: Path) -> Path:
    (found,) = (path for path in folder.iterdir() if path.is_dir())
    return found


def test_a_kept_network_comes_back_equal_to_the_last_array(
    network: RoadNetwork, tmp_path: Path
) -> None:
    save_network(network, tmp_path)
    again = load_network(tmp_path)
    for name, values in network.arrays().items():
        other = again.arrays()[name]
        assert other.dtype == values.dtype, name
        np.testing.assert_array_equal(other, values, err_msg=name)
    said = ("mode", "name", "attribution", "classes", "names")
    assert [getattr(again, name) for name in said] == [getattr(network, name) for name in said]
    assert again.content_hash == network.content_hash
    verify_network(tmp_path, "car")


def test_its_nodes_and_lines_are_geoparquet_that_geopandas_reads(
    network: RoadNetwork, tmp_path: Path
) -> None:
    save_network(network, tmp_path)
    nodes = geopandas.read_parquet(only_folder(tmp_path) / "nodes.parquet")
    lines = geopandas.read_parquet(only_folder(tmp_path) / "lines.parquet")
    for frame in (nodes, lines):
        assert frame.crs is not None
        assert frame.crs.to_string() == "OGC:CRS84"  # longitude first, as the arrays have it
    assert nodes.geometry.x.tolist() == network.lonlat[:, 0].tolist()
    assert nodes["node_osm_id"].tolist() == network.node_osm_id.tolist()
    assert sorted(lines["name"].astype(str).unique()) == [
        "",
        "=cmd()",
        "Ring",
        "South <b>Street</b>",
    ]
    assert set(lines["class"].astype(str)) == {"residential", "primary", "service"}
    assert lines["line_way_id"].tolist() == network.line_way_id.tolist()
    first = network.line_lonlat[: network.line_offset[1]]
    assert list(lines.geometry[0].coords) == [tuple(point) for point in first.tolist()]


def test_loading_imports_no_heavy_library(network: RoadNetwork, tmp_path: Path) -> None:
    save_network(network, tmp_path)
    code = """
        import sys
        from pathlib import Path
        from data.roads import load_network
        load_network(Path(sys.argv[1]))
        heavy = {"geopandas", "pandas", "shapely", "osmium", "osmnx", "numba"}
        print(sorted(heavy & set(sys.modules)))
    """
    assert run(code, tmp_path).stdout.strip() == "[]"


def test_an_empty_kept_array_comes_back_empty(network: RoadNetwork, tmp_path: Path) -> None:
    assert len(network.closed_why) == 0
    save_network(network, tmp_path)
    again = load_network(tmp_path)
    assert again.closed_lonlat.shape == (0, 2)
    assert again.closed_why.dtype == np.int8


def test_arrays_of_a_loaded_network_cannot_be_changed(network: RoadNetwork, tmp_path: Path) -> None:
    save_network(network, tmp_path)
    again = load_network(tmp_path)
    for name, values in again.arrays().items():
        assert not values.flags.writeable, name


def test_of_several_modes_the_one_asked_for_is_loaded(network: RoadNetwork, tmp_path: Path) -> None:
    save_network(network, tmp_path)
    save_network(replace(network, mode="foot"), tmp_path)
    assert load_network(tmp_path, "foot").mode == "foot"
    assert network_hash(tmp_path, "car") == network.content_hash
    with pytest.raises(NotFound, match="2"):
        load_network(tmp_path)
    with pytest.raises(NotFound, match="bicycle"):
        load_network(tmp_path, "bicycle")


def test_saving_again_replaces_the_old_and_its_pointer(
    network: RoadNetwork, tmp_path: Path
) -> None:
    pointer = save_network(network, tmp_path)
    assert pointer == network_pointer(tmp_path, "car")
    before = pointer.stat()
    save_network(replace(network, name="renewed"), tmp_path)
    assert load_network(tmp_path).name == "renewed"
    after = pointer.stat()
    assert (after.st_ino, after.st_mtime_ns) != (before.st_ino, before.st_mtime_ns)
    assert len(list(tmp_path.iterdir())) == 2  # one pointer, one folder: nothing old is left


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-3] ^= 4
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [cut_short, flip_a_bit, Path.unlink])
@pytest.mark.parametrize("name", ["head.npy", "turn_arc.npy", "nodes.parquet", "lines.parquet"])
def test_any_damage_to_any_file_is_found(
    network: RoadNetwork, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    save_network(network, tmp_path)
    damage(only_folder(tmp_path) / name)
    with pytest.raises(InputError, match=rf"(?s){name.replace('.', '[.]')}.*Build it again"):
        load_network(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"folder": "..", "files": {}, "facts": {}}',
        '{"folder": "x/../..", "files": {}, "facts": {}}',
        '{"folder": "x", "files": {"../a.npy": [1, 2]}, "facts": {}}',
        '{"folder": "x", "files": {"a.npy": 7}, "facts": {}}',
    ],
)
def test_a_pointer_that_is_nonsense_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "car.about.json").write_text(text)
    with pytest.raises(InputError, match="Build it again"):
        load_network(tmp_path, "car")


def test_an_older_format_is_refused(network: RoadNetwork, tmp_path: Path) -> None:
    pointer = save_network(network, tmp_path)
    said = json.loads(pointer.read_text())
    said["facts"]["format"] -= 1
    pointer.write_text(json.dumps(said))
    with pytest.raises(InputError, match="format"):
        load_network(tmp_path)


def test_another_content_under_the_same_hash_is_found_on_demand(
    network: RoadNetwork, tmp_path: Path
) -> None:
    other = replace(network, attribution="somebody else")
    other.__dict__["content_hash"] = network.content_hash
    save_network(other, tmp_path)
    with pytest.raises(InputError, match="not the one that was saved"):
        verify_network(tmp_path)


def test_a_writer_that_fails_leaves_the_old_and_nothing_else(
    network: RoadNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_network(network, tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(network_files, "write_lines", fail)
    with pytest.raises(KeyboardInterrupt):
        save_network(replace(network, name="other"), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert load_network(tmp_path).name == "square"


def test_a_full_disk_is_told_with_numbers_and_leaves_nothing(tmp_path: Path) -> None:
    """A limit on file sizes makes the system refuse the write, as a full disk does."""
    code = """
        import resource, sys
        from pathlib import Path
        import numpy as np
        from data.roads.kept import keep
        from territory.errors import Infeasible
        folder = Path(sys.argv[1]) / "kept"
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        def fill(draft):
            draft.array("small", np.zeros(10_000, dtype=np.int8))
            draft.array("large", np.zeros(1_000_000))
        try:
            keep(folder, "car", facts={}, fill=fill)
        except Infeasible as error:
            print(error)
        print(list(folder.iterdir()))
    """
    said = run(code, tmp_path).stdout
    assert "is full; nothing was written" in said
    assert "0.0 MB were written before it broke off" in said
    assert said.strip().endswith("[]")


def test_a_full_disk_while_the_pointer_is_written_leaves_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_number(tmp_path, 1)

    def full(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        with pytest.raises(Infeasible, match="MB are free now"):
            write_number(tmp_path, 2)
    assert read_number(tmp_path) == 1
    assert len(list(tmp_path.iterdir())) == 2


def write_number(folder: Path, number: int) -> None:
    def fill(draft: Draft) -> None:
        for name in ("one", "two"):
            draft.array(name, np.full(50_000, number))

    keep(folder, "number", facts={"number": number}, fill=fill)


def read_number(folder: Path) -> int:
    def take(kept: Kept) -> int:
        found = {int(kept.facts["number"])}
        for name in ("one", "two"):
            found |= set(np.unique(kept.array(name)).tolist())
        (number,) = found
        return number

    return read_kept(folder, "number", take)


def test_many_writers_and_readers_at_once_never_mix(tmp_path: Path) -> None:
    write_number(tmp_path, 0)
    seen: list[int] = []
    failed: list[BaseException] = []
    rounds = 15

    def guarded(work: Callable[[], object]) -> None:
        try:
            for _ in range(rounds):
                work()
        except BaseException as error:
            failed.append(error)

    writers = [
        threading.Thread(
            target=guarded, args=(lambda number=number: write_number(tmp_path, number),)
        )
        for number in (1, 2, 3)
    ]
    readers = [
        threading.Thread(target=guarded, args=(lambda: seen.append(read_number(tmp_path)),))
        for _ in range(3)
    ]
    for thread in (*writers, *readers):
        thread.start()
    for thread in (*writers, *readers):
        thread.join()
    assert failed == []
    assert len(seen) == 3 * rounds
    assert set(seen) <= {0, 1, 2, 3}
    assert read_number(tmp_path) in (1, 2, 3)


def test_two_processes_that_save_the_same_place_leave_one_whole_network(
    network: RoadNetwork, tmp_path: Path
) -> None:
    save_network(network, tmp_path / "first")
    code = """
        import sys
        from pathlib import Path
        from data.roads import load_network, save_network
        network = load_network(Path(sys.argv[1]) / "first")
        for _ in range(10):
            save_network(network, Path(sys.argv[1]) / "both")
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)]
    processes = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    assert load_network(tmp_path / "both").content_hash == network.content_hash


def test_what_a_dead_writer_left_is_swept_in_time(tmp_path: Path) -> None:
    dead, busy = tmp_path / "number-00dead00", tmp_path / "number-00busy00"
    for folder in (dead, busy):
        folder.mkdir()
    old = dead.stat().st_mtime - LEFTOVER_SECONDS - 1
    os.utime(dead, (old, old))
    write_number(tmp_path, 1)
    assert not dead.exists()
    assert busy.exists()  # perhaps another writer is at work in it
    assert kept_names(tmp_path) == ("number",)


def run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
