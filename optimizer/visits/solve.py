"""Plans visits: dates and routes of every executive, best-so-far always returnable.

Each executive is an own problem with an own random stream, solved on as many threads as
``VisitParams.threads`` says, so that the same seed and the same work give the same plan whoever
else is planned and on however many threads. Work is counted in turns of
ruin and recreate (engine "ruin", "auto") and in plans looked at by the routing solver ("ortools").
With "auto" an executive with a handful of visits is planned exactly (``optimizer.visits.exact``).
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from threading import Lock

from optimizer.run import Progress, Report, Result, Stop, silent
from optimizer.visits.annealing import CHUNK_TURNS, Days, complete, days_cost, start_annealing
from optimizer.visits.assemble import assemble_plan
from optimizer.visits.case import ExecutiveCase, make_cases
from optimizer.visits.dates import choose_dates
from optimizer.visits.exact import exact_days, orders_to_try
from optimizer.visits.explain import explain_unserved, not_yet_planned
from optimizer.visits.problem import VisitParams, VisitProblem
from optimizer.visits.routing import route_weeks
from territory.plans import StoppedBy, WorkDone
from territory.routes import VisitPlan

HARD_FROM = 0.8  # part of the search after which a visit left out costs its full penalty
ROUTING_SHARE = 0.2  # part of a clock's share for dates, and again for routing the weeks
LEAST_TURNS = 2_000  # per executive, so that a handful of visits is searched thoroughly


def solve(
    problem: VisitProblem,
    *,
    params: VisitParams | None = None,
    stop: Stop | None = None,
    progress: Progress[VisitPlan] = silent,
) -> Result[VisitPlan]:
    """The best plan found within the stop; every need is on a route or unserved with a reason.

    Minimises the objective of ``optimizer.visits.problem``: value left out first, then driving.
    ``Result.cost`` has its three parts in seconds. There is no bound. ``Stop.iterations`` are turns
    over all executives; by default ``params.iterations_per_visit`` for every need.
    """
    params, stop = params or VisitParams(), stop or Stop()
    stop.restart()
    cases = make_cases(problem)
    days: list[Days] = [start_annealing(case, None, seed=params.seed).days for case in cases]
    run = _Run(problem=problem, params=params, stop=stop, progress=progress, cases=cases, days=days)
    run.tell("first plan of every executive")
    run.improve_all()
    return run.result()


def objective_parts(problem: VisitProblem, plan: VisitPlan) -> dict[str, float]:
    """The objective of a plan in seconds, in its parts: lost, travel, off_preferred."""
    rows = {need.visit_id: row for row, need in enumerate(problem.needs)}
    penalty = problem.penalty_seconds
    served = [(rows[stop.visit_id], route.date) for route in plan.routes for stop in route.stops]
    lost = sum(int(penalty[row]) for row in set(rows.values()) - {row for row, _ in served})
    liked = ((problem.needs[row].preferred_dates, day) for row, day in served)
    off = sum(1 for dates, day in liked if dates and day not in dates)
    return {
        "lost": float(lost),
        "travel": float(plan.travel_seconds),
        "off_preferred": float(off * problem.weights.off_preferred_seconds),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """One executive's days and the work they took."""

    days: Days
    turns: int = 0
    deterministic_seconds: float = 0.0
    plans_looked_at: int = 0
    ran_out: bool = False  # the executive's share of the clock ended its search
    is_proved: bool = False  # the days are the best there are
    is_begun: bool = True


