"""The command line. ``fieldwright --help`` is quick: each command imports what it needs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from territory.errors import FieldwrightError

if TYPE_CHECKING:
    from api.usecases.workspace import Workspace
    from data.store import StoredPlan

app = typer.Typer(
    name="fieldwright",
    help="Territory planning and route optimisation: score, redraw, visit, place.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys_app = typer.Typer(help="Keys that open the service beyond loopback.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")

MarketArg = Annotated[str, typer.Argument(help="Name of the market.")]
PlanArg = Annotated[str, typer.Argument(help="Id of a plan, or MARKET:KIND for its latest.")]
SeedOpt = Annotated[int, typer.Option(help="Seed of every random draw.")]
IterationsOpt = Annotated[int | None, typer.Option(help="Work limit; the job's default if unset.")]
SecondsOpt = Annotated[float | None, typer.Option(help="Wall-clock limit.")]


def main() -> None:
    """Run the command line. Exit status 1 for what was refused, 2 for wrong usage."""
    try:
        app()
    except FieldwrightError as error:
        sys.stderr.write(f"fieldwright: {error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("fieldwright: stopped by you\n")
        sys.exit(130)


def _workspace() -> "Workspace":
    from api.settings import Settings
    from api.usecases.workspace import Workspace

    return Workspace(Settings())


def _say(text: str) -> None:
    typer.echo(text)


def _run(market: str, kind: str, params: dict[str, Any]) -> None:
    from api.progress import shown
    from api.usecases.run import parse_request, run
    from api.usecases.summary import summarise

    given = {name: value for name, value in params.items() if value is not None}
    request = parse_request(kind, given)
    with shown(kind) as progress:
        stored = run(_workspace(), market, kind, request, progress=progress)  # type: ignore[arg-type]
    _say(_headline(stored))
    for line in summarise(stored.plan):
        _say(f"  {line}")


def _headline(stored: "StoredPlan") -> str:
    work = stored.provenance.work
    word = "" if work.is_repeatable else f", stopped by the {work.stopped_by}: a rerun may differ"
    return f"{stored.kind} plan {stored.plan_id} saved, judged clean{word}"


@app.command("import")
def import_(
    market: MarketArg,
    files: Annotated[list[Path], typer.Argument(help="CSV, XLSX, GeoJSON, GeoPackage, Parquet.")],
    table: Annotated[str | None, typer.Option(help="The table; guessed if unset.")] = None,
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="theirs=ours, once per column.")
    ] = None,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Keep the good rows, write the bad aside.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the table instead of adding to it.")
    ] = False,
    currency: Annotated[str | None, typer.Option(help="Currency of a new market.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Time zone of a new market.")] = None,
    country: Annotated[str | None, typer.Option(help="Country code of a new market.")] = None,
    units: Annotated[str | None, typer.Option(help="Units of a new market: h3 or zones.")] = None,
) -> None:
    """Read tables into a market; the market is made if it is new."""
    from api.usecases.imports import import_files

    outcome = import_files(
        _workspace(),
        market,
        files,
        table=table,
        mapping=map_ or (),
        skip_bad_rows=skip_bad_rows,
        replace=replace,
        settings={
            "currency": currency,
            "timezone": timezone,
            "country": country,
            "unit_kind": units,
        },
    )
    for line in outcome:
        _say(line)


@app.command()
def sample(
    name: Annotated[str, typer.Argument(help="helsinki or metropolis.")],
    market: MarketArg,
    companies: Annotated[int, typer.Option(help="Companies of the metropolis.")] = 5000,
    executives: Annotated[int, typer.Option(help="Executives of the metropolis.")] = 12,
    seed: SeedOpt = 7,
) -> None:
    """Load a sample market: real central Helsinki, or a city drawn by a seeded model."""
    from api.usecases.imports import load_sample

    for line in load_sample(
        _workspace(), name, market, companies=companies, executives=executives, seed=seed
    ):
        _say(line)


@app.command()
def roads(
    market: MarketArg,
    pbf: Annotated[Path | None, typer.Option(help="A local .osm.pbf or .osm extract.")] = None,
    place: Annotated[str | None, typer.Option(help="A place to fetch, online.")] = None,
    bbox: Annotated[str | None, typer.Option(help="west,south,east,north, fetched online.")] = None,
    mode: Annotated[
        list[str] | None, typer.Option(help="car, foot, bicycle; the market's own if unset.")
    ] = None,
) -> None:
    """Give a market its roads and base map, from an extract or, when asked, online."""
    from api.usecases.imports import build_roads

    for line in build_roads(
        _workspace(), market, pbf=pbf, place=place, bbox=bbox, modes=mode or ()
    ):
        _say(line)


@app.command()
def markets() -> None:
    """List the markets and what is in them."""
    from api.usecases.listing import market_lines

    for line in market_lines(_workspace()):
        _say(line)


@app.command()
def plans(
    market: MarketArg, kind: Annotated[str | None, typer.Option(help="One kind only.")] = None
) -> None:
    """List the plans of a market, newest first."""
    from api.usecases.listing import plan_lines

    for line in plan_lines(_workspace(), market, kind):
        _say(line)


@app.command()
def tables() -> None:
    """Print the market tables: every column with type, unit, range and meaning."""
    from territory.tables.document import document

    _say(document())


@app.command()
def score(market: MarketArg, seed: SeedOpt = 0) -> None:
    """Score every unit: potential in money with its parts, penetration, gap."""
    _run(market, "score", {"seed": seed})


@app.command()
def redraw(
    market: MarketArg,
    executives: Annotated[int | None, typer.Option(help="How many jurisdictions.")] = None,
    tolerance: Annotated[float, typer.Option(help="Largest deviation, percent.")] = 5.0,
    from_scratch: Annotated[
        bool, typer.Option("--from-scratch", help="Ignore the current alignment.")
    ] = False,
    move_price: Annotated[float, typer.Option(help="Price of moving workload.")] = 1.0,
    lock: Annotated[list[str] | None, typer.Option(help="A unit that stays, repeatable.")] = None,
    homes_fixed: Annotated[
        bool, typer.Option("--homes-fixed", help="Centre jurisdictions on homes.")
    ] = False,
    seed: SeedOpt = 0,
    iterations: IterationsOpt = None,
    seconds: SecondsOpt = None,
) -> None:
    """Redraw jurisdictions: balanced, contiguous, compact, few changes."""
    _run(
        market,
        "redraw",
        {
            "executives": executives,
            "tolerance_percent": tolerance,
            "from_scratch": from_scratch,
            "move_price": move_price,
            "locked_units": tuple(lock or ()),
            "homes_fixed": homes_fixed,
            "seed": seed,
            "iterations": iterations,
            "seconds": seconds,
        },
    )


@app.command()
def visits(
    market: MarketArg,
    first_date: Annotated[str | None, typer.Option(help="First day, YYYY-MM-DD.")] = None,
    weeks: Annotated[int, typer.Option(help="Weeks of the horizon.")] = 4,
    alignment: Annotated[
        str | None, typer.Option(help="Alignment plan that says who visits.")
    ] = None,
    executive: Annotated[list[str] | None, typer.Option(help="Only this one, repeatable.")] = None,
    seed: SeedOpt = 0,
    iterations: IterationsOpt = None,
    seconds: SecondsOpt = None,
) -> None:
    """Plan weeks of visits and each executive's daily routes."""
    _run(
        market,
        "visits",
        {
            "first_date": first_date,
            "weeks": weeks,
            "alignment_plan": alignment,
            "executives": tuple(executive or ()),
            "seed": seed,
            "iterations": iterations,
            "seconds": seconds,
        },
    )


