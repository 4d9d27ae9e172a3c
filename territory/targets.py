"""Targets per unit: known ones where they stand, the rest split from the top down."""

import math
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.units import Units, locate
from territory.units.locate import ZoneGrid
from territory.units.totals import Facts
from territory.units.zones import zone_polygons

YEAR_DAYS = 365
GAP_SHARE = 0.3
"""Share of a target that follows the gap instead of past sales, when it is split over units."""


def known_targets(
    tables: Mapping[str, pd.DataFrame], units: Units, today: date
) -> tuple[Facts, tuple[str, ...]]:
    """What the targets table says of each unit, and notes; money a year.

    Targets that hold in the 365 days up to ``today`` count (all of them if none does), each
    brought to a whole year. ``target`` are those of accounts, at their unit; NaN everywhere if
    nobody has a target. Targets of executives (of zones, if no executive has one) belong to a
    ``target_scope``: the executive's jurisdiction or the zone; ``target_residual`` is what the
    accounts in the scope leave of it, ``target_market`` what all finer targets leave of the
    market's. Both repeat in every row of their scope and wait for ``split_targets``.
    """
    targets = tables["targets"]
    count = len(units)
    if len(targets) == 0:
        return _no_targets(count), ()
    yearly = _per_year(targets, today)
    accounts = tables["accounts"]
    account_unit = locate(units, accounts[["lon", "lat"]].to_numpy(dtype=np.float64))
    known, notes = _of_accounts(yearly.get("account", {}), accounts, account_unit, count)
    level = "executive" if "executive" in yearly else "zone"
    scope = (
        _jurisdictions(tables, units, account_unit, today)
        if level == "executive"
        else _zones_under(tables["zones"], units)
    )
    notes += _said_twice(yearly)
    subjects = yearly.get(level, {})
    residual, homeless = _scope_residuals(subjects, scope, known)
    if homeless:
        notes.append(
            f"Targets of {len(homeless)} {level}s without any unit are spread over the market: "
            f"{', '.join(sorted(homeless)[:5])}."
        )
    finer = sum(subjects.values()) or float(known.sum())
    market = sum(yearly.get("market", {}).values())
    if market and finer > market * 1.005:
        notes.append(
            f"Targets below the market's sum to {finer:,.0f}, more than its own {market:,.0f}."
        )
    rest = max(0.0, market - finer) + sum(homeless.values())
    return {
        "target": known,
        "target_scope": scope,
        "target_residual": residual,
        "target_market": np.full(count, rest),
    }, tuple(notes)


def split_targets(
    facts: pd.DataFrame,
    *,
    potential: NDArray[np.float64],
    gap: NDArray[np.float64],
    gap_share: float = GAP_SHARE,
) -> NDArray[np.float64]:
    """Target of every unit, NaN everywhere if the market has none; sums to all that was given.

    A scope's amount T goes to unit i by T x [(1 - l) captured_i / sum + l gap_i / sum] with l =
    ``gap_share``: past sales keep the plan real, the gap bends it to where more can be had. Where
    nothing was sold the gap alone decides, then the potential, then equal shares.
    """
    target = facts["target"].to_numpy(dtype=np.float64).copy()
    if not np.isfinite(target).any():
        return target
    captured = facts["captured"].to_numpy(dtype=np.float64)

    def shares(among: NDArray[np.intp]) -> NDArray[np.float64]:
        sold, open_gap, worth = (_portions(x[among]) for x in (captured, gap, potential))
        if sold is not None and open_gap is not None:
            return (1 - gap_share) * sold + gap_share * open_gap
        for only in (open_gap, sold, worth):
            if only is not None:
                return only
        return np.full(len(among), 1 / len(among))

    scope = facts["target_scope"].to_numpy()
    residual = facts["target_residual"].to_numpy(dtype=np.float64)
    for name in sorted({str(name) for name in scope} - {""}):
        among = np.flatnonzero(scope == name)
        target[among] += residual[among[0]] * shares(among)
    everywhere = np.arange(len(target))
    rest = float(facts["target_market"].iloc[0])
    return target + rest * shares(everywhere) if rest else target


def _said_twice(yearly: Mapping[str, Mapping[str, float]]) -> list[str]:
    """A word where executives and zones both have targets: one market cannot follow both."""
    if "executive" not in yearly or "zone" not in yearly:
        return []
    by_executive, by_zone = (math.fsum(yearly[kind].values()) for kind in ("executive", "zone"))
    return [
        f"Targets are set for executives ({by_executive:,.0f} a year) and for zones "
        f"({by_zone:,.0f}): those of the executives are used, the zones' differ by "
        f"{by_zone - by_executive:+,.0f}."
    ]


def _portions(values: NDArray[np.float64]) -> NDArray[np.float64] | None:
    total = values.sum()
    return values / total if total > 0 else None


