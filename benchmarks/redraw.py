"""Redraw: jurisdictions balanced in two loads, one piece each, compact, beside their peers.

``python -m benchmarks redraw`` runs the whole table: the shared cities at 5 and 2 %, the hard city,
drift, classic districting and 200,000 units; about an hour, most of it slow peers.
``--params work=short`` is done in about four minutes: 10 s for each plan of ours, 20 s for a slow
peer. ``--params work=cities|drift|medians|large|edits`` runs one part. ``into=FILE`` keeps each row
as it comes; rows found there are told again and not run.

``--names A,B|all --params k=100,tol=5``: cities of ``.npz`` files (``--format h3npz``); k and tol
may be several joined by "+". Ours runs its default search with no clock, or once per wall budget of
``--seconds``; quick peers take what they take, slow ones get ``--params peer_seconds=60`` in a
process of their own. Wall time runs from raw arrays to the whole plan, ours with its bounds.

The objective is the moment of inertia, workload x squared km to each jurisdiction's centre. It and
every figure of ``extra`` are the judge's own. ``violations`` counts what the judge finds in our
plan; for a peer, who states no figures, it counts broken-off pieces. ``worst_load_percent`` is the
furthest any jurisdiction lies from the mean in either load; ``cpu_seconds`` counts all threads and
tells less of the machine's other work than wall time does. ``bound_gap_percent`` is to our bound
on plans about the centres of our plan, as far beyond tolerance as ours where ours is beyond.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.frame import BenchArgs, Run
from benchmarks.ledger import kept_rows
from benchmarks.redraw_instances import Question, drawn_city, read_city
from benchmarks.redraw_peers import PEERS, SLOW_PEERS
from benchmarks.redraw_rows import OURS, our_row, peer_row, slow_peer_row
from benchmarks.shared import shared_path
from optimizer.redraw import RedrawParams
from territory.errors import InputError

DEFAULT_NAMES = ("city_1000", "city_5000", "city_20000")
DEFAULT_EXECUTIVES = {"city_1000": 10, "city_5000": 50, "city_20000": 100}
UNITS_PER_EXECUTIVE = 200  # of a city with no number of its own
DEFAULT_TOLERANCE_PERCENT = 5.0
TABLE = (("city_1000", "10"), ("city_5000", "50+100"), ("city_20000", "10+50+100"))
LARGE_UNITS, LARGE_EXECUTIVES = 200_000, 500
PEER_SECONDS, SHORT_SECONDS, SHORT_PEER_SECONDS = 60.0, 10.0, 20.0


def runs(args: BenchArgs) -> Iterator[Run]:
    """The part asked for; the whole table if nothing is."""
    is_plain = args.set_folder is None and not args.names and not args.format
    work = args.params.get("work", "table" if is_plain and not args.params else "cities")
    if work not in WORKS:
        raise InputError(f"Redraw has no work {work!r}.", fix=f"There are: {', '.join(WORKS)}.")
    yield from WORKS[work](args)


def _cities(args: BenchArgs) -> Iterator[Run]:
    """Ours per budget and seed and the peers per seed, for every city, k and tolerance."""
    if _format(args) in ("ctdp", "cpmp"):
        yield from _medians(args)
        return
    for question in _questions(args):
        yield from _beside_peers(args, question)


def _beside_peers(args: BenchArgs, question: Question) -> Iterator[Run]:
    kept, work = kept_rows(args), question.work
    for seed in args.seed_numbers():
        for seconds in args.seconds or (None,):
            key = (work, OURS, seed, RedrawParams().threads)
            ours = partial(our_row, question, seconds, seed)
            yield kept.row(key, ours, budget_seconds=seconds)
        for package, (module, peer) in PEERS.items():
            if args.has_peer(package, module):
                run = partial(peer_row, question, package, peer, seed)
                yield kept.row((work, package, seed, 1), run)
        for package, (module, peer) in SLOW_PEERS.items():
            if args.has_peer(package, module):
                limit = args.number("peer_seconds", PEER_SECONDS)
                slow = partial(slow_peer_row, question, package, module, peer, seed, limit)
                row = kept.row_if_any((work, package, seed, 1), slow)
                if row is not None:
                    yield row


def _table(args: BenchArgs) -> Iterator[Run]:
    """Every row of the project's goals."""
    for tolerance in ("5", "2"):
        for name, counts in TABLE:
            asked = {**args.params, "k": counts, "tol": tolerance}
            yield from _cities(replace(args, names=(name,), params=asked))
    hard = shared_path("instances", "redraw", "synthetic_h3_hard")
    asked = {**args.params, "k": "100", "tol": "5"}
    yield from _cities(replace(args, set_folder=hard, params=asked))
    for name, count in (("city_5000", "50"), ("city_20000", "100")):
        asked = {**args.params, "k": count, "tol": "5"}
        yield from _drift(replace(args, names=(name,), params=asked))
    yield from _medians(args)
    yield from _large(args)


