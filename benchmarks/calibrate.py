"""``python -m benchmarks.calibrate``: our car times beside OSRM's, between random places.

Places lie on streets drawn at random (the same for all cities by seed); ours are the times of
plain Dijkstra over arcs and turns, so that no engine and no snapping is in between. OSRM serves
the same extract with its car profile (see ``benchmarks.osrm``). Porto is the city whose ratio the
profile must meet (median 0.95 to 1.05, 5 to 95 % within 0.8 to 1.2); the others were not tuned on.
A country's limits cap our class speeds, which OSRM does not do; ``--plain`` leaves them out.
``--fit`` says in addition by which factors per class OSRM's times differ, which is the fit that a
market's own times get.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.frame import tell
from benchmarks.osrm import Osrm, find_osrm, prepare, served
from benchmarks.shared import shared_root
from benchmarks.turn_reference import Spots, TurnReference, random_spots

if TYPE_CHECKING:
    from data.roads import RoadNetwork

CITIES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "porto": ("geo/porto/porto_portugal.osm.pbf", "PT"),
        "malta": ("geo/malta/malta-2018.osm.pbf", "MT"),
        "helsinki": ("geo/helsinki/Helsinki_centre.osm.pbf", "FI"),
        "liechtenstein": ("geo/tiny/liechtenstein.osm.pbf", "LI"),
        "monaco": ("geo/tiny/monaco.osm.pbf", "MC"),
    }
)
BANDS_KM: Final = (0, 1, 3, 10, 30, 1_000)
FAST_BANDS: Final = (0.0, 0.1, 0.5, 1.01)
"""Shares of a drive's metres on motorways and trunk roads."""

