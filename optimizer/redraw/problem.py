"""What redraw is asked: units with loads, executives, tolerances, homes, locks, a price for moving.

A problem checks itself when made: bad values raise InputError with every fault, rules that leave
no plan raise Infeasible with the numbers.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.islands import Seating, seat_islands
from optimizer.redraw.refusals import heavy_units, refuse_bad_values, refuse_contradictions
from optimizer.redraw.seats import seat_groups
from territory.alignment import Alignment
from territory.measures import Ground
from territory.units.values import Neighbours

Floats = NDArray[np.float64]
Owners = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RedrawProblem:
    """Units to be shared among executives, every jurisdiction in one piece.

    ``xy_meters`` (n, 2) is a point in each unit in a metric CRS; ``loads`` (m, n) follow
    ``load_names``, the workload last; ``tolerance_percent`` (m,) is how far a jurisdiction may lie
    from the mean. ``before`` is today's alignment, or today's executive of each unit ("" for
    nobody, other ids for people who left), needed for ``locked_units`` and for ``move_price``.
    ``homes_meters`` (p, 2) are the executives' homes, nan if unknown: with ``homes_fixed`` shape is
    measured about them, else they only decide who gets which jurisdiction. ``perimeter_meters`` is
    the whole border of each unit.

    ``move_price`` and ``border_price`` are those of ``territory.measures.objective``: a unit of
    workload that changes hands costs as much as one that lies sqrt(move_price) mean radii further
    from its centre.

    A load whose ``soft_price`` is above 0 is soft: what lies beyond its tolerance is priced, never
    a violation; ``soft_price`` (m,) is 0 for hard loads, empty if all are. ``move_cost`` (n,) is
    what each unit counts when it changes hands, in any measure; its workload if None.
    ``carried_loads`` (m, p) is load that stays with an executive whatever the area (key accounts);
    means and deviations count it. ``center_seconds`` (p, n) are road seconds from each executive's
    centre to each unit: with them shape is the sum of workload x seconds squared, not inertia, in
    units of ``square_seconds`` (0: of each unit at its nearest centre).

    ``sealed`` executives keep exactly the units they have today; the others share the rest.
    ``target_loads`` (m,) take the place of the means where they are given.

    ``together`` are groups of units that go to one executive, ``apart`` pairs that go to two.
    ``pinned`` (unit, executive) locks a unit to somebody who need not have it today.

    ``unit_groups`` (n,) is the level above as it is given: every jurisdiction lies within one
    group. Neighbours of two groups are parted, ferries join only within a group.
    ``executive_groups`` (p,) seats executives in groups, "" where it is left open; the problem made
    has it filled in.

    Islands: a part of the graph that cannot hold a whole number of jurisdictions within tolerance
    is joined to the nearest other part by a ferry edge; ``neighbours`` then has it, ``links`` lists
    the pairs of units and ``notes`` says so. Contiguity is judged on ``neighbours``.
    """

    unit_ids: tuple[str, ...]
    xy_meters: Floats
    area_square_meters: Floats
    neighbours: Neighbours
    load_names: tuple[str, ...]
    loads: Floats
    tolerance_percent: tuple[float, ...]
    executive_ids: tuple[str, ...]
    executive_names: tuple[str, ...] = ()
    homes_meters: Floats | None = None
    homes_fixed: bool = False
    before: Alignment | tuple[str, ...] | None = None
    locked_units: tuple[str, ...] = ()
    move_price: float = 0.0
    border_price: float = 1.25
    perimeter_meters: Floats | None = None
    together: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    pinned: tuple[tuple[str, str], ...] = ()
    soft_price: tuple[float, ...] = ()
    move_cost: Floats | None = None
    carried_loads: Floats | None = None
    center_seconds: Floats | None = None
    square_seconds: float = 0.0
    sealed: tuple[str, ...] = ()
    target_loads: Floats | None = None
    unit_groups: tuple[str, ...] = ()
    executive_groups: tuple[str, ...] = ()
    links: tuple[tuple[int, int], ...] = field(init=False, default=())
    notes: tuple[str, ...] = field(init=False, default=())
    seating: Seating = field(init=False)

    def __post_init__(self) -> None:
        refuse_bad_values(self)
        refuse_contradictions(self)
        if self.unit_groups:
            heads, neighbours, seating = seat_groups(self)
            object.__setattr__(self, "executive_groups", heads)
        else:
            neighbours, seating = seat_islands(self)
        object.__setattr__(self, "neighbours", neighbours)
        object.__setattr__(self, "seating", seating)
        object.__setattr__(self, "links", seating.links)
        object.__setattr__(self, "notes", (*seating.notes, *heavy_units(self)))

    @property
    def executives(self) -> int:
        """How many jurisdictions."""
        return len(self.executive_ids)

    @property
    def is_hard(self) -> NDArray[np.bool_]:
        """Which loads (m,) have a tolerance that a plan must meet."""
        return np.asarray(self.soft_prices == 0, dtype=np.bool_)

    @property
    def soft_prices(self) -> Floats:
        """Price of each load's excess, (m,), 0 for a hard one."""
        return np.asarray(self.soft_price or (0.0,) * len(self.load_names), dtype=np.float64)

    @property
    def limits_percent(self) -> Floats:
        """Tolerance of each load, (m,), infinite for a soft one."""
        return np.where(self.is_hard, np.asarray(self.tolerance_percent, dtype=np.float64), np.inf)

    @property
    def carried(self) -> Floats:
        """Load of each executive besides units, (m, p)."""
        if self.carried_loads is not None:
            return self.carried_loads
        return np.zeros((len(self.load_names), self.executives))

    @property
    def mean_loads(self) -> Floats:
        """Mean of each load over the executives, (m,), with what they carry besides units."""
        if self.target_loads is not None:
            return self.target_loads
        sums = self.loads.sum(axis=1) + self.carried.sum(axis=1)
        return np.asarray(sums / self.executives, dtype=np.float64)

    @property
    def move_shares(self) -> Floats:
        """What each unit counts of all that could change hands, (n,), summing to 1 or 0."""
        worth = self.loads[-1] if self.move_cost is None else self.move_cost
        return np.asarray(worth / (float(worth.sum()) or 1.0), dtype=np.float64)

    @property
    def road_shares(self) -> Floats | None:
        """Shape of each unit in each jurisdiction on the road, (p, n); None on straight lines."""
        if self.center_seconds is None:
            return None
        workload = self.loads[-1] if self.loads[-1].any() else np.ones(len(self.unit_ids))
        squares = workload * self.center_seconds**2
        unit = self.square_seconds * float(workload.sum()) or float(squares.min(axis=0).sum())
        return np.asarray(squares / (unit or 1.0), dtype=np.float64)

    @property
    def ground(self) -> Ground:
        """The units as ``territory.measures`` takes them, ferry edges included."""
        return Ground(
            unit_ids=self.unit_ids,
            xy_meters=self.xy_meters,
            area_square_meters=self.area_square_meters,
            neighbours=self.neighbours,
            load_names=self.load_names,
            loads=self.loads,
            perimeter_meters=self.perimeter_meters,
            carried={
                executive: tuple(column)
                for executive, column in zip(
                    self.executive_ids, self.carried.T.tolist(), strict=True
                )
            }
            if self.carried_loads is not None
            else {},
        )

    @property
    def names(self) -> dict[str, str]:
        """Name of each executive id."""
        return dict(
            zip(self.executive_ids, self.executive_names or self.executive_ids, strict=True)
        )

    @property
    def alignment_before(self) -> Alignment | None:
        """Today's alignment, people who left included."""
        if self.before is None or isinstance(self.before, Alignment):
            return self.before
        gone = sorted(set(self.before) - set(self.executive_ids) - {""})
        return Alignment(
            unit_ids=self.unit_ids,
            executive_ids=(*self.executive_ids, *gone),
            owners=self.before,
        )

    @property
    def owners_before(self) -> Owners:
        """Position of each unit's executive today, -1 for nobody and for people who left."""
        position = {executive: place for place, executive in enumerate(self.executive_ids)}
        before = self.before or ("",) * len(self.unit_ids)
        if isinstance(before, Alignment):
            owner_of = before.owner_of()
            before = tuple(owner_of.get(unit, "") for unit in self.unit_ids)
        return np.array([position.get(owner, -1) for owner in before], dtype=np.int64)

    @property
    def is_sealed(self) -> NDArray[np.bool_]:
        """Which units (n,) belong to executives who keep exactly what they have."""
        places = [place for place, one in enumerate(self.executive_ids) if one in set(self.sealed)]
        return np.asarray(np.isin(self.owners_before, places), dtype=np.bool_)

    @property
    def locked(self) -> Owners:
        """Position of the executive each unit is locked to, -1 if it is free."""
        held = np.full(len(self.unit_ids), -1, dtype=np.int64)
        if self.locked_units:
            fixed = set(self.locked_units)
            mask = np.array([unit in fixed for unit in self.unit_ids])
            held[mask] = self.owners_before[mask]
        if self.sealed:
            mask = self.is_sealed
            held[mask] = self.owners_before[mask]
        if self.pinned:
            unit_at = {unit: place for place, unit in enumerate(self.unit_ids)}
            seat_at = {executive: place for place, executive in enumerate(self.executive_ids)}
            for unit, executive in self.pinned:
                held[unit_at[unit]] = seat_at[executive]
        return held

    def alignment(self, owners: Owners) -> Alignment:
        """The alignment of these owner positions."""
        ids = self.executive_ids
        return Alignment(
            unit_ids=self.unit_ids,
            executive_ids=ids,
            owners=tuple(ids[place] for place in owners.tolist()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RedrawParams:
    """How hard to search. ``proposals_per_unit`` is the work of one start; ``starts`` of each kind.

    ``engine`` "exact" proves the optimum and takes 14 units at most, "search" never proves, "auto"
    is exact where it can be. ``threads`` starts run side by side; the plan does not depend on it.
    ``keep`` says whether an alignment before is where the search begins ("auto": if moving costs).
    ``moves`` "priced" weighs moves at the problem's ``move_price``; "fewest" finds the price: where
    there is an alignment before, tolerance comes first, then what moves, then the rest.
    """

    seed: int = 1
    starts: int = 2
    proposals_per_unit: int = 2000
    engine: Literal["auto", "exact", "search"] = "auto"
    keep: Literal["auto", "yes", "no"] = "auto"
    moves: Literal["priced", "fewest"] = "priced"
    threads: int = 2
    polish_rounds: int = 6

    def __post_init__(self) -> None:
        if min(self.starts, self.proposals_per_unit, self.threads) < 1 or self.polish_rounds < 0:
            raise ValueError("starts, proposals_per_unit and threads must be 1 or more")
