"""What is said of an alignment beside its figures: why not better, at what price, how it drives."""

from dataclasses import dataclass
from typing import Literal

FindingKind = Literal["largest_unit", "bottleneck", "ratio_floor", "group"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A proof that a tolerance cannot be met, or only by jurisdictions longer than a length.

    ``load_names`` and ``tolerance_percent`` say what was asked; ``unit_ids`` are the units the
    proof rests on and ``share_percent`` what they hold of each of these loads. ``kind`` is

    - "largest_unit": each of these units alone is more than a jurisdiction may be; one load.
    - "bottleneck": what hangs on the first unit and can leave it only through that unit cannot be
      cut into jurisdictions; the other units are what hangs on it; one load.
    - "group": these units are a group of the level that is given; what they hold for each of its
      executives lies beyond the tolerance of the mean; one load.
    - "ratio_floor": the first load is too thin against the second. All that lies within
      ``reach_meters`` of these units on their part of the market cannot make up for it, so some
      jurisdiction with one of them has two units further apart than that (straight line, between
      the units' points). None: nothing on their part of the market can.

    ``least_percent`` (largest unit, bottleneck, group): no plan has a smaller worst
    deviation of the load.
    """

    kind: FindingKind
    load_names: tuple[str, ...]
    tolerance_percent: tuple[float, ...]
    unit_ids: tuple[str, ...]
    share_percent: tuple[float, ...]
    least_percent: float = 0.0
    reach_meters: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontierPoint:
    """One plan of the frontier: what was asked and what it came to.

    ``worst_percent`` is the largest over the loads, ``polsby_popper`` the mean over jurisdictions,
    ``moved_percent`` the share of workload that changes hands (0 if there is no alignment before).
    ``is_this`` marks the plan that carries the frontier.
    """

    tolerance_percent: float
    move_price: float
    worst_percent: float
    moment_of_inertia: float
    polsby_popper: float
    moved_percent: float
    is_this: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivenHours:
    """One jurisdiction driven: hours a year on the road network against hours it was balanced on.

    ``planned_hours`` is the workload of its units; ``visit_hours`` the visits; ``tour_hours`` the
    way between visits (Beardwood); ``stem_hours`` the way from home (or, without one, the middle
    of the jurisdiction) to each day's first visit and back. ``deviation_percent`` is the sum of
    the three against the mean over executives. ``routed_hours`` is the year's driving as routes of
    four weeks have it, ``routed_percent`` visits and that driving against the mean over executives;
    None for all where somebody's weeks were not routed.
    """

    executive_id: str
    planned_hours: float
    visit_hours: float
    tour_hours: float
    stem_hours: float
    deviation_percent: float
    routed_hours: float | None = None
    routed_percent: float | None = None

    @property
    def driven_hours(self) -> float:
        """Visits and all driving."""
        return self.visit_hours + self.tour_hours + self.stem_hours
