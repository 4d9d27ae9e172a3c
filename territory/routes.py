"""A visit plan: routes of stops per executive and date, and what was left out with its reason."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from territory.prices import CostPart, Objective
from territory.travel import Mode, Source
from territory.visits import VisitKind

UnservedReason = Literal[
    "no_coordinates",
    "out_of_range",
    "unreachable_island",
    "no_opening_hours_in_window",
    "not_due_yet",
    "blocked_until",
    "capacity_day_full",
    "too_far_for_day",
    "skill_mismatch",
    "lower_value_than_kept",
    "manual_exclude",
    "solver_time_limit",
    "no_executive",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One visit on a route. Clock times are seconds after local midnight.

    ``travel_seconds`` and ``travel_meters`` are the leg from the stop before (or from home).
    ``with_account_ids`` are the other accounts seen in this stop.
    """

    visit_id: str
    account_id: str
    kind: VisitKind
    lon: float
    lat: float
    travel_seconds: int
    travel_meters: int
    arrive_seconds: int
    start_seconds: int
    end_seconds: int
    reason: str = ""
    with_account_ids: tuple[str, ...] = ()

    @property
    def waiting_seconds(self) -> int:
        """Time between arriving and starting that is not lunch (lunch is on the route)."""
        return self.start_seconds - self.arrive_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A pause from ``start_seconds`` to ``end_seconds``; may interrupt a drive, never a visit.

    ``lonlat`` is the place the route leads by for it, which its leg's seconds and meters include;
    None if it leads by none.
    """

    start_seconds: int
    end_seconds: int
    lonlat: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Where a running day was planned anew: after so many stops, from a place, not before a time.

    The leg that follows is driven from ``lonlat``. Lunch had before, or whose time was over, is
    history; a day without a stop to come may end late.
    """

    after_stops: int
    lonlat: tuple[float, float]
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One executive's day. Totals cover all legs, the one home included."""

    executive_id: str
    date: date
    start_lonlat: tuple[float, float]
    end_lonlat: tuple[float, float]
    leave_seconds: int
    return_seconds: int
    stops: tuple[Stop, ...]
    breaks: tuple[Break, ...]
    home_travel_seconds: int
    home_travel_meters: int
    travel_seconds: int
    travel_meters: int
    visit_seconds: int
    resume: Resume | None = None

    @property
    def places(self) -> tuple[tuple[float, float], ...]:
        """Every place of the day in order: start, stops, where lunch is had apart, end."""
        found = [(s.start_seconds, (s.lon, s.lat)) for s in self.stops]
        found += [(b.start_seconds, b.lonlat) for b in self.breaks if b.lonlat is not None]
        between = [place for _, place in sorted(found, key=lambda item: item[0])]
        return (self.start_lonlat, *between, self.end_lonlat)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """A visit that did not fit: a stable code, words with numbers, and what would make it fit."""

    visit_id: str
    account_id: str
    executive_id: str
    reason: UnservedReason
    detail: str
    value: float
    fits_if: str = ""


ChangeKind = Literal["added", "moved", "retimed", "restored", "dropped", "cancelled", "covered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitChange:
    """One visit that differs from the version before: its date and start then and now.

    "moved" is to another date, "retimed" by more than a minute on the same one; "restored" was
    unserved before; "covered" is made by a colleague of ``before_executive_id``, who is ill. Dates
    are None where the visit is not made.
    """

    visit_id: str
    account_id: str
    executive_id: str
    kind: ChangeKind
    before_date: date | None = None
    before_seconds: int | None = None
    after_date: date | None = None
    after_seconds: int | None = None
    before_executive_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPlan:
    """Weeks of routes. The totals are sums over the routes; ``value_lost`` over the unserved.

    ``changes`` are against the version this one was replanned from, by executive and visit.
    ``costs`` are the parts of its cost in the market's currency (none in plans of before), and
    ``objective`` says how value was weighed against them.
    """

    first_date: date
    last_date: date
    mode: Mode
    travel_source: Source
    routes: tuple[Route, ...]
    unserved: tuple[Unserved, ...]
    travel_seconds: int
    travel_meters: int
    visit_seconds: int
    served: int
    value_kept: float
    value_lost: float
    notes: tuple[str, ...] = ()
    changes: tuple[VisitChange, ...] = ()
    costs: tuple[CostPart, ...] = ()
    objective: Objective = "lexicographic"

    @property
    def cost(self) -> float:
        """All parts together, in the market's currency."""
        return sum(part.amount for part in self.costs)
