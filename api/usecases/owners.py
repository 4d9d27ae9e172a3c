"""Who looks after which account, and which unit: from the tables or from a plan."""

from collections.abc import Mapping

import numpy as np

from api.usecases.workspace import Workspace
from territory.alignment import Alignment, AlignmentPlan
from territory.errors import InputError, NotFound
from territory.geo import haversine_meters
from territory.market import Market
from territory.units import Units


def executive_ids(market: Market) -> tuple[str, ...]:
    """All executives of a market, in the order of the table.

    Raises
    ------
    InputError
        If the market has none.
    """
    ids = tuple(str(value) for value in market.table("executives")["executive_id"])
    if not ids:
        raise InputError(
            f"Market {market.name!r} has no executives.",
            fix=f"Import a table: fieldwright import {market.name} executives.csv",
        )
    return ids


def current_alignment(market: Market, units: Units) -> Alignment | None:
    """Today's alignment from the table, None if the table says nothing of these units."""
    frame = market.table("alignment")
    today = market.settings.today
    holds = frame[frame["subject_kind"].isin(("unit", "zone"))]
    owners = {
        str(row["subject_id"]): str(row["executive_id"])
        for row in holds.to_dict("records")
        if row["valid_from"] <= today and not (row["valid_to"] and row["valid_to"] < today)
    }
    known = set(executive_ids(market))
    column = tuple(
        owners.get(unit, "") if owners.get(unit, "") in known else "" for unit in units.ids
    )
    if not any(column):
        return None
    return Alignment(unit_ids=units.ids, executive_ids=executive_ids(market), owners=column)


def owners_of_accounts(
    workspace: Workspace, market: Market, *, alignment_plan: str | None = None
) -> Mapping[str, str]:
    """The executive of each account.

    With an alignment plan: the owner of the account's unit, but a key account stays with its own
    executive, if the plan has that executive. Without: the executive named in the accounts table,
    else the nearest by home.
    """
    accounts = market.table("accounts")
    named = {
        str(row["account_id"]): str(row["executive_id"] or "")
        for row in accounts.to_dict("records")
    }
    if alignment_plan is not None:
        plan = alignment_of(workspace, alignment_plan)
        by_area = _owners_by_area(plan, market)
        keys = accounts["is_key"].fillna(False).astype(bool)
        team = set(plan.alignment.executive_ids)
        flagged = accounts.loc[keys, "account_id"].astype(str)
        stays = {account: named[account] for account in flagged if named[account] in team}
        stays |= {
            one.account_id: one.executive_id
            for one in plan.key_accounts
            if one.executive_id in team
        }
        named = {account: stays.get(account) or by_area.get(account, "") for account in named}
    return _fill_with_nearest(market, named)


def alignment_of(workspace: Workspace, plan_id: str) -> AlignmentPlan:
    """The alignment plan of this id; NotFound if it is of another kind."""
    plan = workspace.store.load_plan(plan_id).plan
    if not isinstance(plan, AlignmentPlan):
        raise NotFound(f"Plan {plan_id} is no alignment plan.")
    return plan


def _owners_by_area(plan: AlignmentPlan, market: Market) -> Mapping[str, str]:
    from territory.units import build_units, locate

    units = build_units(market)
    owner_of = plan.alignment.owner_of()
    accounts = market.table("accounts")
    lonlat = accounts[["lon", "lat"]].to_numpy(dtype=np.float64)
    places = locate(units, lonlat)
    return {
        str(account): owner_of.get(units.ids[place], "") if place >= 0 else ""
        for account, place in zip(accounts["account_id"], places, strict=True)
    }


def _fill_with_nearest(market: Market, owners: Mapping[str, str]) -> Mapping[str, str]:
    """Accounts that nobody owns go to the executive whose home is nearest."""
    accounts = market.table("accounts")
    executives = market.table("executives")
    known = set(executives["executive_id"].astype(str))
    lost = [
        position
        for position, account in enumerate(accounts["account_id"].astype(str))
        if owners.get(account, "") not in known
    ]
    if not lost or executives.empty:
        return dict(owners)
    homes = executives[["home_lon", "home_lat"]].to_numpy(dtype=np.float64)
    ids = executives["executive_id"].astype(str).to_list()
    rows = accounts.iloc[lost]
    nearest = haversine_meters(rows[["lon", "lat"]].to_numpy(dtype=np.float64), homes).argmin(
        axis=1
    )
    filled = {
        account: ids[int(best)]
        for account, best in zip(rows["account_id"].astype(str), nearest, strict=True)
    }
    return {**owners, **filled}
