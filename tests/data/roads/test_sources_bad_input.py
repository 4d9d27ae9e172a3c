"""Bad files: each is refused in words that name it, and none brings the process down."""

import bz2
import gzip
import os
import random
import stat
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import networkx
import pytest

from data.roads import RoadSource, look_at, read_network
from data.roads.extracts import helsinki_pbf
from territory.errors import InputError, NotFound
from tests.data.roads.small import STEP, write_osm

STREET = {"highway": "residential"}
SQUARE = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1)}
AROUND = [([1, 2, 3, 4, 1], STREET)]


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def in_another_process(paths: list[Path]) -> list[str]:
    """What ``read_network`` says of each file: the error's class and words, or "read".

    A crash of a native library would end the process and fail the test with its signal.
    """
    code = """
        import sys
        from pathlib import Path
        from data.roads import read_network
        from territory.errors import FieldwrightError
        for name in sys.argv[1:]:
            try:
                read_network(Path(name), "car")
                print("read")
            except FieldwrightError as error:
                print(type(error).__name__, str(error).replace("\\n", " "))
    """
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-2000:]
    said = done.stdout.splitlines()
    assert len(said) == len(paths)
    return said


def osm(inside: str, *, start: str = "<?xml version='1.0'?>") -> bytes:
    return f'{start}<osm version="0.6">{inside}</osm>'.encode()


NODES = "".join(
    f'<node id="{node}" lon="{east * STEP}" lat="{north * STEP}" version="1"/>'
    for node, (east, north) in SQUARE.items()
)


def way(refs: list[object], number: object = 1) -> str:
    points = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    return f'<way id="{number}" version="1">{points}<tag k="highway" v="residential"/></way>'


def test_a_pbf_cut_at_any_length_is_refused_or_read_but_never_crashes(tmp_path: Path) -> None:
    whole = helsinki_pbf().read_bytes()
    draw = random.Random(7)
    lengths = [
        1,
        3,
        4,
        5,
        14,
        15,
        40,
        200,
        *draw.sample(range(300, len(whole)), 12),
        len(whole) - 1,
    ]
    paths = [
        written(tmp_path / f"cut_{length}.osm.pbf", whole[:length]) for length in sorted(lengths)
    ]
    for path, said in zip(paths, in_another_process(paths), strict=True):
        assert said.startswith(f"InputError {path.name}"), said


