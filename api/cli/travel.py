"""Commands that ask a market's roads: what is within reach, the way, tables, what is cut off."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.common import MarketArg, app, workspace
from api.cli.common import say as say_raw
from territory.errors import Fault, InputError
from territory.travel import UNREACHABLE

if TYPE_CHECKING:
    from api.usecases.places import Place

travel_app = typer.Typer(
    help="Ask a market's travel: reach, ways, tables, the nearest, what is cut off.",
    no_args_is_help=True,
)
app.add_typer(travel_app, name="travel")

ModeOpt = Annotated[str, typer.Option(help="car, foot or bicycle; the market's own if unset.")]
PeriodOpt = Annotated[
    str | None, typer.Option(help="peak, offpeak or night; the network's own times if unset.")
]
PlacesArg = Annotated[Path, typer.Argument(help="A file with the columns id, lon, lat.")]


@travel_app.command()
def isochrone(
    market: MarketArg,
    out: Annotated[Path, typer.Option(help="Where to write: .geojson or .html.")],
    at: Annotated[
        list[str] | None,
        typer.Option(help="lon,lat, or the id of an account, outlet, site or executive; repeat."),
    ] = None,
    minutes: Annotated[str, typer.Option(help="Minutes, joined by commas.")] = "5,10,15,30",
    mode: ModeOpt = "",
    period: PeriodOpt = None,
) -> None:
    """Draw what is reached within some minutes of a place, or of the nearest of several."""
    from api.usecases.travel_questions import reach_geojson, reach_page, within_reach

    suffix = out.suffix.lower()
    if suffix not in (".geojson", ".html"):
        fault = Fault(column="out", value=out.name, expected="a file ending in .geojson or .html")
        raise InputError("Reach is not written in this form.", [fault])
    house = workspace()
    found = within_reach(
        house, market, at or (), minutes=_minutes(minutes), mode=mode, period=period
    )
    if suffix == ".html":
        reach_page(house, found).save(out)
    else:
        out.write_text(json.dumps(reach_geojson(found)), encoding="utf-8")
    for one in found.isochrones:
        say(f"within {one.minutes} min: {one.square_meters / 1e6:,.1f} km² ({one.source})")
    for place, words in found.left_out:
        say(f"{place.place_id} is left out: {words}")
    say(f"written to {out}")


@travel_app.command()
def route(
    market: MarketArg,
    from_: Annotated[str, typer.Option("--from", help="lon,lat or an id.")],
    to: Annotated[list[str], typer.Option(help="lon,lat or an id; repeat to go on.")],
    mode: ModeOpt = "",
    period: PeriodOpt = None,
) -> None:
    """Print the fastest way turn by turn, with its time, its length and where both come from."""
    from api.usecases.travel_questions import way, way_lines

    for line in way_lines(way(workspace(), market, [from_, *to], mode=mode, period=period)):
        say(line)


@travel_app.command()
def matrix(
    market: MarketArg,
    file: PlacesArg,
    out: Annotated[Path, typer.Option(help="Where to write: .csv or .parquet.")],
    to: Annotated[
        Path | None, typer.Option(help="A file of targets; the same places if unset.")
    ] = None,
    mode: ModeOpt = "",
    period: PeriodOpt = None,
) -> None:
    """Write seconds and metres between places, a row for each pair, in parts as they come."""
    from api.usecases.places import read_places
    from api.usecases.travel_questions import save_table, travel_of

    sources = read_places(file)
    targets = sources if to is None else read_places(to)
    _, travel = travel_of(workspace(), market, mode)
    cut = save_table(travel, sources, targets, out, period=period)
    pairs = len(sources) * len(targets)
    say(f"{pairs:,} pairs written to {out}; {cut:,} without a way")


@travel_app.command()
def nearest(
    market: MarketArg,
    file: PlacesArg,
    to: Annotated[
        Path | None, typer.Option(help="A file of targets; the market's own outlets if unset.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="How many targets of each place.")] = 1,
    limit_minutes: Annotated[
        float | None, typer.Option(help="Targets farther than this do not count.")
    ] = None,
    mode: ModeOpt = "",
    period: PeriodOpt = None,
) -> None:
    """Print the quickest targets of each place: place, target, minutes, metres."""
    from api.usecases.places import read_places
    from api.usecases.travel_questions import nearest_of, travel_of

    house = workspace()
    sources = read_places(file)
    targets = read_places(to) if to is not None else _own_outlets(market)
    _, travel = travel_of(house, market, mode)
    limit = None if limit_minutes is None else limit_minutes * 60
    found = nearest_of(travel, sources, targets, count, limit_seconds=limit, period=period)
    for place, row, seconds, meters in zip(
        sources, found.index, found.seconds, found.meters, strict=True
    ):
        for target, took, went in zip(row, seconds, meters, strict=True):
            if took != UNREACHABLE:
                name = targets[target].place_id
                say(f"{place.place_id}\t{name}\t{took / 60:.1f} min\t{went} m")
            elif target == row[0]:
                say(f"{place.place_id}\tnone within reach")
                break


@travel_app.command()
def check(
    market: MarketArg,
    mode: ModeOpt = "",
    out: Annotated[
        Path | None, typer.Option(help="Write those cut off as CSV too: kind, id, reason ...")
    ] = None,
) -> None:
    """Say which accounts, outlets, sites and homes no road joins to the others, and why."""
    from api.usecases.travel_check import check_csv, check_lines, check_roads

    found = check_roads(workspace(), market, mode=mode)
    for line in check_lines(found):
        say(line)
    if out is not None:
        out.write_bytes(check_csv(found))
        say(f"written to {out}")


@travel_app.command()
def server(
    market: MarketArg,
    kind: Annotated[
        str, typer.Argument(help="osrm or valhalla; none to use the market's own roads again.")
    ],
    url: Annotated[str, typer.Argument(help="Its address, as in http://localhost:5000.")] = "",
    mode: ModeOpt = "",
    limit: Annotated[
        int | None,
        typer.Option(help="Its own limit of places (osrm) or pairs (valhalla) in one table."),
    ] = None,
) -> None:
    """Let a market ask a routing server you run for its travel, instead of its own roads.

    Its host must be named in FIELDWRIGHT_TRAVEL_SERVERS, loopback too.
    """
    from api.usecases.travel_servers import name_server

    say(name_server(workspace(), market, kind, url, mode=mode, limit=limit))


def say(text: str) -> None:
    """One line on standard output, without what a terminal would obey instead of showing."""
    shown = (sign if sign.isprintable() or sign == "\t" else "\ufffd" for sign in text)
    say_raw("".join(shown))


def _minutes(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        fault = Fault(column="minutes", value=text, expected="whole numbers joined by commas")
        raise InputError("These minutes cannot be read.", [fault]) from error


def _own_outlets(market: str) -> "tuple[Place, ...]":
    from api.usecases.places import own_outlets

    return own_outlets(workspace().store.market(market))
