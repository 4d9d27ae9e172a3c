"""Companies of the survey: what they spend and earn per unit, estimated where nobody tells.

Three looks over all companies, each keeping sums only: what there is, how incomes and spending
stand to one another, and the sums per unit. Sums are exact, so figures do not depend on how the
companies are split into parts or on who adds them up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from territory.survey.doubts import Doubt, amount_doubts
from territory.survey.elasticities import Elasticities
from territory.survey.look import Look, look, together
from territory.survey.model import fitted, model_of
from territory.survey.parts import (
    FramePart,
    InThreads,
    Part,
    Runner,
    frame_parts,
    names_of,
    one_by_one,
)
from territory.survey.rows import Column, Surroundings
from territory.survey.sums import CompanySums, sum_companies
from territory.survey.usual import usual_amounts
from territory.survey.zones import ZoneFacts
from territory.units import Units
from territory.units.locate import Locator

MANY_ROWS = 400_000  # from here on threads pay for themselves


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Companies:
    """Sums per unit of the companies that lie in it, the model behind estimates, and what to say.

    ``is_income_known`` tells whether any company states an income.
    """

    sums: CompanySums
    elasticities: Elasticities
    kind_variance: Column
    is_income_known: bool
    doubts: tuple[Doubt, ...]
    notes: tuple[str, ...]


def survey_companies(
    tables: Mapping[str, pd.DataFrame],
    units: Units,
    areas: ZoneFacts,
    sales: Column | None = None,
    *,
    parts: Sequence[Part] | None = None,
    run: Runner | None = None,
) -> Companies:
    """Companies per unit with norm, income and consumption, estimated where missing.

    A missing income is the mean of companies of the same category and size, shrunk, times the
    zone's median income against the mean zone. A missing consumption is the shrunken mean of its
    category and size, times its income level and its zone's consumption index, each to its
    elasticity (``elasticities``). ``sales`` are those a year of each account: where no consumption
    is known, what like companies buy from us stands for it. Estimates are flagged and carry a
    standard error; observed values are never changed.

    ``parts`` hold the companies where they are not in ``tables``; ``run`` says who reads them.
    """
    parts, around, notes = _surveyed(tables, units, areas, sales, parts)
    rows = sum(part.rows for part in parts)
    run = run or (one_by_one if rows < MANY_ROWS else InThreads())
    around = around.knowing(usual_amounts(parts, run))
    seen = together(run(partial(look, around), parts))
    if seen.outside:
        notes.append(_say_outside(seen, parts))
    model, said = model_of(seen)
    model = fitted(model, around, parts, run, rows)
    notes += said
    if model.elasticities.note:
        notes.append(model.elasticities.note)
    notes += _what_is_missing(seen)
    sums = CompanySums.zeros(len(units), len(model.place))
    for found in run(partial(sum_companies, model, around), parts):
        sums = sums + found
    return Companies(
        sums=sums,
        elasticities=model.elasticities,
        kind_variance=model.kind_variance(),
        is_income_known=model.income_usual is not None,
        doubts=_doubts(seen, parts),
        notes=tuple(notes),
    )


def _surveyed(
    tables: Mapping[str, pd.DataFrame],
    units: Units,
    areas: ZoneFacts,
    sales: Column | None,
    parts: Sequence[Part] | None,
) -> tuple[Sequence[Part], Surroundings, list[str]]:
    """The companies, and what accounts and what they bought from us say of them.

    Without companies the accounts stand for them.
    """
    companies, accounts = tables["companies"], tables["accounts"]
    sold = np.zeros(len(accounts)) if sales is None else sales
    if parts is None and len(companies) == 0:
        rows = accounts[["lon", "lat", "synthetic"]].assign(
            consumption=accounts["annual_potential"],
            bought=np.where(sold > 0, sold, np.nan),
        )
        around = Surroundings(locator=Locator(units, rows=len(rows)), areas=areas)
        note = "There are no companies: the accounts stand for the market."
        return (FramePart(rows),), around, [note]
    parts = parts if parts is not None else frame_parts(companies, rows=MANY_ROWS // 2)
    told = accounts[(accounts["company_id"] != "") & accounts["annual_potential"].notna()]
    potential = told.drop_duplicates("company_id").set_index("company_id")["annual_potential"]
    buying = pd.Series(sold, index=accounts["company_id"].to_numpy())
    buying = buying[(buying > 0) & (buying.index != "")].groupby(level=0).sum()
    around = Surroundings(
        locator=Locator(units, rows=sum(part.rows for part in parts)),
        areas=areas,
        potential_of=potential if len(potential) else None,
        bought_of=buying if len(buying) else None,
    )
    return parts, around, []


def _doubts(seen: Look, parts: Sequence[Part]) -> tuple[Doubt, ...]:
    """Amounts that were set aside, with the company each belongs to."""
    rows = sorted({row for _, row, _, _ in seen.doubts})
    name_of = dict(zip(rows, names_of(parts, rows), strict=True))
    return amount_doubts(
        (column, name_of[row], value, usual) for column, row, value, usual in seen.doubts
    )


def _say_outside(seen: Look, parts: Sequence[Part]) -> str:
    """How many companies lie outside every unit (at sea, over the border), and who."""
    named = names_of(parts, seen.outside_rows) if _have_names(parts) else []
    lost = float(seen.outside_money.floats()[0])
    worth = f" with {lost:,.0f} of consumption" if lost > 0 else ""
    who = f": {', '.join(named)}{' ...' if seen.outside > len(named) else ''}" if named else ""
    return f"{seen.outside} companies{worth} lie outside every unit and are left out{who}."


def _have_names(parts: Sequence[Part]) -> bool:
    return not any(isinstance(part, FramePart) and "company_id" not in part.frame for part in parts)


def _what_is_missing(seen: Look) -> list[str]:
    notes = []
    known_income, known_consumption, _ = seen.table.known.sum(axis=1).tolist()
    for what, known in (("consumption", known_consumption), ("income", known_income)):
        number = seen.inside - known
        if what == "income" and number == seen.inside > 0:
            notes.append("No company's income is known: the zones' median stands for it, if any.")
        elif 0 < number < seen.inside:
            notes.append(
                f"The {what} of {number} of {seen.inside} companies is estimated from their "
                "category, size and zone."
            )
    return notes
