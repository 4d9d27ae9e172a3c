"""Branch and Benders cut: the proof. Nodes fix sites, cuts tighten, bounds meet the incumbent.

Cuts for maxima after Cordeau, Furini, Ljubic (2019) and Duran-Mateluna, Ales, Elloumi (2023),
separated in linear time; a point between the last two is cut first, which saves rounds (in-out).
Single-threaded and counted in nodes, so that a rerun ends with the same network.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.outlets.interchange import improve
from optimizer.outlets.lagrangian import fixed_by, priced
from optimizer.outlets.master import Cuts, Master, Point, is_flag
from optimizer.outlets.model import Flags, Floats, PlacementModel
from optimizer.run import Stop
from territory.plans import StoppedBy

_ROOT_ROUNDS = 200
_NODE_ROUNDS = 6
_PRICE_ROUNDS = 400


Better = Callable[[Flags, float], None]
"""Told of every better network and its worth."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placement:
    """A network of open columns with its worth, a proven upper bound and the work done."""

    is_open: Flags
    worth: float
    bound: float
    nodes: int
    stopped_by: StoppedBy

    def is_proven(self, gap: float) -> bool:
        """Whether the bound is within this relative gap."""
        return self.bound - self.worth <= max(gap, 1e-9) * max(abs(self.bound), 1e-9)


@dataclass(slots=True, kw_only=True)
class Tree:
    """How the search stands: best network, its worth, what a better one must exceed."""

    model: PlacementModel
    gap: float
    is_open: Flags
    worth: float
    better: Better
    tried: set[bytes] = field(default_factory=set)
    nodes: int = 0

    @property
    def cutoff(self) -> float:
        """A bound at or below this proves that nothing better matters."""
        if self.model.is_whole:
            return self.worth + 1 - 2 * _rounding(self.worth)
        return self.worth + self.gap * abs(self.worth)

    def offer(self, is_open: Flags) -> None:
        """Take a network if it is allowed and better."""
        if not self.model.rules.allow(is_open):
            return
        worth = self.model.worth(is_open)
        if worth > self.worth + 1e-9 * max(1.0, abs(self.worth)):
            self.is_open, self.worth = is_open, worth
            self.better(is_open, worth)

    def round(self, x: Floats) -> None:
        """Offer the network nearest to a fractional one, improved, once per network."""
        start = _rounded(self.model, x)
        key = np.packbits(start).tobytes()
        if key in self.tried:
            return
        self.tried.add(key)
        self.offer(improve(self.model, start))


def _rounded(model: PlacementModel, x: Floats) -> Flags:
    """Open sites by falling share as long as no rule gets worse."""
    is_open = np.zeros(model.columns, dtype=np.bool_)
    worst = model.rules.slack(is_open)
    for site in np.argsort(-x, kind="stable"):
        if x[site] <= 1e-6:
            break
        is_open[site] = True
        slack = model.rules.slack(is_open)
        if slack > max(worst, 1e-7):
            is_open[site] = False
        else:
            worst = slack
    return is_open


class Prover:
    """One model's cuts, kept from question to question: only the rules' upper ends may change."""

    def __init__(self, model: PlacementModel) -> None:
        self._master = Master(model)

    def prove(
        self,
        model: PlacementModel,
        start: Flags,
        *,
        gap: float,
        nodes: int,
        stop: Stop,
        better: Better = lambda _, __: None,
    ) -> Placement:
        """Prove ``start`` best within the relative ``gap``, or find the network that is.

        ``model`` is the prover's own with other upper ends of its rules.
        """
        self._master.limit(model.rules.upper)
        tree = Tree(model=model, gap=gap, is_open=start, worth=model.worth(start), better=better)
        shaped = replace(self._master.model, rules=model.rules)
        price = priced(shaped, start, rounds=_PRICE_ROUNDS, stop=stop, target=tree.cutoff)
        if price.bound <= tree.cutoff:
            return _ended(tree, price.bound, "finished")
        self._master.add(self._master.cuts_at(price.level))
        shut, held = fixed_by(price, shaped, tree.cutoff)
        lower, upper = held.astype(np.float64), (~shut).astype(np.float64)
        return _Search(self._master, tree, stop, nodes).run(lower, upper, price.bound)


def _rounding(amount: float) -> float:
    """How far a bound of this size may be off through floating point."""
    return max(1e-6, 1e-9 * abs(amount))


