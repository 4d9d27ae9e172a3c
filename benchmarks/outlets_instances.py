"""Instances of outlet placement: OR-Library p-median, TSPLIB, maximal cover, and drawn ones."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.frame import BenchArgs
from benchmarks.outlets_mission import Mission, mission
from benchmarks.shared import shared_path
from optimizer.outlets.choice import ChoiceModel, logit_model
from optimizer.outlets.classic import maximal_cover_near, maximal_cover_of, p_median
from optimizer.outlets.model import PlacementModel, count_rules
from territory.errors import InputError
from territory.travel import UNREACHABLE

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Median:
    """A p-median question: an (n, n) array of costs, of which p columns open."""

    work: str
    costs: Floats
    p: int
    best_known: float | None
    maximise = False

    @cached_property
    def total(self) -> float:
        return float(self.costs.max(axis=1).sum())

    def model(self) -> PlacementModel:
        return p_median(self.costs, self.p)[0]

    def amount(self, worth: float) -> float:
        """What a worth of the model is in the instance's own terms."""
        return self.total - worth

    def recount(self, chosen: NDArray[np.int64]) -> float:
        """The objective of these sites, from the costs alone."""
        return float(self.costs[:, chosen].min(axis=1).sum())


@dataclass(frozen=True)
class Coverage:
    """A maximal cover question: points with demand, sites, a reach, p sites to open."""

    work: str
    points: Floats
    demand: Floats
    sites: Floats
    reach: float
    p: int
    best_known: float | None
    maximise = True

    @property
    def costs(self) -> Floats:
        """Every point to every site, as the crow flies."""
        away = self.points[:, None] - self.sites[None]
        return np.asarray(np.hypot(away[..., 0], away[..., 1]))

    def model(self) -> PlacementModel:
        return maximal_cover_near(self.points, self.demand, self.sites, reach=self.reach, p=self.p)

    def amount(self, worth: float) -> float:
        """What a worth of the model is in the instance's own terms."""
        return worth

    def recount(self, chosen: NDArray[np.int64]) -> float:
        """The demand within reach of these sites, measured point by point."""
        is_covered = np.zeros(len(self.points), dtype=np.bool_)
        for site in chosen:
            away = self.points - self.sites[site]
            is_covered |= (away**2).sum(axis=1) <= self.reach**2
        return float(self.demand[is_covered].sum())


@dataclass(frozen=True, eq=False)
class RoadCoverage:
    """A maximal cover question on roads: (points, sites) seconds of driving, a reach in seconds."""

    work: str
    seconds: NDArray[np.int64]
    demand: Floats
    reach: float
    p: int
    best_known: float | None = None
    maximise = True

    @property
    def costs(self) -> Floats:
        """Every point to every site."""
        return self.seconds.astype(np.float64)

    def model(self) -> PlacementModel:
        in_reach = (self.seconds <= self.reach).T
        within = [np.flatnonzero(points).astype(np.int32) for points in in_reach]
        return maximal_cover_of(within, self.demand, p=self.p)

    def amount(self, worth: float) -> float:
        """What a worth of the model is in the instance's own terms."""
        return worth

    def recount(self, chosen: NDArray[np.int64]) -> float:
        """The demand within reach of these sites."""
        is_covered = (self.seconds[:, chosen] <= self.reach).any(axis=1)
        return float(self.demand[is_covered].sum())


@dataclass(frozen=True)
class Capture:
    """A maximum capture question: points choose by a logit between open sites and competitors."""

    work: str
    weight: Floats
    pull: Floats
    against: Floats
    p: int
    best_known: float | None
    maximise = True

    def model(self) -> ChoiceModel:
        rules = count_rules(self.pull.shape[1], at_least=0, at_most=self.p)
        return logit_model(self.weight, self.pull, self.against, rules=rules)

    def amount(self, worth: float) -> float:
        """What a worth of the model is in the instance's own terms."""
        return worth

    def recount(self, chosen: NDArray[np.int64]) -> float:
        """The weight these sites capture, from the pulls alone."""
        own = self.pull[:, chosen].sum(axis=1)
        return float(self.weight @ (own / (own + self.against)))


Question = Median | Coverage | RoadCoverage | Capture | Mission


def questions(args: BenchArgs) -> Iterator[Question]:
    """The questions asked for: each instance with each p (and R)."""
    if args.names and all(
        name.partition("_")[0] in (*_LAWS, "roads", "mission") for name in args.names
    ):
        for name in args.names:
            law = name.partition("_")[0]
            yield from {"roads": _on_roads, "mission": _mission}.get(law, _drawn)(name, args)
        return
    folder = args.folder("instances", "outlets", args.format or "pmed")
    form = args.format_of(folder)
    readers: Mapping[str, Callable[[Path, BenchArgs], Iterator[Question]]] = {
        "pmed": _pmed,
        "tsplib": _tsplib,
        "mclp": _mclp,
        "hm14": _hm14,
    }
    if form not in readers:
        raise InputError(
            f"The outlets benchmark does not read {form!r}.", fix=f"It reads {', '.join(readers)}."
        )
    files = {path.stem: path for path in _files(folder) if path.stem != "pmedopt"}
    for name in args.chosen(tuple(files), *_SHORT[form]):
        yield from readers[form](files[name], args)


