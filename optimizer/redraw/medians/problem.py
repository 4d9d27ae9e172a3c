"""What medians are asked: units, loads with limits, a number of districts, distances."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from territory.errors import Fault, Infeasible, InputError
from territory.units.values import Neighbours

Floats = NDArray[np.float64]

TABLE_UNITS = 8_000
"""Up to this many units all distances are kept as a table (0.5 GB); beyond they are straight."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MedianProblem:
    """Share n units among ``districts`` so that weighted distances to the best unit are least.

    ``loads`` (m, n): each district holds ``least`` to ``most`` (m,) of each. A capacitated p-median
    has one load with ``least`` 0; balanced districts have limits about the mean. ``weight`` (n,)
    counts a unit's distance, 1 if None. ``distances`` (n, n) are symmetric; None means straight
    lines between ``xy_meters`` (n, 2). With ``neighbours`` every district is one piece of it;
    without, units may be shared in any way. A district's centre is one of its units.

    Raises
    ------
    InputError
        With every array of the wrong shape and every number that cannot be.
    Infeasible
        If there are fewer units than districts, the limits leave no room for the sum of a load, a
        unit is heavier than a district may be, or the graph falls into more pieces than districts.
    """

    unit_ids: tuple[str, ...]
    xy_meters: Floats
    load_names: tuple[str, ...]
    loads: Floats
    least: Floats
    most: Floats
    districts: int
    neighbours: Neighbours | None = None
    weight: Floats | None = None
    distances: Floats | None = None

    def __post_init__(self) -> None:
        faults = [*_wrong_shapes(self)]
        faults = faults or [*_wrong_numbers(self)]
        if faults:
            raise InputError("The districts cannot be asked for like this.", faults)
        _refuse_impossible(self)

    @property
    def weights(self) -> Floats:
        """Weight of every unit's distance (n,)."""
        return np.ones(len(self.unit_ids)) if self.weight is None else self.weight

    def table(self) -> Floats:
        """All distances (n, n), or (0, 0) where there are too many and they are straight lines."""
        if self.distances is not None:
            return np.ascontiguousarray(self.distances, dtype=np.float64)
        if len(self.unit_ids) > TABLE_UNITS:
            return np.zeros((0, 0))
        from scipy.spatial.distance import cdist

        return np.asarray(cdist(self.xy_meters, self.xy_meters), dtype=np.float64)


def _wrong_shapes(problem: MedianProblem) -> list[Fault]:
    n, m = len(problem.unit_ids), len(problem.load_names)
    wanted: dict[str, tuple[Floats | None, tuple[int, ...]]] = {
        "xy_meters": (problem.xy_meters, (n, 2)),
        "loads": (problem.loads, (m, n)),
        "least": (problem.least, (m,)),
        "most": (problem.most, (m,)),
        "weight": (problem.weight, (n,)),
        "distances": (problem.distances, (n, n)),
    }
    faults = [
        Fault(column=name, value=str(np.shape(array)), expected=f"an array of shape {shape}")
        for name, (array, shape) in wanted.items()
        if array is not None and np.shape(array) != shape
    ]
    if problem.neighbours is not None and len(problem.neighbours.indptr) != n + 1:
        faults.append(Fault(column="neighbours", expected=f"the neighbours of {n} units"))
    if m == 0:
        faults.append(Fault(column="load_names", expected="at least one load"))
    if problem.districts < 1:
        faults.append(Fault(column="districts", value=str(problem.districts), expected="1 or more"))
    if len(set(problem.unit_ids)) != n or "" in problem.unit_ids:
        faults.append(Fault(column="unit_id", expected="every id once, none empty"))
    return faults


def _wrong_numbers(problem: MedianProblem) -> list[Fault]:
    faults = []
    for column, array in (
        ("loads", problem.loads.T),
        ("weight", problem.weights[:, None]),
        ("xy_meters", problem.xy_meters),
    ):
        good = np.isfinite(array)
        if column != "xy_meters":
            good &= array >= 0
        faults += [
            Fault(column=column, value=problem.unit_ids[at], expected="a finite number, 0 or more")
            for at in np.flatnonzero(~good.all(axis=1)).tolist()
        ]
    if not (problem.least <= problem.most).all():
        faults.append(Fault(column="least", expected="no more than most"))
    table = problem.distances
    if table is not None and not (
        np.isfinite(table).all() and (table >= 0).all() and np.array_equal(table, table.T)
    ):
        faults.append(Fault(column="distances", expected="finite, 0 or more, the same both ways"))
    return faults


def _refuse_impossible(problem: MedianProblem) -> None:
    n, p = len(problem.unit_ids), problem.districts
    if n < p:
        raise Infeasible(f"{n} units cannot make {p} districts: each needs one.")
    for row, name in enumerate(problem.load_names):
        load, total = problem.loads[row], float(problem.loads[row].sum())
        low, high = float(problem.least[row]), float(problem.most[row])
        if not p * low * (1 - 1e-12) <= total <= p * high * (1 + 1e-12):
            raise Infeasible(
                f"{p} districts of {low:g} to {high:g} hold {p * low:g} to {p * high:g} of {name}, "
                f"there is {total:g}.",
                fix="Change the number of districts or the limits.",
            )
        if float(load.max()) > high * (1 + 1e-12):
            unit = problem.unit_ids[int(load.argmax())]
            raise Infeasible(f"Unit {unit} alone has {load.max():g} of {name}; {high:g} may be.")
    parts = _pieces(problem)
    if parts > p:
        raise Infeasible(f"The units lie in {parts} pieces, more than {p} districts can cover.")


def _pieces(problem: MedianProblem) -> int:
    if problem.neighbours is None:
        return 1
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    near, n = problem.neighbours, len(problem.unit_ids)
    graph = csr_array((np.ones(len(near.indices)), near.indices, near.indptr), shape=(n, n))
    count, _ = connected_components(graph, directed=False)
    return int(count)


@dataclass(frozen=True, slots=True, kw_only=True)
class MedianParams:
    """How hard to search: ``starts`` annealings of ``proposals_per_unit`` x n moves each.

    One start proposes no more than ``most_proposals``. ``combine`` puts the best of all starts
    together from the districts that any of them met. ``threads`` starts run side by side; the plan
    does not depend on it. ``bound_rounds`` is the work spent on the lower bound.
    """

    seed: int = 1
    starts: int = 8
    proposals_per_unit: int = 8_000
    most_proposals: int = 10_000_000
    combine: bool = True
    threads: int = 2
    bound_rounds: int = 300

    def __post_init__(self) -> None:
        counts = (self.starts, self.proposals_per_unit, self.most_proposals, self.threads)
        if min(counts) < 1 or self.bound_rounds < 0:
            raise ValueError("starts, proposals and threads must be 1 or more")