def _ended(tree: Tree, bound: float, stopped_by: StoppedBy) -> Placement:
    if tree.model.is_whole:
        bound = float(np.floor(bound + _rounding(bound)))
    return Placement(
        is_open=tree.is_open,
        worth=tree.worth,
        bound=max(bound, tree.worth),
        nodes=tree.nodes,
        stopped_by=stopped_by,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A part of the networks: the sites fixed, and the bound its parent proved."""

    bound: float
    lower: NDArray[np.int8]
    upper: NDArray[np.int8]


class _Search:
    """One run of the tree over a master."""

    def __init__(self, master: Master, tree: Tree, stop: Stop, nodes: int) -> None:
        self._master, self._tree, self._stop, self._most = master, tree, stop, nodes
        self._heap: list[tuple[float, int, Node]] = []
        self._counter = 0
        self._closed = tree.worth  # the highest bound of a part that was closed

    def run(self, lower: Floats, upper: Floats, bound: float) -> Placement:
        tree = self._tree
        self._master.fix(lower, upper)
        point, bound = self._root(bound)
        if point is None:  # fixing by price left nothing better than the incumbent
            return _ended(tree, tree.cutoff, "finished")
        if bound <= tree.cutoff:
            return _ended(tree, bound, "finished")
        lower, upper = self._fix_by_cost(point, lower, upper)
        self._closed = max(self._closed, tree.cutoff)  # what was fixed is bounded by the cutoff
        node: Node | None = Node(bound, lower.astype(np.int8), upper.astype(np.int8))
        while node is not None:
            why = self._stop.now(tree.nodes)
            if why is None and tree.nodes >= self._most:
                why = "work"
            if why is not None:
                worst = max([self._closed, node.bound, *(-key for key, _, _ in self._heap)])
                return _ended(tree, worst, why)
            node = self._expand(node) or self._next()
        return _ended(tree, self._closed, "finished")

    def _next(self) -> Node | None:
        if not self._heap:
            return None
        key, _, node = heapq.heappop(self._heap)
        if -key > self._tree.cutoff:
            return node
        self._closed = max(self._closed, -key)  # best first: all others are no better
        self._heap.clear()
        return None

    def _root(self, bound: float) -> tuple[Point | None, float]:
        """Cut until nothing is violated, between the last point and the one before first."""
        master, tree = self._master, self._tree
        inner = tree.is_open.astype(np.float64)
        stalled = turn = 0
        while True:
            point = master.solve()
            if point is None:
                return None, bound
            turn += 1
            before, bound = bound, min(bound, point.bound)
            if bound <= tree.cutoff or not point.is_solved or self._stop.now() is not None:
                break
            if turn % 4 == 3:
                tree.round(point.x)
            stalled = stalled + 1 if before - bound < 0.01 * (before - tree.cutoff) else 0
            inner = 0.5 * inner + 0.5 * point.x
            cuts = self._violated(master.tightest(inner), point)
            if not len(cuts.block):
                inner = point.x
                cuts = self._violated(master.tightest(inner), point)
            if not len(cuts.block) or stalled >= 12 or turn >= _ROOT_ROUNDS:
                break
            master.add(cuts)
        tree.round(point.x)
        master.purge()
        return point, bound

    def _violated(self, cuts: Cuts, point: Point) -> Cuts:
        excess = point.theta - cuts.value_at(point.x)
        least = max(1e-9, 1e-8 * abs(self._tree.worth) / max(1, self._master.blocks) ** 0.5)
        return cuts.take(np.flatnonzero(excess > least))

    def _fix_by_cost(self, point: Point, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
        """Sites whose reduced cost alone takes the bound below the cutoff stay as they are."""
        if not point.is_solved:
            return lower, upper
        spare = point.bound - self._tree.cutoff
        shut = (point.x < 1e-6) & (-point.reduced >= spare)
        held = (point.x > 1 - 1e-6) & (point.reduced >= spare)
        return np.where(held, 1.0, lower), np.where(shut, 0.0, upper)

    def _expand(self, node: Node) -> Node | None:
        """Solve a node; branch; return the child to go on with, None when it is closed."""
        tree = self._tree
        tree.nodes += 1
        lower, upper = node.lower.astype(np.float64), node.upper.astype(np.float64)
        self._master.fix(lower, upper)
        point, bound = self._cut_node(node.bound)
        if point is None:
            return None
        fractional = is_flag(point.x) if point.is_solved else lower != upper
        if not fractional.any():
            tree.offer(point.x > 0.5)
        if bound <= tree.cutoff or not fractional.any():
            self._closed = max(self._closed, bound)
            return None
        if tree.nodes % 20 == 1:
            tree.round(point.x)
        lower, upper = self._fix_by_cost(point, lower, upper)
        self._closed = max(self._closed, tree.cutoff)
        fractional &= lower != upper
        if not fractional.any():
            return Node(bound, lower.astype(np.int8), upper.astype(np.int8))
        return self._branch(bound, lower, upper, self._choose(point, fractional))

    def _cut_node(self, bound: float) -> tuple[Point | None, float]:
        """Cut a node as long as it pays; a whole point until nothing is violated."""
        master, tree = self._master, self._tree
        if master.cut_count > 4 * master.blocks + 2_000:
            master.purge()
        turn = 0
        while True:
            point = master.solve()
            if point is None:
                return None, bound
            before, bound = bound, min(bound, point.bound)
            if bound <= tree.cutoff or not point.is_solved:
                return point, bound
            is_small = turn > 0 and before - bound < 0.02 * (bound - tree.cutoff)
            if is_flag(point.x).any() and (turn >= _NODE_ROUNDS or is_small):
                return point, bound
            cuts = self._violated(master.tightest(point.x), point)
            if not len(cuts.block):
                return point, bound
            master.add(cuts)
            turn += 1

    def _choose(self, point: Point, fractional: Flags) -> int:
        """The most undecided site."""
        share = np.minimum(point.x, 1 - point.x)
        return int(np.argmax(np.where(fractional, share, -1.0)))

    def _branch(self, bound: float, lower: Floats, upper: Floats, site: int) -> Node:
        """Two parts, the site open and closed; the closed one waits."""
        opened, closed = lower.astype(np.int8), upper.astype(np.int8)
        opened[site], closed[site] = 1, 0
        self._counter += 1
        waiting = Node(bound, lower.astype(np.int8), closed)
        heapq.heappush(self._heap, (-bound, self._counter, waiting))
        return Node(bound, opened, upper.astype(np.int8))
