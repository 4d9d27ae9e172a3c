"""One network from any source; its cache, progress, forecast and exchangeable reader."""

import bz2
import gzip
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import osmnx
import pytest
import requests
from osmnx._errors import InsufficientResponseError, ResponseStatusCodeError

from data.roads import (
    RoadNetwork,
    RoadSource,
    forecast_of,
    look_at,
    network_hash,
    read_network,
)
from data.roads.extracts import helsinki_pbf
from data.roads.forecast import free_megabytes, refuse_too_big
from data.roads.intake import Intake
from data.roads.osm import Progress
from data.roads.profile import Profile, profile_for
from territory.errors import Infeasible, InputError, MissingPart, NotFound
from tests.data.roads.small import STEP, write_osm

#   4 --- 3 --- 7
#   |     |     |
#   1 --- 2 --- 8      two squares side by side; every corner but 1, 4, 7, 8 is a junction
SPOTS = {1: (0, 0), 2: (2, 0), 3: (2, 2), 4: (0, 2), 7: (4, 2), 8: (4, 0)}
WAYS = [
    ([1, 2, 8], {"highway": "residential", "name": "South Street"}),
    ([4, 3, 7], {"highway": "residential", "name": "North Street"}),
    ([1, 4], {"highway": "primary"}),
    ([2, 3], {"highway": "tertiary", "oneway": "yes"}),
    ([8, 7], {"highway": "secondary"}),
]


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return write_osm(tmp_path / "town.osm", SPOTS, WAYS)


def as_pbf(path: Path) -> Path:
    import osmium

    target = path.with_suffix(".osm.pbf")
    with osmium.SimpleWriter(str(target), overwrite=True) as writer:
        for found in osmium.FileProcessor(str(path)):
            writer.add(found)
    return target


def as_gz(path: Path) -> Path:
    target = path.with_suffix(".osm.gz")
    target.write_bytes(gzip.compress(path.read_bytes()))
    return target


def as_bz2(path: Path) -> Path:
    target = path.with_suffix(".osm.bz2")
    target.write_bytes(bz2.compress(path.read_bytes()))
    return target


def as_nameless(path: Path) -> Path:
    target = path.with_name("download")
    target.write_bytes(as_pbf(path).read_bytes())
    return target


@pytest.mark.parametrize("pack", [as_pbf, as_gz, as_bz2, as_nameless])
@pytest.mark.parametrize("mode", ["car", "foot"])
def test_every_kind_of_file_gives_the_same_network(
    town: Path, pack: Callable[[Path], Path], mode: Any
) -> None:
    plain = read_network(town, mode)
    packed = read_network(pack(town), mode)
    assert plain.content_hash == packed.content_hash
    assert plain.name == "town"


def arcs_of(network: RoadNetwork) -> list[tuple[int, ...]]:
    ids = network.node_osm_id
    columns = (ids[network.tail], ids[network.head], network.deciseconds, network.decimeters)
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def turns_of(network: RoadNetwork) -> list[tuple[int, ...]]:
    ids = network.node_osm_id
    before = np.repeat(np.arange(network.arc_count), np.diff(network.turn_first))
    spots = (network.tail[before], network.head[before], network.head[network.turn_arc])
    columns: list[Any] = [*(ids[spot] for spot in spots), network.turn_deciseconds]
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def test_graphml_and_a_graph_in_hand_give_the_same_arcs_and_turns(
    town: Path, tmp_path: Path
) -> None:
    network = read_network(town, "car")
    graph = network.to_osmnx()
    osmnx.save_graphml(graph, tmp_path / "town.graphml")
    for source in (RoadSource(graph=graph), RoadSource(path=tmp_path / "town.graphml")):
        again = read_network(source, "car")
        assert arcs_of(again) == arcs_of(network)
        assert turns_of(again) == turns_of(network)


@dataclass
class Heard:
    """What a progress callback was told."""

    said: list[str]
    shares: list[float]

    def __call__(self, message: str, fraction: float) -> None:
        self.said.append(message)
        self.shares.append(fraction)