def _no_targets(count: int) -> Facts:
    return {
        "target": np.full(count, np.nan),
        "target_scope": np.full(count, "", dtype=object),
        "target_residual": np.zeros(count),
        "target_market": np.zeros(count),
    }


def _per_year(targets: pd.DataFrame, today: date) -> dict[str, dict[str, float]]:
    """Amount a year per kind of subject and subject.

    Each target gives its days inside the year; days of all targets of a subject together stand
    for 365, so that twelve months, one year, or both side by side say the same.
    """
    first = pd.to_datetime(targets["first_date"])
    last = pd.to_datetime(targets["last_date"])
    length = (last - first).dt.days + 1
    year_start = pd.Timestamp(today - timedelta(days=YEAR_DAYS - 1))
    start = first.where(first > year_start, year_start)
    end = last.where(last < pd.Timestamp(today), pd.Timestamp(today))
    days = ((end - start).dt.days + 1).clip(lower=0)
    if not (days > 0).any():
        days = length
    rows = targets.assign(days=days, amount=targets["amount"] * days / length)
    sums = rows[rows["days"] > 0].groupby(["subject_kind", "subject_id"])[["amount", "days"]].sum()
    yearly: dict[str, dict[str, float]] = {}
    for (kind, subject), row in zip(sums.index, sums.to_numpy(), strict=True):
        yearly.setdefault(str(kind), {})[str(subject)] = float(row[0] / row[1] * YEAR_DAYS)
    return yearly


def _of_accounts(
    amounts: Mapping[str, float],
    accounts: pd.DataFrame,
    account_unit: NDArray[np.int32],
    count: int,
) -> tuple[NDArray[np.float64], list[str]]:
    position = pd.Index(accounts["account_id"]).get_indexer(pd.Index(list(amounts), dtype="str"))
    unit = np.where(position >= 0, account_unit[position] if len(account_unit) else -1, -1)
    given = np.fromiter(amounts.values(), np.float64, len(amounts))
    placed = unit >= 0
    known = np.bincount(unit[placed], weights=given[placed], minlength=count)
    lost = int((~placed).sum())
    notes = [f"Targets of {lost} accounts have no place and are left out."] if lost else []
    return known.astype(np.float64), notes


def _jurisdictions(
    tables: Mapping[str, pd.DataFrame],
    units: Units,
    account_unit: NDArray[np.int32],
    today: date,
) -> NDArray[np.object_]:
    """Executive of each unit: by the alignment in force, else who has most accounts there."""
    scope = np.full(len(units), "", dtype=object)
    accounts = tables["accounts"]
    owned = pd.DataFrame({"unit": account_unit, "who": accounts["executive_id"].to_numpy()})
    owned = owned[(owned["unit"] >= 0) & (owned["who"] != "")]
    counted = owned.value_counts().reset_index().sort_values(["unit", "count", "who"])
    scope[counted["unit"].to_numpy(dtype=np.intp)] = counted["who"].to_numpy()
    held = tables["alignment"]
    if len(held) == 0:
        return scope
    now = pd.Timestamp(today)
    until = pd.to_datetime(held["valid_to"])
    held = held[(pd.to_datetime(held["valid_from"]) <= now) & (until.isna() | (until >= now))]
    subjects = {
        "unit": np.array(units.ids, dtype=object),
        "zone": _zones_under(tables["zones"], units),
    }
    for kind, name in subjects.items():
        rows = held[held["subject_kind"] == kind]
        owner = dict(zip(rows["subject_id"], rows["executive_id"], strict=True))
        scope = np.array(
            [owner.get(subject, old) for subject, old in zip(name, scope, strict=True)],
            dtype=object,
        )
    return scope


def _zones_under(zones: pd.DataFrame, units: Units) -> NDArray[np.object_]:
    """Id of the zone under the centre of each unit, "" where there is none."""
    if len(zones) == 0:
        return np.full(len(units), "", dtype=object)
    zone = ZoneGrid(zone_polygons(zones)).locate(units.lonlat)
    ids = zones["zone_id"].to_numpy(dtype=object)
    return np.where(zone >= 0, ids[zone], "").astype(object)


def _scope_residuals(
    subjects: Mapping[str, float], scope: NDArray[np.object_], known: NDArray[np.float64]
) -> tuple[NDArray[np.float64], dict[str, float]]:
    """What accounts leave of each scope's target, per unit; and subjects that have no unit."""
    residual = np.zeros(len(scope))
    homeless: dict[str, float] = {}
    for subject, amount in subjects.items():
        among = scope == subject
        if among.any():
            residual[among] = max(0.0, amount - float(known[among].sum()))
        else:
            homeless[subject] = amount
    return residual, homeless
