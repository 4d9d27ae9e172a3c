"""The accounts of a sample: which companies are visited, how often, how long, when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.samples.sample import DRAWN, TODAY, Draws, numbered, table
from data.samples.words import people
from territory.hours import parse_hours

TIER_SHARES: Final = (("A", 0.15), ("B", 0.30), ("C", 0.55))
TIERS: Final = ("A", "B", "C")
USUAL_MINUTES: Final[Mapping[str, float]] = {"A": 45.0, "B": 30.0, "C": 20.0}

HOURS_BY_CATEGORY: Final[Mapping[str, str]] = {
    "restaurant": "Mo-Sa 10:00-22:00",
    "fast_food": "Mo-Su 10:00-21:00",
    "cafe": "Mo-Fr 07:30-18:00; Sa 09:00-17:00",
    "bar": "Mo-Sa 12:00-23:00",
    "pub": "Mo-Su 12:00-23:00",
    "nightclub": "Tu-Fr 11:00-16:00",
    "supermarket": "Mo-Sa 08:00-21:00",
    "convenience": "Mo-Su 08:00-21:00",
}
USUAL_HOURS: Final = "Mo-Fr 09:00-17:00"
_EARLIEST: Final = 9 * 3_600
_LATEST: Final = 16 * 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often each tier is seen in four weeks, what a visit's way costs on average, and which
    share of the team's hours visits and ways together fill."""

    visits_per_4_weeks: Mapping[str, float]
    travel_minutes: float
    filling: float


def choose_companies(
    draws: Draws, companies: pd.DataFrame, count: int, *, allowed: Sequence[bool] = ()
) -> NDArray[np.intp]:
    """Positions of the companies that are accounts: big buyers mostly, with some luck.

    ``allowed`` says, where it is given, which companies may be chosen.
    """
    draw = draws.of("choice")
    appeal = companies["consumption"].to_numpy() ** 0.7 * draw.lognormal(0, 0.6, len(companies))
    if len(allowed):
        appeal = np.where(allowed, appeal, 0.0)
    return np.sort(np.argsort(-appeal, kind="stable")[:count])


def draw_accounts(
    draws: Draws,
    companies: pd.DataFrame,
    *,
    opening_hours: Sequence[str],
    owners: Sequence[str],
    rhythm: Rhythm,
    hours: float,
    skill: str,
    is_observed: bool,
) -> pd.DataFrame:
    """The accounts of ``companies`` (one each), their visits filling their part of ``hours``.

    ``opening_hours`` are what the source says ("" if nothing); what cannot be read is replaced by
    what is usual for the kind of business, and marked. A few accounts cannot be served as they
    are: one open at weekends only, one open for too short a time, one whose visit takes a whole
    day, three that ask for a skill which few have.
    """
    draw = draws.of("accounts")
    count = len(companies)
    tier = _tiers(companies["consumption"].to_numpy())
    frequency = np.array([rhythm.visits_per_4_weeks[name] for name in tier])
    minutes = _fitting_minutes(tier, frequency, rhythm, hours)
    hours_said, is_read = _hours(companies["category"].tolist(), opening_hours)
    is_key = np.zeros(count, dtype=bool)
    is_key[np.flatnonzero(tier == "A")[:: max(1, int((tier == "A").sum() // 3))][:3]] = True
    day = np.array(["Mo", "Tu", "We", "Th", "Fr"])[draw.integers(0, 5, count)]
    awkward = np.flatnonzero(tier == "C")
    hours_said[awkward[3]] = "Sa-Su 10:00-16:00"
    hours_said[awkward[11]] = "Mo-Fr 07:00-07:15"
    is_read[awkward[[3, 11]]] = False
    needs_skill = np.full(count, "", dtype=object)
    needs_skill[awkward[[15, 22, 29]]] = skill
    minutes[awkward[7]] = 480.0
    frequency[awkward[7]] = 1.0
    contacts = {name: people(draw, count) for name in _CONTACTS}
    drawn = [name for name in _DRAWN if name not in ("opening_hours",)]
    marks = [";".join(drawn if read else [*drawn, "opening_hours"]) for read in is_read]
    since = draw.integers(60, 2_200, count)
    return table(
        "accounts",
        {
            "account_id": numbered("K", count),
            "company_id": companies["company_id"].to_numpy(),
            "name": companies["name"].to_numpy(),
            "lon": companies["lon"].to_numpy(),
            "lat": companies["lat"].to_numpy(),
            "tier": tier,
            "executive_id": list(owners),
            **contacts,
            "phone": companies["phone"].to_numpy(),
            "opening_hours": hours_said,
            "visits_per_4_weeks": frequency,
            "visit_minutes": minutes,
            "preferred_weekdays": np.where(draw.random(count) < 0.2, day, ""),
            "required_skill": needs_skill,
            "served_since": [TODAY - timedelta(days=int(days)) for days in since],
            "annual_potential": companies["consumption"].to_numpy(),
            "is_key": is_key,
        },
        synthetic=marks if is_observed else DRAWN,
    )


_CONTACTS: Final = ("procurement_head", "store_manager", "team_leader")
_DRAWN: Final = (
    "tier",
    "executive_id",
    *_CONTACTS,
    "visits_per_4_weeks",
    "visit_minutes",
    "preferred_weekdays",
    "required_skill",
    "last_visit",
    "served_since",
    "annual_potential",
    "is_key",
)


def _tiers(consumption: NDArray[np.float64]) -> NDArray[np.str_]:
    rank = np.argsort(np.argsort(-consumption, kind="stable")) / max(1, len(consumption))
    bounds = np.cumsum([share for _, share in TIER_SHARES])
    return np.array(TIERS)[np.searchsorted(bounds[:-1], rank, side="right")]


def _fitting_minutes(
    tier: NDArray[np.str_], frequency: NDArray[np.float64], rhythm: Rhythm, hours: float
) -> NDArray[np.float64]:
    """Visit lengths in steps of five minutes that, with the ways, fill their part of the hours."""
    usual = np.array([USUAL_MINUTES[name] for name in tier])
    free = rhythm.filling * hours * 60 - (frequency * rhythm.travel_minutes).sum()
    stretched = usual * max(0.5, free / (frequency * usual).sum())
    return np.asarray(np.clip(np.rint(stretched / 5) * 5, 10, 240), dtype=np.float64)


def _hours(
    categories: Sequence[str], said: Sequence[str]
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Opening hours, the source's where a plan can read them, and whether they are."""
    found, is_read = [], []
    for category, text in zip(categories, said, strict=True):
        readable = bool(text) and is_readable(text)
        found.append(text if readable else HOURS_BY_CATEGORY.get(category, USUAL_HOURS))
        is_read.append(readable)
    return np.array(found, dtype=object), np.array(is_read)


def is_visitable(text: str) -> bool:
    """Whether two hours of most working days are open; yes where nothing readable is said."""
    if not text or not is_readable(text):
        return True
    good = sum(
        any(min(end, _LATEST) - max(start, _EARLIEST) >= 7_200 for start, end in windows)
        for windows in parse_hours(text)[:5]
    )
    return good >= 3


def is_readable(text: str) -> bool:
    """Whether a plan understands these opening hours."""
    try:
        parse_hours(text)
    except ValueError:
        return False
    return True
