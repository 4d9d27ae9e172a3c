"""The command that says how many executives a market needs."""

from typing import Annotated

import typer

from api.cli.common import MarketArg, app, say, workspace


@app.command("team-size")
def team_size(
    market: MarketArg,
    margin_share: Annotated[float, typer.Option(help="Margin on one unit of sales.")] = 0.25,
    cost_per_executive: Annotated[
        float, typer.Option(help="Cost of an executive a year, in the market's currency.")
    ] = 80_000.0,
    turnover_rate: Annotated[
        float, typer.Option(help="Share of executives who leave in a year.")
    ] = 0.0,
    carryover_share: Annotated[
        float, typer.Option(help="Share of sales that would stay a year without visits.")
    ] = 0.4,
) -> None:
    """Say how many executives are needed: by workload, by sales potential, by increment."""
    from api.usecases.team_size import size_team

    found = size_team(
        workspace(),
        market,
        margin_share=margin_share,
        cost_per_executive=cost_per_executive,
        turnover_rate=turnover_rate,
        carryover_share=carryover_share,
    )
    for size in found.sizes:
        say(f"{size.method:>10}: {size.executives:>4}  {size.reason}")
    say(found.verdict)
