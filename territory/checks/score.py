"""The judge of scores: parts that sum, ratios that hold, totals, ranges, facts unchanged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from territory.checks.violation import (
    Violation,
    disagreements,
    listed,
    miscopied,
    misstated,
    shown,
)
from territory.scores import ScorePlan

Floats = NDArray[np.float64]

SHARES = ("reach", "penetration_shrunk", "reliability", "benchmark")
MONEY = ("income", "consumption", "potential", "accessible", "captured", "gap", "workload_hours")
COUNTS = ("companies", "own_outlets", "competitor_outlets")
SCORES = ("score", "opportunity")
TEXTS: Mapping[str, tuple[str, ...]] = {
    "confidence": ("A", "B", "C"),
    "segment": ("defend", "grow", "harvest", "skip"),
}
RATIOS_OF_TOTALS = {"penetration": ("captured", "potential")}
MAY_BE_UNKNOWN = ("income", "target")
"""Columns that hold None where nobody tells: no company's income, no target at all."""
SUMMED = (*MONEY, *COUNTS, "target", "target_gap", "lost_to_competitors")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreFacts:
    """What the market says of its units.

    ``known`` holds columns of the survey in the order of ``unit_ids`` (companies, income,
    consumption, captured, workload_hours, own_outlets, competitor_outlets, minutes_to_own, ...):
    the plan must repeat each that it shows. ``total_market`` is the known market in money a year.
    """

    unit_ids: tuple[str, ...]
    known: Mapping[str, Floats] = field(default_factory=dict)
    total_market: float | None = None


def check_score(plan: ScorePlan, facts: ScoreFacts) -> tuple[Violation, ...]:
    """Everything wrong with a score plan; empty if it is clean.

    The model's own choices (elasticities, shrinkage, benchmark) are taken as they are; what must
    follow from them and from the facts is recomputed.
    """
    broken = [*_units(plan, facts)]
    if broken:
        return tuple(broken)
    return (
        *_parts(plan),
        *_ranges(plan),
        *_texts(plan),
        *_relations(plan),
        *_intervals(plan),
        *_ranks(plan),
        *_totals(plan, facts),
        *_known(plan, facts),
    )


def _units(plan: ScorePlan, facts: ScoreFacts) -> Iterator[Violation]:
    stated, known = set(plan.unit_ids), set(facts.unit_ids)
    for code, names in (("unknown_unit", stated - known), ("missing_unit", known - stated)):
        if names:
            yield Violation(
                code=code, subject="score", message=listed(sorted(names)), found=len(names)
            )
    tables = [("table", len(plan.table)), ("parts", len(plan.parts))]
    if plan.accessible_parts.columns:
        tables.append(("accessible_parts", len(plan.accessible_parts)))
    for what, rows in tables:
        yield from miscopied("score", f"rows of {what}", stated=rows, found=len(plan.unit_ids))
    yield from miscopied("score", "units", stated=len(plan.unit_ids), found=len(facts.unit_ids))


def _column(plan: ScorePlan, name: str) -> Floats:
    return np.array(plan.table.numbers(name), dtype=np.float64)


def _parts(plan: ScorePlan) -> Iterator[Violation]:
    """Money parts sum to their figure; plans of earlier versions have no parts of accessible."""
    for name, parts in (("potential", plan.parts), ("accessible", plan.accessible_parts)):
        if name == "accessible" and not parts.columns:
            continue
        figure = _column(plan, name)
        found = np.zeros(len(figure))
        for column in parts.columns:
            found = found + np.array(parts.numbers(column))
        yield from _cells(plan, "wrong_parts", f"sum of parts of {name}", figure, found)


def _intervals(plan: ScorePlan) -> Iterator[Violation]:
    """An interval holds its figure, money stays money, a rank is the place by potential."""
    columns = plan.table.columns
    for name in ("consumption", "income", "potential", "accessible", "gap", "rank"):
        if f"{name}_low" not in columns or f"{name}_high" not in columns:
            continue
        figure, low, high = (_column(plan, part) for part in (name, f"{name}_low", f"{name}_high"))
        slack = 1e-9 * np.maximum(1.0, np.abs(np.nan_to_num(figure)))
        is_fine = (low >= -slack) & (low <= figure + slack) & (figure <= high + slack)
        is_fine |= np.isnan(figure) & np.isnan(low) & np.isnan(high)
        for row in np.flatnonzero(~is_fine).tolist():
            yield Violation(
                code="wrong_interval",
                subject=f"unit {plan.unit_ids[row]}",
                message=f"{name} {shown(figure[row])} does not lie in {shown(low[row])} to "
                f"{shown(high[row])}",
                stated=float(figure[row]),
            )
    if "rank" in columns:
        potential = _column(plan, "potential")
        worth = np.sort(potential[potential > 0])[::-1]
        found = np.asarray(np.searchsorted(-worth, -potential, side="left") + 1, dtype=np.float64)
        yield from _cells(plan, "wrong_rank", "rank", _column(plan, "rank"), found)


