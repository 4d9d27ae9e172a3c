"""``python -m benchmarks NAME``: ours beside its peers, a row per instance, engine and budget."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.frame import BENCHES, BenchArgs, Run, tell
from benchmarks.shared import FORMATS
from territory.errors import FieldwrightError

SHORT_SECONDS = 5.0
"""The wall budget of each run of ``all`` when none is given."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one benchmark, or all, and print its rows. 0 if all ran, 1 if one could not, 2 misuse."""
    options = _parser().parse_args(arguments)
    _keep_compiled_kernels()
    asked = _bench_args(options)
    if options.name != "all":
        return _run(asked, as_json=options.json)
    short = replace(asked, seconds=asked.seconds or (SHORT_SECONDS,))
    return max(_run(replace(short, bench=name), as_json=options.json) for name in BENCHES)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=[*BENCHES, "all"], help="what to measure")
    parser.add_argument("--set", type=Path, metavar="DIR", help="folder of instances, or one file")
    parser.add_argument("--format", choices=FORMATS, default="", help="guessed from the folder")
    parser.add_argument(
        "--names", type=_names, default=(), metavar="A,B|all", help="instances to run"
    )
    parser.add_argument(
        "--params", type=_params, default={}, metavar="k=100,tol=5", help="parameters of the work"
    )
    parser.add_argument(
        "--seconds", type=_budgets, default=(), metavar="10,30", help="wall budgets, a row each"
    )
    parser.add_argument("--seeds", type=_count, default=1, metavar="K", help="seeds 1 to K")
    parser.add_argument("--peers", choices=["all", "none"], default="all", help="peers beside ours")
    parser.add_argument("--json", action="store_true", help="one JSON object per row and line")
    return parser


def _bench_args(options: argparse.Namespace) -> BenchArgs:
    return BenchArgs(
        bench=options.name,
        set_folder=options.set,
        format=options.format,
        names=options.names,
        params=options.params,
        seconds=options.seconds,
        seeds=options.seeds,
        with_peers=options.peers == "all",
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _params(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    wrong = [name for name, equals, _ in pairs if not equals or not name.strip()]
    if wrong:
        raise argparse.ArgumentTypeError(f"{wrong[0]!r} is not name=value")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _budgets(text: str) -> tuple[float, ...]:
    try:
        budgets = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not seconds like 10,30") from None
    if not all(0 < budget < float("inf") for budget in budgets):
        raise argparse.ArgumentTypeError(f"{text!r}: a budget is more than 0 seconds")
    return budgets


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a count of 1 or more")
    return int(text)


def _run(args: BenchArgs, *, as_json: bool) -> int:
    rows: list[Run] = []
    try:
        module = importlib.import_module(f"benchmarks.{args.bench}")
        for row in module.runs(args):
            rows.append(row)
            if as_json:
                print(row.as_json(), flush=True)
            else:
                tell(f"{row.bench}: {row.work}, {row.engine}, {row.wall_seconds:.2f} s")
    except FieldwrightError as error:
        tell(f"{args.bench}: {error}")
        return 1
    finally:
        if rows and not as_json:
            from benchmarks.table import show

            show(args.bench, rows)
    return 0


def _keep_compiled_kernels() -> None:
    """Compiled kernels are kept under var/, as the application keeps them."""
    root = Path(__file__).resolve().parents[1]
    var = Path(os.environ.get("FIELDWRIGHT_VAR", root / "var"))
    os.environ.setdefault("NUMBA_CACHE_DIR", str(var / "numba"))
    os.environ.setdefault("PROJ_NETWORK", "OFF")


if __name__ == "__main__":
    sys.exit(main())
