"""What a redraw balances and prices: loads per unit, key accounts beside them, worth of a move."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from api.schemas import LoadWish, Measure, RedrawRequest
from api.usecases.workspace import Surveyed
from territory.errors import Fault, InputError
from territory.geo import haversine_meters
from territory.redrawn import KeyAccount
from territory.scores import ScorePlan
from territory.travel import UNREACHABLE

Floats = NDArray[np.float64]
USUAL = (LoadWish(name="potential"), LoadWish(name="workload"))
UNBALANCED_PERCENT = 10_000.0
"""Tolerance of a workload that nobody asked to balance: it still weighs shape and moves."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Burden:
    """The loads of a redraw, the workload last: (m, n) without key accounts, (m, p) of those.

    ``measures`` (n,) are what may count when a unit changes hands, ``move_cost`` their mix.
    """

    names: tuple[str, ...]
    loads: Floats
    tolerance_percent: tuple[float, ...]
    soft_price: tuple[float, ...]
    key_accounts: tuple[KeyAccount, ...]
    measures: Mapping[str, Floats]
    move_cost: Floats

    def carried(self, executives: tuple[str, ...]) -> Floats | None:
        """Loads of the key accounts of each executive, (m, p); None if there are none."""
        if not self.key_accounts:
            return None
        place = {executive: at for at, executive in enumerate(executives)}
        sums = np.zeros((len(self.names), len(executives)))
        for account in self.key_accounts:
            sums[:, place[account.executive_id]] += account.loads
        return sums


def burden_of(
    surveyed: Surveyed, scored: ScorePlan, request: RedrawRequest, executives: tuple[str, ...]
) -> Burden:
    """The loads, key accounts and worth of moves that a request asks for.

    Raises
    ------
    InputError
        If a load is named that does not exist, twice, or without a number for every unit.
    """
    wishes = _wishes(request)
    keys = _key_rows(surveyed, executives)
    rows = [_load(wish.name, surveyed, scored, request) for wish in wishes]
    loads = np.array(rows).reshape(len(wishes), len(surveyed.units))
    accounts = _carried_out(loads, tuple(wish.name for wish in wishes), keys, surveyed)
    measures = _measures(loads, wishes, surveyed, scored, keys)
    usual = request.tolerance_percent
    return Burden(
        names=tuple(wish.name for wish in wishes),
        loads=loads,
        tolerance_percent=tuple(
            usual if wish.tolerance_percent is None else wish.tolerance_percent for wish in wishes
        ),
        soft_price=tuple(wish.soft_price for wish in wishes),
        key_accounts=accounts,
        measures=measures,
        move_cost=_mixed(measures, request.move_by),
    )


def _wishes(request: RedrawRequest) -> tuple[LoadWish, ...]:
    """The loads asked for, the workload last."""
    asked = request.loads or USUAL
    names = [wish.name for wish in asked]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            "A load is asked for twice.",
            [Fault(column="loads", value=name, expected="each load once") for name in twice],
        )
    work = [wish for wish in asked if wish.name == "workload"]
    free = LoadWish(name="workload", tolerance_percent=UNBALANCED_PERCENT)
    return (*(wish for wish in asked if wish.name != "workload"), *(work or [free]))


def _load(name: str, surveyed: Surveyed, scored: ScorePlan, request: RedrawRequest) -> Floats:
    """One load of every unit, (n,), key accounts included."""
    if name in request.own_loads:
        return _own(name, request.own_loads[name], surveyed)
    if name == "potential":
        return np.array(scored.table.numbers("potential"), dtype=np.float64)
    if name == "workload":
        return np.array(scored.table.numbers("workload_hours"), dtype=np.float64)
    if name in surveyed.facts and pd.api.types.is_numeric_dtype(surveyed.facts[name]):
        return np.array(surveyed.facts[name], dtype=np.float64)  # a gap in it is refused, by unit
    table, _, column = name.partition(".")
    if table in ("accounts", "companies") and column in _numbers(surveyed.market.table(table)):
        return _summed(surveyed.market.table(table), column, surveyed)
    raise InputError(
        f"There is no load {name!r}.",
        [Fault(column="loads", value=name, expected=_known(surveyed, request))],
    )


