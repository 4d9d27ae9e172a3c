"""Facts per unit: what companies, zones, accounts, orders and outlets say about each area."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.market import Market
from territory.survey.companies import Companies, survey_companies
from territory.survey.doubts import set_aside_others, told
from territory.survey.parts import Part, Runner
from territory.survey.sales import sales_of_accounts, sales_per_unit
from territory.survey.workload import workload_per_unit
from territory.survey.zones import ZoneFacts, zone_facts
from territory.tables import TABLES
from territory.tables.frames import empty_frame
from territory.targets import known_targets
from territory.units import Units, locate
from territory.units.totals import Facts, sum_per_unit

PEER_PARENT_STEPS = 2  # an H3 parent two resolutions up holds 49 cells: one district


def per_unit(
    market: Market,
    units: Units,
    *,
    companies: Sequence[Part] | None = None,
    run: Runner | None = None,
) -> pd.DataFrame:
    """One row per unit, indexed by ``unit_id``, of all that the tables say of it.

    Counts and money are sums over what lies in the unit, money in the market's currency a year:

    companies, employees, income (mean of a company, or the zone's median where no company tells),
    income_level (what income does to spending, 1 for the mean of its kind of companies), norm (what
    companies of this kind and size spend), consumption (surveyed, and estimated where missing),
    consumption_level (spending against norm x income level), population, households (by area from
    the zones), accounts, ordered, captured (delivered in the 365 days up to ``settings.today``),
    captured_squared (sum of squares over accounts), target, target_residual, target_scope,
    target_market (see ``territory.targets``), own_outlets, competitor_outlets (not closed),
    workload_hours, group (the district whose mean a small unit is shrunk to).

    Shares tell how far to trust them: estimated_share (of consumption), synthetic_share (of
    consumption drawn by a model), income_missing_share (of companies); so do standard errors:
    income_error, consumption_error, and consumption_by_income and consumption_by_zone, by how much
    consumption moves with one more of either elasticity. ``attrs["elasticities"]`` are those used,
    ``attrs["doubts"]`` names every row that cannot be right (``territory.survey.doubts``),
    ``attrs["notes"]`` says in sentences what was estimated and what was left out. A market without
    companies is surveyed through its accounts.

    ``companies`` are the market's companies where its tables do not hold them: more than memory
    holds, in files or on other machines, where ``run`` reads them. Any split of the same rows gives
    the same figures to the last digit.
    """
    given = {name: _rows(market, name) for name in TABLES}
    tables, others = set_aside_others(given, market.settings.currency)
    asked = len(tables["companies"]) if companies is None else sum(part.rows for part in companies)
    areas = zone_facts(tables["zones"], units, rows=asked)
    bought = sales_of_accounts(tables["accounts"], tables["orders"], market.settings.today)
    found = survey_companies(tables, units, areas, bought, parts=companies, run=run)
    doubts, notes = (*found.doubts, *others), found.notes
    facts = _company_facts(found, areas, units)
    facts["population"], facts["households"] = areas.population, areas.households
    sales, sales_notes = sales_per_unit(tables, units, market.settings.today)
    facts.update(sales)
    facts.update(_outlet_counts(tables["outlets"], units))
    facts["workload_hours"], work_notes = workload_per_unit(
        tables,
        units,
        market.settings.mode,
        companies=_column(facts, "companies") if asked else None,
    )
    targets, target_notes = known_targets(tables, units, market.settings.today)
    facts.update(targets)
    facts["group"] = _districts(units)
    frame = pd.DataFrame(facts, index=pd.Index(units.ids, name="unit_id"))
    frame.attrs["elasticities"] = asdict(found.elasticities)
    frame.attrs["doubts"] = [asdict(doubt) for doubt in doubts]
    frame.attrs["notes"] = (*told(doubts), *notes, *sales_notes, *work_notes, *target_notes)
    return frame


def _rows(market: Market, table: str) -> pd.DataFrame:
    return market.tables[table] if table in market.tables else empty_frame(TABLES[table])


def _column(facts: Facts, name: str) -> NDArray[np.float64]:
    return np.asarray(facts[name], dtype=np.float64)


def _company_facts(companies: Companies, areas: ZoneFacts, units: Units) -> Facts:
    total = companies.sums.per_unit()
    number, norm, consumption = total["companies"], total["norm"], total["consumption"]
    income = _ratio(total["income"], number, empty=np.nan)
    if not companies.is_income_known:
        income = np.full(len(units), np.nan)
    income_level = _ratio(total["norm_by_income"], norm, empty=1.0)
    variance = total["consumption_variance"] + companies.sums.norm_variance(companies.kind_variance)
    return {
        "companies": number,
        "employees": total["employees"],
        "income": np.where(np.isfinite(income), income, areas.median_income_at(units.lonlat)),
        "income_error": _ratio(np.sqrt(total["income_variance"]), number, empty=0.0),
        "income_level": income_level,
        "norm": norm,
        "consumption": consumption,
        "consumption_error": np.sqrt(variance),
        "consumption_by_income": total["by_income"],
        "consumption_by_zone": total["by_zone"],
        "consumption_level": _ratio(consumption, norm * income_level, empty=1.0),
        "estimated_share": _ratio(total["estimated"], consumption, empty=0.0),
        "synthetic_share": _ratio(total["synthetic"], consumption, empty=0.0),
        "income_missing_share": _ratio(total["income_missing"], number, empty=0.0),
    }


def _ratio(
    above: NDArray[np.float64], below: NDArray[np.float64], *, empty: float
) -> NDArray[np.float64]:
    """``above / below``, and ``empty`` where there is nothing below."""
    out = np.full(len(above), empty)
    np.divide(above, below, out=out, where=below > 0)
    return out


def _outlet_counts(outlets: pd.DataFrame, units: Units) -> Facts:
    trading = outlets[~outlets["status"].isin(["closed", "planned"])]
    where = locate(units, trading[["lon", "lat"]].to_numpy(dtype=np.float64))
    owners = trading["owner"].to_numpy(dtype=object)
    return {
        f"{owner}_outlets": sum_per_unit(where, owners == owner, len(units))
        for owner in ("own", "competitor")
    }


def _districts(units: Units) -> NDArray[np.object_]:
    """The H3 parent of each cell; zones are one district, since nothing says which belong."""
    names: Iterable[str] = ("" for _ in units.ids)
    if units.kind == "h3" and units.resolution is not None:
        import h3

        coarser = max(units.resolution - PEER_PARENT_STEPS, 0)
        names = (h3.cell_to_parent(cell, coarser) for cell in units.ids)
    return np.array(list(names), dtype=object)
