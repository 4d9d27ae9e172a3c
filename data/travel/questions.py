"""Questions a whole matrix is too much for: the nearest few, all within a limit, all reached."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from data.travel.contracted import CchEngine
from data.travel.engine import Engine, ScipyEngine, in_threads
from data.travel.engines import Engines
from data.travel.graph import LENGTH_BITS, NEVER, Packed, TurnGraph
from data.travel.labels import Integers, Labels, source_labels, target_labels
from data.travel.totals import Places, Shortcuts, shortcuts, totals, whole, with_stubs
from territory.errors import Fault, InputError
from territory.geo import LonLat, as_lonlat
from territory.travel import Nearest, Source

_Near = tuple[Integers, Integers, Packed]
_Search = Callable[[Labels, _Near, int, NDArray[np.int32], Packed], None]

MAX_LIMIT_SECONDS = 10_000_000.0
ROWS_AT_ONCE = 2_000
"""Sources whose straight drives are looked up at once."""


def one_place(point: LonLat) -> LonLat:
    """A point as an (1, 2) array.

    Raises
    ------
    InputError
        If there is not exactly one.
    """
    lonlat = as_lonlat(point)
    if len(lonlat) != 1:
        raise InputError(f"One place is asked for, not {len(lonlat)}.")
    return lonlat


def nearest(
    engines: Engines,
    start: Places,
    end: Places,
    count: int,
    *,
    limit_seconds: float | None,
    period: str | None,
) -> Nearest:
    """The ``count`` quickest targets of each source (see ``RoadTravel.nearest``)."""
    if count < 1:
        raise InputError(f"The nearest {count} places cannot be found; ask for 1 or more.")
    limit = _packed_limit(limit_seconds)
    graph, engine = engines.ready(period, work=len(start))
    if isinstance(engine, ScipyEngine):
        index, weight = _by_matrix(engines, start, end, count, limit, period)
    else:
        index, weight = _by_search(engines, graph, engine, start, end, count, limit)
    seconds, meters = whole(weight)
    source: Source = "road" if period is None else "road+time-of-day"
    return Nearest(index=index, seconds=seconds, meters=meters, source=source)


def within(
    engines: Engines,
    start: Places,
    end: Places,
    *,
    limit_seconds: float,
    period: str | None,
) -> Packed:
    """Packed weights (1, m) of whole drives within a limit, ``NEVER`` beyond."""
    limit = _packed_limit(limit_seconds)
    states, weights = _spread(engines, start, limit, period)
    graph = engines.graph(period)
    distance = np.full(graph.state_count, NEVER, dtype=np.int64)
    distance[states] = weights
    targets = with_stubs(target_labels(engines.network, graph, end.snapped), end)
    near = shortcuts(graph, start, end)
    best = np.full(len(end), NEVER, dtype=np.int64)
    owner = np.repeat(np.arange(len(end)), np.diff(targets.first))
    np.minimum.at(best, owner, distance[targets.state] + targets.weight)
    np.minimum.at(best, near.column, near.weight)
    best[best > limit] = NEVER
    return best[None, :]


def reached(
    engines: Engines, start: Places, *, limit_seconds: float, period: str | None
) -> tuple[NDArray[np.int32], Integers]:
    """States within a limit and their deciseconds, the nearest first."""
    states, weights = _spread(engines, start, _packed_limit(limit_seconds), period)
    return states, weights >> LENGTH_BITS


def _spread(
    engines: Engines, start: Places, limit: int, period: str | None
) -> tuple[NDArray[np.int32], Packed]:
    from data.travel.kernel import spread

    graph = engines.graph(period)
    labels = with_stubs(source_labels(graph, start.snapped), start)
    states, weights = spread(
        graph.first, graph.head, graph.weight, labels.state, labels.weight, limit
    )
    return states, weights


def _packed_limit(seconds: float | None) -> int:
    """The greatest packed weight whose seconds, rounded up, keep to the limit."""
    if seconds is None:
        return int(NEVER) - 1
    if not 0 <= seconds <= MAX_LIMIT_SECONDS:
        fault = Fault(value=repr(seconds), expected=f"seconds from 0 to {MAX_LIMIT_SECONDS:.0f}")
        raise InputError("This limit of time cannot be used.", [fault])
    return ((int(seconds) * 10 + 1) << LENGTH_BITS) - 1


def _by_matrix(
    engines: Engines, start: Places, end: Places, count: int, limit: int, period: str | None
) -> tuple[NDArray[np.int32], Packed]:
    index = np.full((len(start), count), -1, dtype=np.int32)
    weight = np.full((len(start), count), NEVER, dtype=np.int64)
    row = 0
    for packed in totals(engines, start, end, rows=None, period=period):
        order = np.argsort(packed, axis=1, kind="stable")[:, :count]
        best = np.take_along_axis(packed, order, axis=1)
        part = slice(row, row + len(packed))
        weight[part, : best.shape[1]] = np.where(best <= limit, best, NEVER)
        index[part, : best.shape[1]] = np.where(best <= limit, order, -1)
        row += len(packed)
    return index, weight


def _by_search(
    engines: Engines,
    graph: TurnGraph,
    engine: Engine,
    start: Places,
    end: Places,
    count: int,
    limit: int,
) -> tuple[NDArray[np.int32], Packed]:
    """A search from each source that looks no farther than its ``count``-th target."""
    index = np.full((len(start), count), -1, dtype=np.int32)
    weight = np.full((len(start), count), NEVER, dtype=np.int64)
    sources = with_stubs(source_labels(graph, start.snapped), start)
    targets = with_stubs(target_labels(engines.network, graph, end.snapped), end)
    near = _near(graph, start, end)
    near_first = np.searchsorted(near.row, np.arange(len(start) + 1))
    if isinstance(engine, CchEngine):
        search = _in_buckets(engine, graph, targets, most=count)
    else:
        search = _by_dijkstra(graph, targets)

    def run(begin: int, stop: int) -> None:
        search(
            sources.rows(begin, stop),
            (near_first[begin : stop + 1], near.column, near.weight),
            limit,
            index[begin:stop],
            weight[begin:stop],
        )

    in_threads(run, len(start), engines.threads)
    return index, weight


def _by_dijkstra(graph: TurnGraph, targets: Labels) -> _Search:
    from data.travel.kernel import nearest as search

    by_state = _by_state(graph, targets)

    def run(
        rows: Labels, near: _Near, limit: int, index: NDArray[np.int32], weight: Packed
    ) -> None:
        search(
            graph.first,
            graph.head,
            graph.weight,
            rows.first,
            rows.state,
            rows.weight,
            *by_state,
            *near,
            len(targets),
            limit,
            index,
            weight,
        )

    return run


def _in_buckets(engine: CchEngine, graph: TurnGraph, targets: Labels, *, most: int) -> _Search:
    from data.travel.buckets import bucket_rows, fill_buckets, nearest_above

    shape, metric = engine.hierarchy, engine.metric(graph)
    state = shape.rank[targets.state]
    first = bucket_rows(targets.first, state, shape.parent, shape.height, most)
    bucket_weight = np.empty(first[-1], dtype=np.int64)
    bucket_who = np.empty(first[-1], dtype=np.int32)
    held = fill_buckets(
        targets.first,
        state,
        targets.weight,
        shape.parent,
        shape.height,
        shape.down_first,
        shape.down_tail,
        metric.down_weight,
        first,
        bucket_weight,
        bucket_who,
    )

    def run(
        rows: Labels, near: _Near, limit: int, index: NDArray[np.int32], weight: Packed
    ) -> None:
        nearest_above(
            rows.first,
            shape.rank[rows.state],
            rows.weight,
            shape.parent,
            shape.height,
            shape.up_first,
            shape.up_head,
            metric.up_weight,
            first,
            bucket_weight,
            bucket_who,
            held,
            *near,
            len(targets),
            limit,
            index,
            weight,
        )

    return run


def _by_state(graph: TurnGraph, targets: Labels) -> tuple[Integers, Integers, Packed]:
    """Target labels grouped by state: where each state's begin, whose they are, their weights."""
    order = np.argsort(targets.state, kind="stable")
    owner = np.repeat(np.arange(len(targets)), np.diff(targets.first))
    first = np.searchsorted(targets.state[order], np.arange(graph.state_count + 1))
    return first.astype(np.int64), owner[order], targets.weight[order]


def _near(graph: TurnGraph, start: Places, end: Places) -> Shortcuts:
    """All straight drives in order of their sources."""
    parts = []
    for begin in range(0, max(1, len(start)), ROWS_AT_ONCE):
        part = shortcuts(graph, start.take(slice(begin, begin + ROWS_AT_ONCE)), end)
        parts.append((part.row + begin, part.column, part.weight))
    row, column, weight = (np.concatenate(values) for values in zip(*parts, strict=True))
    order = np.argsort(row, kind="stable")
    return Shortcuts(row=row[order], column=column[order], weight=weight[order])