def test_a_pbf_with_garbage_in_it_is_refused_or_read_but_never_crashes(tmp_path: Path) -> None:
    whole = helsinki_pbf().read_bytes()
    draw = random.Random(8)
    paths = []
    for number in range(12):
        spoilt = bytearray(whole)
        start = draw.randrange(20, len(whole) - 400)
        spoilt[start : start + 40] = draw.randbytes(40)
        paths.append(written(tmp_path / f"spoilt_{number}.osm.pbf", bytes(spoilt)))
    header = b"\x00\x00\x00\x0d\n\tOSMHeader\x18\x20"
    paths.append(written(tmp_path / "header_then_garbage.osm.pbf", header + draw.randbytes(5_000)))
    for path, said in zip(paths, in_another_process(paths), strict=True):
        assert said == "read" or (said.startswith("InputError") and path.name in said), said
    assert "read" not in in_another_process(paths[-1:])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.osm.pbf", b"", "is empty: 0 bytes"),
        ("hello.osm", b"hello", "not an OpenStreetMap file"),
        ("map.gpkg", b"SQLite format 3\x00" + bytes(100), "a GeoPackage"),
        ("page.osm.pbf", b"<!DOCTYPE html><html><body>404</body></html>", "a web page"),
        ("page.osm", b"\n <html><p>quota</p></html>", "a web page"),
        ("roads.parquet", b"PAR1" + bytes(100), "a Parquet file"),
        ("roads.geojson", b'{"type": "FeatureCollection"}', "a JSON file"),
        ("change.osc", b"<?xml version='1.0'?><osmChange/>", "a file of changes"),
        ("kml.osm", b"<?xml version='1.0'?><kml/>", "not an OpenStreetMap file"),
        ("wide.osm", "<?xml version='1.0'?><osm/>".encode("utf-16"), "not an OpenStreetMap file"),
        ("page.osm.gz", gzip.compress(b"<html></html>"), "a web page"),
        ("tar.osm.bz2", bz2.compress(bytes(2000)), "not an OpenStreetMap file"),
        ("graph.osm.gz", gzip.compress(b"<graphml/>"), "packed, but no OpenStreetMap XML"),
        ("nothing.osm.gz", gzip.compress(b""), "is empty when unpacked"),
        ("short.osm.gz", gzip.compress(osm(NODES))[:-9], "cannot be unpacked to its end"),
        ("short.osm.bz2", bz2.compress(osm(NODES))[:-9], "cannot be unpacked to its end"),
        ("bad.osm.bz2", b"BZh9" + bytes(99), "cannot be unpacked to its end"),
        ("bad.osm.gz", b"\x1f\x8b\x08" + bytes(99), "cannot be unpacked to its end"),
        ("bad.graphml", b"<graphml>", "cannot be read"),
    ],
)
def test_what_is_no_extract_is_named_for_what_it_is(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = written(tmp_path / name, content)
    with pytest.raises(InputError, match=rf"(?s){name.replace('.', '[.]')}.*{words}") as error:
        read_network(path, "car")
    assert error.value.faults


def test_a_zip_is_told_to_be_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "porto.osm.pbf"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("porto.osm", "<osm/>")
    with pytest.raises(InputError, match=r"a zip archive.*Unpack it"):
        read_network(path, "car")


def test_a_folder_and_a_pipe_are_no_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"{tmp_path.name} is a folder"):
        read_network(tmp_path, "car")
    os.mkfifo(tmp_path / "pipe.osm.pbf")
    with pytest.raises(InputError, match="no ordinary file"):
        read_network(tmp_path / "pipe.osm.pbf", "car")


def test_a_file_that_is_gone_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"gone\.osm"):
        read_network(tmp_path / "gone.osm", "car")


def test_a_file_that_may_not_be_read_says_why(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "shut.osm", SQUARE, AROUND)
    path.chmod(0)
    if os.access(path, os.R_OK):  # root may read everything; a disk that fails stops root as well
        path = Path("/proc/self/mem")
        if not path.exists():
            pytest.skip("runs as root on a system without /proc")
    with pytest.raises(InputError, match=f"{path.name} cannot be opened: .*permissions"):
        read_network(path, "car")
    (tmp_path / "shut.osm").chmod(stat.S_IRUSR | stat.S_IWUSR)


def test_a_packed_bomb_is_refused_without_being_unpacked_into_memory(tmp_path: Path) -> None:
    start = osm(NODES).removesuffix(b"</osm>")
    blank = b" " * (1 << 20)
    path = tmp_path / "bomb.osm.gz"
    with gzip.open(path, "wb", compresslevel=9) as stream:
        stream.write(start)
        for _ in range(120):
            stream.write(blank)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(InputError, match=r"bomb[.]osm[.]gz is packed .* times"):
        read_network(path, "car")


def entities(levels: int) -> str:
    tenfold = [f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, levels)]
    return "\n".join(['<!ENTITY e0 "lol">', *tenfold])