@app.command()
def outlets(
    market: MarketArg,
    new_sites: Annotated[int, typer.Option(help="At most this many new sites.")] = 5,
    budget: Annotated[float | None, typer.Option(help="Money for opening and closing.")] = None,
    separation: Annotated[float, typer.Option(help="Least metres between own sites.")] = 0.0,
    candidates: Annotated[int, typer.Option(help="Candidates when the market names none.")] = 200,
    keep_all: Annotated[
        bool, typer.Option("--keep-all", help="Close no outlet, even if it may close.")
    ] = False,
    seed: SeedOpt = 0,
    iterations: IterationsOpt = None,
    seconds: SecondsOpt = None,
) -> None:
    """Place new outlets by potential captured, with a proven bound."""
    _run(
        market,
        "outlets",
        {
            "new_sites": new_sites,
            "budget": budget,
            "minimum_separation_meters": separation,
            "candidates": candidates,
            "may_close": not keep_all,
            "seed": seed,
            "iterations": iterations,
            "seconds": seconds,
        },
    )


@app.command()
def gaps(market: MarketArg) -> None:
    """Find coverage gaps, under-served cells, white space and overlap of own outlets."""
    _run(market, "gaps", {})


@app.command()
def report(
    market: MarketArg,
    week_of: Annotated[str | None, typer.Option(help="A day of the week, YYYY-MM-DD.")] = None,
) -> None:
    """Report one week: satisfaction, targets, visits, tasks, prices, competitors."""
    _run(market, "report", {"week_of": week_of})


@app.command()
def explain(market: MarketArg, unit: Annotated[str, typer.Argument(help="Id of a unit.")]) -> None:
    """Say in money what a unit's score is made of."""
    from api.usecases.explain import explain_unit

    for line in explain_unit(_workspace(), market, unit):
        _say(line)


@app.command()
def check(plan: PlanArg) -> None:
    """Let the independent judge look at a plan again. Exit status 1 if it finds anything."""
    from api.usecases.check import check_plan

    stored, violations = check_plan(_workspace(), plan)
    for violation in violations:
        _say(str(violation))
    _say(f"{stored.kind} plan {stored.plan_id}: {len(violations)} violations")
    if violations:
        raise typer.Exit(1)


