"""Small worlds of arcs and turns, and what plain Dijkstra says about them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.travel.cch import Hierarchy, build_hierarchy

NEVER = 2**62


@dataclass(frozen=True, kw_only=True, eq=False)
class World:
    """Arcs between nodes on a map, the turns between them in CSR, and a weight for each turn."""

    lonlat: NDArray[np.float64]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    turn_first: NDArray[np.int64]
    turn_arc: NDArray[np.int32]
    weight: NDArray[np.int64]

    @property
    def arc_count(self) -> int:
        return len(self.tail)

    def hierarchy(self, *, threads: int = 2, memory_limit_bytes: int | None = None) -> Hierarchy:
        return build_hierarchy(
            lonlat=self.lonlat,
            tail=self.tail,
            head=self.head,
            turn_first=self.turn_first,
            turn_arc=self.turn_arc,
            threads=threads,
            memory_limit_bytes=memory_limit_bytes,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """Sources by their labels, and target states."""

    first: NDArray[np.int64]
    state: NDArray[np.int32]
    weight: NDArray[np.int64]
    targets: NDArray[np.int32]

    @property
    def arguments(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
        return self.first, self.state, self.weight


def world_of(lonlat: NDArray[np.float64], arcs: list[tuple[int, int]], seed: int = 0) -> World:
    """A world whose arcs may be followed by any arc from their head, at weights drawn by seed."""
    pairs = np.array(sorted(arcs), dtype=np.int32).reshape(-1, 2)
    return _with_turns(lonlat, pairs, np.random.default_rng(seed), kept=1.0)


def random_world(seed: int) -> World:
    """Up to 40 nodes: islands, one-ways, parallel arcs, loops, forbidden turns and free ones.

    Every third world has all its nodes at one place.
    """
    draw = np.random.default_rng(seed)
    nodes = int(draw.integers(1, 40))
    arcs = int(draw.integers(1, 120))
    lonlat = draw.uniform(0, 0.1, size=(nodes, 2)) * (seed % 3 != 0)
    tail = draw.integers(0, nodes, arcs)
    near = draw.integers(0, nodes, arcs) if seed % 2 else (tail + draw.integers(0, 4, arcs)) % nodes
    pairs = np.stack([tail, near], axis=1)
    both = draw.random(arcs) < 0.5
    pairs = np.concatenate([pairs, pairs[both][:, ::-1]])
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].astype(np.int32)
    return _with_turns(lonlat, pairs, draw, kept=draw.uniform(0.3, 1.0))


def _with_turns(
    lonlat: NDArray[np.float64],
    pairs: NDArray[np.int32],
    draw: np.random.Generator,
    kept: float,
) -> World:
    tail, head = pairs[:, 0].copy(), pairs[:, 1].copy()
    turns = [
        [arc for arc in np.flatnonzero(tail == end).tolist() if draw.random() < kept]
        for end in head.tolist()
    ]
    count = np.array([len(after) for after in turns], dtype=np.int64)
    turn_arc = np.array([arc for after in turns for arc in after], dtype=np.int32)
    weight = 1 + draw.integers(0, 50, len(turn_arc)) * draw.integers(0, 2, len(turn_arc))
    return World(
        lonlat=lonlat,
        tail=tail,
        head=head,
        turn_first=np.concatenate([[0], np.cumsum(count)]),
        turn_arc=turn_arc,
        weight=weight.astype(np.int64) * 2**28 + weight % 7,
    )


def random_question(states: int, *, sources: int, targets: int, seed: int) -> Question:
    """Sources with 0 to 5 labels each, and targets that may come twice."""
    draw = np.random.default_rng(seed)
    count = draw.integers(0, 6, sources)
    labels = int(count.sum())
    return Question(
        first=np.concatenate([[0], np.cumsum(count)]),
        state=draw.integers(0, states, labels).astype(np.int32),
        weight=draw.integers(0, 2**34, labels),
        targets=draw.integers(0, states, targets).astype(np.int32),
    )


def plain_answer(world: World, question: Question) -> NDArray[np.int64]:
    """What plain Dijkstra answers, state by state."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    tail = np.repeat(np.arange(world.arc_count), np.diff(world.turn_first))
    best: dict[tuple[int, int], int] = {}
    for edge in zip(tail.tolist(), world.turn_arc.tolist(), world.weight.tolist(), strict=True):
        best[edge[:2]] = min(edge[2], best.get(edge[:2], NEVER))
    ends = np.array(list(best), dtype=np.int64).reshape(-1, 2)
    value = np.array(list(best.values()), dtype=np.float64)
    size = world.arc_count
    matrix = csr_array((value, (ends[:, 0], ends[:, 1])), shape=(size, size))
    answer = np.full((len(question.first) - 1, len(question.targets)), NEVER, dtype=np.int64)
    if not len(question.state):
        return answer
    states, place = np.unique(question.state, return_inverse=True)
    far = dijkstra(matrix, indices=states)[:, question.targets]
    found = np.where(np.isfinite(far), far, float(NEVER))
    for row in range(len(answer)):
        for label in range(question.first[row], question.first[row + 1]):
            there = found[place[label]].astype(np.int64)
            through = np.where(there < NEVER, there + question.weight[label], NEVER)
            answer[row] = np.minimum(answer[row], through)
    return answer


def path_weight(world: World, states: NDArray[np.int32]) -> int:
    """What the turns along these states weigh together; fails where there is no such turn."""
    total = 0
    for one, other in zip(states[:-1].tolist(), states[1:].tolist(), strict=True):
        turns = slice(int(world.turn_first[one]), int(world.turn_first[one + 1]))
        total += int(world.weight[turns][world.turn_arc[turns] == other].min())
    return total
