"""A score plan: what every unit is worth, in money, with the parts it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from territory.plans import Table


def _no_parts() -> Table:
    return Table(columns={})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePlan:
    """Potential per unit. ``table`` has one row per unit of ``unit_ids``, with the columns

    companies, income, consumption, potential, reach, accessible, captured, penetration,
    penetration_shrunk, reliability, benchmark, gap, target, target_gap, workload_hours,
    own_outlets, competitor_outlets, minutes_to_own, minutes_to_competitor, score, opportunity,
    confidence ("A" | "B" | "C"), segment ("defend" | "grow" | "harvest" | "skip"),

    and beside them lost_to_competitors (of what we would reach without them), ordered, accounts,
    population, households, estimated_share and synthetic_share (of the consumption). A figure that
    nobody tells (income without companies, minutes without a way, a target never set) is None.

    How sure they are: consumption, income, potential, accessible and gap each have a ``_low`` and a
    ``_high`` (80 % interval); ``rank`` by potential has ``rank_low`` and ``rank_high`` when causes
    weigh up to 25 % otherwise; ``swing_input`` is the input that would change ``accessible`` most,
    by ``swing`` in money. Plans of earlier versions lack these.

    ``parts`` has one row per unit too: its columns are money amounts that sum to ``potential`` of
    the unit (the first, "base", is the market's mean unit); those of ``accessible_parts`` sum to
    ``accessible``. Money in the market's currency a year.
    """

    unit_ids: tuple[str, ...]
    table: Table
    parts: Table
    totals: Mapping[str, float]
    notes: tuple[str, ...] = ()
    accessible_parts: Table = field(default_factory=_no_parts)