def test_entities_that_expand_or_reach_outside_are_refused(tmp_path: Path) -> None:
    """Also behind a comment so long that a look at the file's beginning does not see them."""
    comment = f"<!-- {'x' * 10_000} -->"
    hidden = f"<?xml version='1.0'?>{comment}"
    secret = written(tmp_path / "secret.txt", b"secret words")
    laughs = f"<!DOCTYPE osm [{entities(9)}]>"
    outside = f'<!DOCTYPE osm [<!ENTITY e8 SYSTEM "{secret.as_uri()}">]>'
    tagged = f'{NODES}<way id="1" version="1"><nd ref="1"/><nd ref="2"/><nd ref="1"/>'
    tagged += '<tag k="highway" v="residential"/><tag k="name" v="{}"/></way>'
    paths = []
    for label, kind in (("laughs", laughs), ("outside", outside)):
        plain = osm(tagged.format("&e8;"), start=f"<?xml version='1.0'?>{kind}")
        buried = plain.replace(b"<?xml version='1.0'?>", f"<osm>{hidden[21:]}".encode(), 1)
        paths.append(written(tmp_path / f"{label}.osm", plain))
        paths.append(written(tmp_path / f"{label}_buried.osm", buried))
        packed = osm(tagged.format("&e8;"), start=f"<?xml version='1.0'?>{comment}{kind}")
        paths.append(written(tmp_path / f"{label}_late.osm.gz", gzip.compress(packed)))
        graph = f"<?xml version='1.0'?><!-- <graphml -->{comment}{kind}<graphml>&e8;</graphml>"
        paths.append(written(tmp_path / f"{label}.graphml", graph.encode()))
    for path, said in zip(paths, in_another_process(paths), strict=True):
        assert said.startswith("InputError"), said
        assert path.name in said
        assert "secret words" not in said


def beside(lon: str, lat: str) -> str:
    return NODES + f'<node id="5" lon="{lon}" lat="{lat}" version="1"/>'


@pytest.mark.parametrize(("lon", "lat"), [("NaN", "0"), ("0", "inf"), ("", ""), ("1,5", "0")])
def test_a_coordinate_that_is_no_number_is_refused(tmp_path: Path, lon: str, lat: str) -> None:
    path = written(tmp_path / "strange.osm", osm(beside(lon, lat) + way([1, 2, 3, 4, 1])))
    with pytest.raises(InputError, match=r"strange\.osm cannot be read to its end.*coordinate"):
        read_network(path, "car")


@pytest.mark.parametrize(("lon", "lat"), [("200", "0"), ("0", "-91")])
def test_a_node_off_the_globe_is_left_out_as_if_it_were_missing(
    tmp_path: Path, lon: str, lat: str
) -> None:
    there = osm(beside(lon, lat) + way([1, 2, 3, 4, 1]) + way([1, 5], 2))
    network = read_network(written(tmp_path / "strange.osm", there), "car")
    assert abs(network.line_lonlat).max() < 1
    assert set(network.line_way_id.tolist()) == {1}


def test_odd_ways_and_ids_never_crash(tmp_path: Path) -> None:
    cases = {
        "one_point": NODES + way([1]),
        "no_point": NODES + way([]),
        "same_point": NODES + way([1, 1, 1]),
        "huge_way_id": NODES + way([1, 2, 3, 4, 1], 10**30),
        "huge_ref": NODES + way([1, 2, 10**30]),
        "huge_node_id": f'<node id="{10**25}" lon="0" lat="0"/>' + NODES + way([1, 2]),
        "word_for_id": '<node id="one" lon="0" lat="0"/>' + NODES + way([1, 2]),
        "missing_nodes": way([11, 12, 13]),
        "nul": NODES + way([1, 2]).replace("residential", "&#0;"),
        "not_utf8": NODES + way([1, 2]),
        "unclosed": NODES + "<way id='1'>",
        "deep": "<a>" * 100_000,
        "long_tag": NODES + way([1, 2, 1]).replace("residential", "x" * 70_000),
        "only_nodes": NODES,
        "nothing": "",
    }
    paths = [written(tmp_path / f"{label}.osm", osm(text)) for label, text in cases.items()]
    spoilt = tmp_path / "not_utf8.osm"
    spoilt.write_bytes(spoilt.read_bytes().replace(b"residential", b"\xff\xfe\xfa"))
    for path, said in zip(paths, in_another_process(paths), strict=True):
        assert said.startswith("InputError"), (path.name, said)
        assert path.name in said


def test_negative_missing_and_largest_ids_are_read(tmp_path: Path) -> None:
    """Editors write negative ids, or none, for what is not uploaded yet."""
    far = 2**62
    nodes = NODES.replace('id="1"', 'id="-1"').replace('id="2"', f'id="{far}"')
    loop = way([-1, far, 3, 4, -1])
    paths = [
        written(tmp_path / "far.osm", osm(nodes + loop)),
        written(tmp_path / "none.osm", osm('<node lon="0" lat="0"/>' + nodes + loop)),
    ]
    assert in_another_process(paths) == ["read", "read"]


