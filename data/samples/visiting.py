"""What visits leave behind in a sample: the visits themselves, tasks, observations, promoters."""

from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.samples.sample import TODAY, Draws, numbered, table
from data.samples.words import people
from territory.hours import parse_hours

HISTORY_WEEKS: Final = 12
MISSED_SHARE: Final = 0.11
_TASKS: Final = (
    ("issue", "Complaint about a late delivery"),
    ("promotion", "Set up the winter promotion"),
    ("demonstration", "Show the new machine"),
    ("price_check", "Check shelf prices"),
    ("survey", "Ask about next year's needs"),
    ("agreement", "Renew the yearly agreement"),
)
_RIVALS: Final = ("Nordbrew", "Kaldi & Co", "Fontana", "Greenleaf Trading")
_SEEN: Final = ("price", "launch", "promotion", "volume", "share")
_NOTES: Final = {
    "price": "Price on the shelf.",
    "launch": "A new product on the counter.",
    "promotion": "Two for the price of one, with a display.",
    "volume": "Cases counted in the store room.",
    "share": "Share of the shelf.",
}


def visits(draws: Draws, accounts: pd.DataFrame) -> pd.DataFrame:
    """Twelve weeks of visits done and missed, and some pinned appointments in the weeks to come."""
    draw = draws.of("visits")
    parts = [_past(draw, accounts), _appointments(draw, accounts)]
    frame = pd.concat(parts, ignore_index=True).sort_values(
        ["date", "account_id"], kind="stable", ignore_index=True
    )
    return table("visits", {"visit_id": numbered("V", len(frame)), **frame})


def _past(draw: np.random.Generator, accounts: pd.DataFrame) -> pd.DataFrame:
    frequency = accounts["visits_per_4_weeks"].to_numpy()
    gap = 20.0 / frequency  # working days between visits
    days = HISTORY_WEEKS * 5
    start = draw.random(len(accounts)) * gap
    times = np.maximum(0, np.floor((days - start) / gap)).astype(int) + 1
    who = np.repeat(np.arange(len(accounts)), times)
    number = np.arange(len(who)) - np.repeat(np.cumsum(times) - times, times)
    back = start[who] + number * gap[who]
    when = [_working_day_before(int(step)) for step in np.minimum(back, days - 1)]
    rows = accounts.iloc[who]
    is_missed = draw.random(len(who)) < MISSED_SHARE
    begin = draw.integers(9 * 4, 16 * 4, len(who))
    return pd.DataFrame(
        {
            "account_id": rows["account_id"].to_numpy(),
            "executive_id": rows["executive_id"].to_numpy(),
            "date": when,
            "status": np.where(is_missed, "missed", "done"),
            "start": [
                "" if missed else f"{quarter // 4:02d}:{quarter % 4 * 15:02d}"
                for missed, quarter in zip(is_missed, begin, strict=True)
            ],
            "minutes": np.where(
                is_missed, np.nan, np.minimum(rows["visit_minutes"].to_numpy(), 240.0)
            ),
            "is_pinned": False,
            "note": np.where(is_missed, "Nobody was there.", ""),
        }
    )


def _working_day_before(steps: int) -> date:
    """The working day that lies ``steps`` working days before the last one before today."""
    weeks, days = divmod(steps, 5)
    friday = TODAY - timedelta(days=3)
    return friday - timedelta(days=7 * weeks + days)


def _appointments(draw: np.random.Generator, accounts: pd.DataFrame) -> pd.DataFrame:
    """Pinned for the coming two weeks, one an executive at most on a day."""
    good = accounts[
        accounts["tier"].isin(["A", "B"])
        & (accounts["required_skill"] == "")
        & (accounts["visit_minutes"] <= 120)
    ]
    chosen = good.groupby("executive_id").head(3).reset_index(drop=True)
    order = chosen.groupby("executive_id").cumcount().to_numpy()
    offset = np.array([1, 4, 9])[order]
    hours = draw.choice(["10:00", "13:45", "14:30"], len(chosen))
    return pd.DataFrame(
        {
            "account_id": chosen["account_id"],
            "executive_id": chosen["executive_id"],
            "date": [TODAY + timedelta(days=int(days)) for days in offset],
            "status": "planned",
            "start": hours,
            "minutes": chosen["visit_minutes"],
            "is_pinned": True,
            "note": "Agreed by telephone.",
        }
    )


def with_last_visit(accounts: pd.DataFrame, done: pd.DataFrame) -> pd.DataFrame:
    """The accounts with the day of their last visit done."""
    last = done[done["status"] == "done"].groupby("account_id")["date"].max()
    days = [last.get(account) for account in accounts["account_id"]]
    return accounts.assign(last_visit=pd.Series(days, dtype="object", index=accounts.index))