@app.command()
def rerun(plan: PlanArg) -> None:
    """Make a plan again from its parameters. Exit status 1 if the hash differs."""
    from api.usecases.listing import plan_id_of
    from api.usecases.run import rerun as run_again

    workspace = _workspace()
    stored, made = run_again(workspace, plan_id_of(workspace, plan))
    same = stored.plan_hash == made
    _say(f"stored {stored.plan_hash}\nmade   {made}\n{'same plan' if same else 'another plan'}")
    if not stored.provenance.work.is_repeatable:
        _say(f"The stored run was stopped by the {stored.provenance.work.stopped_by}.")
    if not same:
        raise typer.Exit(1)


@app.command()
def move(
    plan: PlanArg,
    units: Annotated[list[str], typer.Argument(help="Units to move.")],
    to: Annotated[str, typer.Option(help="Executive who gets them.")],
) -> None:
    """Edit an alignment by hand: a new version with live numbers."""
    from api.usecases.edits import move_units
    from api.usecases.summary import summarise

    stored, warnings = move_units(_workspace(), plan, units, to=to)
    _say(f"{stored.kind} plan {stored.plan_id} saved")
    for line in (*summarise(stored.plan), *warnings):
        _say(f"  {line}")


@app.command("map")
def map_(
    plan: PlanArg, out: Annotated[Path, typer.Option(help="File to write.")] = Path("map.html")
) -> None:
    """Draw a plan as one self-contained page that opens without a network."""
    from api.usecases.pictures import draw_plan

    workspace = _workspace()
    draw_plan(workspace, plan).save(out)
    _say(f"{out} ({out.stat().st_size / 1e6:.2f} MB)")


@app.command()
def export(
    plan: PlanArg,
    format_: Annotated[
        str, typer.Option("--format", help="csv, xlsx, geojson, gpkg, ics, gpx or html.")
    ] = "xlsx",
    out: Annotated[Path, typer.Option(help="Folder to write into.")] = Path("export"),
) -> None:
    """Write a plan as files for other programs."""
    from api.usecases.pictures import export_plan

    for path in export_plan(_workspace(), plan, format_, folder=out):
        _say(str(path))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to bind; loopback if unset.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 8000 if unset, 0 for a free one.")] = None,
    worker: Annotated[bool, typer.Option(help="Start a worker beside it.")] = True,
) -> None:
    """Serve HTTP: pages, API, job queue. Loopback only until a key exists."""
    from api.serving import serve as run_server
    from api.settings import Settings

    run_server(Settings(), host=host, port=port, with_worker=worker)


@app.command()
def worker(
    once: Annotated[bool, typer.Option("--once", help="End when the queue is empty.")] = False,
) -> None:
    """Run queued jobs, each in a child process."""
    from api.settings import Settings
    from api.worker import run_worker

    settings = Settings().prepare()
    run_worker(
        database_url=settings.url,
        var_path=str(settings.var_path),
        lease_seconds=settings.lease_seconds,
        poll_seconds=settings.poll_seconds,
        once=once,
    )


@app.command()
def doctor(
    warm: Annotated[bool, typer.Option("--warm", help="Compile the kernels now.")] = False,
) -> None:
    """Say whether this installation is sound. Exit status 1 if not."""
    from api.doctor import examine
    from api.settings import Settings

    sound = True
    for finding in examine(Settings().prepare(), warm=warm):
        _say(str(finding))
        sound = sound and finding.is_sound
    if not sound:
        raise typer.Exit(1)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the pages.")] = Path("out/demo"),
    companies: Annotated[int, typer.Option(help="Companies of the metropolis.")] = 5000,
    executives: Annotated[int, typer.Option(help="Executives of the metropolis.")] = 12,
) -> None:
    """Run the whole mission on two sample markets and write an index of pages."""
    from api.usecases.demo import run_demo

    run_demo(_workspace(), out, companies=companies, executives=executives, say=_say)


@keys_app.command("add")
def keys_add(name: Annotated[str, typer.Argument(help="Who will use it.")]) -> None:
    """Make a key; it is shown once."""
    _say(_keyring().add(name))


@keys_app.command("remove")
def keys_remove(name: Annotated[str, typer.Argument(help="Whose key.")]) -> None:
    """Take a key away."""
    _keyring().remove(name)


@keys_app.command("list")
def keys_list() -> None:
    """List the keys, without their secrets."""
    for key in _keyring().keys().values():
        _say(f"{key.key_id}  {key.created}  {key.name}")


def _keyring() -> Any:
    from api.auth import KeyRing
    from api.settings import Settings

    return KeyRing(Settings().prepare().var_path / "keys.json")


if __name__ == "__main__":
    main()