def test_progress_rises_through_the_whole_build_and_begins_with_the_forecast() -> None:
    heard = Heard([], [])
    read_network(helsinki_pbf(), "car", progress=heard)
    assert heard.shares == sorted(heard.shares)
    assert heard.shares[0] == 0
    assert heard.shares[-1] == 1
    assert any(0.05 < share < 0.9 for share in heard.shares)
    assert "MB are free" in heard.said[0]
    assert "nodes" in heard.said[-1]


@pytest.mark.parametrize("country", ["", "MT"])
def test_the_second_reading_comes_from_the_cache_and_only_for_the_same_question(
    town: Path, tmp_path: Path, country: str
) -> None:
    source = RoadSource(path=town, cache_folder=tmp_path / "kept")
    first = read_network(source, "car", country=country)
    heard = Heard([], [])
    second = read_network(source, "car", country=country, progress=heard)
    assert "Read the kept network" in heard.said
    assert second.content_hash == first.content_hash
    slow = replace(profile_for("car"), turn_seconds=99.0)
    for other in ({"country": "FR"}, {"profile": slow}):
        heard = Heard([], [])
        read_network(source, "car", progress=heard, **other)
        assert "Read the kept network" not in heard.said
    town.write_text(town.read_text().replace("residential", "living_street"))
    assert "living_street" in read_network(source, "car", country=country).classes


def test_a_damaged_cache_is_built_again(town: Path, tmp_path: Path) -> None:
    source = RoadSource(path=town, cache_folder=tmp_path / "kept")
    first = read_network(source, "car")
    (folder,) = (tmp_path / "kept").iterdir()
    (damaged,) = folder.glob("car-*/head.npy")
    damaged.write_bytes(b"")
    heard = Heard([], [])
    again = read_network(source, "car", progress=heard)
    assert again.content_hash == first.content_hash
    assert any(said.startswith("Build it again") for said in heard.said)
    assert network_hash(folder) == first.content_hash