def tasks(draws: Draws, accounts: pd.DataFrame) -> pd.DataFrame:
    """One task for every fourth account: some overdue, most due in the coming weeks, some done."""
    draw = draws.of("tasks")
    count = max(12, len(accounts) // 4)
    who = draw.choice(len(accounts), count, replace=count > len(accounts))
    kind = draw.integers(0, len(_TASKS), count)
    due = np.where(draw.random(count) < 0.12, -draw.integers(1, 15, count), 0)
    due = np.where(due < 0, due, draw.integers(3, 30, count))
    is_done = (due > 0) & (draw.random(count) < 0.25)
    created = np.minimum(due, 0) - draw.integers(5, 30, count)
    finished = TODAY - timedelta(days=2)
    return table(
        "tasks",
        {
            "task_id": numbered("T", count),
            "account_id": accounts["account_id"].to_numpy()[who],
            "kind": [_TASKS[number][0] for number in kind],
            "title": [_TASKS[number][1] for number in kind],
            "created": [TODAY + timedelta(days=int(days)) for days in created],
            "deadline": [TODAY + timedelta(days=int(days)) for days in due],
            "minutes": draw.choice([10.0, 15.0, 20.0, 30.0], count),
            "priority": draw.choice(
                ["low", "normal", "high", "urgent"], count, p=[0.2, 0.5, 0.2, 0.1]
            ),
            "status": np.where(is_done, "done", "open"),
            "done": [finished if done else None for done in is_done],
            "answer": np.where(is_done, "Done, the customer is content.", ""),
        },
    )


def observations(draws: Draws, accounts: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """What was seen of competitors and of our own prices, half of it in the last week."""
    draw = draws.of("observations")
    count = max(40, len(accounts) // 3)
    kind = np.array(_SEEN)[draw.integers(0, len(_SEEN), count)]
    is_ours = (kind == "price") & (draw.random(count) < 0.5)
    product = draw.integers(0, len(products), count)
    back = np.where(
        draw.random(count) < 0.5, draw.integers(1, 8, count), draw.integers(8, 84, count)
    )
    cost = products["unit_cost"].to_numpy()[product]
    price = np.round(cost * draw.normal(1.35, 0.16, count), 2)
    return table(
        "observations",
        {
            "observation_id": numbered("B", count),
            "account_id": accounts["account_id"].to_numpy()[draw.integers(0, len(accounts), count)],
            "date": [TODAY - timedelta(days=int(days)) for days in back],
            "owner": np.where(is_ours, "own", "competitor"),
            "product_id": products["product_id"].to_numpy()[product],
            "competitor": np.where(is_ours, "", draw.choice(_RIVALS, count)),
            "kind": kind,
            "price": _where(np.isin(kind, ["price", "promotion", "launch"]), price),
            "volume": _where(kind == "volume", draw.integers(2, 60, count)),
            "share_percent": _where(kind == "share", np.round(draw.uniform(5, 60, count))),
            "note": [_NOTES[name] for name in kind],
        },
    )


def promoters(draws: Draws, outlets: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """A promoter at every second own outlet and at a few big accounts."""
    draw = draws.of("promoters")
    own = outlets.loc[outlets["owner"] == "own", "outlet_id"].tolist()[::2]
    big = accounts.loc[accounts["tier"] == "A", "account_id"].tolist()[:3]
    count = len(own) + len(big)
    return table(
        "promoters",
        {
            "promoter_id": numbered("P", count),
            "name": people(draw, count),
            "outlet_id": [*own, *[""] * len(big)],
            "account_id": [*[""] * len(own), *big],
            "shifts": draw.choice(
                ["Fr 15:00-19:00; Sa 10:00-16:00", "Th-Sa 12:00-18:00", "Mo,We,Fr 10:00-14:00"],
                count,
            ),
        },
    )


def promoter_days(draws: Draws, promoters: pd.DataFrame) -> pd.DataFrame:
    """Eight weeks of promoters' days by their shifts: now and then late, away, or all day away."""
    draw = draws.of("promoter days")
    rows = [
        (promoter, day, sum(end - start for start, end in windows) / 3600)
        for promoter, shifts in zip(promoters["promoter_id"], promoters["shifts"], strict=True)
        for day in (TODAY - timedelta(days=back) for back in range(8 * 7, 0, -1))
        if (windows := parse_hours(shifts)[day.weekday()])
    ]
    planned = np.array([hours for *_, hours in rows])
    part = draw.choice([1.0, 0.75, 0.0], len(rows), p=[0.86, 0.09, 0.05])
    units = draw.poisson(6.0 * planned * part)
    return table(
        "promoter_days",
        {
            "promoter_id": [promoter for promoter, *_ in rows],
            "date": [day for _, day, _ in rows],
            "hours": planned * part,
            "units": units.astype(np.float64),
            "sales": np.round(units * draw.uniform(8.0, 14.0, len(rows)), 2),
        },
    )


def _where(is_told: NDArray[np.bool_], values: NDArray[np.generic]) -> NDArray[np.float64]:
    return np.where(is_told, values.astype(np.float64), np.nan)
