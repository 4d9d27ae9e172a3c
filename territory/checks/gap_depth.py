"""The judge of gaps, in depth: hot spots, access, what an outlet alone reaches, findings, twins."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from territory.checks.gap_facts import GapFacts
from territory.checks.networks import reach_weights
from territory.checks.violation import Violation, disagreements, exceeds, misstated, shown
from territory.outlets import GapPlan

Floats = NDArray[np.float64]
CALLED_Z = 1.959964
"""|Gi*| below this is within chance for a single cell at 5 %, so no rule may call it."""


def check_depth(
    plan: GapPlan, facts: GapFacts, rows: NDArray[np.int64], demand: Floats | None
) -> Iterator[Violation]:
    """What is wrong with the deeper figures; plans of earlier versions have none of them."""
    if "access" in plan.cells.columns:
        yield from _access(plan, facts, rows)
    if "hot_z" in plan.cells.columns and facts.neighbours is not None:
        yield from _hot(plan, facts, rows)
    if "alone" in plan.outlets.columns and demand is not None and len(facts.own):
        yield from _alone(plan, facts, demand)
    if plan.findings.columns:
        yield from _findings(plan)
    if plan.areas.columns:
        yield from _areas(plan, facts)


def _access(plan: GapPlan, facts: GapFacts, rows: NDArray[np.int64]) -> Iterator[Violation]:
    """Two steps: what each outlet can spare per million in its catchment, then sums by reach."""
    found = np.zeros(len(facts.cell_ids))
    weights = reach_weights(facts.own_minutes, facts.reach_minutes)
    for site, weight in zip(facts.own, weights, strict=True):
        catchment = float((weight * facts.potential).sum())
        if catchment > 0:
            found += weight * (max(0.0, site.attractiveness) * 1e6 / catchment)
    yield from _column(plan, facts, rows, "access", found, "wrong_coverage")


def _column(
    plan: GapPlan, facts: GapFacts, rows: NDArray[np.int64], name: str, found: Floats, code: str
) -> Iterator[Violation]:
    stated = np.array(plan.cells.numbers(name))
    for row in disagreements(stated, found[rows]):
        yield from misstated(
            code,
            f"cell {facts.cell_ids[rows[row]]}",
            name,
            stated=float(stated[row]),
            found=float(found[rows[row]]),
        )


def _hot(plan: GapPlan, facts: GapFacts, rows: NDArray[np.int64]) -> Iterator[Violation]:
    """Gi* from its definition, and marks that stand on large scores of the right sign only."""
    if facts.neighbours is None:
        return
    white = np.zeros(len(facts.cell_ids))
    white[rows] = plan.cells.numbers("white_space")
    found = _getis_ord(white, *facts.neighbours)
    stated = np.array(plan.cells.numbers("hot_z"))
    if stated.any():
        yield from _column(plan, facts, rows, "hot_z", found, "wrong_statistic")
    marks = np.array(plan.cells.numbers("hot"))
    called = np.abs(stated[marks != 0])
    least = called.min() if len(called) else np.inf
    is_wrong = (marks != 0) & ((np.abs(stated) < CALLED_Z) | (np.sign(stated) != marks))
    is_wrong |= (marks == 0) & (np.abs(stated) > least * (1 + 1e-9))
    for row in np.flatnonzero(is_wrong).tolist():
        yield Violation(
            code="wrong_flag",
            subject=f"cell {facts.cell_ids[rows[row]]}",
            message=f"hot {shown(marks[row])} contradicts Gi* {shown(stated[row])}",
            stated=float(marks[row]),
        )


def _getis_ord(values: Floats, indptr: NDArray[np.int32], indices: NDArray[np.int32]) -> Floats:
    """(sum of a cell and its neighbours - n_i mean) / (s sqrt((n n_i - n_i^2) / (n - 1)))."""
    count = len(values)
    mean, spread = float(values.mean()), float(values.std())
    degree = np.diff(indptr) + 1.0
    first = np.repeat(np.arange(count), np.diff(indptr))
    around = values + np.bincount(first, weights=values[indices], minlength=count)
    scale = spread * np.sqrt(np.maximum(count * degree - degree**2, 0.0) / max(1, count - 1))
    above = around - degree * mean
    return np.divide(above, scale, out=np.zeros(count), where=scale > 0)


def _alone(plan: GapPlan, facts: GapFacts, demand: Floats) -> Iterator[Violation]:
    weights = reach_weights(facts.own_minutes, facts.reach_minutes)
    reaching = (weights > 0).sum(axis=0)
    place = {site.site_id: row for row, site in enumerate(facts.own)}
    columns = (
        plan.outlets.numbers(name)
        for name in ("alone", "redundant_share", "captured", "loss_if_closed")
    )
    for site_id, alone, share, captured, loss in zip(
        plan.outlets.texts("site_id"), *columns, strict=True
    ):
        if site_id not in place:
            continue
        found = float((demand * weights[place[site_id]])[reaching == 1].sum())
        subject = f"outlet {site_id}"
        yield from misstated("wrong_marginal", subject, "alone", stated=alone, found=found)
        yield from misstated(
            "wrong_ratio",
            subject,
            "redundant_share",
            stated=share,
            found=1 - loss / captured if captured > 0 else 0.0,
        )


def _findings(plan: GapPlan) -> Iterator[Violation]:
    """Ranked by money, and no more money in a layer than the layer holds; outlets come last."""
    money = list(plan.findings.numbers("money"))
    doubled = [kind == "redundant outlet" for kind in plan.findings.texts("kind")]
    order = list(zip(doubled, money, strict=True))
    for place, ((was, before), (now, after)) in enumerate(pairwise(order), start=2):
        if now < was or (now == was and after > before * (1 + 1e-9)):
            yield Violation(
                code="wrong_rank",
                subject=f"finding {place}",
                message=f"{shown(after)} stands after {shown(before)}",
                stated=after,
                found=before,
            )
    kinds = plan.findings.texts("kind")
    flags = plan.cells.columns["is_white_space"]
    white = plan.cells.numbers("white_space")
    held = sum(value for value, is_white in zip(white, flags, strict=True) if is_white)
    told = sum(value for value, kind in zip(money, kinds, strict=True) if kind == "white space")
    if exceeds(told, held):
        yield from misstated(
            "wrong_total", "findings", "money in white space", stated=told, found=held
        )
    kept = dict(
        zip(
            plan.outlets.texts("site_id"),
            (
                captured - loss
                for captured, loss in zip(
                    plan.outlets.numbers("captured"),
                    plan.outlets.numbers("loss_if_closed"),
                    strict=True,
                )
            ),
            strict=True,
        )
    )
    for subject, kind, amount in zip(plan.findings.texts("subject"), kinds, money, strict=True):
        if kind == "redundant outlet":
            yield from misstated(
                "wrong_marginal",
                f"finding on {subject}",
                "money",
                stated=amount,
                found=kept.get(subject, 0.0),
            )


def _areas(plan: GapPlan, facts: GapFacts) -> Iterator[Violation]:
    """Density is outlets per million, missing outlets follow from the twins' density."""
    columns = [
        plan.areas.numbers(name)
        for name in ("potential", "own_outlets", "per_million", "twin_per_million", "missing")
    ]
    for area, money, own, density, level, missing in zip(
        plan.areas.texts("area_id"), *columns, strict=True
    ):
        subject = f"area {area}"
        found = own * 1e6 / money if money > 0 else 0.0
        yield from misstated("wrong_ratio", subject, "per_million", stated=density, found=found)
        yield from misstated(
            "wrong_ratio",
            subject,
            "missing",
            stated=missing,
            found=max(0.0, level * money / 1e6 - own),
        )
    total = sum(plan.areas.numbers("potential"))
    if exceeds(total, float(facts.potential.sum())):
        yield from misstated(
            "wrong_total",
            "areas",
            "potential",
            stated=total,
            found=float(facts.potential.sum()),
        )