@dataclass(slots=True, kw_only=True)
class _Run:
    """One call of ``solve`` in progress."""

    problem: VisitProblem
    params: VisitParams
    stop: Stop
    progress: Progress[VisitPlan]
    cases: Sequence[ExecutiveCase]
    days: list[Days]
    outcomes: dict[int, _Outcome] = field(default_factory=dict)
    started: int = 0
    counting: Lock = field(default_factory=Lock)

    def improve_all(self) -> None:
        """Plan every executive; the ones with most to do begin, so that no thread is left over."""
        threads = max(1, min(self.params.threads, len(self.cases)))
        if threads == 1:
            for position in range(len(self.cases)):
                self._keep(position, self._improve(position))
            return
        by_size = sorted(range(len(self.cases)), key=lambda p: (-self.cases[p].needs, p))
        with ThreadPoolExecutor(threads) as pool:
            jobs = {pool.submit(self._improve, position): position for position in by_size}
            for job in as_completed(jobs):
                self._keep(jobs[job], job.result())

    def _keep(self, position: int, outcome: _Outcome) -> None:
        self.outcomes[position] = outcome
        self.days[position] = outcome.days
        self.tell(f"planned {self.cases[position].executive_id}")

    def _improve(self, position: int) -> _Outcome:
        """Plan one executive as well as its share of the work and of the clock allows."""
        case, days = self.cases[position], self.days[position]
        seconds = self._share_of_clock(position)
        if not case.needs or not case.shift_rows:
            return _Outcome(days=days)
        if self.stop.now() is not None:
            return _Outcome(days=days, is_begun=False)
        proved = self._proved(case)
        if proved is not None:
            return proved
        outcome = _Outcome(days=days)
        ends = None if seconds is None else self.stop.elapsed_seconds + seconds
        if self.params.engine != "ruin":
            part = None if seconds is None else ROUTING_SHARE * seconds
            outcome = self._route(case, outcome, part)
        if self.params.engine != "ortools":
            outcome = self._anneal(case, outcome, self._turns(position), ends)
        return outcome

    def _proved(self, case: ExecutiveCase) -> _Outcome | None:
        """The days of an executive with a handful of visits, if the engine may be chosen."""
        days = exact_days(case.arrays) if self.params.engine == "auto" else None
        if days is None:
            return None
        looked = orders_to_try(case.arrays)
        return _Outcome(days=days, plans_looked_at=looked, is_proved=True)

    def _route(self, case: ExecutiveCase, outcome: _Outcome, seconds: float | None) -> _Outcome:
        chosen, spent = choose_dates(
            case.arrays,
            seed=self.params.seed,
            deterministic_seconds=self.params.dates_deterministic_seconds,
            seconds=seconds,
        )
        routed, was_cut = route_weeks(
            case.arrays, chosen, solutions=self.params.routing_solutions, seconds=seconds
        )
        days = complete(case, routed, seed=self.params.seed)
        is_better = days_cost(case.arrays, days) < days_cost(case.arrays, outcome.days)
        return _Outcome(
            days=days if is_better else outcome.days,
            deterministic_seconds=spent,
            plans_looked_at=self.params.routing_solutions,
            ran_out=was_cut,
        )

    def _anneal(
        self, case: ExecutiveCase, outcome: _Outcome, turns: int, ends: float | None
    ) -> _Outcome:
        search = start_annealing(case, outcome.days, seed=self.params.seed)
        is_full = search.leaves_out
        began, done, spent = self.stop.elapsed_seconds, 0, 0.0
        while spent < 1.0 and self.stop.now() is None:
            step = min(CHUNK_TURNS, turns - done)
            after = min(1.0, spent + step / turns)
            hardness = min(1.0, spent / HARD_FROM) if is_full else 1.0
            search.advance(step, self._heat(spent), self._heat(after), hardness)
            done += step
            spent = max(done / turns, _part(self.stop.elapsed_seconds, began, ends))
        days = complete(case, search.days, seed=self.params.seed)
        ran_out = outcome.ran_out or done < turns
        return replace(outcome, days=days, turns=done, ran_out=ran_out)

    def _heat(self, spent: float) -> float:
        start, end = self.params.start_temperature, self.params.end_temperature
        return float(start * (end / start) ** spent)

    def _turns(self, position: int) -> int:
        needs = [case.needs for case in self.cases]
        if self.stop.iterations is not None:
            return max(1, self.stop.iterations * needs[position] // max(1, sum(needs)))
        return max(LEAST_TURNS, self.params.iterations_per_visit * needs[position])

    def _share_of_clock(self, position: int) -> float | None:
        """The seconds of one executive: its part, by needs, of what is left on all threads."""
        needs = self.cases[position].needs
        with self.counting:
            left = sum(case.needs for case in self.cases) - self.started
            self.started += needs
        seconds = self.stop.seconds_left
        if seconds is None:
            return None
        threads = max(1, min(self.params.threads, len(self.cases)))
        return seconds * min(1.0, threads * needs / max(1, left))

    def tell(self, message: str) -> None:
        plan = self._plan(explain=False)
        parts = objective_parts(self.problem, plan)
        self.progress(
            Report(
                message=message,
                fraction=len(self.outcomes) / max(1, len(self.cases)),
                objective=sum(parts.values()),
                best=plan,
            )
        )

    def _plan(self, *, explain: bool) -> VisitPlan:
        why = explain_unserved if explain else not_yet_planned
        left_out = [
            item
            for case, days in zip(self.cases, self.days, strict=True)
            for item in why(self.problem, case, days)
        ]
        return assemble_plan(
            self.problem,
            self.cases,
            self.days,
            [*self.problem.unserved, *left_out],
            self.problem.notes(),
        )

    def _stopped_by(self) -> StoppedBy:
        done = self.outcomes.values()
        if self.stop.cancel.is_set():
            return "cancelled"
        if not all(one.is_begun for one in done) or any(one.ran_out for one in done):
            return "clock"
        searched = {position for position, case in enumerate(self.cases) if case.needs}
        proved = {position for position, one in self.outcomes.items() if one.is_proved}
        return "work" if searched - proved else "finished"

    def result(self) -> Result[VisitPlan]:
        """The plan with its reasons, its cost in parts, and the work it took."""
        plan = self._plan(explain=True)
        parts = objective_parts(self.problem, plan)
        done = [self.outcomes[position] for position in sorted(self.outcomes)]
        turns = sum(one.turns for one in done)
        work = WorkDone(
            stopped_by=self._stopped_by(),
            iterations=turns or sum(one.plans_looked_at for one in done),
            deterministic_seconds=sum(one.deterministic_seconds for one in done),
            wall_seconds=self.stop.elapsed_seconds,
        )
        return Result(plan=plan, objective=sum(parts.values()), cost=parts, bound=None, work=work)


def _part(now: float, began: float, ends: float | None) -> float:
    """How much of a span of time is over, from 0; none of an endless one."""
    if ends is None:
        return 0.0
    return 1.0 if ends <= began else (now - began) / (ends - began)
