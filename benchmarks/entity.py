"""Entity resolution: a corrupted copy of real places against planted truth, and a million records.

Asked for as ``python -m benchmarks score --params work=entity`` (``--names helsinki,malta,
liechtenstein,many`` or ``all``; ``n=1e6`` sizes ``many``; ``raw=1`` keeps places the map holds
twice, which the planted truth then takes for two companies). The objective is the pairwise F1;
extra holds precision, recall and the share of companies found exactly. Violations count what no
truth is needed for: a company with two ids, an origin that does not hold the value taken from it.
Peers: rapidfuzz on every pair of a block (name alike, or same telephone); splink if installed.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.entity_peers import rapidfuzz_groups, splink_groups
from benchmarks.entity_world import (
    CITIES,
    World,
    corrupted,
    distinct_places,
    many_places,
    quality,
    read_places,
)
from benchmarks.frame import BenchArgs, Run, measured
from territory.survey.resolve import Resolution, resolve

DEFAULT_MANY = 100_000
RECORDS_PER_PLACE = 1.1 * 1.3
MOST_FOR_PEERS = 200_000
"""A peer is measured on up to this many records; beyond it only if ``peer_n`` asks for more."""

Groups = NDArray[np.int64]
PEERS = {"rapidfuzz": rapidfuzz_groups, "splink": splink_groups}


def entity_runs(args: BenchArgs) -> Iterator[Run]:
    """Ours beside the peers, per city and seed."""
    names = args.chosen((*CITIES, "many"), "helsinki", "malta")
    most = int(args.number("peer_n", MOST_FOR_PEERS))
    for name in names:
        for seed in args.seed_numbers():
            world = draw_world(args, name, seed)
            yield _ours(name, world, seed)
            if len(world.truth) > most:
                continue
            for peer, group in PEERS.items():
                if args.has_peer(peer):
                    yield _theirs(peer, group, name, world, seed)


def draw_world(args: BenchArgs, name: str, seed: int) -> World:
    """The corrupted copy of a city, or of many made-up ones."""
    folder = args.folder("geo")
    if name != "many":
        places = read_places(folder.joinpath(*CITIES[name]))
        return corrupted(places if args.number("raw", 0) else distinct_places(places), seed=seed)
    cities = [
        distinct_places(read_places(folder.joinpath(*CITIES[city])))
        for city in ("helsinki", "malta")
    ]
    count = round(args.number("n", DEFAULT_MANY) / RECORDS_PER_PLACE)
    return corrupted(many_places(cities, count, seed=seed), seed=seed)


def groups_of(world: World, resolution: Resolution) -> Groups:
    """The company of each row of the world, as numbers."""
    records = resolution.records
    named = pd.Series(
        records["company_id"].to_numpy(dtype=object),
        index=pd.MultiIndex.from_frame(records[["source", "source_record_id"]]),
    )
    wanted = pd.MultiIndex.from_frame(world.records[["source", "source_record_id"]])
    return np.asarray(pd.factorize(named.reindex(wanted))[0], dtype=np.int64)


def _ours(name: str, world: World, seed: int) -> Run:
    kept: list[Resolution] = []

    def work() -> None:
        kept.append(resolve(world.records))

    _, wall_seconds, peak_mb = measured(work)
    groups = groups_of(world, kept[0])
    return _run("fieldwright", name, world, seed, groups, wall_seconds, peak_mb, wrong(kept[0]))


def _theirs(
    engine: str, group: Callable[[pd.DataFrame], Groups], name: str, world: World, seed: int
) -> Run:
    groups, wall_seconds, peak_mb = measured(lambda: group(world.records))
    return _run(engine, name, world, seed, groups, wall_seconds, peak_mb, 0)


def _run(
    engine: str,
    name: str,
    world: World,
    seed: int,
    groups: Groups,
    wall_seconds: float,
    peak_mb: float,
    violations: int,
) -> Run:
    found = quality(groups, world.truth)
    return Run(
        bench="score",
        work=f"entity {name} {len(world.truth)}",
        engine=engine,
        seed=seed,
        threads=2,
        wall_seconds=wall_seconds,
        peak_mb=peak_mb,
        objective=found.f1,
        best_known=1.0,
        gap_percent=100 * (1 - found.f1),
        violations=violations,
        extra={
            "precision": found.precision,
            "recall": found.recall,
            "cluster_f1": found.cluster_f1,
            "records": len(world.truth),
            "companies": len(np.unique(groups)),
        },
    )


def wrong(resolution: Resolution) -> int:
    """Companies that do not match the records they are said to be made of."""
    companies, records = resolution.companies, resolution.records
    expected = set(records["company_id"]) - set(resolution.placeless["company_id"])
    count = len(expected ^ set(companies["company_id"])) + int(
        companies["company_id"].duplicated().sum()
    )
    rows = resolution.origins.loc[companies["company_id"]]
    for field in ("name", "phone", "income", "lon"):
        taken = rows["place" if field == "lon" else field].to_numpy()
        told = taken >= 0
        ours = companies[field].to_numpy(dtype=object)[told]
        theirs = records[field].to_numpy(dtype=object)[taken[told]]
        owner = records["company_id"].to_numpy(dtype=object)[taken[told]]
        count += int((ours != theirs).sum())
        count += int((owner != companies["company_id"].to_numpy(dtype=object)[told]).sum())
    return count
