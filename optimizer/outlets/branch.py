"""Branch and Benders cut: the proof. Nodes fix sites, cuts tighten, bounds meet the incumbent.

Cuts for maxima after Cordeau, Furini, Ljubic (2019) and Duran-Mateluna, Ales, Elloumi (2023),
separated in linear time; a point between the last two is cut first, which saves rounds (in-out).
Single-threaded and counted in nodes, so that a rerun ends with the same network.
"""

import heapq
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.outlets.branching import Gains, like_sites
from optimizer.outlets.lagrangian import fixed_by, priced
from optimizer.outlets.master import Cuts, Master, Point, in_blocks, is_flag
from optimizer.outlets.model import Flags, Floats, SiteModel
from optimizer.outlets.tree import Better, Tree, rounding
from optimizer.run import Stop
from territory.plans import StoppedBy

_ROOT_ROUNDS = 200
_NODE_ROUNDS = 6
_PRICE_ROUNDS = 600
_MOST_LEVELS = 8  # sets of levels kept for the next question
_WORTH_DROPPING = 0.2  # share of columns worth building a smaller relaxation for


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


class Prover:
    """One model's levels, kept from question to question: only the rules' ends may change.

    A cut is made from a level per row and holds for every network, whatever the rules; levels that
    were tight for one number of sites are a good start for the next.
    """

    def __init__(self, model: SiteModel) -> None:
        self._model, self._block_ptr = in_blocks(model)
        self._levels: list[Floats] = []

    def relaxation(self) -> Master:
        """The relaxation of the whole model, without cuts yet."""
        return Master(self._model, self._block_ptr)

    def prove(
        self,
        model: SiteModel,
        start: Flags,
        *,
        gap: float,
        nodes: int,
        stop: Stop,
        better: Better = lambda _, __: None,
    ) -> Placement:
        """Prove ``start`` best within the relative ``gap``, or find the network that is.

        ``model`` is the prover's own with other ends of its rules.
        """
        whole = replace(self._model, rules=model.rules)
        tree = Tree(
            whole=whole,
            model=whole,
            kept=np.arange(model.columns),
            gap=gap,
            is_open=start,
            worth=model.worth(start),
            better=better,
        )
        price = priced(whole, start, rounds=_PRICE_ROUNDS, stop=stop, target=tree.cutoff)
        if price.bound <= tree.cutoff:
            return _ended(tree, price.bound, "finished")
        shut, _ = fixed_by(price, whole, tree.cutoff)
        tree.drop(shut)
        known = [price.level, *self._levels]
        levels = [whole.narrowed(level, tree.kept) for level in known]
        search = _Search(tree, self._block_ptr, levels, stop, nodes)
        answer = search.run(price.bound)
        self._levels = [
            whole.widened(level, tree.kept, whole.columns)
            for level in search.levels[-_MOST_LEVELS:]
        ]
        return answer


