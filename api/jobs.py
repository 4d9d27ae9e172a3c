"""One job in a child process of its own: told to stop, watched, relayed, and never outliving us.

The child is spawned, not forked (numba, polars and OR-Tools hold threads), and dies with its
worker: the kernel kills it on Linux, and a thread of its own ends it when the pipe closes.
"""

import ctypes
import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from territory.errors import FieldwrightError

if TYPE_CHECKING:
    from data.store import Job

PROGRESS_SECONDS = 0.2
"""A child tells of its progress no more often than this."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h

Entry = Callable[..., str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed:
    """The child's word on how far it is; ``best`` is its best plan so far, encoded."""

    message: str
    fraction: float
    objective: float | None = None
    bound: float | None = None
    best: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The child saved a plan."""

    plan_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The job cannot be done: trying again would end the same way."""

    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Crashed:
    """The child ended without a word; ``error`` says how."""

    error: str


Word = Progressed | Done | Failed | Crashed


class Child:
    """A job's process. ``entry`` names "module:function", called like ``usecases.run.run_job``."""

    def __init__(self, *, entry: str, database_url: str, var_path: str, job: "Job") -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_main, args=(theirs, os.getpid(), entry, database_url, var_path, job)
        )
        self._process.start()
        theirs.close()  # so that the pipe ends when the child does

    def listen(self, seconds: float) -> Word | None:
        """The child's next word, waited for so long; ``Crashed`` once it ended without one."""
        try:
            if self._pipe.poll(seconds):
                word: Word = self._pipe.recv()
                return word
        except (EOFError, OSError):
            self._process.join()
            return Crashed(error=_how_it_ended(self._process.exitcode))
        return None

    def cancel(self) -> None:
        """Ask the child to stop and save its best."""
        try:
            self._pipe.send("cancel")
        except OSError:
            return  # it ended already, and its last word is still to be heard

    def kill(self) -> None:
        """End the child at once, if it lives, and let go of what it held. May be asked again."""
        if self._pipe.closed:
            return
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        self._process.close()
        self._pipe.close()


def _how_it_ended(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        try:
            name = signal.Signals(-exit_code).name
        except ValueError:
            name = f"signal {-exit_code}"
        hint = " (out of memory?)" if name == "SIGKILL" else ""
        return f"the solver's process was ended by {name}{hint}"
    return f"the solver's process ended without a result (exit status {exit_code})"


def _main(
    pipe: Connection, parent: int, entry: str, database_url: str, var_path: str, job: "Job"
) -> None:
    """The child: run the entry, tell how it went."""
    _die_with(parent)
    # The worker alone answers Ctrl-C: it decides what becomes of the job.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cancelled = threading.Event()
    threading.Thread(target=_obey, args=(pipe, cancelled), daemon=True).start()
    speaker = _Speaker(pipe)
    speaker.say(_outcome(entry, database_url, var_path, job, speaker, cancelled))


def _outcome(
    entry: str,
    database_url: str,
    var_path: str,
    job: "Job",
    speaker: "_Speaker",
    cancelled: threading.Event,
) -> Word:
    from sqlalchemy.exc import OperationalError

    from data.store import Claim, claim_in_force

    claim_in_force.set(Claim(job_id=job.id, token=job.token))
    try:
        plan_id = load_entry(entry)(
            database_url=database_url,
            var_path=var_path,
            job=job,
            report=speaker.report,
            cancelled=cancelled,
        )
    except FieldwrightError as error:
        return Failed(error=str(error))
    except OperationalError as error:
        return Crashed(error=f"the database could not be reached: {error.orig}")
    except MemoryError:
        return Failed(error="The job needs more memory than there is.")
    except Exception as error:  # noqa: BLE001  # whatever it is, the job has to end
        sys.excepthook(type(error), error, error.__traceback__)
        return Failed(error=f"An unexpected {type(error).__name__} ended this job: {error}")
    return Done(plan_id=plan_id)


def load_entry(entry: str) -> Entry:
    """The function that "module:function" names."""
    module, _, name = entry.partition(":")
    found: Entry = getattr(importlib.import_module(module), name)
    return found


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above took hold
        os._exit(1)


def _obey(pipe: Connection, cancelled: threading.Event) -> None:
    """Hear the worker: "cancel" once, then the end of the pipe when the worker is gone."""
    try:
        while pipe.recv() == "cancel":
            cancelled.set()
    except (EOFError, OSError):
        os._exit(1)


class _Speaker:
    """The child's side of the pipe, shared by whatever threads a solver reports from."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self._spoke_at = -PROGRESS_SECONDS

    def say(self, word: Word) -> None:
        with self._lock:
            self._pipe.send(word)

    def report(self, said: dict[str, Any]) -> None:
        """Pass progress on, unless some was passed on a moment ago."""
        with self._lock:
            if time.monotonic() - self._spoke_at < PROGRESS_SECONDS:
                return
            self._spoke_at = time.monotonic()
            self._pipe.send(Progressed(**said))