NEAR_METERS: Final = 5.0
LEAST_SECONDS: Final = 30.0
DRIVES_LOOKED_AT: Final = 200
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compared:
    """Pairs of places that both sides can drive: seconds of each, OSRM's metres, ours by OSRM's."""

    start: NDArray[np.intp]
    end: NDArray[np.intp]
    ours: Numbers
    theirs: Numbers
    meters: Numbers

    @property
    def ratio(self) -> Numbers:
        return self.ours / self.theirs

    @property
    def correlation(self) -> float:
        return float(np.corrcoef(self.ours, self.theirs)[0, 1])

    def meets_the_goal(self) -> bool:
        low, middle, high = np.percentile(self.ratio, [5, 50, 95])
        return bool(0.95 <= middle <= 1.05 and low >= 0.8 and high <= 1.2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the comparison of each city. 1 if OSRM is absent or the first city misses the goal."""
    options = _options(arguments)
    osrm = find_osrm()
    if osrm is None:
        return 1
    met = []
    for name in options.names.split(","):
        network, extract = _read(name, is_plain=options.plain)
        spots = random_spots(network, options.places, np.random.default_rng(options.seed))
        compared = compare(network, extract, osrm, spots)
        met.append(compared.meets_the_goal())
        for line in _said(name, network, spots, compared):
            print(line, flush=True)
        if options.fit:
            for line in _fitted(network, spots, compared):
                print(line, flush=True)
    return 0 if met[0] else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibrate", description=__doc__)
    parser.add_argument("--names", default=",".join(CITIES), help="cities, the tuned one first")
    parser.add_argument("--places", type=int, default=150, help="random places in each city")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--plain", action="store_true", help="leave out what a country says")
    parser.add_argument("--fit", action="store_true", help="factors per class towards OSRM")
    return parser.parse_args(arguments)


def _read(name: str, *, is_plain: bool) -> tuple["RoadNetwork", Path]:
    from data.roads import read_network

    if name not in CITIES:
        tell(f"calibrate: there is no city {name!r}, but: {', '.join(CITIES)}")
        raise SystemExit(2)
    place, country = CITIES[name]
    extract = shared_root() / place
    return read_network(extract, "car", country="" if is_plain else country), extract


def compare(network: "RoadNetwork", extract: Path, osrm: Osrm, spots: Spots) -> Compared:
    """Both times between all spots that OSRM too finds on the road where they lie."""
    ours = TurnReference(network).between(spots) / 10
    with served(osrm, prepare(osrm, extract)) as server:
        _, away = server.nearest(spots.lonlat)
        theirs, meters = server.table(spots.lonlat, spots.lonlat)
    is_used = np.isfinite(ours) & np.isfinite(theirs) & (theirs >= LEAST_SECONDS)
    is_used &= spots.line[:, None] != spots.line[None, :]
    is_used &= (away[:, None] <= NEAR_METERS) & (away[None, :] <= NEAR_METERS)
    start, end = np.nonzero(is_used)
    return Compared(
        start=start, end=end, ours=ours[is_used], theirs=theirs[is_used], meters=meters[is_used]
    )


def _said(name: str, network: "RoadNetwork", spots: Spots, compared: Compared) -> Iterator[str]:
    yield f"{name}: {_line(compared.ratio)}, correlation {compared.correlation:.4f}"
    for low, high in pairwise(BANDS_KM):
        km = compared.meters / 1000
        inside = (km >= low) & (km < high)
        if inside.sum() >= 20:
            yield f"  {low:>3} to {high} km: {_line(compared.ratio[inside])}"
    rng = np.random.default_rng(0)
    pairs = rng.permutation(len(compared.ours))[:DRIVES_LOOKED_AT]
    share = _fast_share(network, spots, compared, pairs)
    ratio = compared.ratio[pairs]
    for least, most in pairwise(FAST_BANDS):
        inside = (share >= least) & (share < most)
        if inside.sum() >= 20:
            band = f"{100 * least:.0f} to {min(100, 100 * most):.0f} % on fast roads"
            yield f"  {band}: {_line(ratio[inside])}"


def _line(ratio: Numbers) -> str:
    low, middle, high = np.percentile(ratio, [5, 50, 95])
    return f"ours / OSRM {middle:.3f} (5 to 95 %: {low:.3f} to {high:.3f}) of {len(ratio):,} pairs"


def _fast_share(
    network: "RoadNetwork", spots: Spots, compared: Compared, pairs: NDArray[np.intp]
) -> Numbers:
    """The share of metres on motorways and trunk roads of our drives of these pairs."""
    from data.travel.engines import Engines
    from data.travel.paths import fastest_drive
    from data.travel.snap import Snapper

    graph, engine = Engines(network=network).ready(None, work=len(pairs))
    snapper = Snapper(network=network, max_meters=100.0)
    is_fast = np.array([name.startswith(("motorway", "trunk")) for name in network.classes])
    shares = np.zeros(len(pairs))
    for number, pair in enumerate(pairs.tolist()):
        ends = spots.lonlat[[compared.start[pair], compared.end[pair]]]
        drive = fastest_drive(network, graph, engine, snapper.snap(ends))
        if drive is not None:
            meters = network.decimeters[drive.arcs].astype(np.float64)
            shares[number] = meters @ is_fast[network.arc_class()[drive.arcs]] / meters.sum()
    return shares


def _fitted(network: "RoadNetwork", spots: Spots, compared: Compared) -> Iterator[str]:
    """OSRM's times taken as if a market had observed them."""
    from data.travel.fitting import fit_calibration
    from data.travel.observed import ObservedTimes

    pairs = np.random.default_rng(1).permutation(len(compared.ours))[:600]
    found = fit_calibration(
        network,
        ObservedTimes(
            start=spots.lonlat[compared.start[pairs]],
            end=spots.lonlat[compared.end[pairs]],
            seconds=compared.theirs[pairs],
            period=("offpeak",) * len(pairs),
        ),
    )
    yield f"  fit: before {found.before}; after {found.after}; turns x {found.turn_factor:.2f}"
    for name, factor in sorted(found.class_factors.items()):
        if abs(factor - 1) >= 0.02:
            yield f"    {name} x {factor:.2f}"


if __name__ == "__main__":
    sys.exit(main())
