"""The VROOM door on the command line."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.common import app, workspace


@app.command()
def vroom(
    file: Annotated[str, typer.Argument(help="A request in VROOM's JSON; - for standard input.")],
    out: Annotated[Path | None, typer.Option(help="File for the answer; printed if unset.")] = None,
    market: Annotated[
        str | None, typer.Option(help="Market whose roads are asked where no matrix is given.")
    ] = None,
    geometry: Annotated[bool, typer.Option("--geometry", "-g", help="Add the way.")] = False,
    explore: Annotated[int | None, typer.Option("--explore", "-x", help="Effort, 0 to 5.")] = None,
    threads: Annotated[int | None, typer.Option("--threads", "-t", help="Searches at once.")] = (
        None
    ),
    limit: Annotated[float | None, typer.Option("--limit", "-l", help="Seconds.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of every random draw.")] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check", "-c", help="Plan mode: time the routes given as steps, tell what breaks."
        ),
    ] = False,
) -> None:
    """Answer a request in VROOM's JSON: routes for vehicles, and why what is left out is.

    The exit status is VROOM's code: 0, or 1 internal, 2 input, 3 routing, 4 too large.
    """
    from api.vroom.door import answer_vroom, refusal_of
    from api.vroom.errors import refuse
    from territory.errors import FieldwrightError

    options = {
        "market": market,
        "g": geometry or None,
        "x": explore,
        "t": threads,
        "l": limit,
        "seed": seed,
        "c": check or None,
    }
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        answer = answer_vroom(workspace(), json.loads(text), options=options)
    except (ValueError, RecursionError) as error:
        known = error if isinstance(error, FieldwrightError) else refuse(f"Invalid JSON: {error}")
        answer = refusal_of(known)
    except OSError as error:
        answer = refusal_of(refuse(f"{file} cannot be read: {error.strerror}"))
    except FieldwrightError as error:
        answer = refusal_of(error)
    written = json.dumps(answer, ensure_ascii=False)
    if out is not None:
        out.write_text(written + "\n", encoding="utf-8")
    else:
        typer.echo(written)
    raise typer.Exit(answer["code"])
