"""What a redraw states beside the alignment: key accounts, prices, road shape, levels, counts."""

from dataclasses import dataclass
from typing import Literal

Shape = Literal["straight", "road"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAccount:
    """An account that stays with its executive whatever area it lies in.

    ``unit_id`` is where it lies ("" outside all units). ``loads`` follow the plan's load names:
    they are left out of the unit and counted with the executive; hours are its visits, each with
    its own way there from the executive's home and back.
    """

    account_id: str
    executive_id: str
    unit_id: str
    loads: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedShare:
    """What share of a measure changes hands; ``weight`` is its part in the price of moving."""

    name: str
    weight: float
    percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadShape:
    """A jurisdiction on the road: from its centre to its units, weighted by their workload.

    ``center_unit`` is "" where the centre is the executive's home. ``minutes_squared`` is the mean
    of squared minutes, what redraw makes small; ``worst_minutes`` is the farthest unit's.
    """

    executive_id: str
    center_unit: str
    center_lon: float
    center_lat: float
    mean_minutes: float
    minutes_squared: float
    worst_minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Some executives under one head: a district of jurisdictions or a region of districts.

    ``loads`` follow the plan's load names. ``deviation_percent`` is the load over what so many
    executives should have, less one. ``components`` counts the pieces of its land.
    """

    group_id: str
    executive_ids: tuple[str, ...]
    loads: tuple[float, ...]
    deviation_percent: tuple[float, ...]
    components: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level of the hierarchy, finest first. Each group of a level lies within one of the next.

    ``worst_percent`` follows the load names: the largest deviation of a group.
    """

    name: str
    tolerance_percent: float
    groups: tuple[Group, ...]
    worst_percent: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountTried:
    """The plan of one number of executives, and whether it is the one chosen.

    ``full_percent`` is the workload of the fullest jurisdiction over an executive's hours a year;
    ``beyond_percent`` the largest deviation of a hard load beyond its tolerance, 0 if all are met.
    Where ``is_driven``, the plan was redrawn on driven hours, and these take the place of the
    workload in both.
    """

    executives: int
    worst_percent: tuple[float, ...]
    beyond_percent: float
    polsby_popper: float
    moment_of_inertia: float
    moved_percent: float
    full_percent: float
    is_chosen: bool
    is_driven: bool = False


ChooseBy = Literal["fewest", "balance", "compact", "moves"]
"""What a number of executives is chosen by; see ``best_count``."""


def best_count(tried: tuple[CountTried, ...], by: ChooseBy) -> int:
    """Place of the count to choose; those that meet every tolerance go before those that do not.

    "fewest": the fewest executives none of whom has more than a full year's hours, the least full
    if all have. "balance": least worst deviation; "compact": least inertia; "moves": least workload
    moved. Of equals the fewest executives.
    """

    def rank(place: int) -> tuple[float, float, float, int]:
        one = tried[place]
        overfull = max(one.full_percent - 100, 0.0) if by == "fewest" else 0.0
        value = {
            "fewest": float(one.executives),
            "balance": max(one.worst_percent, default=0.0),
            "compact": one.moment_of_inertia,
            "moves": one.moved_percent,
        }[by]
        return round(one.beyond_percent, 6), round(overfull, 6), round(value, 9), one.executives

    return min(range(len(tried)), key=rank)
