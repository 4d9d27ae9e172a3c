"""Alignment: every unit belongs to one executive; edits give a new value and a diff."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from territory.diagnosis import DrivenHours, Finding, FrontierPoint
from territory.errors import Conflict, Fault, InputError
from territory.redrawn import CountTried, KeyAccount, Level, MovedShare, RoadShape
from territory.units.values import Neighbours


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """Units to executives. ``owners[i]`` is the executive id of ``unit_ids[i]``, "" if nobody.

    Every edit gives a new alignment and leaves this one as it is, so undo is to keep the old one.
    """

    unit_ids: tuple[str, ...]
    executive_ids: tuple[str, ...]
    owners: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.owners) != len(self.unit_ids):
            raise ValueError(f"{len(self.owners)} owners for {len(self.unit_ids)} units")
        if len(set(self.unit_ids)) != len(self.unit_ids):
            raise ValueError("a unit stands twice in the alignment")
        unknown = set(self.owners) - set(self.executive_ids) - {""}
        if unknown:
            raise ValueError(f"owners {sorted(unknown)!r} are not among the executives")

    def owner_of(self) -> Mapping[str, str]:
        """Executive of each unit."""
        return dict(zip(self.unit_ids, self.owners, strict=True))

    def units_of(self, executive_id: str) -> tuple[str, ...]:
        """The jurisdiction of one executive."""
        return tuple(
            unit
            for unit, owner in zip(self.unit_ids, self.owners, strict=True)
            if owner == executive_id
        )

    def move(self, units: Iterable[str], *, to: str) -> "Alignment":
        """A new alignment in which these units belong to executive ``to``.

        Raises
        ------
        InputError
            If a unit or the executive is unknown; all unknown ones are listed.
        """
        wanted = set(units)
        faults = [
            Fault(column="unit_id", value=unit, expected="a unit of this alignment")
            for unit in sorted(wanted - set(self.unit_ids))
        ]
        if to not in self.executive_ids:
            faults.append(
                Fault(column="executive_id", value=to, expected="an executive of this alignment")
            )
        if faults:
            raise InputError("This move names things that do not exist.", faults)
        owners = tuple(
            to if unit in wanted else owner
            for unit, owner in zip(self.unit_ids, self.owners, strict=True)
        )
        return replace(self, owners=owners)

    def merge(self, executive_id: str, *, into: str) -> "Alignment":
        """A new alignment in which ``into`` has all units of ``executive_id``, who then has none.

        Raises
        ------
        InputError
            If an executive is unknown.
        """
        self._refuse_unknown(executive_id, into)
        owners = tuple(into if owner == executive_id else owner for owner in self.owners)
        return replace(self, owners=owners)

    def swap(self, one: str, other: str) -> "Alignment":
        """A new alignment in which two executives have exchanged their jurisdictions.

        Raises
        ------
        InputError
            If an executive is unknown.
        """
        self._refuse_unknown(one, other)
        exchanged = {one: other, other: one}
        return replace(self, owners=tuple(exchanged.get(owner, owner) for owner in self.owners))

    def split_in_two(
        self,
        executive_id: str,
        *,
        to: str,
        neighbours: Neighbours,
        load: NDArray[np.float64],
    ) -> "Alignment":
        """A new alignment in which ``to`` has half of a jurisdiction, by ``load`` (n,).

        If the jurisdiction is one piece, so are both halves. ``to`` may be a new hire, who joins
        the executives; units ``to`` has already stay with them.

        Raises
        ------
        InputError
            If the executive is unknown.
        Conflict
            If the jurisdiction has fewer than two units.
        """
        self._refuse_unknown(executive_id)
        units = np.flatnonzero([owner == executive_id for owner in self.owners])
        if len(units) < 2:
            raise Conflict(
                f"The jurisdiction of {executive_id!r} has {len(units)} units: nothing to split.",
                fix="Choose one with two units or more.",
            )
        far = far_half(units, neighbours, load)
        owners = list(self.owners)
        for unit in far.tolist():
            owners[unit] = to
        ids = self.executive_ids
        return replace(self, owners=tuple(owners), executive_ids=ids if to in ids else (*ids, to))

    def vacate(self, executive_id: str, *, neighbours: Neighbours) -> "Alignment":
        """A new alignment without this executive: neighbouring jurisdictions absorb the units.

        Ring by ring, each unit joins the jurisdiction with most borders to it (by metres, then by
        count), so every absorbed unit touches its new jurisdiction. Units that reach nobody are
        left to nobody.

        Raises
        ------
        InputError
            If the executive is unknown.
        """
        self._refuse_unknown(executive_id)
        owners = ["" if owner == executive_id else owner for owner in self.owners]
        was = [owner == executive_id for owner in self.owners]
        left = {unit for unit, mine in enumerate(was) if mine}
        while left:
            ring = {unit: heir for unit in left if (heir := _heir(unit, owners, neighbours))}
            if not ring:
                break
            for unit, heir in ring.items():
                owners[unit] = heir
            left -= ring.keys()
        ids = tuple(each for each in self.executive_ids if each != executive_id)
        return replace(self, owners=tuple(owners), executive_ids=ids)

    def _refuse_unknown(self, *executives: str) -> None:
        faults = [
            Fault(column="executive_id", value=each, expected="an executive of this alignment")
            for each in executives
            if each not in self.executive_ids
        ]
        if faults:
            raise InputError("This edit names executives that do not exist.", faults)


def _heir(unit: int, owners: list[str], neighbours: Neighbours) -> str:
    """Owner with the longest border to the unit, "" if nobody borders it."""
    start, end = int(neighbours.indptr[unit]), int(neighbours.indptr[unit + 1])
    shared: dict[str, tuple[float, int]] = {}
    for slot in range(start, end):
        owner = owners[int(neighbours.indices[slot])]
        if owner:
            meters, count = shared.get(owner, (0.0, 0))
            shared[owner] = (meters + float(neighbours.border_meters[slot]), count + 1)
    return max(sorted(shared), key=shared.__getitem__) if shared else ""


def far_half(
    units: NDArray[np.int64],
    neighbours: Neighbours,
    load: NDArray[np.float64],
    *,
    keep: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """About half of these units by ``load``, in one piece, that can leave and not break the rest.

    The search spreads from a unit at the rim (or from the units marked in ``keep`` (n,), which
    never leave) until half is reached; the largest remaining piece is the far half. At least one
    unit stays; empty if every unit is to be kept.
    """
    inside = set(units.tolist())
    kept = [unit for unit in units.tolist() if keep is not None and keep[unit]]
    rim = _spread([int(units[0])], inside, neighbours)[-1]
    order = _spread(kept or [rim], inside, neighbours)
    total = sum(float(load[unit]) for unit in order)
    near, reached = len(kept) or 1, sum(float(load[unit]) for unit in order[: len(kept) or 1])
    while near < len(order) - 1 and reached + float(load[order[near]]) / 2 <= total / 2:
        reached += float(load[order[near]])
        near += 1
    rest = set(order[near:])
    pieces: list[list[int]] = []
    for unit in order[near:]:
        if unit in rest:
            pieces.append(_spread([unit], rest, neighbours))
            rest -= set(pieces[-1])
    far = max(
        pieces, key=lambda piece: (sum(float(load[unit]) for unit in piece), len(piece)), default=[]
    )
    return np.array(sorted(far), dtype=np.int64)


def _spread(start: list[int], inside: set[int], neighbours: Neighbours) -> list[int]:
    """Units reached from the start inside a set, nearest first."""
    seen = dict.fromkeys(start)
    queue = deque(start)
    while queue:
        for other in neighbours.of(queue.popleft()).tolist():
            if other in inside and other not in seen:
                seen[other] = None
                queue.append(other)
    return list(seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What goes from one executive to another between two alignments; "" is nobody.

    ``loads`` follow the names given to ``diff``: money of the potential, hours of the workload.
    """

    from_executive: str
    to_executive: str
    unit_ids: tuple[str, ...]
    loads: tuple[float, ...]


