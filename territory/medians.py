"""Districts around their best unit (medians), as a value: who belongs where, and what it costs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MedianPlan:
    """Every unit in the district of one centre, in the order of ``unit_ids``.

    ``centers`` names for each unit the unit its district is centred on, which lies in it.
    ``distance`` is the sum of weighted distances of units to centres, in the unit of the question.
    ``worst_excess_percent`` is the furthest a load lies outside its limits, in percent of the limit
    it breaks; 0 when every district keeps them. ``bound`` is what no plan can be below; 0 if none
    was worked out.
    """

    unit_ids: tuple[str, ...]
    centers: tuple[str, ...]
    distance: float
    worst_excess_percent: float
    bound: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def districts(self) -> tuple[str, ...]:
        """The centres, each once, in the order in which they first occur."""
        return tuple(dict.fromkeys(self.centers))