def test_a_cache_that_cannot_be_written_does_not_cost_the_network(
    town: Path, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    heard = Heard([], [])
    network = read_network(RoadSource(path=town, cache_folder=blocked), "car", progress=heard)
    assert network.node_count > 0
    assert any("could not be kept" in said for said in heard.said)


class Recorded:
    """A reader that hands out one network and remembers what it was asked."""

    name = "recorded"

    def __init__(self, network: RoadNetwork) -> None:
        self.network = network
        self.asked: list[tuple[str, Profile]] = []

    def read(self, intake: Intake, profile: Profile, *, progress: Progress) -> RoadNetwork:
        progress("Read as recorded", 0.5)
        self.asked.append((intake.kind, profile))
        return self.network


def test_another_reader_takes_the_place_of_ours(town: Path, tmp_path: Path) -> None:
    reader = Recorded(read_network(town, "car"))
    source = RoadSource(path=as_pbf(town), cache_folder=tmp_path / "kept")
    assert read_network(source, "car", reader=reader, country="PT") is reader.network
    assert reader.asked == [("pbf", profile_for("car", "PT"))]
    read_network(source, "car", reader=reader, country="PT")
    assert len(reader.asked) == 1  # the second time it came from the cache


def test_a_profile_of_another_mode_is_refused(town: Path) -> None:
    with pytest.raises(ValueError, match="foot"):
        read_network(town, "car", profile=Profile(mode="foot"))


def test_a_country_changes_the_side_of_the_expensive_turn(town: Path) -> None:
    right, left = (read_network(town, "car", country=country) for country in ("PT", "MT"))
    assert len(turns_of(right)) == len(turns_of(left)) > 0
    assert turns_of(right) != turns_of(left)


def test_a_box_cuts_while_reading(town: Path) -> None:
    west_square = (-STEP, -STEP, 1.5 * STEP, 3 * STEP)
    whole = read_network(town, "foot")
    part = read_network(RoadSource(path=as_pbf(town), bbox=west_square), "foot")
    assert set(whole.node_osm_id.tolist()) >= {2, 3, 7, 8}
    # The ways 1-2-8 and 4-3-7 enter the box and come whole; 2-3 and 8-7 stay outside.
    assert set(part.line_way_id.tolist()) == {1, 2, 3}
    assert part.name == "town"


def test_a_box_beside_the_extract_says_so(town: Path) -> None:
    with pytest.raises(InputError, match="no way inside the box"):
        read_network(RoadSource(path=town, bbox=(50.0, 50.0, 51.0, 51.0)), "car")


def test_a_box_of_an_extract_keeps_its_turn_restrictions(tmp_path: Path) -> None:
    import osmium

    from data.roads.cut import cut_box

    intake = look_at(helsinki_pbf())
    cut = cut_box(intake, (24.93, 60.16, 24.95, 60.17), tmp_path / "cut.osm.pbf")
    kept = [
        relation
        for relation in osmium.FileProcessor(str(cut), osmium.osm.RELATION)
        if relation.tags.get("type") == "restriction"
    ]
    assert len(kept) > 0
    assert look_at(cut).raw_bytes < intake.raw_bytes


def test_the_forecast_covers_what_helsinki_takes_and_grows_with_the_file() -> None:
    intake = look_at(helsinki_pbf())
    forecast = forecast_of(intake)
    assert 100 < forecast.least_megabytes < forecast.peak_megabytes < 1000
    double = forecast_of(
        Intake(path=intake.path, kind="pbf", file_bytes=0, raw_bytes=2 * intake.raw_bytes)
    )
    assert double.peak_megabytes > forecast.peak_megabytes
    assert double.seconds > forecast.seconds


def test_a_file_that_cannot_fit_is_refused_with_numbers_before_it_is_read(town: Path) -> None:
    reader = Recorded(read_network(town, "car"))
    with pytest.raises(Infeasible, match=r"(?s)do not fit.*90 MB are free.*--bbox"):
        read_network(town, "car", reader=reader, free=lambda: 90.0)
    assert reader.asked == []


def test_running_out_of_memory_all_the_same_is_told_with_a_way_out(town: Path) -> None:
    class Greedy(Recorded):
        def read(self, intake: Intake, profile: Profile, *, progress: Progress) -> RoadNetwork:
            raise MemoryError

    with pytest.raises(Infeasible, match=r"(?s)Memory ran out while town\.osm.*--bbox"):
        read_network(town, "car", reader=Greedy(read_network(town, "car")))


def test_cutting_a_box_is_forecast_first_and_may_be_refused_too(town: Path) -> None:
    source = RoadSource(path=town, bbox=(-STEP, -STEP, 1.5 * STEP, 3 * STEP))
    heard = Heard([], [])
    read_network(source, "foot", progress=heard)
    assert heard.said[0].startswith("Reading town.osm should take")
    assert heard.shares == sorted(heard.shares)
    with pytest.raises(Infeasible, match="90 MB are free"):
        read_network(source, "foot", free=lambda: 90.0)


def test_a_tight_fit_is_warned_of(town: Path) -> None:
    intake = look_at(town)
    forecast = forecast_of(intake)
    heard = Heard([], [])
    free = forecast.peak_megabytes * 0.9
    refuse_too_big(intake, forecast, free_megabytes=free, progress=heard)
    assert "Warning" in heard.said[0]
    heard = Heard([], [])
    refuse_too_big(intake, forecast, free_megabytes=10 * free, progress=heard)
    assert "Warning" not in heard.said[0]


def test_free_memory_is_between_nothing_and_what_the_machine_has() -> None:
    import psutil

    assert 0 < free_megabytes() <= psutil.virtual_memory().total / 1e6


# Online, with OSMnx's doors answered here.


@pytest.fixture
def asked(town: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """OSMnx's three doors, answering with the town's graph, or raising what ``answer`` is."""
    state = SimpleNamespace(answer=read_network(town, "car").to_osmnx(), questions=[])

    def door(name: str) -> Callable[..., Any]:
        def answer(question: object, **how: object) -> Any:
            state.questions.append((name, question, how))
            if isinstance(state.answer, Exception):
                raise state.answer
            return state.answer

        return answer

    for name in ("graph_from_place", "graph_from_bbox", "graph_from_polygon"):
        monkeypatch.setattr(osmnx, name, door(name))
    for setting in ("cache_folder", "data_folder", "useful_tags_way"):
        monkeypatch.setattr(osmnx.settings, setting, getattr(osmnx.settings, setting))
    return state


BOX = (-8.65, 41.13, -8.58, 41.18)
WKT = "POLYGON ((-8.65 41.13, -8.58 41.13, -8.58 41.18, -8.65 41.13))"


@pytest.mark.parametrize(
    ("area", "door"),
    [
        ({"place": "Porto, Portugal"}, "graph_from_place"),
        ({"bbox": BOX}, "graph_from_bbox"),
        ({"wkt": WKT}, "graph_from_polygon"),
    ],
)
def test_place_box_and_polygon_are_asked_online(
    asked: SimpleNamespace, town: Path, tmp_path: Path, area: dict[str, Any], door: str
) -> None:
    source = RoadSource(**area, cache_folder=tmp_path / "online")
    network = read_network(source, "car")
    assert arcs_of(network) == arcs_of(read_network(town, "car"))
    ((name, _, how),) = asked.questions
    assert (name, how["network_type"]) == (door, "drive_service")
    assert Path(osmnx.settings.cache_folder) == tmp_path / "online" / "cache"
    assert "oneway:bicycle" in osmnx.settings.useful_tags_way


@pytest.mark.parametrize(
    ("error", "said", "words"),
    [
        (requests.exceptions.ConnectionError("no route"), MissingPart, "cannot be reached.*--pbf"),
        (requests.exceptions.ReadTimeout("slow"), MissingPart, "cannot be reached"),
        (TimeoutError("slow"), MissingPart, "cannot be reached"),
        (ResponseStatusCodeError("429 Too Many Requests"), MissingPart, "refuse.*429"),
        (
            InsufficientResponseError("Nominatim geocoder returned 0 results"),
            NotFound,
            "knows no place 'Nowhere'",
        ),
        (InsufficientResponseError("No data elements"), InputError, "no road in 'Nowhere'"),
        (TypeError("did not geocode to a (Multi)Polygon"), InputError, "no roads for 'Nowhere'"),
    ],
)
def test_what_goes_wrong_online_is_told_in_our_words(
    asked: SimpleNamespace, tmp_path: Path, error: Exception, said: type[Exception], words: str
) -> None:
    asked.answer = error
    with pytest.raises(said, match=f"(?s){words}"):
        read_network(RoadSource(place="Nowhere", cache_folder=tmp_path), "car")


@pytest.mark.parametrize(
    ("wkt", "words"),
    [
        ("POLYGON ((0 0, 1 1", "not WKT"),
        ("POINT (0 0)", "is a Point, not an area"),
        ("POLYGON EMPTY", "not an area"),
        ("POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))", "no valid polygon: Self-intersection"),
        ("POLYGON ((500000 0, 500100 0, 500100 100, 500000 0))", "leaves the globe"),
        ("POLYGON ((0 40, 9 40, 9 49, 0 49, 0 40))", "too large to be fetched"),
    ],
)
def test_an_outline_that_is_none_is_refused_before_anything_is_asked(
    asked: SimpleNamespace, wkt: str, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        read_network(RoadSource(wkt=wkt), "car")
    assert asked.questions == []


@pytest.mark.parametrize(
    "box", [(2.0, 0.0, 1.0, 1.0), (0.0, 1.0, 1.0, 1.0), (0.0, 0.0, 181.0, 1.0), (float("nan"),) * 4]
)
def test_a_box_that_is_none_is_refused(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(InputError, match="no box on the globe"):
        RoadSource(bbox=box)


def test_a_box_as_large_as_a_country_is_not_fetched(asked: SimpleNamespace) -> None:
    with pytest.raises(InputError, match=r"km² is too large.*--pbf"):
        read_network(RoadSource(bbox=(-9.5, 37.0, -6.2, 42.1)), "car")
    assert asked.questions == []


def test_a_source_is_exactly_one() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        RoadSource()
    with pytest.raises(ValueError, match="exactly one"):
        RoadSource(place="Porto", bbox=BOX)
