"""The command line. ``fieldwright --help`` is quick: each command imports what it needs."""

import sys

from api.cli import (
    calibrate,
    edits,
    jobs,
    markets,
    plans,
    replans,
    service,
    survey,
    team,
    travel,
    vroom,
)
from api.cli.common import app
from territory.errors import FieldwrightError

__all__ = [
    "app",
    "calibrate",
    "edits",
    "jobs",
    "main",
    "markets",
    "plans",
    "replans",
    "service",
    "survey",
    "team",
    "travel",
    "vroom",
]


def main() -> None:
    """Run the command line. Exit status 1 for what was refused, 2 for wrong usage."""
    try:
        app()
    except FieldwrightError as error:
        sys.stderr.write(f"fieldwright: {error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("fieldwright: stopped by you\n")
        sys.exit(130)
