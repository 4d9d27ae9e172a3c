"""What a company's fields are taken from: reliability, recency, observed before drawn, origins."""

from datetime import date

import numpy as np
import pytest

from territory.errors import NotFound
from territory.survey.resolve import ResolveParams, resolve
from tests.territory.resolve.worlds import LAT, LON, record, town

PHONE = "+358 9 612 6200"


def _two(**cells: tuple[object, object]):
    """One company told by yellow pages (first value) and a visit (second), two years later."""
    old = {name: pair[0] for name, pair in cells.items()}
    new = {name: pair[1] for name, pair in cells.items()}
    listed = {"phone": PHONE, "source_date": date(2024, 1, 1)} | old
    seen = {"phone": PHONE, "source_date": date(2026, 1, 1)} | new
    return town(
        record("yellow_pages", "1", "Ravintola Kappeli", **listed),
        record("visit", "7", "Ravintola Kappeli", **seen),
    )


def test_the_newer_and_more_reliable_word_stands_and_gaps_are_filled_from_the_other():
    found = resolve(_two(income=(100.0, 120.0), employees=(9.0, np.nan)))
    company = found.companies.iloc[0]
    assert (company["income"], company["employees"]) == (120.0, 9.0)
    assert (company["source"], company["source_date"]) == ("visit", date(2026, 1, 1))
    origins = {origin.field: origin for origin in found.origins_of("yellow_pages:1")}
    assert origins["income"].source_record_id == "7"
    assert origins["employees"].source == "yellow_pages"
    assert origins["employees"].source_date == "2024-01-01"
    assert "consumption" not in origins


def test_an_old_visit_loses_to_a_fresh_listing():
    # 0.7 today against 1.0 halved twice (6 years, half-life 3) = 0.25
    frame = _two(income=(100.0, 120.0), source_date=(date(2026, 1, 1), date(2020, 1, 1)))
    assert resolve(frame).companies["income"].tolist() == [100.0]
    patient = ResolveParams(half_life_years=60.0)  # 0.7 against 0.93
    assert resolve(frame, params=patient).companies["income"].tolist() == [120.0]


def test_reliability_is_a_parameter():
    frame = _two(income=(100.0, 120.0), source_date=(date(2026, 1, 1), date(2026, 1, 1)))
    assert resolve(frame).companies["income"].tolist() == [120.0]
    listed = ResolveParams(reliability={"yellow_pages": 1.0, "visit": 0.1, "history": 0.1})
    assert resolve(frame, params=listed).companies["income"].tolist() == [100.0]


def test_a_drawn_cell_gives_way_to_an_observed_one_and_stays_marked_where_it_stands():
    found = resolve(
        _two(
            income=(100.0, 120.0),
            consumption=(np.nan, 50.0),
            synthetic=("", "income;consumption"),
        )
    )
    company = found.companies.iloc[0]
    assert (company["income"], company["consumption"]) == (100.0, 50.0)
    assert company["synthetic"] == "consumption"


def test_longitude_and_latitude_come_from_one_record():
    found = resolve(_two(lat=(LAT, LAT + 0.0001), lon=(LON, LON)))
    assert found.companies[["lon", "lat"]].to_numpy().tolist() == [[LON, LAT + 0.0001]]


def test_a_place_in_the_sea_is_flagged_and_the_place_on_land_is_taken():
    land = [
        f"POLYGON(({LON - 0.01} {LAT - 0.01}, {LON + 0.01} {LAT - 0.01}, "
        f"{LON + 0.01} {LAT + 0.01}, {LON - 0.01} {LAT + 0.01}, {LON - 0.01} {LAT - 0.01}))"
    ]
    frame = town(
        record("yellow_pages", "1", "Ravintola Kappeli", phone=PHONE),
        record("visit", "7", "Ravintola Kappeli", phone=PHONE, north=9_000),
        record("visit", "8", "Hukkunut Laiva", north=9_500),
    )
    found = resolve(frame, land=land)
    assert found.flags[["source_record_id", "reason"]].to_numpy().tolist() == [
        ["7", "lies in the sea or off the map"],
        ["8", "lies in the sea or off the map"],
    ]
    assert found.flags["row"].tolist() == [3, 4]
    company = found.companies.set_index("company_id").loc["yellow_pages:1"]
    assert company["lat"] == pytest.approx(LAT)
    assert len(resolve(frame).flags) == 0


def test_companies_without_any_place_are_set_aside_and_said():
    found = resolve(town(record("visit", "1", "Somewhere", lon=np.nan, lat=np.nan)))
    assert len(found.companies) == 0
    assert found.placeless["company_id"].tolist() == ["visit:1"]
    assert found.flags["reason"].tolist() == ["has no place"]
    assert "1 companies have no place" in " ".join(found.notes)


def test_incomes_a_hundredfold_apart_are_flagged_with_their_rows():
    flags = resolve(_two(income=(100_000.0, 100.0))).flags
    assert flags["row"].tolist() == [2, 3]
    assert set(flags["column"]) == {"income"}
    assert len(resolve(_two(income=(100_000.0, 2_000.0))).flags) == 0


def test_origins_of_an_unknown_company_are_not_found():
    with pytest.raises(NotFound, match="nobody"):
        resolve(_two()).origins_of("nobody")


def test_probabilities_out_of_order_are_refused():
    with pytest.raises(ValueError, match=r"0\.9 <= 0\.5"):
        ResolveParams(match_probability=0.5, review_probability=0.9)
