"""Small worlds for the outlet tests, and the brute force they are held against."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from optimizer.outlets import OutletProblem, cover_from_weights
from territory.geo import haversine_meters
from territory.outlets import Capture, Site


def candidate(name: str, **fields: object) -> Site:
    """A candidate site, at a place of its own unless told otherwise."""
    return replace(Site(site_id=name, name=name, lon=0.0, lat=0.0, role="candidate"), **fields)  # type: ignore[arg-type]


def own(name: str, **fields: object) -> Site:
    """An existing own outlet."""
    return candidate(name, role="own", **fields)


def world(
    demand: Sequence[float], sites: Sequence[Site], weights: ArrayLike, **fields: object
) -> OutletProblem:
    """A problem over cells c0, c1, ...; ``weights`` has a row per site."""
    given: dict[str, object] = {
        "unit_ids": tuple(f"c{i}" for i in range(len(demand))),
        "demand": np.array(demand, dtype=float),
        "sites": tuple(sites),
        "cover": cover_from_weights(weights),
        "reach_minutes": (5, 10),
        "reach_weights": (1.0, 0.5),
        "travel_source": "estimated",
        "new_sites": 1,
    }
    return OutletProblem(**{**given, **fields})  # type: ignore[arg-type]


def captured_by(problem: OutletProblem, is_open: Sequence[bool]) -> float:
    """Captured demand from the definition."""
    return float(problem.demand @ _weights(problem, is_open))


def _weights(problem: OutletProblem, is_open: Sequence[bool]) -> np.ndarray:
    """The largest weight of an open site per cell, or the share of all pulls."""
    dense = np.zeros((len(problem.sites), len(problem.demand)))
    for site in range(len(problem.sites)):
        part = problem.cover.of(site)
        dense[site, problem.cover.cells[part]] = problem.cover.weights[part]
    mine = dense * np.array(is_open, dtype=float)[:, None]
    if problem.against is None:
        return np.asarray(mine.max(axis=0, initial=0.0))
    pull = sum(row * site.attractiveness for row, site in zip(mine, problem.sites, strict=True))
    return np.asarray(pull / (pull + problem.against))


def cannibalised_by(problem: OutletProblem, is_open: Sequence[bool]) -> float:
    """What new sites take from own outlets, which all stay."""
    own = [site.role == "own" for site in problem.sites]
    before, after = _weights(problem, own), _weights(problem, is_open)
    if problem.against is None:
        return float(problem.demand @ np.where(after > before, before, 0.0))
    pulls = problem.pull_of(np.array(own))
    whole = problem.pull_of(np.array(is_open)) + problem.against
    return float(problem.demand @ (before - pulls / whole))


def is_allowed(problem: OutletProblem, is_open: Sequence[bool]) -> bool:
    """The rules of the plan, read straight from the problem."""
    opened = closed = 0
    spent = 0.0
    for flag, site in zip(is_open, problem.sites, strict=True):
        if (site.is_forced and not flag) or (site.is_forbidden and flag):
            return False
        if site.role == "own" and not flag:
            if not site.may_close:
                return False
            closed += 1
            spent += site.closing_cost - site.upkeep_cost
        if site.role == "candidate" and flag:
            opened += 1
            spent += site.opening_cost + site.upkeep_cost
    most = problem.new_sites + min(problem.moves, closed)
    if not problem.new_sites_at_least <= opened <= most:
        return False
    cap = problem.most_cannibalised
    if cap is not None and cannibalised_by(problem, is_open) > cap + 1e-9:
        return False
    if problem.closures is not None and closed > problem.closures:
        return False
    if problem.budget is not None and spent > problem.budget + 1e-9:
        return False
    return _keeps_apart(problem, is_open) and _keeps_rules(problem, is_open)


def _keeps_apart(problem: OutletProblem, is_open: Sequence[bool]) -> bool:
    points = np.array([(site.lon, site.lat) for site in problem.sites])
    meters = haversine_meters(points, points)
    for a, first in enumerate(problem.sites):
        for b, second in enumerate(problem.sites[:a]):
            both_own = first.role == second.role == "own"
            near = meters[a, b] < problem.minimum_separation_meters
            if is_open[a] and is_open[b] and near and not both_own:
                return False
    return True


def _keeps_rules(problem: OutletProblem, is_open: Sequence[bool]) -> bool:
    flags = {site.site_id: flag for site, flag in zip(problem.sites, is_open, strict=True)}
    for rule in problem.rules:
        total = sum(weight for name, weight in rule.weights.items() if flags[name])
        if not rule.at_least - 1e-9 <= total <= rule.at_most + 1e-9:
            return False
    return True


def brute_force(problem: OutletProblem) -> float | None:
    """The most any allowed network captures, by trying all; None if none is allowed."""
    worths = [
        captured_by(problem, is_open)
        for is_open in product((False, True), repeat=len(problem.sites))
        if is_allowed(problem, is_open)
    ]
    return max(worths, default=None)


def random_world(seed: int, *, shares: bool = False) -> OutletProblem:
    """Up to 8 sites and 12 cells with a random mix of every rule there is.

    With ``shares`` the sites pull, against 0.1 to 2 in each cell.
    """
    from optimizer.outlets import SiteRule

    random = np.random.default_rng(seed)
    cells, size = int(random.integers(1, 13)), int(random.integers(2, 9))
    existing = int(random.integers(0, min(3, size - 1) + 1))
    sites = [_random_site(random, place, place < existing) for place in range(size)]
    free = sum(site.role == "candidate" and not site.is_forbidden for site in sites)
    forced = sum(site.role == "candidate" and site.is_forced for site in sites)
    most = int(random.integers(forced, free + 1))
    rules = ()
    if random.random() < 0.4:
        names = [site.site_id for site in sites if random.random() < 0.5]
        if names:
            rules = (SiteRule(name="quota", weights=dict.fromkeys(names, 1.0), at_most=2.0),)
    closable = any(site.may_close for site in sites if site.role == "own")
    more: dict[str, object] = {}
    if shares:
        more = {"capture": Capture(kind="huff"), "against": random.uniform(0.1, 2, cells)}
        sites = [replace(s, attractiveness=float(random.uniform(0, 4))) for s in sites]
    if existing and not closable and random.random() < 0.7:
        more["most_cannibalised"] = float(random.uniform(0, 40))
    return world(
        random.choice([0.0, 10.0, 25.0, 7.5], cells).tolist(),
        sites,
        random.choice([0.0, 0.0, 1 / 3, 2 / 3, 1.0], (size, cells)),
        new_sites=most,
        new_sites_at_least=int(random.integers(0, most + 1)) if random.random() < 0.3 else 0,
        closures=int(random.integers(0, 3)) if random.random() < 0.3 else None,
        budget=float(random.integers(5, 60)) if random.random() < 0.5 else None,
        minimum_separation_meters=float(random.choice([0.0, 0.0, 150.0, 250.0])),
        rules=rules,
        moves=int(random.integers(0, 3)) if random.random() < 0.5 else 0,
        **more,
    )


def _random_site(random: np.random.Generator, place: int, exists: bool) -> Site:
    forced = random.random() < 0.1
    may_close = exists and random.random() < 0.6
    return Site(
        site_id=f"s{place}",
        name=f"Site {place}",
        lon=float(random.integers(0, 6)) * 0.001,
        lat=float(random.integers(0, 6)) * 0.001,
        role="own" if exists else "candidate",
        opening_cost=float(random.integers(0, 30)),
        closing_cost=float(random.integers(0, 10)),
        upkeep_cost=float(random.integers(0, 15)),
        may_close=may_close,
        is_forced=forced,
        is_forbidden=not forced and random.random() < 0.1 and (may_close or not exists),
    )
