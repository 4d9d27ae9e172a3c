"""Commands that make plans."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.common import (
    IterationsOpt,
    MarketArg,
    SecondsOpt,
    SeedOpt,
    app,
    run_job,
    say,
    workspace,
)
from api.cli.json_words import phases_of, pulls_of, read_list, read_object, weights_of
from api.cli.price_words import prices_of
from api.cli.redraw_words import levels_of, loads_of, move_by_of, own_loads_of, span_of, within_of


@app.command()
def score(
    market: MarketArg,
    companies: Annotated[
        list[Path] | None,
        typer.Option(
            help="Parquet file or folder that holds the companies instead of the market's table, "
            "read a block at a time; repeatable."
        ),
    ] = None,
    seed: SeedOpt = 0,
    validate: Annotated[
        bool, typer.Option("--validate", help="Try the score on sales it has not seen.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Page of the trials to write, with --validate.")
    ] = None,
) -> None:
    """Score every unit: potential in money with its parts, penetration, gap.

    Ten million companies in Parquet files need no more memory than one: name them with
    --companies. FIELDWRIGHT_DASK spreads the reading over a Dask cluster; the figures stay the
    same to the cent.
    """
    files = tuple(str(path.expanduser().resolve()) for path in companies or ())
    run_job(market, "score", {"seed": seed, "company_files": files})
    if validate:
        _validate(market, out, files)


def _validate(market: str, out: Path | None, files: tuple[str, ...]) -> None:
    from api.usecases.validation import validate_market, validation_page

    place = workspace()
    found = validate_market(place, market, company_files=files)
    for line in found.validation.sentences:
        say(line)
    if out is not None:
        validation_page(place, found).save(out)
        say(str(out))


@app.command()
def redraw(
    market: MarketArg,
    executives: Annotated[
        str | None, typer.Option(help="How many jurisdictions, or a range to choose from: 8..12.")
    ] = None,
    choose: Annotated[
        str,
        typer.Option(help="What a range is chosen by: fewest, balance, compact or moves."),
    ] = "fewest",
    full_hours: Annotated[
        float, typer.Option(help="Hours an executive works a year, for fewest.")
    ] = 1600.0,
    tolerance: Annotated[float, typer.Option(help="Largest deviation, percent.")] = 5.0,
    load: Annotated[
        list[str] | None,
        typer.Option(
            help="A load to balance, NAME:TOLERANCE, soft with NAME:TOLERANCE:PRICE; repeatable. "
            "Potential and workload if none."
        ),
    ] = None,
    own_loads: Annotated[
        Path | None, typer.Option(help="CSV with unit_id and columns that --load may name.")
    ] = None,
    from_scratch: Annotated[
        bool, typer.Option("--from-scratch", help="Ignore the current alignment.")
    ] = False,
    move_price: Annotated[float, typer.Option(help="Price of moving workload.")] = 5.0,
    fewest_moves: Annotated[
        bool,
        typer.Option(
            "--fewest-moves", help="Move as little as tolerances allow, whatever the shape."
        ),
    ] = False,
    move_by: Annotated[
        list[str] | None,
        typer.Option(
            help="What the price counts, NAME or NAME:WEIGHT: workload, potential, accounts, "
            "relationship_years; repeatable."
        ),
    ] = None,
    shape: Annotated[
        str, typer.Option(help="Compactness by straight lines or by road: straight, road.")
    ] = "straight",
    level: Annotated[
        list[str] | None,
        typer.Option(help="A level above, NAME:GROUPS or NAME:GROUPS:TOLERANCE; finest first."),
    ] = None,
    within: Annotated[
        str | None,
        typer.Option(
            help="The level above, given: region (the executives' column, by who has a unit today) "
            "or a CSV with unit_id and one more column. No jurisdiction lies across its groups."
        ),
    ] = None,
    lock: Annotated[list[str] | None, typer.Option(help="A unit that stays, repeatable.")] = None,
    lock_jurisdiction: Annotated[
        list[str] | None, typer.Option(help="An executive who keeps exactly today's units.")
    ] = None,
    link: Annotated[
        list[str] | None, typer.Option(help="Two units joined by bridge or ferry, A,B; repeatable.")
    ] = None,
    cut: Annotated[
        list[str] | None, typer.Option(help="Two units a barrier parts, A,B; repeatable.")
    ] = None,
    together: Annotated[
        list[str] | None,
        typer.Option(help="Units that go to one executive, with commas between; repeatable."),
    ] = None,
    apart: Annotated[
        list[str] | None,
        typer.Option(help="Two units that go to two executives, A,B; repeatable."),
    ] = None,
    relax: Annotated[
        bool, typer.Option("--relax", help="Leave out rules that contradict, and say which.")
    ] = False,
    homes_fixed: Annotated[
        bool, typer.Option("--homes-fixed", help="Centre jurisdictions on homes.")
    ] = False,
    driven: Annotated[
        int, typer.Option(help="Rounds of redrawing on driven hours; 0 only measures them.")
    ] = 0,
    frontier: Annotated[
        bool,
        typer.Option("--frontier", help="Weigh tolerance, compactness and moves: table and plot."),
    ] = False,
    seed: SeedOpt = 0,
    iterations: IterationsOpt = None,
    seconds: SecondsOpt = None,
) -> None:
    """Redraw jurisdictions: balanced, contiguous, compact, few changes.

    A load with a price is soft: it may lie beyond its tolerance, which then costs. Key accounts of
    the accounts table stay with their executive and are counted there.
    """
    run_job(
        market,
        "redraw",
        {
            **span_of(executives),
            "choose": choose,
            "full_hours": full_hours,
            "tolerance_percent": tolerance,
            "loads": loads_of(load),
            "own_loads": own_loads_of(own_loads),
            "from_scratch": from_scratch,
            "move_price": move_price,
            "fewest_moves": fewest_moves,
            **move_by_of(move_by),
            "shape": shape,
            "levels": levels_of(level),
            "within": within_of(within),
            "locked_units": tuple(lock or ()),
            "locked_executives": tuple(lock_jurisdiction or ()),
            "links": tuple(tuple(pair.split(",")) for pair in link or ()),
            "cuts": tuple(tuple(pair.split(",")) for pair in cut or ()),
            "together": tuple(tuple(group.split(",")) for group in together or ()),
            "apart": tuple(tuple(pair.split(",")) for pair in apart or ()),
            "relax": relax,
            "homes_fixed": homes_fixed,
            "driven": driven,
            "frontier": frontier,
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
    objective: Annotated[
        str,
        typer.Option(help="lexicographic: value first, then prices; weighted: all by prices."),
    ] = "lexicographic",
    price: Annotated[
        list[str] | None,
        typer.Option(
            help="A price, NAME=X, in the market's currency: driving, waiting, overtime, lateness, "
            "imbalance (an hour), change, off_preferred (each); repeatable."
        ),
    ] = None,
    balance: Annotated[
        str, typer.Option(help="Imbalance is priced between weeks or days: week, day.")
    ] = "week",
    published: Annotated[
        str | None,
        typer.Option(help="Visit plan already told to accounts; leaving its dates costs change."),
    ] = None,
    seed: SeedOpt = 0,
    iterations: IterationsOpt = None,
    seconds: SecondsOpt = None,
) -> None:
    """Plan weeks of visits and each executive's daily routes.

    Value left out, driving, waiting, overtime, lateness, imbalance, changes and stops off a
    preferred day are told in money, whatever is weighed.
    """
    run_job(
        market,
        "visits",
        {
            "first_date": first_date,
            "weeks": weeks,
            "alignment_plan": alignment,
            "executives": tuple(executive or ()),
            "objective": objective,
            "prices": prices_of(price),
            "balance": balance,
            "published_plan": published,
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
    alternatives: Annotated[
        int, typer.Option(help="Other networks within 1 % to name; 0 also leaves out who steps in.")
    ] = 5,
    draws: Annotated[
        int, typer.Option(help="Draws of demand and travel to place again under.")
    ] = 20,
    margin: Annotated[
        float, typer.Option(help="Percent of what is captured that is left for costs.")
    ] = 100.0,
    what_if: Annotated[
        Path | None,
        typer.Option(
            help="JSON file with a list of scenarios: name, new_sites, budget, opened, "
            "shut, competitors_open, competitors_close."
        ),
    ] = None,
    capture: Annotated[
        str, typer.Option(help="Who captures a unit: best (its best site), huff or mnl (shares).")
    ] = "best",
    decay: Annotated[
        float | None,
        typer.Option(help="huff: power of the minutes (else reach steps); mnl: per minute (0.1)."),
    ] = None,
    reach_weights: Annotated[
        str | None,
        typer.Option(
            help="What demand counts within each reach step, such as 1,0.6,0.2; or fit: as the "
            "flows table tells. (k - i) / k if unset."
        ),
    ] = None,
    attractiveness: Annotated[
        str | None,
        typer.Option(
            help="flows or sales: fit the pull of outlets to these; or a JSON file: pull by id."
        ),
    ] = None,
    outside_pull: Annotated[
        float, typer.Option(help="Pull of buying nowhere, in mean outlets at the door.")
    ] = 0.1,
    rules: Annotated[
        Path | None,
        typer.Option(
            help="JSON file with a list of rules: name, at_least, at_most, and sites (weights) "
            "or zone, jurisdiction, brand, only_new."
        ),
    ] = None,
    alignment: Annotated[
        str | None, typer.Option(help="Alignment plan whose jurisdictions rules name.")
    ] = None,
    moves: Annotated[
        int, typer.Option(help="Own outlets that may move, each for one more new site.")
    ] = 0,
    most_cannibalised: Annotated[
        float | None, typer.Option(help="Most money a year taken from own outlets.")
    ] = None,
    phases: Annotated[
        str | None,
        typer.Option(
            help="Openings in phases, NEW_SITES:BUDGET,... such as 2:500000,2:400000; instead of "
            "--new-sites and --budget."
        ),
    ] = None,
    capacities: Annotated[
        Path | None,
        typer.Option(help="JSON file: most money a year that a site serves, by id of the site."),
    ] = None,
    new_capacity: Annotated[
        float | None, typer.Option(help="The same for each new site that the file does not name.")
    ] = None,
    goal: Annotated[
        str, typer.Option(help="capture, fewest (sites that reach all) or nearest (farthest way).")
    ] = "capture",
    engine: Annotated[
        str, typer.Option(help="What proves it: auto, cuts, or of OR-Tools highs, gscip, cp_sat.")
    ] = "auto",
    seed: SeedOpt = 0,
    iterations: IterationsOpt = None,
    seconds: SecondsOpt = None,
) -> None:
    """Place new outlets by potential captured, with a proven bound."""
    run_job(
        market,
        "outlets",
        {
            "new_sites": new_sites,
            "budget": budget,
            "minimum_separation_meters": separation,
            "candidates": candidates,
            "may_close": not keep_all,
            "alternatives": alternatives,
            "robustness_draws": draws,
            "margin_percent": margin,
            "what_if": read_list(what_if, "scenarios"),
            "rules": read_list(rules, "rules"),
            "alignment_plan": alignment,
            "moves": moves,
            "most_cannibalised": most_cannibalised,
            "phases": phases_of(phases),
            "capacities": {} if capacities is None else read_object(capacities, "capacities"),
            "new_capacity": new_capacity,
            "goal": goal,
            "engine": engine,
            "capture": capture,
            "decay": decay,
            "reach_weights": weights_of(reach_weights),
            "fit_reach": reach_weights == "fit",
            **pulls_of(attractiveness),
            "outside_pull": outside_pull,
            "seed": seed,
            "iterations": iterations,
            "seconds": seconds,
        },
    )


@app.command()
def gaps(market: MarketArg) -> None:
    """Find coverage gaps, under-served cells, white space and overlap of own outlets."""
    run_job(market, "gaps", {})


@app.command()
def report(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="MARKET | accept-tasks PLAN",
            help="A market to report on; or accept-tasks and a report (an id, or MARKET:report for "
            "the latest) whose visits become tasks.",
        ),
    ],
    week_of: Annotated[str | None, typer.Option(help="A day of the week, YYYY-MM-DD.")] = None,
    visit_plan: Annotated[
        str | None, typer.Option(help="Visit plan that says what was planned; the newest if unset.")
    ] = None,
    action: Annotated[
        list[str] | None,
        typer.Option(help="accept-tasks: only this thing to do, repeatable; all if unset."),
    ] = None,
) -> None:
    """Report one week: satisfaction, targets, forecast, visits, prices, what to do next.

    "report accept-tasks PLAN" adds the visits a report asks for to the tasks table, so that the
    next visit plan holds them; taken twice it adds nothing.
    """
    if words[0] == "accept-tasks" and len(words) == 2:
        _accept_tasks(words[1], tuple(action or ()))
        return
    if len(words) > 1 or action:
        raise typer.BadParameter("name a market, or accept-tasks and a report")
    run_job(words[0], "report", {"week_of": week_of, "visit_plan": visit_plan})


def _accept_tasks(plan: str, actions: tuple[str, ...]) -> None:
    from api.usecases.report_tasks import accept_tasks

    accepted = accept_tasks(workspace(), plan, actions)
    say(
        f"{len(accepted.added)} tasks added to {accepted.market} from report {accepted.plan_id}; "
        f"{len(accepted.already)} were there already"
    )
    for task_id in accepted.added:
        say(f"  {task_id}")
