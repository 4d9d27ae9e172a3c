"""Travel stays in memory until the files it was made from are replaced."""

import os
from pathlib import Path

from api.usecases.kept_travel import KeptTravel
from data.travel import estimated_travel
from territory.travel import TravelTimes


def make() -> TravelTimes:
    return estimated_travel("car")


def test_travel_is_made_once_and_again_when_its_source_is_replaced(tmp_path: Path) -> None:
    source = tmp_path / "roads"
    kept = KeptTravel()
    absent = kept.get(("m", "car"), [source], make)
    assert kept.get(("m", "car"), [source], make) is absent
    source.write_text("one")
    present = kept.get(("m", "car"), [source], make)
    assert present is not absent
    assert kept.get(("m", "car"), [source], make) is present
    other = tmp_path / "new"
    other.write_text("two")
    os.replace(other, source)
    assert kept.get(("m", "car"), [source], make) is not present


def test_the_one_asked_for_longest_ago_is_let_go() -> None:
    kept = KeptTravel(most=2)
    a, b = (kept.get((name, "car"), [], make) for name in "ab")
    assert kept.get(("a", "car"), [], make) is a
    kept.get(("c", "car"), [], make)
    assert kept.get(("a", "car"), [], make) is a
    assert kept.get(("b", "car"), [], make) is not b