def _short(args: BenchArgs) -> Iterator[Run]:
    """A part of the table that ends soon."""
    from benchmarks.redraw_medians import SHORT

    seconds = args.seconds or (SHORT_SECONDS,)
    params = {"peer_seconds": f"{SHORT_PEER_SECONDS}", "tol": "5", "drifts": "1", **args.params}
    short = replace(args, seconds=seconds, params=params)
    for name, count in (("city_1000", "10"), ("city_5000", "50"), ("city_20000", "100")):
        asked = replace(short, names=(name,), params={"k": count, **params})
        yield from _cities(asked)
        if name == "city_5000":
            yield from _drift(asked)
    yield from _medians(replace(short, names=SHORT))


def _drift(args: BenchArgs) -> Iterator[Run]:
    from benchmarks.redraw_drift import drift_runs

    return drift_runs(args, _questions(args))


def _medians(args: BenchArgs) -> Iterator[Run]:
    from benchmarks.redraw_medians import FOLDERS, median_runs

    if args.set_folder is not None:
        return median_runs(args, args.folder())
    return median_runs(args, *(shared_path("instances", "redraw", name) for name in FOLDERS))


def _large(args: BenchArgs) -> Iterator[Run]:
    """A drawn city of 200,000 units x 500, or of ``units`` x ``k``; ``city`` is its seed."""
    units = int(args.number("units", LARGE_UNITS))
    usual = LARGE_EXECUTIVES if units == LARGE_UNITS else max(2, units // UNITS_PER_EXECUTIVE)
    city = drawn_city(units, int(args.number("city", 1)))
    for executives in args.numbers("k", usual):
        for tolerance in args.numbers("tol", DEFAULT_TOLERANCE_PERCENT):
            question = Question(city=city, executives=int(executives), tolerance_percent=tolerance)
            yield from _beside_peers(args, question)


def _edits(args: BenchArgs) -> Iterator[Run]:
    from benchmarks.edits import edit_runs

    return edit_runs(args, _questions(args))


WORKS: dict[str, Callable[[BenchArgs], Iterator[Run]]] = {
    "table": _table,
    "short": _short,
    "cities": _cities,
    "drift": _drift,
    "medians": _medians,
    "large": _large,
    "edits": _edits,
}


def _format(args: BenchArgs) -> str:
    return args.format_of(args.folder("instances", "redraw", "synthetic_h3"))


def _questions(args: BenchArgs) -> Iterator[Question]:
    folder = args.folder("instances", "redraw", "synthetic_h3")
    form = args.format_of(folder)
    if form != "h3npz":
        raise InputError(
            f"The redraw benchmark does not read {form!r}.", fix="It reads h3npz, ctdp and cpmp."
        )
    files = _files(folder)
    for name in args.chosen(tuple(files), *(name for name in DEFAULT_NAMES if name in files)):
        city = read_city(files[name])
        usual = DEFAULT_EXECUTIVES.get(name, max(2, len(city.unit_ids) // UNITS_PER_EXECUTIVE))
        for executives in args.numbers("k", usual):
            for tolerance in args.numbers("tol", DEFAULT_TOLERANCE_PERCENT):
                yield Question(city=city, executives=int(executives), tolerance_percent=tolerance)


def _files(folder: Path) -> dict[str, Path]:
    paths = [folder] if folder.is_file() else sorted(folder.glob("*.npz"))
    return {path.stem: path for path in paths}
