"""Companies of the survey: spend norms per kind and size, and estimates where facts are missing."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.survey.elasticities import Elasticities, fit_elasticities
from territory.survey.norms import CREDIBLE_COUNT, class_codes, class_means
from territory.survey.zones import ZoneFacts
from territory.units import Units, locate

SIZE_WEIGHTS = {"micro": 1.0, "small": 4.0, "medium": 12.0, "large": 40.0}
"""Spending of a size class against micro, used only where no company's consumption is known."""

SIZE_LIMITS = (10.0, 50.0, 250.0)  # employees; EU recommendation 2003/361/EC
FEWEST_BUYERS = 30
"""Companies that buy from us from which norms are read where no consumption is known."""

FARTHEST_LEVEL = 10.0  # one income moves an estimate at most tenfold either way


@dataclass(frozen=True, slots=True, kw_only=True)
class Companies:
    """Companies that lie in a unit, one row each; money a year.

    ``income_effect`` is what income does to spending, 1 for the mean of like companies.
    ``consumption_error`` and ``income_error`` are standard errors of estimates, 0 where observed.
    ``kind`` numbers the category and size, ``kind_variance`` is the squared relative error of that
    kind's norm; ``by_income`` and ``by_zone`` are how an estimate moves with either elasticity.
    """

    unit: NDArray[np.int32]
    employees: NDArray[np.float64]
    norm: NDArray[np.float64]
    income: NDArray[np.float64]
    income_error: NDArray[np.float64]
    income_effect: NDArray[np.float64]
    consumption: NDArray[np.float64]
    consumption_error: NDArray[np.float64]
    kind: NDArray[np.intp]
    kind_variance: NDArray[np.float64]
    by_income: NDArray[np.float64]
    by_zone: NDArray[np.float64]
    elasticities: Elasticities
    is_estimated: NDArray[np.bool_]
    is_synthetic: NDArray[np.bool_]
    is_income_missing: NDArray[np.bool_]


def survey_companies(
    tables: Mapping[str, pd.DataFrame],
    units: Units,
    areas: ZoneFacts,
    sales: NDArray[np.float64] | None = None,
) -> tuple[Companies, tuple[str, ...]]:
    """Companies with norm, income and consumption filled, and notes on what was estimated.

    A missing income is the mean of companies of the same category and size, shrunk, times the
    zone's median income against the mean zone. A missing consumption is the shrunken mean of its
    category and size, times its income level and its zone's consumption index, each to its
    elasticity (``elasticities``). ``sales`` are those a year of each account: where no consumption
    is known, what like companies buy from us stands for it. Estimates are flagged and carry a
    standard error; observed values are never changed.
    """
    rows, notes = _surveyed(tables, sales)
    lonlat = rows[["lon", "lat"]].to_numpy(dtype=np.float64)
    unit = locate(units, lonlat)
    outside = int((unit < 0).sum())
    if outside:
        notes.append(_say_outside(rows, unit))
    rows, lonlat, unit = rows[unit >= 0], lonlat[unit >= 0], unit[unit >= 0]
    category = rows["category"].fillna("").astype(str)
    size = _sizes(rows)
    observed_income = rows["income"].to_numpy(dtype=np.float64)
    incomes = _incomes(observed_income, category, size, lonlat, areas)
    observed = rows["consumption"].to_numpy(dtype=np.float64)
    bought = rows["bought"].to_numpy(dtype=np.float64)
    norm, evidence, what = _norms(observed, bought, category, size, notes)
    zone_level = areas.consumption_index_at(lonlat)
    told = np.isfinite(evidence)
    found = fit_elasticities(
        evidence[told], norm[told], incomes.level[told], zone_level[told], what=what
    )
    if found.note:
        notes.append(found.note)
    effect = found.scale * incomes.level**found.income
    estimate = norm * effect * zone_level**found.zone
    is_estimated = ~np.isfinite(observed)
    _say_what_is_missing(notes, len(rows), is_estimated, ~np.isfinite(observed_income))
    kind = class_codes(category, size)
    companies = Companies(
        unit=unit,
        employees=np.nan_to_num(rows["employees"].to_numpy(dtype=np.float64)),
        norm=norm,
        income=incomes.money,
        income_error=incomes.error,
        income_effect=effect,
        consumption=np.where(is_estimated, estimate, observed),
        consumption_error=np.where(is_estimated, estimate * _relative_error(found, incomes), 0.0),
        kind=kind,
        kind_variance=np.asarray(
            found.dispersion / (np.bincount(kind, weights=told)[kind] + CREDIBLE_COUNT),
            dtype=np.float64,
        ),
        by_income=np.where(is_estimated, estimate * np.log(incomes.level), 0.0),
        by_zone=np.where(is_estimated, estimate * np.log(zone_level), 0.0),
        elasticities=found,
        is_estimated=is_estimated,
        is_synthetic=_is_drawn(rows["synthetic"], ("consumption", "annual_potential")),
        is_income_missing=~np.isfinite(observed_income),
    )
    return companies, tuple(notes)


