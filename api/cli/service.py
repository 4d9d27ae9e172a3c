"""Commands of the service: serve, worker, doctor, demo, keys."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.common import (
    app,
    keys_app,
    say,
    workspace,
)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to bind; loopback if unset.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 8000 if unset, 0 for a free one.")] = None,
    worker: Annotated[bool, typer.Option(help="Start a worker beside it.")] = True,
) -> None:
    """Serve HTTP: pages, API, job queue. Loopback only until a key exists."""
    from api.serving import serve as run_server
    from api.settings import read_settings

    run_server(read_settings(), host=host, port=port, with_worker=worker)


@app.command()
def worker(
    once: Annotated[bool, typer.Option("--once", help="End when the queue is empty.")] = False,
) -> None:
    """Run queued jobs, each in a child process."""
    from api.settings import read_settings
    from api.worker import run_worker

    settings = read_settings().prepare()
    run_worker(
        database_url=settings.url,
        var_path=str(settings.var_path),
        lease_seconds=settings.lease_seconds,
        poll_seconds=settings.poll_seconds,
        once=once,
    )


@app.command()
def doctor(
    warm: Annotated[bool, typer.Option("--warm", help="Compile the kernels now.")] = False,
) -> None:
    """Say whether this installation is sound. Exit status 1 if not."""
    from api.doctor import examine
    from api.settings import read_settings

    sound = True
    for finding in examine(read_settings().prepare(), warm=warm):
        say(str(finding))
        sound = sound and finding.is_sound
    if not sound:
        raise typer.Exit(1)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the pages.")] = Path("out/demo"),
    companies: Annotated[int, typer.Option(help="Companies of the metropolis.")] = 5000,
    executives: Annotated[int, typer.Option(help="Executives of the metropolis.")] = 12,
) -> None:
    """Run the whole mission on two sample markets and write an index of pages."""
    from api.usecases.demo import run_demo

    run_demo(workspace(), out, companies=companies, executives=executives, say=say)


@keys_app.command("add")
def keys_add(name: Annotated[str, typer.Argument(help="Who will use it.")]) -> None:
    """Make a key; it is shown once."""
    say(_keyring().add(name))


@keys_app.command("remove")
def keys_remove(name: Annotated[str, typer.Argument(help="Whose key.")]) -> None:
    """Take a key away."""
    _keyring().remove(name)


@keys_app.command("list")
def keys_list() -> None:
    """List the keys, without their secrets."""
    for key in _keyring().keys().values():
        say(f"{key.key_id}  {key.created}  {key.name}")


def _keyring() -> Any:
    from api.auth import KeyRing
    from api.settings import read_settings

    return KeyRing(read_settings().prepare().var_path / "keys.json")
