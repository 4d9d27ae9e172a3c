"""The plan's rules as rows over free sites: how many, closures, budget, separation, the user's."""

import numpy as np
from scipy.sparse import csr_matrix

from optimizer.outlets.model import Flags, Rules
from optimizer.outlets.problem import OutletProblem, SiteRule, cost_if_closed, cost_if_opened
from territory.errors import Infeasible
from territory.geo import haversine_meters


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
    return book.rules()


def _count(problem: OutletProblem, book: RuleBook) -> None:
    weights = dict.fromkeys(problem.with_role("candidate"), 1.0)
    book.add("number of new sites", weights, problem.new_sites_at_least, problem.new_sites)


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