def _known(surveyed: Surveyed, request: RedrawRequest) -> str:
    facts = [
        str(name) for name in surveyed.facts if pd.api.types.is_numeric_dtype(surveyed.facts[name])
    ]
    columns = [
        f"{table}.{column}"
        for table in ("accounts", "companies")
        for column in _numbers(surveyed.market.table(table))
    ]
    own = sorted(request.own_loads)
    return f"one of {', '.join(['potential', 'workload', *own, *facts, *columns])}"


def _numbers(table: pd.DataFrame) -> list[str]:
    """Columns of a table that can be added up."""
    return [
        str(name)
        for name in table
        if pd.api.types.is_numeric_dtype(table[name]) and name not in ("lon", "lat")
    ]


def _own(name: str, values: Mapping[str, float], surveyed: Surveyed) -> Floats:
    """A load the caller brings, a number for every unit."""
    ids = surveyed.units.ids
    faults = [
        Fault(column=name, value=unit, expected="a unit of the market")
        for unit in sorted(set(values) - set(ids))[:20]
    ]
    faults += [
        Fault(column=name, value=unit, expected="a number for every unit")
        for unit in ids
        if unit not in values
    ][:20]
    if faults:
        raise InputError(f"Your own load {name!r} does not fit the units.", faults)
    return np.array([values[unit] for unit in ids], dtype=np.float64)


def _summed(table: pd.DataFrame, column: str, surveyed: Surveyed) -> Floats:
    from territory.units import locate
    from territory.units.totals import sum_per_unit

    unit = locate(surveyed.units, table[["lon", "lat"]].to_numpy(dtype=np.float64))
    values = table[column].astype("float64").fillna(0.0).to_numpy(dtype=np.float64)
    return sum_per_unit(unit, values, len(surveyed.units))


def _key_rows(surveyed: Surveyed, executives: tuple[str, ...]) -> pd.DataFrame:
    """Key accounts with one of these executives, who must have a home to drive from."""
    accounts = surveyed.market.table("accounts")
    keys = accounts["is_key"].fillna(False).astype(bool)
    return accounts[keys & accounts["executive_id"].isin(executives)]


def area_accounts(surveyed: Surveyed, executives: tuple[str, ...]) -> pd.DataFrame:
    """The accounts that go with their area: all but the key accounts of these executives."""
    accounts = surveyed.market.table("accounts")
    return accounts[~accounts.index.isin(_key_rows(surveyed, executives).index)]


def _carried_out(
    loads: Floats, names: tuple[str, ...], keys: pd.DataFrame, surveyed: Surveyed
) -> tuple[KeyAccount, ...]:
    """Take the key accounts out of ``loads`` in place; gives them with what they hold.

    Never more than the unit has: where key accounts together claim more, each gets its share.
    """
    from territory.survey.workload import account_hours
    from territory.units import locate

    if len(keys) == 0:
        return ()
    unit = locate(surveyed.units, keys[["lon", "lat"]].to_numpy(dtype=np.float64))
    claims = np.array([_claim(name, keys, surveyed) for name in names])
    inside = unit >= 0
    total = np.zeros_like(loads)
    for row in range(len(names)):
        np.add.at(total[row], unit[inside], claims[row, inside])
    part = np.where(total > loads, loads / np.where(total > 0, total, 1.0), 1.0)
    work = len(names) - 1
    for row in range(work):
        claims[row, inside] *= part[row, unit[inside]]
        np.add.at(loads[row], unit[inside], -claims[row, inside])
    # the hours of a unit fall by what its tour is shorter without the key accounts
    mode, market = surveyed.market.settings.mode, surveyed.market
    rest = market.table("accounts")[~market.table("accounts").index.isin(keys.index)]
    fewer = account_hours(market.table("accounts"), surveyed.units, mode)
    fewer -= account_hours(rest, surveyed.units, mode)
    loads[work] -= np.minimum(fewer, loads[work])
    here = np.unique(unit[inside])
    loads[:, here] = np.where(total[:, here] > 0, np.maximum(loads[:, here], 0.0), loads[:, here])
    ids = surveyed.units.ids
    return tuple(
        KeyAccount(
            account_id=str(account),
            executive_id=str(executive),
            unit_id=ids[place] if place >= 0 else "",
            loads=tuple(claims[:, at].tolist()),
        )
        for at, (account, executive, place) in enumerate(
            zip(keys["account_id"], keys["executive_id"], unit.tolist(), strict=True)
        )
    )


