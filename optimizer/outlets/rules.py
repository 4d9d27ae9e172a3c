"""The plan's rules as rows over free sites: how many, closures, budget, separation, the user's."""

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix

from optimizer.outlets.caps import Cap
from optimizer.outlets.choice import choice_model
from optimizer.outlets.model import Flags, Rules, SiteModel, count_rules, placement_model
from optimizer.outlets.problem import OutletProblem, cost_if_closed, cost_if_opened
from territory.errors import Infeasible
from territory.geo import haversine_meters
from territory.outlets import SiteRule


class RuleBook:
    """Collects rows while moving what is fixed to the right-hand side."""

    def __init__(self, columns: list[int], is_open_anyway: Flags) -> None:
        self._column = {site: place for place, site in enumerate(columns)}
        self._anyway = is_open_anyway
        self._rows: list[dict[int, float]] = []
        self._lower: list[float] = []
        self._upper: list[float] = []
        self._names: list[str] = []

    def add(self, name: str, weights: dict[int, float], lower: float, upper: float) -> None:
        """One rule over sites (by position); refused at once if nothing free can mend it."""
        fixed = sum(weight for site, weight in weights.items() if self._anyway[site])
        free = {
            self._column[site]: weight
            for site, weight in weights.items()
            if site in self._column and weight
        }
        lower, upper = lower - fixed, upper - fixed
        if not free:
            if lower > 1e-7 or upper < -1e-7:
                raise Infeasible(
                    "No network can obey the rules.",
                    [
                        f"{name}: what is fixed gives {fixed:g}, allowed is "
                        f"{lower + fixed:g} to {upper + fixed:g}."
                    ],
                    fix="Relax this rule or free a site it names.",
                )
            return
        self._rows.append(free)
        self._lower.append(lower)
        self._upper.append(upper)
        self._names.append(name)

    def rules(self) -> Rules:
        """All rows collected."""
        entries = [
            (row, column, weight)
            for row, weights in enumerate(self._rows)
            for column, weight in sorted(weights.items())
        ]
        row, column, weight = zip(*entries, strict=True) if entries else ((), (), ())
        shape = (len(self._rows), len(self._column))
        return Rules(
            matrix=csr_matrix((np.array(weight, float), (row, column)), shape=shape),
            lower=np.array(self._lower, float),
            upper=np.array(self._upper, float),
            names=tuple(self._names),
        )


def rules_of(problem: OutletProblem, columns: list[int], is_open_anyway: Flags) -> Rules:
    """All rules of the problem over the free sites ``columns``."""
    book = RuleBook(columns, is_open_anyway)
    _count(problem, book)
    _closures(problem, book)
    _budget(problem, book)
    for group in separation_groups(problem, columns):
        names = ", ".join(repr(problem.sites[site].site_id) for site in group[:3])
        book.add(f"minimum separation ({names} ...)", dict.fromkeys(group, 1.0), -np.inf, 1.0)
    for rule in problem.rules:
        _user_rule(problem, rule, book)
    return replace(book.rules(), caps=caps_of(problem, columns, is_open_anyway))


COUNT = "number of new sites"
COUNT_WITH_MOVES = "number of new sites and moves"


def _count(problem: OutletProblem, book: RuleBook) -> None:
    weights = dict.fromkeys(problem.with_role("candidate"), 1.0)
    movable = [i for i in problem.with_role("own") if problem.sites[i].may_close]
    moves = min(problem.moves, len(movable))
    book.add(COUNT, weights, problem.new_sites_at_least, problem.new_sites + moves)
    if moves:  # beyond new_sites, one more for each outlet that closes
        weights |= dict.fromkeys(movable, 1.0)
        book.add(COUNT_WITH_MOVES, weights, -np.inf, problem.new_sites + len(movable))