def _cells(
    plan: ScorePlan, code: str, what: str, stated: Floats, found: Floats
) -> Iterator[Violation]:
    for row in disagreements(stated, found):
        yield from misstated(
            code,
            f"unit {plan.unit_ids[row]}",
            what,
            stated=float(stated[row]),
            found=float(found[row]),
        )


def _ranges(plan: ScorePlan) -> Iterator[Violation]:
    limits = [(name, 1.0) for name in SHARES] + [(name, 100.0) for name in SCORES]
    limits += [(name, np.inf) for name in (*MONEY, *COUNTS, "penetration", "target")]
    for name, most in limits:
        if name not in plan.table.columns:
            continue
        values = _column(plan, name)
        slack = 1e-9 * max(1.0, most if np.isfinite(most) else 1.0)
        is_fine = (values >= -slack) & (values <= most + slack)
        if name in MAY_BE_UNKNOWN:
            is_fine |= np.isnan(values)
        for row in np.flatnonzero(~is_fine).tolist():
            yield Violation(
                code="out_of_range",
                subject=f"unit {plan.unit_ids[row]}",
                message=f"{name} {shown(values[row])} is not between 0 and {most:g}",
                stated=float(values[row]),
                found=most,
            )


def _texts(plan: ScorePlan) -> Iterator[Violation]:
    for name, allowed in TEXTS.items():
        for unit, value in zip(plan.unit_ids, plan.table.texts(name), strict=True):
            if value not in allowed:
                yield Violation(
                    code="out_of_range",
                    subject=f"unit {unit}",
                    message=f"{name} {value!r} is not one of {', '.join(allowed)}",
                    stated=value,
                )


def _relations(plan: ScorePlan) -> Iterator[Violation]:
    """What follows from potential, reach, captured, benchmark and target."""
    potential, captured = _column(plan, "potential"), _column(plan, "captured")
    safe = np.where(potential > 0, potential, 1.0)
    for code, name, found in (
        ("wrong_ratio", "accessible", potential * _column(plan, "reach")),
        ("wrong_ratio", "penetration", np.where(potential > 0, captured / safe, 0.0)),
        ("wrong_gap", "gap", np.maximum(0.0, _column(plan, "benchmark") * potential - captured)),
        ("wrong_gap", "target_gap", _column(plan, "target") - captured),
    ):
        stated = _column(plan, name)
        is_unknown = np.isnan(stated) & np.isnan(found)  # no target, so no gap to it
        yield from _cells(
            plan, code, name, np.where(is_unknown, 0.0, stated), np.where(is_unknown, 0.0, found)
        )


def _ranks(plan: ScorePlan) -> Iterator[Violation]:
    """A display score rises with the money it stands for."""
    for name, money_name in (("score", "potential"), ("opportunity", "gap")):
        money, shown_score = _column(plan, money_name), _column(plan, name)
        order = np.lexsort((shown_score, money))
        falls = np.diff(shown_score[order]) < -1e-9
        rises = np.diff(money[order]) > 1e-9 * np.maximum(1.0, np.abs(money[order][1:]))
        for place in np.flatnonzero(falls & rises).tolist():
            yield Violation(
                code="wrong_rank",
                subject=f"unit {plan.unit_ids[order[place + 1]]}",
                message=f"has more {money_name} than {plan.unit_ids[order[place]]!r} "
                f"but a lower {name}",
                stated=float(shown_score[order[place + 1]]),
                found=float(shown_score[order[place]]),
            )


def _totals(plan: ScorePlan, facts: ScoreFacts) -> Iterator[Violation]:
    for name in SUMMED:
        if name in plan.totals and name in plan.table.columns:
            found = float(_column(plan, name).sum())
            yield from misstated(
                "wrong_total", "totals", name, stated=plan.totals[name], found=found
            )
    for name, (above, below) in RATIOS_OF_TOTALS.items():
        if name in plan.totals:
            under = float(_column(plan, below).sum())
            found = float(_column(plan, above).sum()) / under if under > 0 else 0.0
            yield from misstated(
                "wrong_ratio", "totals", name, stated=plan.totals[name], found=found
            )
    if facts.total_market is not None and _column(plan, "consumption").sum() > 0:
        yield from misstated(
            "wrong_total",
            "totals",
            "sum of potential against the known total market",
            stated=float(_column(plan, "potential").sum()),
            found=facts.total_market,
        )


def _known(plan: ScorePlan, facts: ScoreFacts) -> Iterator[Violation]:
    row_of = {unit: row for row, unit in enumerate(facts.unit_ids)}
    rows = [row_of[unit] for unit in plan.unit_ids]
    for name, column in facts.known.items():
        if name not in plan.table.columns:
            continue
        found = np.asarray(column, dtype=np.float64)[rows]
        stated = _column(plan, name)
        # minutes without a way are None in a plan, inf or nan in the facts
        is_none = ~np.isfinite(stated) & ~np.isfinite(found)
        yield from _cells(
            plan,
            "wrong_facts",
            name,
            np.where(is_none, 0.0, stated),
            np.where(is_none, 0.0, np.nan_to_num(found, nan=np.inf)),
        )
