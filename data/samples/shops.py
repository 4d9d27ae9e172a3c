"""Outlets and candidate sites of a sample, and purchases seen at the outlets."""

from datetime import timedelta

import numpy as np
import pandas as pd

from data.samples.sample import TODAY, Draws, table
from territory.geo import haversine_meters


def trading_figures(draw: np.random.Generator, count: int, own: int) -> dict[str, object]:
    """Status, pull, sales, costs and opening day of outlets, the first ``own`` of them ours."""
    pull = np.round(draw.lognormal(-0.05, 0.3, count), 2)
    sales = np.round(pull * 420_000 * draw.lognormal(0, 0.2, count), -3)
    is_own = np.arange(count) < own
    may_close = np.zeros(count, dtype=bool)
    may_close[:own][-2:] = True
    age = draw.integers(200, 6_000, count)
    return {
        "owner": np.where(is_own, "own", "competitor"),
        "status": "open",
        "attractiveness": pull,
        "annual_sales": np.where(is_own, sales, np.nan),
        "upkeep_cost": np.where(is_own, np.round(sales * 0.11, -2), np.nan),
        "closing_cost": np.where(is_own, np.round(sales * 0.06, -2), np.nan),
        "may_close": may_close,
        "opened": [TODAY - timedelta(days=int(days)) for days in age],
    }


def site_figures(draw: np.random.Generator, count: int) -> dict[str, object]:
    """Pull and costs of candidate sites; the last is forbidden."""
    return {
        "opening_cost": np.round(draw.uniform(25_000, 70_000, count), -3),
        "closing_cost": np.round(draw.uniform(8_000, 20_000, count), -3),
        "attractiveness": np.round(draw.uniform(0.8, 1.25, count), 2),
        "is_forced": False,
        "is_forbidden": np.arange(count) == count - 1,
    }


def flows(draws: Draws, accounts: pd.DataFrame, outlets: pd.DataFrame) -> pd.DataFrame:
    """What some accounts bought at our outlets: more at near and strong ones (Huff 1964)."""
    draw = draws.of("flows")
    own = outlets[outlets["owner"] == "own"].reset_index(drop=True)
    chosen = accounts[draw.random(len(accounts)) < 0.4].reset_index(drop=True)
    meters = haversine_meters(chosen[["lon", "lat"]].to_numpy(), own[["lon", "lat"]].to_numpy())
    pull = own["attractiveness"].to_numpy() / np.maximum(meters, 80.0) ** 1.5
    best = np.argsort(-pull, axis=1)[:, :2]
    share = np.take_along_axis(pull / pull.sum(axis=1, keepdims=True), best, axis=1)
    spent = chosen["annual_potential"].to_numpy() * draw.uniform(0.02, 0.12, len(chosen))
    return table(
        "flows",
        {
            "origin_id": np.repeat(chosen["account_id"].to_numpy(), best.shape[1]),
            "outlet_id": own["outlet_id"].to_numpy()[best].ravel(),
            "amount": np.round(spent[:, None] * share, 2).ravel(),
        },
    )
