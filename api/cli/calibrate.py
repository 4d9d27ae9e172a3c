"""The command that fits a market's travel times to its own timed drives."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.common import MarketArg, app, say, workspace
from territory.errors import InputError


@app.command()
def calibrate(
    market: MarketArg,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Timed drives: from_lon, from_lat, to_lon, to_lat, seconds; period or departed_at."
        ),
    ] = None,
    mode: Annotated[
        str, typer.Option(help="car, foot or bicycle; the market's own if unset.")
    ] = "",
    forget: Annotated[
        bool, typer.Option("--forget", help="Go back to the times of the network.")
    ] = False,
) -> None:
    """Fit a market's road times to drives that were timed; says the error before and after."""
    from api.usecases.calibrate import calibrate_roads, forget_calibration

    if forget == (file is not None):
        raise InputError("Give a file of timed drives, or --forget.")
    if file is None:
        lines = forget_calibration(workspace(), market, mode=mode)
    else:
        lines = calibrate_roads(workspace(), market, file, mode=mode, progress=_tell)
    for line in lines:
        say(line)


def _tell(message: str, _fraction: float) -> None:
    sys.stderr.write(f"calibrate: {message}\n")