def caps_of(problem: OutletProblem, columns: list[int], is_open_anyway: Flags) -> tuple[Cap, ...]:
    """The cap on what new sites take from own outlets, which all stay."""
    if problem.most_cannibalised is None:
        return ()
    cover, name = problem.cover, "cannibalisation"
    own = np.zeros(len(problem.sites), dtype=np.bool_)
    own[list(problem.with_role("own"))] = True
    column = np.full(cover.site_count, -1, dtype=np.int64)
    column[columns] = np.arange(len(columns))
    site, cell = cover.owner, cover.cells.astype(np.int64)
    rules = count_rules(len(columns), at_least=0, at_most=len(columns))
    taken: SiteModel
    if problem.against is None:
        held = cover.best(np.flatnonzero(own).tolist())
        is_better = cover.weights > held[cell]
        lost = np.zeros(len(held), dtype=np.bool_)  # to new sites that are open anyway
        lost[cell[is_better & (is_open_anyway & ~own)[site]]] = True
        worth = problem.demand * held
        already = float(worth[lost].sum())
        keep = is_better & (column[site] >= 0) & ~lost[cell]
        taken = placement_model(
            cell[keep], column[site[keep]], worth[cell[keep]],
            rows=len(held), columns=len(columns), rules=rules,
        )  # fmt: skip
    else:
        ours, total = problem.pull_of(own), problem.pull_of(own | is_open_anyway) + problem.against
        already = float((problem.demand * (ours / (ours + problem.against) - ours / total)).sum())
        keep = column[site] >= 0
        taken = choice_model(
            cell[keep], column[site[keep]], problem.pulls[keep] / total[cell[keep]],
            problem.demand * ours / total, columns=len(columns), rules=rules,
        )  # fmt: skip
    limit = problem.most_cannibalised - already
    if limit < -1e-9 * max(1.0, already):
        raise Infeasible(
            "No network can obey the rules.",
            [
                f"{name}: forced sites alone take {already:,.0f} from own outlets, at most "
                f"{problem.most_cannibalised:,.0f} are allowed."
            ],
            fix="Raise the cap or force fewer sites.",
        )
    return (Cap(name=name, taken=taken, limit=max(0.0, limit)),)


def _closures(problem: OutletProblem, book: RuleBook) -> None:
    if problem.closures is None:
        return
    own = problem.with_role("own")
    book.add("closures", dict.fromkeys(own, 1.0), len(own) - problem.closures, np.inf)


def _budget(problem: OutletProblem, book: RuleBook) -> None:
    if problem.budget is None:
        return
    weights = {i: cost_if_opened(problem.sites[i]) for i in problem.with_role("candidate")}
    own = problem.with_role("own")
    weights |= {i: -cost_if_closed(problem.sites[i]) for i in own}
    all_closed = sum(cost_if_closed(problem.sites[i]) for i in own)
    book.add("budget", weights, -np.inf, problem.budget - all_closed)


def _user_rule(problem: OutletProblem, rule: SiteRule, book: RuleBook) -> None:
    place = {site.site_id: i for i, site in enumerate(problem.sites)}
    weights = {place[site_id]: weight for site_id, weight in rule.weights.items()}
    book.add(rule.name, weights, rule.at_least, rule.at_most)


def too_near(problem: OutletProblem, left: list[int], right: list[int]) -> np.ndarray:
    """Which pairs of sites lie closer than the minimum separation, shape (left, right)."""
    points = np.array([(site.lon, site.lat) for site in problem.sites], float).reshape(-1, 2)
    meters = haversine_meters(points[left], points[right])
    return np.asarray(meters < problem.minimum_separation_meters)


def separation_groups(problem: OutletProblem, columns: list[int]) -> list[list[int]]:
    """Sets of free sites of which one may be open, together holding every pair too near.

    Two existing outlets may stay as near as they are. Groups (cliques) give a far tighter
    relaxation than pairs; each is grown greedily from a pair not yet held.
    """
    if problem.minimum_separation_meters <= 0 or len(columns) < 2:
        return []
    near = too_near(problem, columns, columns)
    own = np.array([problem.sites[site].role == "own" for site in columns])
    near &= ~(own[:, None] & own[None, :])
    np.fill_diagonal(near, False)
    open_pairs = np.triu(near)
    groups = []
    while open_pairs.any():
        first, second = np.unravel_index(int(open_pairs.argmax()), open_pairs.shape)
        group = [int(first), int(second)]
        fits = near[first] & near[second]
        while fits.any():
            joined = int(np.flatnonzero(fits)[0])
            group.append(joined)
            fits = fits & near[joined]
        grid = np.ix_(sorted(group), sorted(group))
        open_pairs[grid] = False
        groups.append([columns[place] for place in sorted(group)])
    return groups
