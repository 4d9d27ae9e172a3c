"""Commands that fill a market and say what is in it."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.common import (
    MarketArg,
    SeedOpt,
    app,
    say,
    workspace,
)


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
        workspace(),
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
        say(line)


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
        workspace(), name, market, companies=companies, executives=executives, seed=seed
    ):
        say(line)


@app.command()
def roads(
    market: MarketArg,
    pbf: Annotated[Path | None, typer.Option(help="A local .osm.pbf or .osm extract.")] = None,
    place: Annotated[str | None, typer.Option(help="A place to fetch, online.")] = None,
    bbox: Annotated[
        str | None,
        typer.Option(help="west,south,east,north: cut out of --pbf, or fetched online without."),
    ] = None,
    mode: Annotated[
        list[str] | None, typer.Option(help="car, foot, bicycle; the market's own if unset.")
    ] = None,
    ferries: Annotated[
        bool, typer.Option("--ferries", help="Take car ferries as roads with their sailing time.")
    ] = False,
) -> None:
    """Give a market its roads and base map, from an extract or, when asked, online."""
    from api.progress import shown
    from api.usecases.roads import build_roads
    from optimizer.run import Report

    with shown("roads") as progress:

        def tell(message: str, fraction: float) -> None:
            progress(Report(message=message, fraction=fraction))

        lines = build_roads(
            workspace(),
            market,
            pbf=pbf,
            place=place,
            bbox=bbox,
            modes=mode or (),
            ferries=ferries,
            progress=tell,
        )
    for line in lines:
        say(line)


@app.command()
def markets() -> None:
    """List the markets and what is in them."""
    from api.usecases.listing import market_lines

    for line in market_lines(workspace()):
        say(line)


@app.command()
def tables() -> None:
    """Print the market tables: every column with type, unit, range and meaning."""
    from territory.tables.document import document

    say(document())
