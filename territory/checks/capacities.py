"""The judge of sites that serve only so much: the split of demand, and the proof that it is best.

No program is solved here. A split is a best one if prices of the capacities exist under which no
split can capture more (weak duality): each unit of demand goes to max_j weight_ij (1 - price_j),
each unit of capacity is worth its price. The plan tells the prices, the judge adds up.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from territory.checks.networks import OutletFacts, decayed, is_own
from territory.checks.violation import Violation, agree, disagreements, exceeds, misstated, shown
from territory.outlets import OutletPlan

Floats = NDArray[np.float64]

PROOF_TOLERANCE = 1e-5
"""Part of what is captured that prices may leave unproved: rounding of a linear program."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """Money a year by site (row) and cell (column), before and after."""

    before: Floats
    after: Floats

    @property
    def gains(self) -> Floats:
        """What each site serves in each cell beyond today."""
        return np.maximum(self.after - self.before, 0.0)

    @property
    def from_own(self) -> Floats:
        """What own outlets lost in a cell, shared among those that gain there by their gains."""
        gained = self.gains.sum(axis=0)
        lost = np.minimum(np.maximum(self.before - self.after, 0.0).sum(axis=0), gained)
        share = np.divide(lost, gained, out=np.zeros_like(gained), where=gained > 0)
        return np.asarray(self.gains * share)


def split_of(plan: OutletPlan, facts: OutletFacts) -> Split | tuple[Violation, ...]:
    """The split as the plan tells it, or why there is none to judge."""
    table = plan.splits
    empty = np.zeros((len(facts.sites), len(facts.cell_ids)))
    if not facts.has_capacities:
        if table.columns or plan.loads.columns or plan.turned_away:
            return (_wrong("plan", "splits demand where no site has a capacity"),)
        return Split(before=empty, after=empty)
    if not table.columns or not plan.loads.columns:
        return (_wrong("plan", "sites have capacities and the plan tells no split or no loads"),)
    place = {site.site_id: row for row, site in enumerate(facts.sites)}
    column = {cell: row for row, cell in enumerate(facts.cell_ids)}
    found = Split(before=empty, after=empty.copy())
    seen = set()
    for cell, site, before, after in zip(
        table.texts("unit_id"),
        table.texts("site_id"),
        table.numbers("before"),
        table.numbers("after"),
        strict=True,
    ):
        if site not in place or cell not in column or (cell, site) in seen:
            return (_wrong(f"split {cell} {site}", "is unknown or stands twice"),)
        if not (np.isfinite(before) and np.isfinite(after) and before >= 0 and after >= 0):
            return (_wrong(f"split {cell} {site}", "is not an amount of money"),)
        seen.add((cell, site))
        found.before[place[site], column[cell]] = before
        found.after[place[site], column[cell]] = after
    return found


def check_split(
    plan: OutletPlan, facts: OutletFacts, is_open: NDArray[np.bool_], told: Split
) -> Iterator[Violation]:
    """Everything wrong with splits, loads, prices and what is turned away."""
    if not facts.has_capacities:
        return
    weights = decayed(facts.minutes, facts.reach_minutes, facts.capture)
    limit = np.array([np.inf if site.capacity is None else site.capacity for site in facts.sites])
    priced = _priced(plan, facts)
    if isinstance(priced, Violation):
        yield priced
        return
    for when, money, opened, price in (
        ("before", told.before, is_own(facts), priced["price_before"]),
        ("after", told.after, is_open, priced["price"]),
    ):
        yield from _served(when, money, opened, weights, limit, facts)
        yield from _proved(when, money, opened, weights, limit, price, facts)
    yield from _loads(plan, facts, told, is_open, priced)
    best = weights[is_open].max(axis=0, initial=0.0)
    lost = max(0.0, float(facts.demand @ best) - float(told.after.sum()))
    yield from misstated("wrong_total", "plan", "turned_away", stated=plan.turned_away, found=lost)
    yield from _marginals(plan, facts, told, is_open, weights, limit, priced["price"])


def _wrong(subject: str, message: str) -> Violation:
    return Violation(code="wrong_split", subject=subject, message=message)


def _priced(plan: OutletPlan, facts: OutletFacts) -> dict[str, Floats] | Violation:
    """Columns of the loads by site; nan where the plan tells none."""
    place = {site.site_id: row for row, site in enumerate(facts.sites)}
    names = plan.loads.texts("site_id")
    if len(set(names)) != len(names) or set(names) - place.keys():
        return _wrong("loads", "name a site twice or one that is not there")
    rows = [place[name] for name in names]
    found = {}
    for name in ("capacity", "load_before", "load", "price_before", "price"):
        found[name] = np.full(len(facts.sites), np.nan)
        found[name][rows] = plan.loads.numbers(name)
    return found


def _served(
    when: str,
    money: Floats,
    opened: NDArray[np.bool_],
    weights: Floats,
    limit: Floats,
    facts: OutletFacts,
) -> Iterator[Violation]:
    """No shut site serves, no site more than its capacity, no cell gives more than it has."""
    reaches = opened[:, None] & (weights > 0)
    for site, cell in np.argwhere((money > 0) & ~reaches).tolist():
        subject = f"split {facts.cell_ids[cell]} {facts.sites[site].site_id}"
        yield _wrong(subject, f"{when}: the site is not open or does not reach the cell")
    given = np.divide(money, weights, out=np.zeros_like(money), where=weights > 0).sum(axis=0)
    for amounts, most, names in (
        (money.sum(axis=1), limit, [f"site {site.site_id}" for site in facts.sites]),
        (given, facts.demand, [f"cell {cell}" for cell in facts.cell_ids]),
    ):
        for row in np.flatnonzero(amounts > most).tolist():
            if exceeds(float(amounts[row]), float(most[row])):
                yield Violation(
                    code="over_capacity",
                    subject=names[row],
                    message=f"{when}: {shown(amounts[row])} of at most {shown(most[row])}",
                    stated=float(amounts[row]),
                    found=float(most[row]),
                )


def most_by_prices(
    opened: NDArray[np.bool_], weights: Floats, limit: Floats, price: Floats, demand: Floats
) -> float:
    """What no split among these sites exceeds, whatever the prices (0 or more) are."""
    worth = weights[opened] * (1 - price[opened])[:, None]
    is_priced = opened & (price > 0)
    return float(
        demand @ np.maximum(worth.max(axis=0, initial=0.0), 0.0)
        + price[is_priced] @ limit[is_priced]
    )


def _proved(
    when: str,
    money: Floats,
    opened: NDArray[np.bool_],
    weights: Floats,
    limit: Floats,
    price: Floats,
    facts: OutletFacts,
) -> Iterator[Violation]:
    stands = price[opened]
    if not (np.isfinite(stands).all() and (stands >= 0).all()):
        yield _wrong("loads", f"{when}: an open site has no price, or one below 0")
        return
    most, got = most_by_prices(opened, weights, limit, price, facts.demand), float(money.sum())
    if most - got > PROOF_TOLERANCE * max(1.0, most):
        yield Violation(
            code="wrong_split",
            subject="plan",
            message=f"{when}: {shown(got)} is captured, its prices prove no less than "
            f"{shown(most)} impossible",
            stated=got,
            found=most,
        )


def _loads(
    plan: OutletPlan,
    facts: OutletFacts,
    told: Split,
    is_open: NDArray[np.bool_],
    priced: dict[str, Floats],
) -> Iterator[Violation]:
    named = set(plan.loads.texts("site_id"))
    for row, site in enumerate(facts.sites):
        needed = is_open[row] or site.role == "own"
        if needed != (site.site_id in named):
            yield _wrong(f"site {site.site_id}", "has a load that is not due, or lacks one")
        elif needed:
            limit = float(priced["capacity"][row])
            if np.isnan(limit) == (site.capacity is not None) or (
                site.capacity is not None and not agree(limit, site.capacity)
            ):
                yield Violation(
                    code="wrong_facts",
                    subject=f"site {site.site_id}",
                    message=f"its capacity is told as {shown(limit)}",
                    stated=limit,
                    found=site.capacity,
                )
    for name, amounts in (("load_before", told.before), ("load", told.after)):
        found = amounts.sum(axis=1)
        stated = np.where(np.isnan(priced[name]), found, priced[name])
        for row in disagreements(stated, found):
            yield from misstated(
                "wrong_capture",
                f"site {facts.sites[row].site_id}",
                name,
                stated=float(stated[row]),
                found=float(found[row]),
            )


def _marginals(
    plan: OutletPlan,
    facts: OutletFacts,
    told: Split,
    is_open: NDArray[np.bool_],
    weights: Floats,
    limit: Floats,
    price: Floats,
) -> Iterator[Violation]:
    """A site is missed by no more than it serves and no less than prices leave to the others."""
    place = {site.site_id: row for row, site in enumerate(facts.sites)}
    loads, whole = told.after.sum(axis=1), float(told.after.sum())
    for one in plan.sites:
        row = place[one.site_id]
        most, least = float(loads[row]), 0.0
        if is_open[row] and np.isfinite(price[is_open]).all():
            rest = is_open.copy()
            rest[row] = False
            least = whole - most_by_prices(rest, weights, limit, price, facts.demand)
        slack = PROOF_TOLERANCE * max(1.0, whole)
        if not least - slack <= one.marginal <= most + slack:
            yield Violation(
                code="wrong_marginal",
                subject=f"site {one.site_id}",
                message=f"marginal is {shown(one.marginal)}, it must lie from {shown(least)} to "
                f"{shown(most)}",
                stated=one.marginal,
                found=most,
            )