def _ended(tree: Tree, bound: float, stopped_by: StoppedBy) -> Placement:
    if tree.model.is_whole:
        bound = float(np.floor(bound + rounding(bound)))
    return Placement(
        is_open=tree.is_open,
        worth=tree.worth,
        bound=max(bound, tree.worth),
        nodes=tree.nodes,
        stopped_by=stopped_by,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A part of the networks: the sites fixed, the bound its parent proved, and the branch.

    ``site`` (-1: none; a group past the sites) stood ``share`` above a whole number in the parent
    and is more or less here.
    """

    bound: float
    lower: NDArray[np.int16]
    upper: NDArray[np.int16]
    site: int = -1
    share: float = 0.0
    opens: bool = False


class _Search:
    """One run of the tree."""

    def __init__(
        self,
        tree: Tree,
        block_ptr: NDArray[np.int64],
        levels: list[Floats],
        stop: Stop,
        nodes: int,
    ) -> None:
        self._tree, self._stop, self._most = tree, stop, nodes
        self._block_ptr = block_ptr
        self._heap: list[tuple[float, int, Node]] = []
        self._counter = 0
        self._closed = tree.worth  # the highest bound of a part that was closed
        self.levels = levels
        self._build()

    def _build(self) -> None:
        """A relaxation of the kept columns with the cuts of all levels known."""
        self._master = Master(self._tree.model, self._block_ptr)
        for level in self.levels[-_MOST_LEVELS:]:
            self._master.add(self._master.cuts_at(level))

    def run(self, bound: float) -> Placement:
        tree = self._tree
        self._closed = max(self._closed, tree.cutoff)  # what was fixed is bounded by the cutoff
        while True:
            point, bound = self._root(bound)
            if point is None:  # what was fixed left nothing better than the best network
                return _ended(tree, self._closed, "finished")
            if bound <= tree.cutoff:
                return _ended(tree, bound, "finished")
            every = np.ones(tree.model.columns)
            lower, upper = self._fix_by_cost(point, 0 * every, every)
            shut = upper == 0
            self._closed = max(self._closed, tree.cutoff)
            if shut.sum() < _WORTH_DROPPING * len(shut) or self._stop.now() is not None:
                break
            tree.drop(shut)
            left = np.flatnonzero(~shut)
            self.levels = [tree.whole.narrowed(level, left) for level in self.levels]
            self._build()
        groups = like_sites(tree.model, float(point.x.sum()))
        self._master.count_groups(groups)
        self._gains = Gains(len(lower) + len(groups))
        lower = np.append(lower, np.zeros(len(groups)))
        upper = np.append(upper, [len(group) for group in groups])
        return self._grow(Node(bound, lower.astype(np.int16), upper.astype(np.int16)))

    def _grow(self, root: Node) -> Placement:
        """Close part after part, the most promising first, until none can hold a better network."""
        tree = self._tree
        node: Node | None = root
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
        inner = tree.is_open[tree.kept].astype(np.float64)
        stalled = turn = 0
        while True:
            point = master.solve(self._stop.seconds_left)
            if point is None:
                return None, bound
            turn += 1
            before, bound = bound, min(bound, point.bound)
            if bound <= tree.cutoff or not point.is_solved or self._stop.now() is not None:
                break
            if turn % 8 == 3:
                tree.round(point)
            stalled = stalled + 1 if before - bound < 0.01 * (before - tree.cutoff) else 0
            inner = 0.5 * inner + 0.5 * point.x
            is_broken = self._hold_caps(point.x)
            cuts = self._cuts(inner, point, is_kept=True)
            if not len(cuts.block):
                inner = point.x
                cuts = self._cuts(inner, point, is_kept=True)
            if not (len(cuts.block) or is_broken) or stalled >= 12 or turn >= _ROOT_ROUNDS:
                break
            master.add(cuts)
        tree.round(point)
        if point.is_solved and bound > tree.cutoff:
            tree.sample(point, self._stop)
        master.purge()
        return point, bound

    def _cuts(self, x: Floats, point: Point, *, is_kept: bool = False) -> Cuts:
        """The cuts tightest at x that the point breaks; their levels are kept if asked."""
        level = self._tree.model.level_at(x)
        cuts = self._master.cuts_at(level)
        if is_kept:
            self.levels = [*self.levels[1 - _MOST_LEVELS :], level]
        excess = point.theta - cuts.value_at(point.x)
        least = max(1e-9, 1e-8 * abs(self._tree.worth) / max(1, self._master.blocks) ** 0.5)
        return cuts.take(np.flatnonzero(excess > least))

    def _hold_caps(self, x: Floats) -> bool:
        """Add the rules of caps that the point breaks; whether there are any."""
        broken = [(cap, cap.broken_at(x)) for cap in self._tree.model.rules.caps]
        for cap, weight in broken:
            if weight is not None:
                self._master.hold(weight, cap.limit)
        return any(weight is not None for _, weight in broken)

    def _fix_by_cost(self, point: Point, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
        """Sites whose reduced cost alone takes the bound below the cutoff stay as they are."""
        if not point.is_solved:
            return lower, upper
        spare = point.bound - self._tree.cutoff
        shut = (point.x < 1e-6) & (-point.reduced >= spare)
        held = (point.x > 1 - 1e-6) & (point.reduced >= spare)
        lower, upper, sites = lower.copy(), upper.copy(), len(point.x)
        lower[:sites][held], upper[:sites][shut] = 1.0, 0.0
        return lower, upper

    def _expand(self, node: Node) -> Node | None:
        """Solve a node; branch; return the child to go on with, None when it is closed."""
        tree = self._tree
        tree.nodes += 1
        lower, upper = node.lower.astype(np.float64), node.upper.astype(np.float64)
        self._master.fix(lower, upper)
        point, bound = self._cut_node(node.bound)
        if point is None:
            return None
        sites = len(point.x)
        fractional = is_flag(point.x) if point.is_solved else (lower != upper)[:sites]
        if not fractional.any():
            tree.offer(point.x > 0.5)
        if bound <= tree.cutoff or not fractional.any():
            self._closed = max(self._closed, bound)
            return None
        if tree.nodes % 20 == 1:
            tree.round(point)
        lower, upper = self._fix_by_cost(point, lower, upper)
        self._closed = max(self._closed, tree.cutoff)
        fractional &= (lower != upper)[:sites]
        if not fractional.any():
            return Node(bound, lower.astype(np.int16), upper.astype(np.int16))
        if node.site >= 0:
            gain = node.bound - bound
            self._gains.note(node.site, node.share, opens=node.opens, gain=gain)
        uneven = np.abs(point.group - np.rint(point.group)) > 1e-6
        uneven &= (lower != upper)[sites:]
        choices = np.append(fractional, uneven if point.is_solved else uneven & False)
        site = self._gains.choose(self._master, point, choices)
        return self._branch(point, bound, lower, upper, site)

    def _cut_node(self, bound: float) -> tuple[Point | None, float]:
        """Cut a node as long as it pays; a whole point until nothing is violated."""
        master, tree = self._master, self._tree
        if master.cut_count > 2 * master.blocks + 500:
            master.purge()
        turn = 0
        while True:
            point = master.solve(self._stop.seconds_left)
            if point is None:
                return None, bound
            before, bound = bound, min(bound, point.bound)
            if bound <= tree.cutoff or not point.is_solved:
                return point, bound
            is_small = turn > 0 and before - bound < 0.02 * (bound - tree.cutoff)
            if is_flag(point.x).any() and (turn >= _NODE_ROUNDS or is_small):
                return point, bound
            is_broken = self._hold_caps(point.x)
            cuts = self._cuts(point.x, point)
            if not len(cuts.block) and not is_broken:
                return point, bound
            master.add(cuts)
            turn += 1

    def _branch(self, point: Point, bound: float, lower: Floats, upper: Floats, site: int) -> Node:
        """Two parts, more and less of a choice (a site open or shut); the lesser one waits."""
        opened, closed = lower.astype(np.int16), upper.astype(np.int16)
        amount = float(point.x[site] if site < len(point.x) else point.group[site - len(point.x)])
        if not lower[site] < amount < upper[site] or amount == np.floor(amount):
            amount = lower[site] + 0.5  # a relaxation cut short says nothing of it
        opened[site], closed[site] = np.ceil(amount), np.floor(amount)
        self._counter += 1
        share = amount - np.floor(amount)
        waiting = Node(bound, lower.astype(np.int16), closed, site, share, opens=False)
        heapq.heappush(self._heap, (-bound, self._counter, waiting))
        return Node(bound, opened, upper.astype(np.int16), site, share, opens=True)