def _claim(name: str, keys: pd.DataFrame, surveyed: Surveyed) -> Floats:
    """What each key account holds of a load, (k,)."""
    if name == "workload":
        return _key_hours(keys, surveyed)
    if name == "potential":
        return _potential(keys, surveyed)
    if name == "accounts":
        return np.ones(len(keys), dtype=np.float64)
    table, _, column = name.partition(".")
    if table == "accounts" and column in keys:
        return np.array(keys[column].astype("float64").fillna(0.0), dtype=np.float64)
    return np.zeros(len(keys))


def _potential(keys: pd.DataFrame, surveyed: Surveyed) -> Floats:
    """Potential a year as the account says, else its company's consumption, else nothing."""
    companies = surveyed.market.table("companies")
    spent = dict(zip(companies["company_id"], companies["consumption"], strict=True))
    of_company = keys["company_id"].map(spent).astype("float64")
    told = keys["annual_potential"].astype("float64").fillna(of_company)
    return np.asarray(told.fillna(0.0).clip(lower=0.0), dtype=np.float64)


def _key_hours(keys: pd.DataFrame, surveyed: Surveyed) -> Floats:
    """Hours a year: visits, and for each of them the way from home to the account and back."""
    from territory.survey.workload import CYCLES_PER_YEAR, STRAIGHT_SPEED_KMH, visit_load

    executives = surveyed.market.table("executives").set_index("executive_id")
    homes = executives.loc[keys["executive_id"], ["home_lon", "home_lat"]].to_numpy(np.float64)
    places = keys[["lon", "lat"]].to_numpy(dtype=np.float64)
    visits, minutes = visit_load(keys)
    usual = STRAIGHT_SPEED_KMH[surveyed.market.settings.mode]
    seconds = np.zeros(len(keys))
    for executive in sorted(set(keys["executive_id"])):
        mine = np.flatnonzero((keys["executive_id"] == executive).to_numpy())
        found = surveyed.reach.block(homes[mine[:1]], places[mine]).seconds
        way = found.reshape(-1, len(mine))[0].astype(np.float64)
        straight = np.array([haversine_meters(homes[at], places[at]) for at in mine]).ravel()
        seconds[mine] = np.where(way >= UNREACHABLE, straight / 1000 / usual * 3600, way)
    return np.asarray(visits * CYCLES_PER_YEAR * (minutes / 60 + 2 * seconds / 3600))


def _measures(
    loads: Floats,
    wishes: tuple[LoadWish, ...],
    surveyed: Surveyed,
    scored: ScorePlan,
    keys: pd.DataFrame,
) -> dict[str, Floats]:
    """What may count when a unit changes hands, each (n,); key accounts stay, so they do not."""
    places = {wish.name: row for row, wish in enumerate(wishes)}
    accounts = surveyed.market.table("accounts")
    rest = accounts[~accounts.index.isin(keys.index)]
    years = rest.assign(one=1.0, years=_years(rest, surveyed))
    potential = np.array(scored.table.numbers("potential"), dtype=np.float64)
    return {
        "workload": loads[-1].copy(),
        "potential": loads[places["potential"]].copy() if "potential" in places else potential,
        "accounts": _summed(years, "one", surveyed),
        "relationship_years": _summed(years, "years", surveyed),
    }


def _years(accounts: pd.DataFrame, surveyed: Surveyed) -> list[float]:
    """Years since the present executive serves each account, 0 where that is not known."""
    today = surveyed.market.settings.today
    return [
        max((today - since).days / 365.25, 0.0) if pd.notna(since) and since else 0.0
        for since in accounts["served_since"]
    ]


def _mixed(measures: Mapping[str, Floats], weights: Mapping[Measure, float]) -> Floats:
    """The shares of each measure, weighted; a measure that is 0 everywhere counts for nothing.

    Raises
    ------
    InputError
        If a weight is no finite number of 0 or more, or none is above 0.
    """
    is_odd = any(not 0 <= weight < math.inf for weight in weights.values())
    if is_odd or not any(weights.values()):
        raise InputError(
            "The price of moving must count something.",
            [Fault(column="move_by", value=str(dict(weights)), expected="weights of 0 or more")],
        )
    mixed = np.zeros(len(measures["workload"]))
    for name, weight in weights.items():
        total = float(measures[name].sum())
        if total > 0:
            mixed += weight / sum(weights.values()) * measures[name] / total
    return mixed
