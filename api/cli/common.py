"""What all commands share: the app, arguments, the workspace, running a job and saying so."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

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


def workspace() -> "Workspace":
    """The workspace of the settings in force."""
    from api.settings import read_settings
    from api.usecases.workspace import Workspace

    return Workspace(read_settings())


def say(text: str) -> None:
    """One line on standard output."""
    typer.echo(text)


def run_job(market: str, kind: str, params: dict[str, Any]) -> None:
    """Run a job with progress on standard error, then say what came of it."""
    from api.progress import shown
    from api.usecases.run import parse_request, run
    from api.usecases.summary import summarise

    given = {name: value for name, value in params.items() if value is not None}
    request = parse_request(kind, given)
    with shown(kind) as progress:
        stored = run(workspace(), market, kind, request, progress=progress)  # type: ignore[arg-type]
    say(headline(stored))
    for line in summarise(stored.plan):
        say(f"  {line}")


def headline(stored: "StoredPlan") -> str:
    """Which plan was saved, and whether a rerun gives it again."""
    work = stored.provenance.work
    word = "" if work.is_repeatable else f", stopped by the {work.stopped_by}: a rerun may differ"
    return f"{stored.kind} plan {stored.plan_id} saved, judged clean{word}"
