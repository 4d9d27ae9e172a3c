"""Companies of the survey: spend norms per kind and size, and estimates where facts are missing."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.survey.norms import class_means
from territory.survey.zones import ZoneFacts
from territory.units import Units, locate

SIZE_WEIGHTS = {"micro": 1.0, "small": 4.0, "medium": 12.0, "large": 40.0}
"""Spending of a size class against micro, used only where no company's consumption is known."""

SIZE_LIMITS = (10.0, 50.0, 250.0)  # employees; EU recommendation 2003/361/EC
FARTHEST_LEVEL = 10.0  # one income moves an estimate at most tenfold either way


@dataclass(frozen=True, slots=True, kw_only=True)
class Companies:
    """Companies that lie in a unit, one row each; money a year."""

    unit: NDArray[np.int32]
    employees: NDArray[np.float64]
    norm: NDArray[np.float64]
    income: NDArray[np.float64]
    income_level: NDArray[np.float64]
    consumption: NDArray[np.float64]
    is_estimated: NDArray[np.bool_]
    is_synthetic: NDArray[np.bool_]
    is_income_missing: NDArray[np.bool_]


def survey_companies(
    tables: Mapping[str, pd.DataFrame], units: Units, areas: ZoneFacts
) -> tuple[Companies, tuple[str, ...]]:
    """Companies with norm, income and consumption filled, and notes on what was estimated.

    A missing income is the mean of companies of the same category and size, shrunk, times the
    zone's median income against the mean zone. A missing consumption is the shrunken mean of its
    category and size, times its income level and its zone's consumption index. Estimates are
    flagged; observed values are never changed.
    """
    rows, notes = _surveyed(tables)
    lonlat = rows[["lon", "lat"]].to_numpy(dtype=np.float64)
    unit = locate(units, lonlat)
    outside = int((unit < 0).sum())
    if outside:
        notes.append(f"{outside} companies lie outside every unit and are left out.")
    rows, lonlat, unit = rows[unit >= 0], lonlat[unit >= 0], unit[unit >= 0]
    category = rows["category"].fillna("").astype(str)
    size = _sizes(rows)
    observed_income = rows["income"].to_numpy(dtype=np.float64)
    income, income_level = _incomes(observed_income, category, size, lonlat, areas)
    observed = rows["consumption"].to_numpy(dtype=np.float64)
    norm = _norms(observed, category, size, notes)
    is_estimated = ~np.isfinite(observed)
    estimate = norm * income_level * areas.consumption_index_at(lonlat)
    _say_what_is_missing(notes, len(rows), is_estimated, ~np.isfinite(observed_income))
    companies = Companies(
        unit=unit,
        employees=np.nan_to_num(rows["employees"].to_numpy(dtype=np.float64)),
        norm=norm,
        income=income,
        income_level=income_level,
        consumption=np.where(is_estimated, estimate, observed),
        is_estimated=is_estimated,
        is_synthetic=_is_drawn(rows["synthetic"], ("consumption", "annual_potential")),
        is_income_missing=~np.isfinite(observed_income),
    )
    return companies, tuple(notes)


def _surveyed(tables: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, list[str]]:
    """The companies, their consumption completed from accounts; the accounts if there are none."""
    companies, accounts = tables["companies"], tables["accounts"]
    if len(companies) == 0:
        rows = pd.DataFrame(
            {
                "lon": accounts["lon"],
                "lat": accounts["lat"],
                "category": "",
                "size": "",
                "employees": np.nan,
                "income": np.nan,
                "consumption": accounts["annual_potential"],
                "synthetic": accounts["synthetic"],
            }
        )
        return rows, ["There are no companies: the accounts stand for the market."]
    told = accounts[(accounts["company_id"] != "") & accounts["annual_potential"].notna()]
    by_company = told.drop_duplicates("company_id").set_index("company_id")["annual_potential"]
    from_account = companies["company_id"].map(by_company).astype(np.float64)
    filled = companies["consumption"].fillna(from_account)
    return companies.assign(consumption=filled), []


def _sizes(rows: pd.DataFrame) -> pd.Series:
    """Size classes, read from the number of employees where the class is missing."""
    size = rows["size"].fillna("").astype(str)
    employees = rows["employees"].to_numpy(dtype=np.float64)
    names = np.array([*SIZE_WEIGHTS])[np.searchsorted(SIZE_LIMITS, employees, side="right") % 4]
    by_count = pd.Series(np.where(np.isfinite(employees), names, ""), index=rows.index)
    return size.where(size != "", by_count)


def _incomes(
    observed: NDArray[np.float64],
    category: pd.Series,
    size: pd.Series,
    lonlat: NDArray[np.float64],
    areas: ZoneFacts,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Income in money (NaN if nobody tells any) and against the mean of its kind of company."""
    zone_level = areas.income_level_at(lonlat)
    if not np.isfinite(observed).any():
        return np.full(len(observed), np.nan), zone_level
    usual = class_means(observed, category, size)
    level = np.where(np.isfinite(observed), observed / usual, zone_level)
    income = np.where(np.isfinite(observed), observed, usual * zone_level)
    level = np.minimum(np.maximum(level, 1 / FARTHEST_LEVEL), FARTHEST_LEVEL)
    return income, np.asarray(level, dtype=np.float64)


def _norms(
    observed: NDArray[np.float64], category: pd.Series, size: pd.Series, notes: list[str]
) -> NDArray[np.float64]:
    if np.nansum(observed) > 0:
        return class_means(observed, category, size)
    if len(observed):
        notes.append(
            "No company's consumption is known: potential counts micro companies "
            "(small = 4, medium = 12, large = 40) until a total market is given."
        )
    weights = size.map(SIZE_WEIGHTS).fillna(SIZE_WEIGHTS["micro"])
    return np.asarray(weights, dtype=np.float64)


def _say_what_is_missing(
    notes: list[str],
    count: int,
    is_estimated: NDArray[np.bool_],
    is_income_missing: NDArray[np.bool_],
) -> None:
    for what, missing in (("consumption", is_estimated), ("income", is_income_missing)):
        number = int(missing.sum())
        if what == "income" and number == count > 0:
            notes.append("No company's income is known: the zones' median stands for it, if any.")
        elif 0 < number < count:
            notes.append(
                f"The {what} of {number} of {count} companies is estimated from their category, "
                "size and zone."
            )


def _is_drawn(synthetic: pd.Series, columns: tuple[str, ...]) -> NDArray[np.bool_]:
    """Rows in which a model drew one of these columns; distinct marks are read once."""
    codes, marks = pd.factorize(synthetic.fillna("").astype(str))
    drawn = np.array(
        [bool({"*", *columns} & set(str(mark).split(";"))) for mark in marks], dtype=bool
    )
    return drawn[codes] if len(drawn) else np.zeros(len(codes), dtype=bool)
