"""Plans one executive: a pure function of a case and the work allowed, run here or elsewhere."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from optimizer.run import Stop
from optimizer.visits.annealing import CHUNK_TURNS, Days, complete, days_cost, start_annealing
from optimizer.visits.case import ExecutiveCase
from optimizer.visits.dates import choose_dates
from optimizer.visits.exact import exact_days, orders_to_try
from optimizer.visits.one_day import propose_day
from optimizer.visits.problem import VisitParams
from optimizer.visits.routing import route_weeks
from optimizer.visits.timing import time_day

HARD_FROM = 0.8  # part of the search after which a visit left out costs its full penalty
ROUTING_SHARE = 0.2  # part of a clock's share for dates, and again for routing the weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One executive to be planned, from a first plan, with so much work and time."""

    case: ExecutiveCase
    days: Days
    params: VisitParams
    turns: int
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One executive's days and the work they took."""

    days: Days
    turns: int = 0
    deterministic_seconds: float = 0.0
    plans_looked_at: int = 0
    ran_out: bool = False  # the executive's share of the clock ended its search
    is_proved: bool = False  # the days are the best there are
    is_begun: bool = True


class Spread(Protocol):
    """Tasks planned side by side elsewhere: answers with their place, as they come.

    None is given where nothing came for a moment, so that who listens can stop. Closing the
    iterator gives up what is not done.
    """

    @property
    def workers(self) -> int:
        """How many tasks are worked on at a time."""

    def __call__(
        self, work: Callable[[Task], Outcome], tasks: Sequence[Task], /
    ) -> Iterator[tuple[int, Outcome] | None]:
        """The place and the outcome of every task, in any order."""


def plan_executive(task: Task, stop: Stop | None = None) -> Outcome:
    """Plan one executive as well as its share of the work and of the clock allows.

    ``stop`` can end it early; elsewhere there is none but the task's own seconds.
    """
    stop = stop or Stop()
    case, params = task.case, task.params
    if not case.needs or not case.shift_rows:
        return Outcome(days=task.days)
    if stop.now() is not None:
        return Outcome(days=task.days, is_begun=False)
    proved = _proved(case) if params.engine in ("auto", "ruin-first") else None
    if proved is not None:
        return proved
    planner = _Planner(task, stop)
    outcome = Outcome(days=task.days)
    if params.engine == "ruin-first":
        return planner.one_day(planner.ruin_first(outcome))
    if params.engine != "ruin":
        outcome = planner.route(outcome)
    if params.engine != "ortools":
        outcome = planner.anneal(outcome)
    return planner.one_day(outcome) if params.engine == "auto" else outcome


def _proved(case: ExecutiveCase) -> Outcome | None:
    """The days of an executive with a handful of visits; None for more."""
    days = exact_days(case.arrays)
    if days is None:
        return None
    return Outcome(days=days, plans_looked_at=orders_to_try(case.arrays), is_proved=True)


def _leaves_out(case: ExecutiveCase, days: Days) -> bool:
    return sum(len(stops) for stops in days) < case.needs


class _Planner:
    """One task in progress, and when its share of the clock ends."""

    def __init__(self, task: Task, stop: Stop) -> None:
        self.case, self.params, self.turns = task.case, task.params, task.turns
        self.stop = stop
        self.seconds = task.seconds
        self.ends = None if task.seconds is None else stop.elapsed_seconds + task.seconds

    def route(self, outcome: Outcome) -> Outcome:
        """Dates by CP-SAT and weeks by the routing solver, where that is better."""
        case, params = self.case, self.params
        part = None if self.seconds is None else ROUTING_SHARE * self.seconds
        chosen, spent = choose_dates(
            case.arrays,
            seed=params.seed,
            deterministic_seconds=params.dates_deterministic_seconds,
            seconds=part,
        )
        routed, was_cut = route_weeks(
            case.arrays, chosen, solutions=params.routing_solutions, seconds=part
        )
        days = complete(case, routed, seed=params.seed)
        is_better = days_cost(case.arrays, days) < days_cost(case.arrays, outcome.days)
        return replace(
            outcome,
            days=days if is_better else outcome.days,
            deterministic_seconds=outcome.deterministic_seconds + spent,
            plans_looked_at=outcome.plans_looked_at + params.routing_solutions,
            ran_out=outcome.ran_out or was_cut,
        )

    def one_day(self, outcome: Outcome) -> Outcome:
        """A single day that leaves visits out, by labels if that is better."""
        arrays = self.case.arrays
        if len(outcome.days) != 1 or not _leaves_out(self.case, outcome.days):
            return outcome
        if self.stop.now() is not None:
            return outcome
        known = days_cost(arrays, outcome.days)
        order = propose_day(arrays, known)
        if order is None or time_day(arrays, 0, order) is None:
            return outcome
        series = [int(arrays.series[need]) for need in order if arrays.series[need] >= 0]
        is_better = len(series) == len(set(series)) and days_cost(arrays, (order,)) < known
        return replace(outcome, days=(order,)) if is_better else outcome

    def ruin_first(self, outcome: Outcome) -> Outcome:
        """Half of the turns; the other half, after OR-Tools, only where visits are left out."""
        half = max(1, self.turns // 2)
        ends = None if self.seconds is None else self.stop.elapsed_seconds + self.seconds / 2
        outcome = self.anneal(outcome, turns=half, ends=ends)
        if not _leaves_out(self.case, outcome.days) or self.stop.now() is not None:
            return outcome
        return self.anneal(self.route(outcome), turns=half)

    def anneal(
        self, outcome: Outcome, *, turns: int | None = None, ends: float | None = None
    ) -> Outcome:
        """Ruin and recreate from the days so far, over the turns or what is left of the clock."""
        turns, ends = turns or self.turns, ends or self.ends
        search = start_annealing(self.case, outcome.days, seed=self.params.seed)
        is_full = search.leaves_out
        began, done, spent = self.stop.elapsed_seconds, 0, 0.0
        while spent < 1.0 and self.stop.now() is None:
            step = min(CHUNK_TURNS, turns - done)
            after = min(1.0, spent + step / turns)
            hardness = min(1.0, spent / HARD_FROM) if is_full else 1.0
            search.advance(step, self._heat(spent), self._heat(after), hardness)
            done += step
            spent = max(done / turns, _part(self.stop.elapsed_seconds, began, ends))
        days = complete(self.case, search.days, seed=self.params.seed)
        ran_out = outcome.ran_out or done < turns
        return replace(outcome, days=days, turns=outcome.turns + done, ran_out=ran_out)

    def _heat(self, spent: float) -> float:
        start, end = self.params.start_temperature, self.params.end_temperature
        return float(start * (end / start) ** spent)


def _part(now: float, began: float, ends: float | None) -> float:
    """How much of a span of time is over, from 0; none of an endless one."""
    if ends is None:
        return 0.0
    return 1.0 if ends <= began else (now - began) / (ends - began)
