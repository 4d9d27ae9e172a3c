"""Commands of the survey: resolve sources into companies, review doubtful pairs, decide, undo."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.common import MarketArg, app, say, workspace

survey_app = typer.Typer(
    help="Three survey sources become one fact per company.", no_args_is_help=True
)
app.add_typer(survey_app, name="survey")


@survey_app.command("resolve")
def resolve(
    market: MarketArg,
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SOURCE=FILE]...",
            help="yellow_pages=, visit= or history= and a file; without any, those kept.",
        ),
    ] = None,
    decisions: Annotated[
        Path | None, typer.Option(help="CSV of verdict (same, different), left, right.")
    ] = None,
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="theirs=ours, once per column.")
    ] = None,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Keep the good rows, say which were bad.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would come of it and write nothing.")
    ] = False,
) -> None:
    """Find which records are one company and merge them, every field with its origin."""
    from api.usecases.surveys import resolve_survey

    files: dict[str, list[Path]] = {}
    for pair in sources or ():
        source, equals, file = pair.partition("=")
        if not (equals and source and file):
            raise typer.BadParameter(f"{pair!r} is not SOURCE=FILE")
        files.setdefault(source, []).append(Path(file))
    found = resolve_survey(
        workspace(),
        market,
        files,
        decisions=decisions,
        mapping=map_ or (),
        skip_bad_rows=skip_bad_rows,
        dry_run=dry_run,
    )
    for line in found.lines:
        say(line)


@survey_app.command("review")
def review(
    market: MarketArg,
    format_: Annotated[str | None, typer.Option("--format", help="csv, json or xlsx.")] = None,
    out: Annotated[Path, typer.Option(help="Folder to write into.")] = Path("export"),
    limit: Annotated[int, typer.Option(min=1, help="Pairs to show.")] = 20,
) -> None:
    """List doubtful pairs with their reasons, or write all of them as a file."""
    from api.usecases.surveys import export_review, review_page

    if format_ is not None:
        name, content = export_review(workspace(), market, format_)
        out.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(content)
        say(str(out / name))
        return
    page = review_page(workspace(), market, limit=limit)
    for row in page["rows"]:
        state = "joined" if row["is_joined"] else "apart"
        say(f"{row['probability']:.2f} {state:>6}  {row['left']}  {row['right']}")
        say(f"             {row['left_name']!r} / {row['right_name']!r}: {row['reasons']}")
    say(f"{len(page['rows']):,} of {page['total']:,} doubtful pairs")


@survey_app.command("decide")
def decide(
    market: MarketArg,
    same: Annotated[
        tuple[str, str] | None, typer.Option("--same", help="Two records of one company.")
    ] = None,
    different: Annotated[
        tuple[str, str] | None, typer.Option("--different", help="Two records to keep apart.")
    ] = None,
) -> None:
    """Decide about two records, named as SOURCE:ID. A decision always wins and is kept."""
    from api.usecases import surveys

    if (same is None) == (different is None):
        raise typer.BadParameter("give either --same A B or --different A B")
    verdict, pair = ("same", same) if same is not None else ("different", different)
    assert pair is not None
    found = surveys.decide(workspace(), market, verdict, *pair)  # type: ignore[arg-type]
    for line in found.lines:
        say(line)


@survey_app.command("undo")
def undo(market: MarketArg) -> None:
    """Take back the last decision."""
    from api.usecases import surveys

    for line in surveys.undo(workspace(), market).lines:
        say(line)


@survey_app.command("decisions")
def decisions(market: MarketArg) -> None:
    """List the decisions, oldest first."""
    from api.usecases.surveys import decisions_of

    for item in decisions_of(workspace(), market):
        say(f"{item.verdict:>9}  {':'.join(item.left)}  {':'.join(item.right)}")


@survey_app.command("flags")
def flags(market: MarketArg) -> None:
    """List records whose place or income is in doubt."""
    from api.usecases.surveys import flags_of

    for flag in flags_of(workspace(), market):
        say(f"{flag['source']}:{flag['source_record_id']}  {flag['column']} {flag['reason']}")


@survey_app.command("origins")
def origins(
    market: MarketArg, company: Annotated[str, typer.Argument(help="Id of a company.")]
) -> None:
    """Say where each field of a company comes from."""
    from api.usecases.surveys import origins_of

    for origin in origins_of(workspace(), market, company):
        day = origin.source_date or "no date"
        say(f"{origin.field:>12}  {origin.source}:{origin.source_record_id}  {day}")
