"""What the worker's tests let a child process run. Each notes its process id in var/pids."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from data.store import Job, Store, encode_plan
from territory.errors import InputError
from tests.data.store.worlds import provenance, score_plan

Report = Callable[[dict[str, Any]], None]


def run(
    *, database_url: str, var_path: str, job: Job, report: Report, cancelled: threading.Event
) -> str:
    """Do what the job's parameter "do" says, then save a plan."""
    with (Path(var_path) / "pids").open("a") as file:
        file.write(f"{os.getpid()}\n")
    best = encode_plan(score_plan())
    report({"fraction": 0.5, "message": "half way", "objective": 1.0, "bound": 2.0, "best": best})
    _DO[str(job.params.get("do", "nothing"))](Path(var_path), cancelled)
    store = Store.open(database_url)
    try:
        return store.save_plan(score_plan(), provenance()).plan_id
    finally:
        store.close()


def _nothing(_: Path, __: threading.Event) -> None:
    return


def _until_told(var: Path, cancelled: threading.Event) -> None:
    while not (var / "go").exists() and not cancelled.wait(0.02):
        pass


def _stubborn(_: Path, __: threading.Event) -> None:
    threading.Event().wait(60)


def _segfault(_: Path, __: threading.Event) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _refuse(_: Path, __: threading.Event) -> None:
    raise InputError("This market is empty.", fix="Import companies.")


def _bug(_: Path, __: threading.Event) -> None:
    raise ZeroDivisionError("division by zero")


_DO: dict[str, Callable[[Path, threading.Event], None]] = {
    "nothing": _nothing,
    "until told": _until_told,
    "stubborn": _stubborn,
    "segfault": _segfault,
    "refuse": _refuse,
    "bug": _bug,
}
