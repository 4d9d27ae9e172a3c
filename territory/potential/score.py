"""The score of a market: from facts per unit to potential, reach, penetration, gap and target."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.outlets import Site
from territory.plans import Table
from territory.potential.buildup import BuildUp, accessible_parts, build_up
from territory.potential.grades import confidence, display_score, segments
from territory.potential.params import PotentialParams
from territory.potential.penetration import Benchmark, benchmark, penetration
from territory.potential.reach import Reach, huff_reach
from territory.potential.uncertainty import (
    WIDTH,
    Known,
    elasticity_covariance,
    intervals,
    largest_swing,
    rank_interval,
)
from territory.scores import ScorePlan
from territory.targets import split_targets
from territory.travel import TravelMatrix

Column = NDArray[np.float64]
DEFAULT_PARAMS = PotentialParams()


def score(
    facts: pd.DataFrame,
    *,
    to_own: TravelMatrix | None = None,
    to_competitors: TravelMatrix | None = None,
    own: Sequence[Site] = (),
    competitors: Sequence[Site] = (),
    params: PotentialParams = DEFAULT_PARAMS,
) -> ScorePlan:
    """Potential per unit with its parts, and what follows from it: reach, penetration, gap, target.

    ``facts`` come from ``territory.survey.per_unit``; the matrices run from the units, in the
    order of ``facts``, to ``own`` and ``competitors``. Money is in the market's currency a year.
    Method: calibrated build-up (``buildup``), Huff reach (``reach``), empirical-Bayes penetration
    and peer benchmark (``penetration``), gap = max(0, benchmark x potential - captured).
    The same facts in another order give the same figures for each unit.

    Raises
    ------
    ValueError
        If a matrix does not fit its outlets.
    """
    order = np.argsort(facts.index.to_numpy(dtype=str), kind="stable")
    facts_sorted = facts.iloc[order]
    reach = huff_reach(
        len(facts),
        to_own=to_own,
        to_competitors=to_competitors,
        own=own,
        competitors=competitors,
        params=params,
    )
    sorted_reach = _reordered(reach, order)
    built = build_up(facts_sorted, params)
    columns = _columns(facts_sorted, built, sorted_reach, params)
    reached = accessible_parts(
        built, share=sorted_reach.share, share_alone=sorted_reach.share_alone
    )
    back = np.argsort(order, kind="stable")
    plan_table = Table(columns={name: _cells(values, back) for name, values in columns.items()})
    return ScorePlan(
        unit_ids=tuple(str(unit) for unit in facts.index),
        table=plan_table,
        parts=Table(columns={name: _cells(values, back) for name, values in built.parts.items()}),
        accessible_parts=Table(
            columns={name: _cells(values, back) for name, values in reached.items()}
        ),
        totals=_totals(columns, built.calibration),
        notes=(*facts.attrs.get("notes", ()), *_notes(columns, own, params)),
    )


def _columns(
    facts: pd.DataFrame, built: BuildUp, reach: Reach, params: PotentialParams
) -> dict[str, Any]:
    known = {name: facts[name].to_numpy(dtype=np.float64) for name in _FROM_FACTS}
    potential, captured = built.potential, known["captured"]
    lump = _lump(facts)
    share = penetration(
        captured, potential, facts["group"].to_numpy(dtype=object), lump=lump, params=params
    )
    level = benchmark(share, potential, _likeness(facts, reach), lump=lump, params=params)
    gap = np.maximum(0.0, level.level * potential - captured)
    target = split_targets(facts, potential=potential, gap=gap, gap_share=params.gap_share)
    sure = _sureness(facts, built, reach, level, params)
    width = np.divide(
        sure["potential_high"] - sure["potential_low"],
        potential,
        out=np.zeros(len(potential)),
        where=potential > 0,
    )
    return (
        known
        | {
            "potential": potential,
            "reach": reach.share,
            "accessible": potential * reach.share,
            "lost_to_competitors": potential * (reach.share_alone - reach.share),
            "penetration": share.raw,
            "penetration_shrunk": share.shrunk,
            "reliability": share.reliability,
            "benchmark": level.level,
            "gap": gap,
            "target": target,
            "target_gap": target - captured,
            "minutes_to_own": reach.minutes_to_own,
            "minutes_to_competitor": reach.minutes_to_competitor,
            "score": display_score(potential),
            "opportunity": display_score(gap),
            "confidence": confidence(potential, share.reliability, known["estimated_share"], width),
            "segment": segments(potential, share.raw),
        }
        | sure
    )


def _sureness(
    facts: pd.DataFrame, built: BuildUp, reach: Reach, level: Benchmark, params: PotentialParams
) -> dict[str, Any]:
    """Intervals, ranks and swings: how sure the figures are."""

    def fact(name: str) -> Column:
        zeros = np.zeros(len(facts))
        return facts[name].to_numpy(dtype=np.float64) if name in facts else zeros

    known = Known(
        consumption=fact("consumption"),
        consumption_error=fact("consumption_error"),
        by_income=fact("consumption_by_income"),
        by_zone=fact("consumption_by_zone"),
        covariance=elasticity_covariance(facts),
        potential=built.potential,
        is_calibrated=params.total_market is not None,
        captured=fact("captured"),
        reach=reach.share,
        reach_low=reach.share_low,
        reach_high=reach.share_high,
        benchmark=level.level,
        benchmark_error=level.error,
    )
    found: dict[str, Any] = {}
    for name, (low, high) in intervals(known).items():
        found[f"{name}_low"], found[f"{name}_high"] = low, high
    income, error = fact("income"), WIDTH / 2 * fact("income_error")
    found["income_low"], found["income_high"] = np.maximum(0.0, income - error), income + error
    rank, low, high = rank_interval(built.log_parts(), built.potential)
    swing, inputs = largest_swing(known)
    return found | {
        "rank": rank,
        "rank_low": low,
        "rank_high": high,
        "swing": swing,
        "swing_input": inputs,
    }


_FROM_FACTS = (
    "companies",
    "income",
    "consumption",
    "captured",
    "ordered",
    "workload_hours",
    "own_outlets",
    "competitor_outlets",
    "population",
    "households",
    "accounts",
    "estimated_share",
    "synthetic_share",
)
_SUMMED = (
    "potential",
    "accessible",
    "lost_to_competitors",
    "captured",
    "ordered",
    "gap",
    "target",
    "target_gap",
    "companies",
    "population",
    "households",
    "accounts",
    "workload_hours",
    "own_outlets",
    "competitor_outlets",
)


def _lump(facts: pd.DataFrame) -> float:
    """Money in which sales come: the size-weighted mean of yearly sales to an account."""
    captured = float(facts["captured"].sum())
    return float(facts["captured_squared"].sum()) / captured if captured > 0 else 0.0


def _likeness(facts: pd.DataFrame, reach: Reach) -> NDArray[np.float64]:
    """Covariates by which units are peers: size, income, consumption, way to our outlet."""
    away = reach.minutes_to_own.copy()
    reachable = np.isfinite(away)
    away[~reachable] = 2 * away[reachable].max() if reachable.any() else 0.0
    return np.column_stack(
        [
            np.log1p(facts["companies"].to_numpy(dtype=np.float64)),
            np.log(np.maximum(facts["income_level"].to_numpy(dtype=np.float64), 1e-3)),
            np.log(np.maximum(facts["consumption_level"].to_numpy(dtype=np.float64), 1e-3)),
            np.log1p(away),
        ]
    )


def _reordered(reach: Reach, order: NDArray[np.intp]) -> Reach:
    return Reach(
        share=reach.share[order],
        share_alone=reach.share_alone[order],
        share_low=reach.share_low[order],
        share_high=reach.share_high[order],
        minutes_to_own=reach.minutes_to_own[order],
        minutes_to_competitor=reach.minutes_to_competitor[order],
    )


def _cells(values: Any, back: NDArray[np.intp]) -> tuple[str | float | None, ...]:
    """A column in the caller's order; what is not finite becomes None."""
    if isinstance(values, tuple):
        return tuple(values[place] for place in back)
    ordered = values[back]
    listed = ordered.tolist()
    if np.isfinite(ordered).all():
        return tuple(listed)
    return tuple(value if math.isfinite(value) else None for value in listed)


def _totals(columns: dict[str, Any], calibration: float) -> dict[str, float]:
    totals = {
        name: float(columns[name].sum()) for name in _SUMMED if np.isfinite(columns[name]).all()
    }
    consumption = float(columns["consumption"].sum())
    for name in ("estimated_share", "synthetic_share"):
        money = float((columns[name] * columns["consumption"]).sum())
        totals[name] = money / consumption if consumption > 0 else 0.0
    potential = totals["potential"]
    totals["penetration"] = totals["captured"] / potential if potential > 0 else 0.0
    return totals | {"consumption": consumption, "calibration": calibration}


def _notes(
    columns: dict[str, Any], own: Sequence[Site], params: PotentialParams
) -> tuple[str, ...]:
    notes = []
    over = int((columns["captured"] > columns["potential"]).sum())
    if over:
        notes.append(
            f"In {over} units more was sold than the potential says: "
            "the survey misses companies there, or the total market is set too low."
        )
    if not len(own):
        notes.append(
            f"There is no own outlet: reach is a fair share of {100 * params.fair_share:.0f} %."
        )
    if not columns["captured"].any():
        notes.append(
            f"No sales are known: the benchmark is a fair share of {100 * params.fair_share:.0f} %."
        )
    return tuple(notes)