def diff(
    before: Alignment, after: Alignment, *, unit_loads: Iterable[Iterable[float]] = ()
) -> tuple[Handover, ...]:
    """What changes hands from ``before`` to ``after``, per pair of executives, in their order.

    ``unit_loads[l][i]`` is load l of unit i of ``after``. Units only in ``before`` go to nobody,
    with loads of 0; units only in ``after`` come from nobody.
    """
    loads = [tuple(load) for load in unit_loads]
    was = before.owner_of()
    moved: dict[tuple[str, str], list[tuple[str, int | None]]] = {}
    for place, (unit, owner) in enumerate(zip(after.unit_ids, after.owners, strict=True)):
        if was.get(unit, "") != owner:
            moved.setdefault((was.get(unit, ""), owner), []).append((unit, place))
    here = set(after.unit_ids)
    for unit, owner in was.items():
        if unit not in here and owner:
            moved.setdefault((owner, ""), []).append((unit, None))
    return tuple(
        Handover(
            from_executive=giver,
            to_executive=taker,
            unit_ids=tuple(unit for unit, _ in units),
            loads=tuple(
                sum(load[place] for _, place in units if place is not None) for load in loads
            ),
        )
        for (giver, taker), units in sorted(moved.items())
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Jurisdiction:
    """One executive's figures in an alignment; ``loads`` follow ``AlignmentPlan.load_names``.

    Loads count the executive's key accounts; ``units`` and ``moved_in_percent`` are of the land.
    """

    executive_id: str
    name: str
    units: int
    loads: tuple[float, ...]
    deviation_percent: tuple[float, ...]
    components: int
    moment_of_inertia: float
    polsby_popper: float
    moved_in_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignmentPlan:
    """An alignment with what is said of it. The judge recomputes each figure.

    ``unit_loads[l][i]`` is load l of unit i. ``deviation_percent`` is load / mean - 1, the mean
    over the executives. ``worst_percent[l]`` is its largest absolute value. ``moment_of_inertia``
    sums workload x squared km to the jurisdiction's workload centroid; ``inertia_bound`` is a
    valid lower bound on the same sum at the plan's centres. ``moved_percent`` is the share of
    workload (the last load) whose owner differs from ``before``; ``moved_bound_percent`` a lower
    bound for any plan within tolerance. ``diagnosis`` proves why a tolerance was not met,
    ``frontier`` holds the plans none of which beats another, ``driven`` the hours on the road;
    each is empty where it was not asked for.

    A load whose ``soft_price`` is above 0 may lie beyond its tolerance at that price; empty if all
    are hard. ``unit_loads`` leave out the ``key_accounts``, whose loads their executives carry.
    ``moved_by`` tells what else changes hands, ``road_shape`` each jurisdiction on the road where
    shape was measured so, ``levels`` the hierarchy from districts up, ``counts`` the numbers of
    executives tried.
    """

    alignment: Alignment
    before: Alignment | None
    load_names: tuple[str, ...]
    unit_loads: tuple[tuple[float, ...], ...]
    tolerance_percent: tuple[float, ...]
    locked_units: tuple[str, ...]
    jurisdictions: tuple[Jurisdiction, ...]
    jurisdictions_before: tuple[Jurisdiction, ...]
    worst_percent: tuple[float, ...]
    cut_edges: int
    moment_of_inertia: float
    inertia_bound: float
    moved_percent: float
    moved_bound_percent: float
    notes: tuple[str, ...] = ()
    diagnosis: tuple[Finding, ...] = ()
    frontier: tuple[FrontierPoint, ...] = ()
    driven: tuple[DrivenHours, ...] = ()
    soft_price: tuple[float, ...] = ()
    moved_by: tuple[MovedShare, ...] = ()
    key_accounts: tuple[KeyAccount, ...] = ()
    road_shape: tuple[RoadShape, ...] = ()
    levels: tuple[Level, ...] = ()
    counts: tuple[CountTried, ...] = ()
