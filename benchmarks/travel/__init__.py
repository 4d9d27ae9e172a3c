"""Travel on real cities: matrices, nearest places, routes, reach and builds, beside their peers.

Instances are OpenStreetMap extracts (``porto``, ``malta``, ``tiny``), each with its turns, and two
generated networks, ``million`` and ``million-grid`` (``--params nodes=1000000``). Places lie at
random beside streets. ``--params work=matrix+route`` runs some kinds of work only: build, start,
matrix, stream, nearest, route, reach, reweight. ``n=1000`` is the size of the matrices, which
``--params n=200+1000`` makes several.

The judge is plain Dijkstra by SciPy on a turn-expanded graph that is built apart from the engines
(``benchmarks.turn_reference``), from sampled sources: ``violations`` counts pairs whose whole
seconds or metres differ from its. Peers on the same graph answer for the same places, but from one
side of the road and in seconds only; the judge counts their pairs that differ by a tenth. OSRM has
speeds of its own and is not judged. A slow peer is timed on some of the sources and scaled up,
which ``extra.scaled_from_sources`` says.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.frame import BenchArgs, Run

__all__ = ["runs"]

WORKS: Final = ("build", "start", "matrix", "stream", "nearest", "route", "reach", "reweight")


def runs(args: BenchArgs) -> Iterator[Run]:
    """Every kind of work on each city, ours first, then the peers."""
    from benchmarks.travel.cities import GENERATED, extracts
    from benchmarks.travel.generated import generated_rows
    from benchmarks.travel.ours import city_rows

    wanted = _works(args)
    found = extracts(args)
    for name in args.chosen([*found, *GENERATED], *(["porto"] if "porto" in found else [])):
        if name in GENERATED:
            yield from generated_rows(args, name)
            continue
        with tempfile.TemporaryDirectory(prefix="travel-") as folder:
            yield from city_rows(args, name, found[name], Path(folder), wanted)


def _works(args: BenchArgs) -> tuple[str, ...]:
    """The kinds of work asked for.

    Raises
    ------
    InputError
        If one is unknown.
    """
    from territory.errors import InputError

    asked = tuple(args.params.get("work", "+".join(WORKS)).split("+"))
    unknown = [name for name in asked if name not in WORKS]
    if unknown:
        raise InputError(f"There is no work {unknown[0]!r}.", fix=f"There is: {', '.join(WORKS)}.")
    return asked
