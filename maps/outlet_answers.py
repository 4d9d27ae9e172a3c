"""What the outlets page tells beside the plan: sources, stand-ins, paybacks, draws, what-ifs."""

from collections.abc import Sequence
from typing import Any

from maps.columns import Cell, tidy
from territory.outlets import OutletPlan, SiteResult
from territory.plans import Table


def answers_data(plan: OutletPlan, sites: Sequence[SiteResult]) -> dict[str, Any]:
    """The tables of answers as the page takes them; a table that was not asked for is empty.

    ``sites`` are the page's sites in order: the plan's and the competitors it does not name.
    """
    names = {site.site_id: site.name or site.site_id for site in sites}
    place = {site.site_id: k for k, site in enumerate(sites)}
    return {
        "transfers": _transfers(plan.transfers, place),
        "stand_ins": _stand_ins(plan.alternatives, place, names),
        "networks": _networks(plan.alternatives, names),
        "paybacks": _by_site(
            plan.paybacks,
            place,
            names,
            money=("adds", "opening_cost", "upkeep_cost", "earns", "saved"),
            numbers=("payback_years",),
        ),
        "sure": _by_site(
            plan.robustness, place, names, numbers=("chosen_percent", "rank_low", "rank_high")
        ),
        "what_ifs": _what_ifs(plan.what_ifs, names),
        "margin_percent": plan.margin_percent,
        "phases": _phases(plan, names),
        "loads": _by_site(
            plan.loads,
            place,
            names,
            money=("capacity", "load_before", "load"),
            numbers=("price",),
        ),
    }


def _transfers(table: Table, place: dict[str, int]) -> dict[str, list[Cell]]:
    """Rows of taker, source and amount, sites by their place on the page (-1: nobody)."""
    if not table.columns:
        return {"to": [], "source": [], "from": [], "amount": []}
    return {
        "to": [place.get(site, -1) for site in table.texts("site_id")],
        "source": list(table.texts("source")),
        "from": [place.get(site, -1) for site in table.texts("source_id")],
        "amount": tidy(table.numbers("amount"), "money"),
    }


def _named(ids: str, names: dict[str, str]) -> str:
    """Names of the sites in a list of ids joined by commas."""
    return ", ".join(names.get(one.strip(), one.strip()) for one in ids.split(",") if one.strip())


def _stand_ins(table: Table, place: dict[str, int], names: dict[str, str]) -> dict[str, list[Cell]]:
    """For every new site, who steps in when it falls through, and what that loses."""
    rows = [row for row, site in enumerate(_texts(table, "without")) if site]
    return {
        "site": [place.get(table.texts("without")[row], -1) for row in rows],
        "opens": [_named(table.texts("opens")[row], names) for row in rows],
        "loss_percent": tidy([table.numbers("loss_percent")[row] for row in rows], "number"),
        "captured": tidy([table.numbers("captured")[row] for row in rows], "money"),
    }


def _networks(table: Table, names: dict[str, str]) -> dict[str, Any]:
    """The other networks as rows of a table."""
    count = len(_texts(table, "without"))
    without = [_named(site, names) for site in _texts(table, "without")]
    return {
        "count": count,
        "rows": {
            "kind": [f"without {name}" if name else "next best" for name in without],
            "captured": _money(table, "captured"),
            "loss_percent": tidy(_numbers(table, "loss_percent"), "number"),
            "bound": _money(table, "bound"),
            "opens": [_named(ids, names) for ids in _texts(table, "opens")],
            "leaves": [_named(ids, names) for ids in _texts(table, "leaves")],
        },
    }


def _by_site(
    table: Table,
    place: dict[str, int],
    names: dict[str, str],
    *,
    money: tuple[str, ...] = (),
    numbers: tuple[str, ...] = (),
) -> dict[str, Any]:
    """A table with a row per site: its name, its place on the page, its figures."""
    ids = _texts(table, "site_id")
    rows: dict[str, list[Cell]] = {"name": [names.get(site, site) for site in ids]}
    rows |= {name: _money(table, name) for name in money}
    rows |= {name: tidy(_numbers(table, name), "number") for name in numbers}
    return {"count": len(ids), "site": [place.get(site, -1) for site in ids], "rows": rows}


def _what_ifs(table: Table, names: dict[str, str]) -> dict[str, Any]:
    return {
        "count": len(_texts(table, "name")),
        "rows": {
            "name": list(_texts(table, "name")),
            "captured": _money(table, "captured"),
            "change": _money(table, "change"),
            "bound": _money(table, "bound"),
            "new_sites": tidy(_numbers(table, "new_sites"), "whole"),
            "spent": _money(table, "spent"),
            "opens": [_named(ids, names) for ids in _texts(table, "opens")],
            "closes": [_named(ids, names) for ids in _texts(table, "closes")],
            "note": list(_texts(table, "note")),
        },
    }


def _phases(plan: OutletPlan, names: dict[str, str]) -> dict[str, Any]:
    """A row per phase with the names of what opens and closes in it."""
    steps = [*zip(_numbers(plan.steps, "phase"), _texts(plan.steps, "site_id"), strict=True)]
    words = _texts(plan.steps, "decision")
    numbers = _numbers(plan.phases, "phase")

    def named(phase: float, word: str) -> str:
        chosen = [
            site for (when, site), what in zip(steps, words, strict=True)
            if when == phase and what == word
        ]  # fmt: skip
        return ", ".join(names.get(site, site) for site in chosen)

    return {
        "count": len(numbers),
        "rows": {
            "phase": tidy(numbers, "whole"),
            "opens": [named(phase, "open") for phase in numbers],
            "closes": [named(phase, "close") for phase in numbers],
            "captured": _money(plan.phases, "captured"),
            "bound": _money(plan.phases, "bound"),
            "spent": _money(plan.phases, "spent"),
            "most_spent": _money(plan.phases, "most_spent"),
        },
    }


def _texts(table: Table, name: str) -> tuple[str, ...]:
    return table.texts(name) if table.columns else ()


def _numbers(table: Table, name: str) -> tuple[float, ...]:
    return table.numbers(name) if table.columns else ()


def _money(table: Table, name: str) -> list[Cell]:
    return tidy(_numbers(table, name), "money")
