"""The whole score of companies in files: facts per unit, then potential with parts and intervals.

In this process, and over Dask workers of this machine. The judge looks at every plan; figures
through Dask must be the same to the last digit. Either is done ``repeats`` times in turn, and its
quickest time told: other programs on the machine slow now the one, now the other.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.frame import BenchArgs, Run, measured
from benchmarks.score_world import PopulationGrid, market_of, read_geojson, write_companies
from territory.market import Market
from territory.outlets import Site
from territory.scores import ScorePlan
from territory.travel import TravelMatrix
from territory.units import Units

RESOLUTION = 10
GRID_SHARE = (
    0.62  # of the population grid from the west: its cells at resolution 10 are some 20,000
)
OUTLETS = {"own": 40, "competitor": 80}
WORKERS = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """A market over companies in files, its units, and the way to outlets."""

    market: Market
    parts: Sequence[Any]
    units: Units
    units_seconds: float
    sites: dict[str, tuple[Site, ...]]
    travel: dict[str, TravelMatrix]


def full_runs(args: BenchArgs, folder: Path, works: Sequence[str]) -> Iterator[Run]:
    """The score here ("full"), and over Dask ("dask") beside it."""
    repeats = int(args.number("repeats", 2))
    for seed in args.seed_numbers():
        world = _world(args, folder, seed)
        here = [_scored(world, None) for _ in range(repeats)]
        yield _row("full", world, quickest(here), seed)
        if "dask" in works and args.has_peer("distributed"):
            yield _over_dask(world, seed, repeats)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """A score, and what it took."""

    facts: pd.DataFrame
    plan: ScorePlan
    wall_seconds: float
    peak_mb: float


def quickest(scored: Sequence[Scored]) -> Scored:
    """The one that took the least time."""
    return min(scored, key=lambda one: one.wall_seconds)


def _world(args: BenchArgs, folder: Path, seed: int) -> World:
    from data.company_files import open_company_files
    from territory.units import build_units

    source = args.folder("geo", "helsinki")
    share = args.number("share", GRID_SHARE)
    grid = PopulationGrid(source / "hsy_populationgrid.geojson", share=share)
    zones, _ = read_geojson(source / "paavo_2022.geojson")
    count = int(args.number("companies", 1_000_000))
    parts = open_company_files(write_companies(grid, folder, count, seed=seed)).parts
    resolution = int(args.number("resolution", RESOLUTION))
    market = market_of(zones, seed=seed, settings={"unit_kind": "h3", "resolution": resolution})
    started = time.perf_counter()
    units = build_units(market, companies=parts)
    units_seconds = time.perf_counter() - started
    sites = {role: _sites(grid, role, count, seed) for role, count in OUTLETS.items()}
    return World(
        market=market,
        parts=parts,
        units=units,
        units_seconds=units_seconds,
        sites=sites,
        travel={role: _travel(units, some) for role, some in sites.items()},
    )


def _sites(grid: PopulationGrid, role: str, count: int, seed: int) -> tuple[Site, ...]:
    random = np.random.default_rng([seed, count])
    return tuple(
        Site(site_id=f"{role}{n}", name=f"{role} {n}", lon=lon, lat=lat, role=role)  # type: ignore[arg-type]
        for n, (lon, lat) in enumerate(grid.draw(count, random).tolist())
    )


def _travel(units: Units, sites: Sequence[Site]) -> TravelMatrix:
    from data.travel import estimated_travel

    points = np.array([(site.lon, site.lat) for site in sites])
    return estimated_travel("car").block(units.lonlat, points)


def _scored(world: World, run: Any) -> Scored:
    from territory.potential import score
    from territory.survey import per_unit

    def work() -> tuple[pd.DataFrame, ScorePlan]:
        facts = per_unit(world.market, world.units, companies=world.parts, run=run)
        plan = score(
            facts,
            to_own=world.travel["own"],
            to_competitors=world.travel["competitor"],
            own=world.sites["own"],
            competitors=world.sites["competitor"],
        )
        return facts, plan

    (facts, plan), wall, peak = measured(work)
    return Scored(facts=facts, plan=plan, wall_seconds=wall, peak_mb=peak)


def _over_dask(world: World, seed: int, repeats: int) -> Run:
    from api.cluster import company_runner

    here, there = [], []
    started = time.perf_counter()
    with company_runner("local", workers=WORKERS) as run:
        start_seconds = time.perf_counter() - started
        for _ in range(repeats):
            there.append(_scored(world, run))
            here.append(_scored(world, None))
    local, remote = quickest(here), quickest(there)
    differing = sum(differences(local, one) for one in (*here, *there))
    return _row(
        "dask",
        world,
        remote,
        seed,
        differing=differing,
        here_seconds=local.wall_seconds,
        times_here=remote.wall_seconds / local.wall_seconds,
        start_seconds=start_seconds,
    )


def differences(one: Scored, other: Scored) -> int:
    """Figures of facts and plans that are not the same number."""
    count = int(one.plan != other.plan)
    for name in one.facts:
        left, right = one.facts[name], other.facts[name]
        count += int(((left != right) & ~(left.isna() & right.isna())).sum())
    return count


def _row(
    work: str, world: World, scored: Scored, seed: int, *, differing: int = 0, **extra: float
) -> Run:
    rows = sum(part.rows for part in world.parts)
    return Run(
        bench="score",
        work=f"{work} {rows} companies {len(world.units)} units",
        engine="fieldwright",
        seed=seed,
        threads=WORKERS,
        wall_seconds=scored.wall_seconds,
        peak_mb=scored.peak_mb,
        objective=scored.plan.totals["potential"],
        violations=_wrong(scored.plan, scored.facts) + differing,
        extra={"units_seconds": world.units_seconds, "differing": differing, **extra},
    )


def _wrong(plan: ScorePlan, facts: pd.DataFrame) -> int:
    """What the judge finds in a plan."""
    from territory.checks import ScoreFacts, check_score

    names = ("companies", "income", "consumption", "captured", "workload_hours")
    known = {name: facts[name].to_numpy(dtype=np.float64) for name in names}
    return len(check_score(plan, ScoreFacts(unit_ids=plan.unit_ids, known=known)))
