"""Commands of the living day: replan what is left of a plan, offer slots for one more visit."""

from datetime import datetime
from typing import Annotated, Any

import typer

from api.cli.common import PlanArg, app, say, workspace

NowOpt = Annotated[
    datetime, typer.Option(formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], help="Local time now.")
]


@app.command()
def replan(
    plan: PlanArg,
    now: NowOpt,
    delay: Annotated[
        list[str] | None, typer.Option(help="EXECUTIVE=MINUTES or EXECUTIVE=HH:MM; repeatable.")
    ] = None,
    at: Annotated[
        list[str] | None, typer.Option(help="EXECUTIVE=LON,LAT, where they are; repeatable.")
    ] = None,
    ill: Annotated[
        list[str] | None, typer.Option(help="EXECUTIVE or EXECUTIVE=LAST-DAY; repeatable.")
    ] = None,
    cancel: Annotated[
        list[str] | None, typer.Option(help="A visit called off; repeatable.")
    ] = None,
    add: Annotated[
        list[str] | None, typer.Option(help="ACCOUNT or ACCOUNT=MINUTES to visit; repeatable.")
    ] = None,
    cover: Annotated[
        bool, typer.Option("--cover", help="Colleagues may take over what the ill had planned.")
    ] = False,
    cover_minutes: Annotated[
        float, typer.Option(help="What handing a visit over is worth avoiding, in driving.")
    ] = 30.0,
    branch: Annotated[bool, typer.Option("--branch", help="Begin a second line.")] = False,
) -> None:
    """Plan the rest of a running plan anew: what is done stays, changes are few and listed."""
    from api.usecases.replanning import replan as replanned
    from api.usecases.summary import summarise

    request = _request(now, delay, at, ill, cancel, add, (cover, cover_minutes))
    done = replanned(workspace(), plan, request, branch=branch)
    made: Any = done.stored.plan
    say(f"visits plan {done.stored.plan_id} saved, judged clean")
    for line in (*summarise(made)[:2], *(_change_line(one) for one in made.changes)):
        say(f"  {line}")


@app.command()
def offers(
    plan: PlanArg,
    account: Annotated[str, typer.Argument(help="Account to visit once more.")],
    now: NowOpt,
    minutes: Annotated[float | None, typer.Option(help="How long; the account's own.")] = None,
    any_executive: Annotated[
        bool,
        typer.Option(
            "--any-executive", help="Ask everybody with the skill, of many the 20 nearest."
        ),
    ] = False,
    count: Annotated[int, typer.Option(help="How many slots.")] = 5,
) -> None:
    """Offer the best slots for one more visit, without changing the plan."""
    from api.replan_schemas import AddedIn, OfferRequest
    from api.usecases.replanning import offers as offered
    from territory.hours import format_time

    visit = AddedIn(account=account, minutes=minutes)
    request = OfferRequest(now=now, visit=visit, any_executive=any_executive, count=count)
    found = offered(workspace(), plan, request)
    for one in found.offers:
        latest = format_time(one.latest_start_seconds)
        say(
            f"{one.date} {format_time(one.start_seconds)} (to {latest}) by {one.executive_id}, "
            f"+{one.extra_travel_seconds / 60:.0f} min of driving"
            f"{', on a preferred day' if one.is_preferred else ''}"
        )
    if not found.offers:
        say("no slot is left for it")


@app.command()
def why(plan: PlanArg, visit: Annotated[str, typer.Argument(help="Id of a visit.")]) -> None:
    """Say why a visit is made then and by whom, or not at all: every day of it is tried."""
    from api.usecases.why import why_visit

    for line in why_visit(workspace(), plan, visit).sentences:
        say(line)


def _request(
    now: datetime,
    delay: list[str] | None,
    at: list[str] | None,
    ill: list[str] | None,
    cancel: list[str] | None,
    add: list[str] | None,
    covering: tuple[bool, float],
) -> Any:
    from pydantic import ValidationError

    from api.replan_schemas import ReplanRequest
    from territory.errors import InputError

    places = dict(_pair(text) for text in at or ())
    late = dict(_pair(text) for text in delay or ())
    body = {
        "now": now,
        "delays": [
            {
                "executive": who,
                ("until" if ":" in late.get(who, "") else "minutes"): late.get(who) or None,
                "at": places[who].split(",") if who in places else None,
            }
            for who in dict.fromkeys([*late, *places])
        ],
        "ill": [{"executive": who, "until": day or None} for who, day in map(_pair, ill or ())],
        "cancelled": cancel or [],
        "cover": covering[0],
        "cover_minutes": covering[1],
        "added": [{"account": who, "minutes": m or None} for who, m in map(_pair, add or ())],
    }
    try:
        return ReplanRequest.model_validate(body)
    except ValidationError as error:
        words = "; ".join(f"{item['loc']}: {item['msg']}" for item in error.errors())
        raise InputError(f"What happened cannot be read: {words}.") from error


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _change_line(one: Any) -> str:
    from territory.hours import format_time

    def when(day: Any, seconds: int | None) -> str:
        return "not made" if day is None or seconds is None else f"{day} {format_time(seconds)}"

    before = when(one.before_date, one.before_seconds)
    after = when(one.after_date, one.after_seconds)
    whose = f" for {one.before_executive_id}" if one.before_executive_id else ""
    return f"{one.kind}: {one.visit_id} by {one.executive_id}{whose}, {before} -> {after}"
