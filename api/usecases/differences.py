"""The diff of any two versions of a market's alignment: in words, as a workbook, as a map page."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from api.usecases.listing import plan_id_of
from api.usecases.workspace import Workspace
from territory.alignment import AlignmentPlan
from territory.errors import Conflict, InputError, NotFound
from territory.handover import AlignmentDiff, alignment_diff
from territory.market import Market

if TYPE_CHECKING:
    from data.store import StoredPlan
    from maps import Page


def diff_of(workspace: Workspace, before: str, after: str) -> AlignmentDiff:
    """What changes hands from one version to another.

    Raises
    ------
    NotFound
        If one of them is no alignment plan.
    InputError
        If they are of different markets.
    """
    return _diff(workspace, *_both(workspace, before, after))


def diff_lines(found: AlignmentDiff, names: dict[str, str]) -> Iterator[str]:
    """A line for all, then one per pair of executives."""
    shares = ", ".join(
        f"{percent:.1f} % of {name}"
        for name, percent in zip(found.load_names, found.moved_percent, strict=True)
    )
    yield f"{found.units:,} units and {found.accounts:,} accounts change hands: {shares}"
    for one in found.exchanges:
        giver, taker = (
            names.get(each, each) or "nobody" for each in (one.from_executive, one.to_executive)
        )
        loads = ", ".join(
            f"{load:,.0f} {name}" for name, load in zip(found.load_names, one.loads, strict=True)
        )
        yield (
            f"{giver} -> {taker}: {len(one.unit_ids):,} units, {len(one.account_ids):,} accounts, "
            f"{loads}"
        )


def names_of(workspace: Workspace, found: AlignmentDiff) -> dict[str, str]:
    """Name of each executive of the market of a diff."""
    from api.usecases.pictures import executive_names

    market = workspace.store.load_plan(found.after_plan).market
    return executive_names(workspace.store.market(market))


def diff_workbook(workspace: Workspace, before: str, after: str) -> tuple[str, bytes]:
    """The diff as XLSX: the file's name and its bytes."""
    from dataclasses import replace

    from api.usecases.pictures import export_context
    from data.exports.handover import handover_bytes

    first, second, market = _both(workspace, before, after)
    context = replace(export_context(market, second), title="Changes of jurisdictions")
    found = _diff(workspace, first, second, market)
    return f"{market.name}-{first.plan_id}-{second.plan_id}.xlsx", handover_bytes(found, context)


def diff_page(workspace: Workspace, before: str, after: str, *, home_href: str = "/") -> "Page":
    """The diff as one self-contained page.

    Raises
    ------
    Conflict
        If the market's units changed since, so that they can no longer be drawn.
    """
    from dataclasses import replace

    import maps
    from api.usecases.pictures import executive_names, page_context
    from territory.units import build_units

    first, second, market = _both(workspace, before, after)
    units = build_units(market)
    if units.ids != cast(AlignmentPlan, second.plan).alignment.unit_ids:
        raise Conflict(
            f"The units of {market.name!r} changed since this plan was made.",
            fix="Make a new plan.",
        )
    context = replace(
        page_context(workspace, market, second, home_href), title="Changes of jurisdictions"
    )
    found = _diff(workspace, first, second, market)
    return maps.draw_diff(found, units, context, names=executive_names(market))


def save_diff(workspace: Workspace, before: str, after: str, path: Path) -> Path:
    """Write the diff as a workbook (.xlsx) or a page (.html), by the file's name.

    Raises
    ------
    InputError
        If the name ends in neither.
    """
    if path.suffix == ".html":
        return diff_page(workspace, before, after, home_href="").save(path)
    if path.suffix != ".xlsx":
        raise InputError(f"A diff is not written as {path.suffix!r}.", fix="Use .xlsx or .html.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(diff_workbook(workspace, before, after)[1])
    return path


def _both(workspace: Workspace, before: str, after: str) -> "tuple[StoredPlan, StoredPlan, Market]":
    """Both versions and their market."""
    first, second = (
        workspace.store.load_plan(plan_id_of(workspace, each)) for each in (before, after)
    )
    for stored in (first, second):
        if stored.kind != "alignment":
            raise NotFound(f"Plan {stored.plan_id} is no alignment plan.")
    if first.market != second.market:
        raise InputError(
            f"Plan {first.plan_id} is of market {first.market!r}, {second.plan_id} of "
            f"{second.market!r}.",
            fix="Compare two versions of one market.",
        )
    return first, second, workspace.store.market(second.market)


def _diff(
    workspace: Workspace, first: "StoredPlan", second: "StoredPlan", market: Market
) -> AlignmentDiff:
    return alignment_diff(
        cast(AlignmentPlan, first.plan),
        cast(AlignmentPlan, second.plan),
        before_plan=first.plan_id,
        after_plan=second.plan_id,
        unit_of_account=_unit_of_account(market),
    )


def _unit_of_account(market: Market) -> dict[str, str]:
    """The unit of each account that goes with its unit: not of key accounts, who stay."""
    import numpy as np

    from territory.units import build_units, locate

    accounts, units = market.table("accounts"), build_units(market)
    stays = accounts["is_key"].fillna(False).astype(bool) & (
        accounts["executive_id"].fillna("") != ""
    )
    places = locate(units, accounts[["lon", "lat"]].to_numpy(dtype=np.float64))
    return {
        str(account): units.ids[place]
        for account, place, is_key in zip(accounts["account_id"], places, stays, strict=True)
        if place >= 0 and not is_key
    }
