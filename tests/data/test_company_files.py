"""Companies in Parquet files: the same score as from the table, and what a file may be like."""

import numpy as np
import pandas as pd
import pytest

from data.company_files import open_company_files
from territory.errors import InputError
from territory.market import Market, MarketSettings
from territory.survey import per_unit
from territory.units import build_units
from tests.territory.strip import TODAY, units_of
from tests.territory.test_parts import crowded, without_companies


def written(world, folder, *, files=3, rows_in_group=170):
    frame = world.tables["companies"]
    for number, places in enumerate(np.array_split(np.arange(len(frame)), files)):
        frame.iloc[places].to_parquet(
            folder / f"part-{number}.parquet", row_group_size=rows_in_group
        )
    return folder


def test_files_give_the_facts_that_the_table_gives(tmp_path):
    world = crowded()
    companies = open_company_files([written(world, tmp_path)])
    assert companies.rows == len(world.tables["companies"])
    assert len(companies.parts) > 15
    found = per_unit(without_companies(world), units_of(world), companies=companies.parts)
    whole = per_unit(world, units_of(world))
    pd.testing.assert_frame_equal(found, whole, check_exact=True)
    assert found.attrs["doubts"] == whole.attrs["doubts"]
    assert found.attrs["notes"] == whole.attrs["notes"]


def test_files_give_the_cells_that_the_table_gives(tmp_path):
    world = crowded()
    settings = MarketSettings(title="t", today=TODAY, unit_kind="h3")
    cells = Market(name="m", settings=settings, tables=world.tables)
    companies = open_company_files([written(world, tmp_path, files=1)])
    found = build_units(without_companies(cells), companies=companies.parts)
    whole = build_units(cells)
    assert found.ids == whole.ids
    assert found.names == whole.names
    assert found.resolution == whole.resolution


def test_columns_are_matched_by_alias_and_texts_may_be_dictionaries_or_absent(tmp_path):
    pd.DataFrame(
        {
            "ID": ["00123", "=cmd()"],
            "Longitude": np.array([0.005, 0.015], dtype=np.float32),
            "Latitude": [0.004, 95.0],
            "kind": pd.Categorical(["shop", None]),
            "Consumption": [7, 9],
            "note": ["unused", ""],
        }
    ).to_parquet(tmp_path / "one.parquet")
    companies = open_company_files([tmp_path / "one.parquet"])
    world = crowded(300)
    facts = per_unit(without_companies(world), units_of(world), companies=companies.parts)
    assert facts["companies"].tolist() == [1, 0, 0]
    assert facts["consumption"].tolist() == [7, 0, 0]
    assert any(
        "1 companies with 9 of consumption lie outside every unit" in note and "=cmd()" in note
        for note in facts.attrs["notes"]
    )


def test_what_is_wrong_is_said_of_all_files_at_once(tmp_path):
    (tmp_path / "a.parquet").write_text("no parquet")
    pd.DataFrame({"lon": ["east"], "lat": [1.0]}).to_parquet(tmp_path / "b.parquet")
    pd.DataFrame({"lon": [1.0]}).to_parquet(tmp_path / "c.parquet")
    with pytest.raises(InputError) as told:
        open_company_files([tmp_path])
    said = [(fault.file, fault.column, fault.expected[:14]) for fault in told.value.faults]
    assert said == [
        ("a.parquet", "", "a Parquet file"),
        ("b.parquet", "lon", "numbers"),
        ("c.parquet", "lat", "a column of th"),
    ]
    with pytest.raises(InputError, match="no company files"):
        open_company_files([tmp_path / "absent.parquet"])


def test_the_hash_is_of_the_bytes(tmp_path):
    pd.DataFrame({"lon": [1.0], "lat": [1.0]}).to_parquet(tmp_path / "a.parquet")
    first = open_company_files([tmp_path]).content_hash()
    assert open_company_files([tmp_path / "a.parquet"]).content_hash() == first
    pd.DataFrame({"lon": [2.0], "lat": [1.0]}).to_parquet(tmp_path / "a.parquet")
    assert open_company_files([tmp_path]).content_hash() != first
