"""How every solver is run: when to stop, whom to tell, what comes back."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from territory.plans import StoppedBy, WorkDone

Plan = TypeVar("Plan")


@dataclass(slots=True, kw_only=True)
class Stop:
    """When to stop: work done, the clock, or somebody's word. A solver asks it every turn.

    ``iterations`` is a limit on work and makes a run repeatable; ``seconds`` is a limit on wall
    time and does not. None means the solver's own default (work) or no limit (clock).
    """

    iterations: int | None = None
    seconds: float | None = None
    cancel: threading.Event = field(default_factory=threading.Event)
    _started: float = field(default_factory=time.monotonic, init=False)

    def restart(self) -> None:
        """Start the clock anew, as a solver does when it begins."""
        self._started = time.monotonic()

    @property
    def elapsed_seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def seconds_left(self) -> float | None:
        """Wall seconds left, None without a limit."""
        return None if self.seconds is None else max(0.0, self.seconds - self.elapsed_seconds)

    def now(self, iterations: int = 0) -> StoppedBy | None:
        """Why to stop at this point, None to go on."""
        if self.cancel.is_set():
            return "cancelled"
        if self.seconds is not None and self.elapsed_seconds >= self.seconds:
            return "clock"
        if self.iterations is not None and iterations >= self.iterations:
            return "work"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Generic[Plan]):
    """One word of progress. ``best`` is a whole plan, so that it can be kept if all ends here."""

    message: str
    fraction: float
    objective: float | None = None
    bound: float | None = None
    best: Plan | None = None


Progress = Callable[[Report[Plan]], None]


def silent(_: Report[Plan]) -> None:
    """A progress callback that tells nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Generic[Plan]):
    """What a solver returns: the best plan, its cost in parts, a bound where theory gives one.

    ``cost`` sums to ``objective``. Minimisation unless the plan's type says otherwise.
    """

    plan: Plan
    objective: float
    cost: dict[str, float]
    bound: float | None
    work: WorkDone
