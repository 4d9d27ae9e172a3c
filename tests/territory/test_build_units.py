"""Units of a market, as its settings ask."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from territory.errors import InputError
from territory.units import build_units, components, locate
from tests.territory.strip import accounts, companies, market, rows, zones


def as_cells(world, resolution=None):
    settings = replace(world.settings, unit_kind="h3", resolution=resolution)
    return replace(world, settings=settings)


def test_zones_are_taken_in_table_order_with_their_names():
    units = build_units(market())
    assert (units.ids, units.names) == (("z0", "z1", "z2"), ("Zone 0", "Zone 1", "Zone 2"))
    assert units.kind == "zones"
    assert [units.neighbours.of(zone).tolist() for zone in range(3)] == [[1], [0, 2], [1]]


def test_cells_cover_all_places_and_are_named_after_their_zone():
    world = as_cells(market(companies=companies([0, 2]), accounts=accounts([1])), 9)
    units = build_units(world)
    places = np.array([[0.005, 0.002], [0.025, 0.002], [0.015, 0.002]])
    where = locate(units, places)
    assert (where >= 0).all()
    assert [units.names[cell].rsplit(" ", 1)[0] for cell in where] == ["Zone 0", "Zone 2", "Zone 1"]
    assert len(set(units.names)) == len(units)
    assert set(components(units.neighbours)) == {0}


def test_cells_stay_on_the_zones_when_the_zones_hold_the_places():
    west_and_east = zones().iloc[[0, 2]].reset_index(drop=True)
    world = as_cells(market(zones=west_and_east, companies=companies([0, 2])), 10)
    units = build_units(world)
    land = shapely.union_all(shapely.from_wkt(west_and_east["geometry"].tolist()))
    assert shapely.intersects(units.polygons, land).all()
    assert set(components(units.neighbours)) == {0, 1}


def test_zones_far_from_the_places_are_no_land():
    elsewhere = zones().iloc[[2]].reset_index(drop=True)
    world = as_cells(market(zones=elsewhere, companies=companies([0, 0, 1])), 9)
    assert set(components(build_units(world).neighbours)) == {0}


def test_homes_among_the_places_are_covered_and_a_far_home_does_not_stretch_the_market():
    def with_home(lon: float):
        home = rows("executives", executive_id=["E"], home_lon=[lon], home_lat=[0.0025])
        spread = companies([0, 2, 1])
        spread.loc[2, "lat"] = 0.03
        return build_units(as_cells(market(companies=spread, executives=home, zones=zones(0)), 9))

    near, far = with_home(0.015), with_home(0.2)
    assert locate(near, np.array([[0.015, 0.0025]]))[0] >= 0
    assert locate(far, np.array([[0.2, 0.0025]])).tolist() == [-1]
    assert len(far) <= len(near)


def test_the_barriers_table_cuts_and_links():
    lines = rows(
        "barriers",
        barrier_id=["river", "bridge"],
        kind=["barrier", "link"],
        geometry=[
            "LINESTRING (0.01 -1, 0.01 1, 0.02 1, 0.02 -1)",
            "LINESTRING (0.005 0.005, 0.015 0.005)",
        ],
    )
    assert components(build_units(market(barriers=lines)).neighbours).tolist() == [0, 0, 1]
    cut = lines[lines["kind"] == "barrier"].reset_index(drop=True)
    assert components(build_units(market(barriers=cut)).neighbours).tolist() == [0, 1, 2]


def test_a_market_without_places_or_zones_is_refused():
    with pytest.raises(InputError, match="no place"):
        build_units(as_cells(market()))
    with pytest.raises(InputError, match="no zones"):
        build_units(market(zones=zones(0)))
