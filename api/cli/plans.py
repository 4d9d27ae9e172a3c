"""Commands on plans: list, explain, check, make again, draw, export."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.common import (
    MarketArg,
    PlanArg,
    app,
    say,
    workspace,
)


@app.command()
def plans(
    market: MarketArg, kind: Annotated[str | None, typer.Option(help="One kind only.")] = None
) -> None:
    """List the plans of a market, newest first."""
    from api.usecases.listing import plan_lines

    for line in plan_lines(workspace(), market, kind):
        say(line)


@app.command()
def explain(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[MARKET] UNIT", help="Id of a unit; its market if several have it."
        ),
    ],
) -> None:
    """Say in money what a unit's score is made of."""
    from api.usecases.explain import explain_unit, market_of_unit

    if len(words) > 2:
        raise typer.BadParameter("name a unit, or a market and a unit")
    opened, unit = workspace(), words[-1]
    market = words[0] if len(words) == 2 else market_of_unit(opened, unit)
    for line in explain_unit(opened, market, unit):
        say(line)


@app.command()
def check(plan: PlanArg) -> None:
    """Let the independent judge look at a plan again. Exit status 1 if it finds anything."""
    from api.usecases.check import check_plan

    stored, violations = check_plan(workspace(), plan)
    for violation in violations:
        say(str(violation))
    say(f"{stored.kind} plan {stored.plan_id}: {len(violations)} violations")
    if violations:
        raise typer.Exit(1)


@app.command()
def rerun(plan: PlanArg) -> None:
    """Make a plan again from its parameters. Exit status 1 if the hash differs."""
    from api.usecases.listing import plan_id_of
    from api.usecases.run import rerun as run_again

    opened = workspace()
    stored, made = run_again(opened, plan_id_of(opened, plan))
    same = stored.plan_hash == made
    say(f"stored {stored.plan_hash}\nmade   {made}\n{'same plan' if same else 'another plan'}")
    if not stored.provenance.work.is_repeatable:
        say(f"The stored run was stopped by the {stored.provenance.work.stopped_by}.")
    if not same:
        raise typer.Exit(1)


@app.command("map")
def map_(
    plan: PlanArg,
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("map.html"),
    executive: Annotated[
        list[str] | None,
        typer.Option(help="Of a visit plan draw this executive only; may be given again."),
    ] = None,
) -> None:
    """Draw a plan as one self-contained page that opens without a network."""
    from api.usecases.pictures import draw_plan

    draw_plan(workspace(), plan, executives=tuple(executive or ())).save(out)
    say(f"{out} ({out.stat().st_size / 1e6:.2f} MB)")


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

    for path in export_plan(workspace(), plan, format_, folder=out):
        say(str(path))