def test_duplicate_nodes_are_one_node(tmp_path: Path) -> None:
    path = written(tmp_path / "twice.osm", osm(NODES + NODES + way([1, 2, 3, 4, 1])))
    plain = write_osm(tmp_path / "twice_not.osm", SQUARE, AROUND)
    twice, once = read_network(path, "car"), read_network(plain, "car")
    assert twice.deciseconds.tolist() == once.deciseconds.tolist()


def test_ways_before_their_nodes_are_told_to_be_sorted(tmp_path: Path) -> None:
    path = written(tmp_path / "unsorted.osm", osm(way([1, 2, 3, 4, 1]) + NODES))
    with pytest.raises(InputError, match=r"(?s)ways before their nodes.*osmium sort"):
        read_network(path, "car")


def test_ids_out_of_order_are_read_all_the_same(tmp_path: Path) -> None:
    spots = dict(sorted(SQUARE.items(), reverse=True))
    path = write_osm(tmp_path / "reverse.osm", spots, AROUND)
    plain = write_osm(tmp_path / "sorted.osm", SQUARE, AROUND)
    one, other = read_network(path, "car"), read_network(plain, "car")
    assert sorted(one.node_osm_id.tolist()) == sorted(other.node_osm_id.tolist())


def test_a_file_without_a_road_and_roads_that_never_connect_say_so(tmp_path: Path) -> None:
    houses = write_osm(tmp_path / "houses.osm", SQUARE, [([1, 2], {"building": "yes"})])
    with pytest.raises(InputError, match=r"houses\.osm holds no road for car"):
        read_network(houses, "car")
    away = write_osm(tmp_path / "away.osm", SQUARE, [([1, 2], {**STREET, "oneway": "yes"})])
    with pytest.raises(InputError, match=r"(?s)'away'.*driven round.*larger extract"):
        read_network(away, "car")


@pytest.mark.parametrize("place", [(float("nan"), 0.0), (500_000.0, 0.0), ("1", "2"), (None, None)])
def test_a_graph_whose_nodes_lie_nowhere_names_them(place: tuple[object, object]) -> None:
    graph: networkx.MultiDiGraph[int] = networkx.MultiDiGraph(crs="epsg:4326")
    graph.add_node(7, x=0.0, y=0.0)
    graph.add_node(8, x=place[0], y=place[1])
    graph.add_edge(7, 8, highway="residential", length=10.0)
    graph.add_edge(8, 7, highway="residential", length=10.0)
    with pytest.raises(InputError, match=r"(?s)1 nodes.*node 8"):
        read_network(RoadSource(graph=graph), "car")


def test_strange_lengths_and_times_of_a_graph_are_measured_anew() -> None:
    graph: networkx.MultiDiGraph[int] = networkx.MultiDiGraph(crs="epsg:4326")
    graph.add_node(7, x=0.0, y=0.0)
    graph.add_node(8, x=STEP, y=0.0)
    for tail, head, number in ((7, 8, float("nan")), (8, 7, -5.0)):
        graph.add_edge(
            tail, head, highway="residential", length=number, travel_time=number, osmid=10**30
        )
    network = read_network(RoadSource(graph=graph), "car")
    assert network.decimeters.tolist() == [1112, 1112]
    assert network.deciseconds.min() > 100
    assert network.line_way_id.tolist() == [0]


def test_a_pbf_block_may_not_claim_more_than_the_format_allows(tmp_path: Path) -> None:
    header = b"\n\tOSMHeader\x18\x08"
    blob = b"\x10\xff\xff\xff\xff\x07\x1a\x00"  # raw_size 2 GB, no data
    path = written(tmp_path / "claims.osm.pbf", b"\x00\x00\x00\x0d" + header + blob)
    with pytest.raises(InputError, match="block 1 says it holds 2,147,483,647 bytes"):
        look_at(path)