def _say_outside(rows: pd.DataFrame, unit: NDArray[np.int32]) -> str:
    """How many companies lie outside every unit (at sea, over the border), and who."""
    outside = rows[unit < 0]
    named = outside["company_id"].astype(str).tolist()[:3] if "company_id" in outside else []
    money = float(np.nansum(outside["consumption"].to_numpy(dtype=np.float64)))
    worth = f" with {money:,.0f} of consumption" if money > 0 else ""
    who = f": {', '.join(named)}{' ...' if len(outside) > len(named) else ''}" if named else ""
    return f"{len(outside)} companies{worth} lie outside every unit and are left out{who}."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Incomes:
    """Income in money (NaN if nobody tells any), its error, and against its kind of company."""

    money: NDArray[np.float64]
    error: NDArray[np.float64]
    level: NDArray[np.float64]
    spread: float


def _relative_error(found: Elasticities, incomes: _Incomes) -> NDArray[np.float64]:
    """Relative standard error of an estimated consumption, more where the income is one too."""
    by_income = np.where(incomes.error > 0, found.income * incomes.spread, 0.0)
    return np.asarray(np.sqrt(found.dispersion + by_income**2), dtype=np.float64)


def _surveyed(
    tables: Mapping[str, pd.DataFrame], sales: NDArray[np.float64] | None
) -> tuple[pd.DataFrame, list[str]]:
    """The companies, with consumption completed from accounts and what they bought from us.

    Without companies the accounts stand for them. ``bought`` is NaN where nothing was.
    """
    companies, accounts = tables["companies"], tables["accounts"]
    sold = np.zeros(len(accounts)) if sales is None else sales
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
                "bought": np.where(sold > 0, sold, np.nan),
            }
        )
        return rows, ["There are no companies: the accounts stand for the market."]
    told = accounts[(accounts["company_id"] != "") & accounts["annual_potential"].notna()]
    by_company = told.drop_duplicates("company_id").set_index("company_id")["annual_potential"]
    from_account = companies["company_id"].map(by_company).astype(np.float64)
    filled = companies["consumption"].fillna(from_account)
    buying = pd.Series(sold, index=accounts["company_id"].to_numpy())
    buying = buying[(buying > 0) & (buying.index != "")].groupby(level=0).sum()
    bought = companies["company_id"].map(buying).astype(np.float64)
    return companies.assign(consumption=filled, bought=bought), []


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
) -> _Incomes:
    zone_level = areas.income_level_at(lonlat)
    known = np.isfinite(observed)
    if not known.any():
        nothing = np.full(len(observed), np.nan)
        return _Incomes(money=nothing, error=np.zeros(len(observed)), level=zone_level, spread=0.0)
    usual = class_means(observed, category, size)
    level = np.where(known, observed / usual, zone_level)
    level = np.minimum(np.maximum(level, 1 / FARTHEST_LEVEL), FARTHEST_LEVEL)
    guess = usual * zone_level
    spread = float(np.std(np.log(level[known] / zone_level[known])))
    return _Incomes(
        money=np.where(known, observed, guess),
        error=np.where(known, 0.0, guess * spread),
        level=np.asarray(level, dtype=np.float64),
        spread=spread,
    )


def _norms(
    observed: NDArray[np.float64],
    bought: NDArray[np.float64],
    category: pd.Series,
    size: pd.Series,
    notes: list[str],
) -> tuple[NDArray[np.float64], NDArray[np.float64], str]:
    """The norm of each company, the amounts it rests on (NaN where none), and their name."""
    if np.nansum(observed) > 0:
        return class_means(observed, category, size), observed, "stated consumption"
    buyers = int(np.isfinite(bought).sum())
    if buyers >= FEWEST_BUYERS:
        notes.append(
            f"No company's consumption is known: potential counts what like companies buy from "
            f"us ({buyers:,} of them), the least the market can be, until a total is given."
        )
        return class_means(bought, category, size), bought, "sales"
    if len(observed):
        notes.append(
            "No company's consumption is known: potential counts micro companies "
            "(small = 4, medium = 12, large = 40) until a total market is given."
        )
    weights = size.map(SIZE_WEIGHTS).fillna(SIZE_WEIGHTS["micro"])
    return np.asarray(weights, dtype=np.float64), np.full(len(observed), np.nan), ""


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
