"""Targets: those of accounts stand where they are, the rest is split from the top down."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from territory.survey import per_unit
from territory.targets import split_targets
from tests.territory.strip import accounts, companies, market, rows, units_of, zones

YEAR = {"first_date": date(2026, 1, 1), "last_date": date(2026, 12, 31)}


def targets(*given: tuple[str, str, float], **dates: date) -> pd.DataFrame:
    when = YEAR | dates
    return rows(
        "targets",
        subject_kind=[kind for kind, _, _ in given],
        subject_id=[subject for _, subject, _ in given],
        amount=[amount for _, _, amount in given],
        first_date=[when["first_date"]] * len(given),
        last_date=[when["last_date"]] * len(given),
    )


def split(world, *, captured=(0.0, 0.0, 0.0), gap=(1.0, 1.0, 1.0), potential=(1.0, 1.0, 1.0)):
    facts = per_unit(world, units_of(world))
    facts["captured"] = captured
    return split_targets(facts, potential=np.array(potential), gap=np.array(gap)), facts


def test_a_market_target_is_split_by_sales_and_gap():
    target, _ = split(
        market(targets=targets(("market", "strip", 1000.0))),
        captured=(60.0, 40.0, 0.0),
        gap=(0.0, 50.0, 50.0),
    )
    assert target == pytest.approx([1000 * 0.7 * 0.6, 1000 * (0.28 + 0.15), 1000 * 0.15])


def test_without_sales_or_gap_the_potential_decides_and_then_equal_shares():
    world = market(targets=targets(("market", "strip", 90.0)))
    by_potential, _ = split(world, gap=(0.0, 0.0, 0.0), potential=(1.0, 2.0, 0.0))
    assert by_potential == pytest.approx([30, 60, 0])
    equal, _ = split(world, gap=(0.0, 0.0, 0.0), potential=(0.0, 0.0, 0.0))
    assert equal == pytest.approx([30, 30, 30])


def test_account_targets_stay_where_the_account_is_and_the_rest_is_split():
    world = market(
        accounts=accounts([0, 2]),
        targets=targets(
            ("account", "a0", 30.0), ("account", "a1", 20.0), ("market", "strip", 110.0)
        ),
    )
    target, facts = split(world)
    assert facts["target"].tolist() == [30, 0, 20]
    assert target == pytest.approx([50, 20, 40])


def test_an_executives_target_stays_in_the_jurisdiction():
    world = market(
        accounts=accounts([0, 1, 2], executive_id=["E1", "E1", "E2"]),
        targets=targets(
            ("executive", "E1", 100.0), ("executive", "E2", 10.0), ("account", "a0", 40.0)
        ),
    )
    target, facts = split(world)
    assert facts["target_scope"].tolist() == ["E1", "E1", "E2"]
    assert target == pytest.approx([70, 30, 10])


def test_the_alignment_in_force_decides_who_owns_a_unit():
    world = market(
        accounts=accounts([0, 1, 2], executive_id=["E1", "E1", "E2"]),
        alignment=rows(
            "alignment",
            subject_kind=["zone", "unit"],
            subject_id=["z0", "z1"],
            executive_id=["E2", "E2"],
            valid_from=[date(2026, 1, 1), date(2025, 1, 1)],
            valid_to=[None, date(2025, 12, 31)],
        ),
        targets=targets(("executive", "E2", 10.0)),
    )
    target, facts = split(world)
    assert facts["target_scope"].tolist() == ["E2", "E1", "E2"]
    assert target == pytest.approx([5, 0, 5])


def test_zone_targets_hold_in_cells_of_the_zone():
    target, _ = split(market(targets=targets(("zone", "z1", 12.0))))
    assert target == pytest.approx([0, 12, 0])


def test_a_target_without_any_unit_goes_to_the_market_and_is_said():
    world = market(
        accounts=accounts([0, 1], executive_id=["E1", "E1"]),
        targets=targets(("executive", "E1", 10.0), ("executive", "E9", 30.0)),
    )
    target, facts = split(world)
    assert target.sum() == pytest.approx(40)
    assert any("E9" in note for note in facts.attrs["notes"])


def test_a_half_year_target_counts_as_its_rate_a_year():
    world = market(
        targets=targets(
            ("market", "strip", 100.0), first_date=date(2026, 1, 1), last_date=date(2026, 4, 10)
        )
    )
    target, _ = split(world)
    assert target.sum() == pytest.approx(365)


def test_finer_targets_above_the_markets_are_kept_and_said():
    world = market(
        accounts=accounts([0], executive_id=["E1"]),
        targets=targets(("market", "strip", 50.0), ("executive", "E1", 80.0)),
    )
    target, facts = split(world)
    assert target.sum() == pytest.approx(80)
    assert any("more than its own 50" in note for note in facts.attrs["notes"])


def test_a_target_of_an_unknown_account_is_left_out_and_said():
    world = market(
        accounts=accounts([0]),
        targets=targets(("account", "a0", 5.0), ("account", "ghost", 7.0)),
    )
    target, facts = split(world)
    assert target.tolist() == [5, 0, 0]
    assert any("1 accounts have no place" in note for note in facts.attrs["notes"])


def test_no_targets_at_all_are_no_number():
    target, _ = split(market(companies=companies([0]), zones=zones()))
    assert np.isnan(target).all()


def test_targets_of_executives_and_zones_at_once_are_told_with_their_difference():
    world = market(
        accounts=accounts([0, 1], executive_id=["E1", "E1"]),
        targets=targets(("executive", "E1", 100.0), ("zone", "z0", 80.0), ("zone", "z1", 70.0)),
    )
    target, facts = split(world)
    assert target.sum() == pytest.approx(100)
    (note,) = [note for note in facts.attrs["notes"] if "set for executives" in note]
    assert "(100 a year)" in note
    assert "differ by +50" in note
