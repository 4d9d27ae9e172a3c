"""Which instances there are, in which folder and format, and the table that is committed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.frame import BenchArgs
from benchmarks.shared import guess_format, shared_path
from benchmarks.visit_formats import PeriodicInstance, pvrp_best, read_pvrp, read_vrplib
from benchmarks.visit_instances import (
    RoutingInstance,
    best_in,
    read_solomon,
    read_toptw,
    solomon_best,
    toptw_best,
)
from territory.errors import InputError

SETS: Mapping[str, tuple[str, str]] = {
    "solomon": ("solomon", ".txt"),
    "homberger": ("solomon", ".txt"),
    "cvrplib_x": ("vrplib", ".vrp"),
    "pvrp_cordeau": ("pvrp", ".txt"),
    "toptw/solomon_100": ("toptw", ".txt"),
    "toptw/cordeau_pr01_10": ("toptw", ".txt"),
    "pcvrptw": ("vrplib", ".vrp"),
}
"""Folders of the shared data with their format and the ending of instances."""

TABLE: Mapping[str, tuple[str, ...]] = {
    "solomon": ("C109", "C203", "R105", "R205", "RC105", "RC205"),
    "homberger": ("C1_4_1", "C2_2_3", "R1_2_3", "R2_4_3", "RC1_2_5", "RC2_4_1"),
    "cvrplib_x": ("X-n101-k25", "X-n256-k16", "X-n420-k130", "X-n783-k48"),
    "pvrp_cordeau": ("p05", "p11", "p13", "p23", "p27", "pr03", "pr07", "pr09"),
    "toptw/solomon_100": ("c105 m=2", "r105 m=3", "rc105 m=4", "r109 m=1"),
    "toptw/cordeau_pr01_10": ("pr05 m=2", "pr09 m=3"),
    "pcvrptw": ("C1_10_2", "RC2_10_8"),
}
"""Twelve VRPTW (two of each class), four X, eight PVRP, six TOPTW, two prize-collecting."""

NO_INSTANCE = frozenset({"TOPTW_format", "p01"})  # p01: a customer on the depot blocks a vehicle
ROUTES = (1, 2, 3, 4)  # of TOPTW, where none are asked for

Instance = RoutingInstance | PeriodicInstance


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An instance that can be read. ``routes`` is how many a TOPTW instance has."""

    name: str
    folder: Path
    path: Path
    form: str
    routes: int = 0

    @property
    def family(self) -> str:
        """The class a mean is taken over: C1 ... RC2 of VRPTW, else the kind of instance."""
        named = re.match(r"(RC|C|R)[12]", self.name)
        if self.form == "solomon":
            return f"VRPTW {named[0]}" if named else "VRPTW"
        of_vrplib = "PCVRPTW" if named else "CVRP X"
        return {"toptw": "TOPTW", "pvrp": "PVRP"}.get(self.form, of_vrplib)

    def read(self) -> Instance:
        """The instance with its best known objective."""
        folder = self.folder
        if self.form == "solomon":
            return read_solomon(self.path, solomon_best(folder))
        if self.form == "toptw":
            return read_toptw(self.path, self.routes, toptw_best(folder))
        if self.form == "pvrp":
            return read_pvrp(self.path, pvrp_best(folder))
        tables = sorted(folder.parent.glob("bks_*.csv"))
        known = [table for table in tables if table.stem == f"bks_{folder.name}"]
        return read_vrplib(self.path, best_in(known[0]) if known else {})


def chosen(args: BenchArgs) -> Iterator[Found]:
    """The instances asked for: the table, or ``--names`` among a ``--set`` or all sets."""
    found = list(_in_set(args) if args.set_folder is not None else _in_all_sets(args))
    by_name = {one.name: one for one in found}
    if args.set_folder is None and not args.names:
        table = [name for names in TABLE.values() for name in names]
        yield from (by_name[name] for name in table if name in by_name)
        return
    wanted = [
        name
        for asked in (args.names or ())
        for name in ([asked] if asked in by_name else _with_routes(asked, by_name))
    ]
    if args.names and args.names != ("all",) and not wanted:
        wanted = list(args.names)
    by_choice = args if not wanted else _named(args, wanted)
    yield from (by_name[name] for name in by_choice.chosen(tuple(by_name)))


def _with_routes(asked: str, by_name: Mapping[str, Found]) -> list[str]:
    return [name for name in by_name if name.startswith(f"{asked} m=")]


def _named(args: BenchArgs, names: list[str]) -> BenchArgs:
    from dataclasses import replace

    return replace(args, names=tuple(names))


def _in_set(args: BenchArgs) -> Iterator[Found]:
    folder = args.folder("instances", "visits", "solomon")
    form = args.format_of(folder)
    if form not in {form for form, _ in SETS.values()}:
        raise InputError(
            f"The visit benchmark does not read {form!r}.",
            fix="It reads solomon, toptw, vrplib (CVRP, PCVRPTW) and pvrp.",
        )
    ending = ".vrp" if form == "vrplib" else ".txt"
    paths = [folder] if folder.is_file() else sorted(folder.rglob(f"*{ending}"))
    for path in paths:
        yield from _found(path, form, args)


def _in_all_sets(args: BenchArgs) -> Iterator[Found]:
    for name, (form, ending) in SETS.items():
        folder = shared_path("instances", "visits", *name.split("/"))
        if args.format and args.format != guess_format(folder):
            continue
        for path in sorted(folder.glob(f"*{ending}")):
            yield from _found(path, form, args)


def _found(path: Path, form: str, args: BenchArgs) -> Iterator[Found]:
    if path.stem in NO_INSTANCE:
        return
    if form != "toptw":
        yield Found(name=path.stem, folder=path.parent, path=path, form=form)
        return
    for routes in args.numbers("m", *ROUTES):
        name = f"{path.stem} m={int(routes)}"
        yield Found(name=name, folder=path.parent, path=path, form=form, routes=int(routes))
