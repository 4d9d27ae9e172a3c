"""What the judge finds for an ownership of units: loads, pieces, shape, inertia, moves."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from territory.alignment import Alignment
from territory.redrawn import ChooseBy, KeyAccount
from territory.units.values import Neighbours

Floats = NDArray[np.float64]
Owners = NDArray[np.int64]
"""Position of the owner among the executives per unit, -1 for nobody."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DriveFacts:
    """What the market says of each unit (n,) as it is driven from its executive's base.

    ``visits_per_cycle`` in four weeks and ``visit_hours`` a year of its accounts;
    ``road_seconds`` and ``straight_meters`` from the base (the home, or without one the middle of
    the jurisdiction) of the executive who owns it in the plan that is judged; ``usual_pace`` is
    road seconds per straight kilometre where a jurisdiction has no drive to measure it on.
    """

    visits_per_cycle: Floats
    visit_hours: Floats
    road_seconds: Floats
    straight_meters: Floats
    usual_pace: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AlignmentFacts:
    """What the market says of its units, made without any solver.

    ``xy_meters`` (n, 2) are the units' points in the local metric CRS; ``loads`` (l, n) follow
    ``load_names``, the last one is workload. ``perimeter_meters`` are the units' whole outlines;
    without them a unit counts as a regular hexagon of its area. ``locked`` maps a unit to the
    executive who must own it. ``before`` is the alignment the plan starts from, ``drives`` what a
    plan that tells driven hours is held against.
    Units of one group in ``together`` have one owner, the two of a pair in ``apart`` have two.

    ``sealed`` executives keep exactly these units.

    ``soft_price`` is above 0 for loads that may lie beyond tolerance; empty if none may.
    ``key_accounts`` are carried by their executives besides units: ``loads`` are without them.
    ``measures`` (n,) are what else may count when a unit changes hands, ``move_weights`` their part
    in the price. With ``is_on_road`` shape was asked for by road: ``road_seconds`` (n,) lead from
    the centre that the judged plan states for the owner of each unit, ``unit_lonlat`` (n, 2) and
    ``homes`` say where centres may be. ``levels`` are the name, number of groups and tolerance
    asked of each level; ``counts`` the numbers of executives to try, ``choose`` the rule,
    ``full_hours`` what an executive works in a year, ``is_redriven`` whether the plan was to be
    redrawn on driven hours.

    ``within`` (n,) are the groups of the level that is given, named ``within_name``, one for each
    unit, empty if none is; ``seated`` are the executives who have to sit in one of them.
    """

    unit_ids: tuple[str, ...]
    executive_ids: tuple[str, ...]
    neighbours: Neighbours
    xy_meters: Floats
    area_square_meters: Floats
    load_names: tuple[str, ...]
    loads: Floats
    tolerance_percent: tuple[float, ...]
    perimeter_meters: Floats | None = None
    locked: Mapping[str, str] = field(default_factory=dict)
    before: Alignment | None = None
    drives: DriveFacts | None = None
    together: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    soft_price: tuple[float, ...] = ()
    sealed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    key_accounts: tuple[KeyAccount, ...] = ()
    measures: Mapping[str, Floats] = field(default_factory=dict)
    move_weights: Mapping[str, float] = field(default_factory=dict)
    is_on_road: bool = False
    road_seconds: Floats | None = None
    homes: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    unit_lonlat: Floats | None = None
    levels: tuple[tuple[str, int, float], ...] = ()
    counts: tuple[int, ...] = ()
    full_hours: float = 0.0
    choose: ChooseBy = "fewest"
    is_redriven: bool = False
    within: tuple[str, ...] = ()
    within_name: str = ""
    seated: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_hard(self) -> tuple[bool, ...]:
        """Which loads a plan must hold within tolerance."""
        return tuple(price == 0 for price in self.soft_price or (0.0,) * len(self.load_names))

    def __post_init__(self) -> None:
        n, named = len(self.unit_ids), len(self.load_names)
        if self.loads.shape != (named, n) or self.xy_meters.shape != (n, 2):
            raise ValueError(
                f"loads {self.loads.shape} and points {self.xy_meters.shape} do not fit "
                f"{named} loads of {n} units"
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AlignmentFigures:
    """What the judge finds for one ownership, per executive where an axis is named m.

    ``loads`` and ``deviation_percent`` (l, m), ``worst_percent`` (l,), ``units``, ``components``
    and ``polsby_popper`` (m,), ``inertia`` (m,) in workload x km2. ``parts`` is how many parts the
    market itself falls into that no border or link joins.
    """

    units: NDArray[np.int64]
    loads: Floats
    deviation_percent: Floats
    worst_percent: Floats
    components: NDArray[np.int64]
    inertia: Floats
    polsby_popper: Floats
    cut_edges: int
    parts: int


def owner_positions(alignment: Alignment, facts: AlignmentFacts) -> Owners:
    """Position of each unit's owner among the executives, -1 for nobody or an unknown one."""
    position = {executive: index for index, executive in enumerate(facts.executive_ids)}
    owner_of = alignment.owner_of()
    return np.array([position.get(owner_of.get(unit, ""), -1) for unit in facts.unit_ids], np.int64)


def alignment_figures(owners: Owners, facts: AlignmentFacts) -> AlignmentFigures:
    """Every figure of one ownership, recomputed from units, loads and borders."""
    count = len(facts.executive_ids)
    owned = owners >= 0
    loads = np.array(
        [np.bincount(owners[owned], load[owned], minlength=count) for load in facts.loads]
    ).reshape(len(facts.loads), count)
    seat = {executive: index for index, executive in enumerate(facts.executive_ids)}
    for account in facts.key_accounts:
        if account.executive_id in seat:
            loads[:, seat[account.executive_id]] += account.loads
    deviation = _deviation_percent(loads)
    return AlignmentFigures(
        units=np.bincount(owners[owned], minlength=count).astype(np.int64),
        loads=loads,
        deviation_percent=deviation,
        worst_percent=np.abs(deviation).max(axis=1, initial=0.0),
        components=np.bincount(
            [owners[piece[0]] for piece in pieces(owners, facts.neighbours)], minlength=count
        ).astype(np.int64),
        inertia=_inertia(owners, facts),
        polsby_popper=_polsby_popper(owners, facts),
        cut_edges=int(_is_cut(owners, facts.neighbours).sum()) // 2,
        parts=len(pieces(np.zeros(len(owners), np.int64), facts.neighbours)),
    )


def pieces(owners: Owners, neighbours: Neighbours) -> list[list[int]]:
    """The connected pieces of all jurisdictions, each a list of units, by breadth-first search."""
    owner = owners.tolist()
    indptr, indices = neighbours.indptr.tolist(), neighbours.indices.tolist()
    is_seen = [mine < 0 for mine in owner]
    found: list[list[int]] = []
    for first, mine in enumerate(owner):
        if is_seen[first]:
            continue
        is_seen[first] = True
        piece = [first]
        for unit in piece:  # grows while it is walked: that is the queue
            for other in indices[indptr[unit] : indptr[unit + 1]]:
                if not is_seen[other] and owner[other] == mine:
                    is_seen[other] = True
                    piece.append(other)
        found.append(piece)
    return found


def moved_percent(owners: Owners, facts: AlignmentFacts) -> float:
    """Share of workload whose owner differs from ``before`` (or had none); 0 without a before."""
    workload = facts.loads[-1]
    total = float(workload.sum())
    if facts.before is None or total <= 0:
        return 0.0
    return 100 * float(workload[is_moved(owners, facts)].sum()) / total


def is_moved(owners: Owners, facts: AlignmentFacts) -> NDArray[np.bool_]:
    """Which units have another owner than before."""
    before = facts.before.owner_of() if facts.before else {}
    names = [facts.executive_ids[owner] if owner >= 0 else "" for owner in owners.tolist()]
    return np.array(
        [before.get(unit, "") != name for unit, name in zip(facts.unit_ids, names, strict=True)],
        dtype=np.bool_,
    )


def _deviation_percent(loads: Floats) -> Floats:
    mean = loads.mean(axis=1, keepdims=True) if loads.shape[1] else np.zeros((len(loads), 1))
    safe = np.where(mean == 0, 1.0, mean)
    return np.where(mean == 0, 0.0, 100 * (loads / safe - 1))


def _is_cut(owners: Owners, neighbours: Neighbours) -> NDArray[np.bool_]:
    """For each directed neighbour pair whether its two units have different owners."""
    source = np.repeat(np.arange(len(owners)), np.diff(neighbours.indptr))
    return np.asarray(owners[source] != owners[neighbours.indices], dtype=np.bool_)


def _inertia(owners: Owners, facts: AlignmentFacts) -> Floats:
    """Workload x squared km to the jurisdiction's workload centroid, per executive."""
    count, owned = len(facts.executive_ids), owners >= 0
    mine, weight = owners[owned], facts.loads[-1][owned]
    xy_km = facts.xy_meters[owned] / 1000
    total = np.bincount(mine, weight, minlength=count)
    safe = np.where(total > 0, total, 1.0)
    centre = np.column_stack(
        [np.bincount(mine, weight * xy_km[:, axis], minlength=count) / safe for axis in (0, 1)]
    )
    squared = ((xy_km - centre[mine]) ** 2).sum(axis=1)
    return np.asarray(np.bincount(mine, weight * squared, minlength=count), dtype=np.float64)


def _polsby_popper(owners: Owners, facts: AlignmentFacts) -> Floats:
    """4 pi area / perimeter squared per executive; the perimeter leaves out inner borders."""
    count, owned = len(facts.executive_ids), owners >= 0
    source = np.repeat(np.arange(len(owners)), np.diff(facts.neighbours.indptr))
    is_inner = ~_is_cut(owners, facts.neighbours)
    inner = np.bincount(
        source[is_inner], facts.neighbours.border_meters[is_inner], minlength=len(owners)
    )
    outline = _perimeters(facts) - inner
    perimeter = np.bincount(owners[owned], outline[owned], minlength=count)
    area = np.bincount(owners[owned], facts.area_square_meters[owned], minlength=count)
    safe = np.where(perimeter > 0, perimeter, 1.0)
    return np.asarray(np.where(perimeter > 0, 4 * np.pi * area / safe**2, 0.0), dtype=np.float64)


def _perimeters(facts: AlignmentFacts) -> Floats:
    """Outlines as given, else of regular hexagons (never shorter than the borders shared)."""
    if facts.perimeter_meters is not None:
        return facts.perimeter_meters
    source = np.repeat(np.arange(len(facts.unit_ids)), np.diff(facts.neighbours.indptr))
    shared = np.bincount(source, facts.neighbours.border_meters, minlength=len(facts.unit_ids))
    side = np.sqrt(2 * facts.area_square_meters / (3 * math.sqrt(3)))
    return np.asarray(np.maximum(6 * side, shared), dtype=np.float64)