_SHORT = {
    "pmed": ("pmed5", "pmed15", "pmed25"),
    "tsplib": ("rl1304",),
    "mclp": ("SJC324", "BDS10000"),
    "hm14": ("HM14_800_100",),
}


def _files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    paths = [path for path in folder.iterdir() if path.suffix in (".txt", ".tsp", ".data")]
    return sorted(paths, key=lambda path: (len(path.stem), path.stem))


def best_known(folder: Path, problem: str, name: str, params: str = "") -> float | None:
    """The best known value in ``bks.csv`` of the folder or the one above it, None if not listed."""
    for place in (folder, folder.parent):
        path = place / "bks.csv"
        if path.exists():
            with path.open(newline="", encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    if (row["problem"], row["instance"], row["params"]) == (problem, name, params):
                        return float(row["value"])
    return None


def _pmed(path: Path, args: BenchArgs) -> Iterator[Question]:
    """OR-Library: a graph whose shortest ways are the costs; the last of equal edges wins."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import shortest_path

    words = path.read_text(encoding="utf-8").split()
    nodes, edges, own_p = (int(word) for word in words[:3])
    lengths = np.zeros((nodes, nodes))
    for start, end, length in np.array(words[3 : 3 + 3 * edges], dtype=float).reshape(-1, 3):
        a, b = int(start) - 1, int(end) - 1
        lengths[a, b] = lengths[b, a] = length
    costs = shortest_path(csr_matrix(lengths), directed=False)
    for p in args.numbers("p", own_p):
        known = best_known(path.parent, "p-median", path.stem) if p == own_p else None
        yield Median(f"{path.stem} p={p:g}", costs, int(p), known)


def _tsplib(path: Path, args: BenchArgs) -> Iterator[Question]:
    """TSPLIB nodes, each point and site; a cost is the distance rounded down, as is the custom."""
    text = path.read_text(encoding="utf-8").split("NODE_COORD_SECTION")[1].split("EOF")[0]
    nodes = np.array(text.split(), dtype=float).reshape(-1, 3)[:, 1:]
    costs = np.floor(np.hypot(*(nodes[:, None] - nodes[None]).transpose(2, 0, 1)))
    for p in args.numbers("p", 100):
        known = best_known(path.parent, "p-median floor-euclid", path.stem, f"p={p:g}")
        yield Median(f"{path.stem} p={p:g}", costs, int(p), known)


_REACH = {"SJC": 800.0, "PCB": 400.0, "BDS1000cand": 3.25, "BDS": 5.5}
_DEFAULT_P = {"SJC": 3, "PCB": 10, "BDS1000cand": 15, "BDS": 10}


def _mclp(path: Path, args: BenchArgs) -> Iterator[Question]:
    """Maximal cover: lines of x, y, demand (each point a site), or F sites and C points."""
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    if any(line[:1] == ["F"] for line in lines):
        sites = np.array([line[2:4] for line in lines if line[:1] == ["F"]], dtype=float)
        clients = np.array([line[2:5] for line in lines if line[:1] == ["C"]], dtype=float)
    else:
        clients = np.array([line[:3] for line in lines[1:] if len(line) >= 3], dtype=float)
        sites = clients[:, :2]
    family = next(key for key in (*_REACH, "") if path.stem.startswith(key))
    reach = args.number("R", _REACH.get(family, 0.0))
    for p in args.numbers("p", _DEFAULT_P.get(family, 10)):
        shown = f"R={reach} p={p:g}" if family.startswith("BDS") else f"R={reach:g} p={p:g}"
        yield Coverage(
            work=f"{path.stem} R={reach:g} p={p:g}",
            points=clients[:, :2],
            demand=clients[:, 2],
            sites=sites,
            reach=reach,
            p=int(p),
            best_known=best_known(path.parent, "MCLP", path.stem, shown),
        )


def _hm14(path: Path, args: BenchArgs) -> Iterator[Question]:
    """Haase and Mueller: utilities (0 or less) of each point for competitors, then for sites.

    A site pulls exp(beta u), a competitor exp(alpha beta u): a small alpha makes rivals strong.
    """
    words = np.array(path.read_text(encoding="utf-8").split(), dtype=float)
    points, sites, rivals = (int(word) for word in words[:3])
    weight, rest = words[3 : 3 + points], words[3 + points :]
    rival = rest[: rivals * points].reshape(rivals, points)
    own = rest[rivals * points : (rivals + sites) * points].reshape(sites, points).T
    for beta, alpha, p in product(
        args.numbers("beta", 5, 1), args.numbers("alpha", 0.05, 0.1, 0.2), args.numbers("p", 10)
    ):
        shown = f"beta={beta:g} alpha={alpha:g} r={p:g}"
        yield Capture(
            work=f"{path.stem} {shown}",
            weight=weight,
            pull=np.exp(beta * own),
            against=np.exp(alpha * beta * rival).sum(axis=0),
            p=int(p),
            best_known=best_known(path.parent, "MNL max-capture", path.name, shown),
        )


_LAWS = {"drawn": (1.5, 1.0, 0.5, 2.5), "dense": (1.2, 0.2, 4.0, 4.0)}
"""Of towns: the Pareto shape of their weights, what each weighs at least, widths from and to."""


def _drawn(name: str, args: BenchArgs) -> Iterator[Question]:
    """``drawn_10000x1000`` or ``dense_...``: points in 60 towns of Pareto weights, 30 % even.

    ``draw`` are the seeds. "drawn" has towns of unlike widths, about 40 sites a point in the mean
    at 10,000 x 1,000 and R 4; "dense" has wide towns of one width, one of which may hold half of
    all: many sites that could stand in for each other.
    """
    law, points, sites = _sized(name)
    reach = args.number("R", 3.0)
    for seed, p in product(args.numbers("draw", 1), args.numbers("p", 30)):
        spread, demand, places = _towns(_LAWS[law], points, sites, int(seed))
        work = f"{name} draw={seed:g} R={reach:g} p={p:g}"
        yield Coverage(work, spread, demand, places, reach, int(p), None)


def _sized(name: str) -> tuple[str, int, int]:
    """Law, points and sites of ``drawn_10000x1000``."""
    law, _, size = name.partition("_")
    try:
        points, sites = (int(part) for part in size.split("x"))
    except ValueError:
        raise InputError(f"{name!r} is not like 'drawn_10000x1000'.") from None
    return law, points, sites


def _mission(name: str, args: BenchArgs) -> Iterator[Question]:
    """``mission_20000x880``: see ``benchmarks.outlets_mission``; ``draw`` are the seeds."""
    _, points, sites = _sized(name)
    for seed in args.numbers("draw", 1):
        spread, demand, places = _towns(_LAWS["drawn"], points, sites, int(seed))
        yield mission(f"{name} draw={seed:g}", spread, demand, places, seed=int(seed))


def _towns(
    law: tuple[float, float, float, float], points: int, sites: int, seed: int
) -> tuple[Floats, Floats, Floats]:
    shape, least, narrow, wide = law
    random = np.random.default_rng(seed)
    weights = random.pareto(shape, 60) + least
    middles, widths = random.uniform(0, 100, (60, 2)), random.uniform(narrow, wide, 60)
    crowded = int(0.7 * points)
    town = random.choice(60, crowded, p=weights / weights.sum())
    homes = middles[town] + random.normal(0, 1, (crowded, 2)) * widths[town][:, None]
    spread = np.concatenate([homes, random.uniform(0, 100, (points - crowded, 2))])
    demand = random.integers(1, 101, points).astype(float)
    return spread, demand, spread[random.choice(points, sites, replace=False)]


def _on_roads(name: str, args: BenchArgs) -> Iterator[Question]:
    """``roads_porto_10000x1000`` or ``roads_malta_...``: points and sites beside its streets.

    R is in minutes of driving, ``draw`` are the seeds.
    """
    from benchmarks.travel.cities import places_of
    from data.roads import read_network
    from data.travel import road_travel

    extracts = {"porto": ("porto_portugal.osm.pbf", "PT"), "malta": ("malta-2018.osm.pbf", "MT")}
    city, _, size = name.removeprefix("roads_").partition("_")
    try:
        points, sites = (int(part) for part in size.split("x"))
        file, country = extracts[city]
    except (ValueError, KeyError):
        raise InputError(f"{name!r} is not like 'roads_porto_10000x1000'.") from None
    travel = road_travel(read_network(shared_path("geo", city, file), "car", country=country))
    reach = args.number("R", 4.0)
    for seed in args.numbers("draw", 1):
        places = places_of(travel.network, points + sites, seed=int(seed))
        seconds = travel.block(places[:points], places[points:]).seconds
        seconds = np.where(seconds == UNREACHABLE, np.iinfo(np.int64).max, seconds)
        demand = np.random.default_rng(int(seed)).integers(1, 101, points).astype(float)
        for p in args.numbers("p", 30):
            work = f"{name} draw={seed:g} R={reach:g} min p={p:g}"
            yield RoadCoverage(work, seconds.astype(np.int64), demand, 60 * reach, int(p))
