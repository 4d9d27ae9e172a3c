"""Plans visits: dates and routes of every executive, best-so-far always returnable.

Each executive is an own problem, solved one after another with an own random stream, so that the
same seed and the same work give the same plan whoever else is planned. Work is counted in turns of
ruin and recreate (engine "ruin", "auto") and in plans looked at by the routing solver ("ortools").
With "auto" an executive with a handful of visits is planned exactly (``optimizer.visits.exact``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

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
    for position in range(len(cases)):
        run.improve(position)
        run.tell(f"planned {cases[position].executive_id}")
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


@dataclass(slots=True, kw_only=True)
class _Run:
    """One call of ``solve`` in progress."""

    problem: VisitProblem
    params: VisitParams
    stop: Stop
    progress: Progress[VisitPlan]
    cases: Sequence[ExecutiveCase]
    days: list[Days]
    turns: int = 0
    deterministic_seconds: float = 0.0
    plans_looked_at: int = 0
    cut_short: StoppedBy | None = None
    ran_out: bool = False  # an executive's share of the clock ended its search
    planned: set[int] = field(default_factory=set)
    proved: set[int] = field(default_factory=set)  # executives whose days are the best there are

    def improve(self, position: int) -> None:
        """Plan one executive as well as its share of the work and of the clock allows."""
        case = self.cases[position]
        self.cut_short = self.cut_short or self.stop.now()
        if case.needs and case.shift_rows and self.cut_short is None and not self._prove(position):
            turns, seconds = self._share(position)
            ends = None if seconds is None else self.stop.elapsed_seconds + seconds
            if self.params.engine != "ruin":
                self._route(position, None if seconds is None else ROUTING_SHARE * seconds)
            if self.params.engine != "ortools":
                self._anneal(position, turns, ends)
        self.planned.add(position)

    def _prove(self, position: int) -> bool:
        """Plan an executive with a handful of visits exactly, if the engine may be chosen."""
        arrays = self.cases[position].arrays
        days = exact_days(arrays) if self.params.engine == "auto" else None
        if days is None:
            return False
        self.days[position] = days
        self.plans_looked_at += orders_to_try(arrays)
        self.proved.add(position)
        return True

    def _route(self, position: int, seconds: float | None) -> None:
        case = self.cases[position]
        chosen, spent = choose_dates(
            case.arrays,
            seed=self.params.seed,
            deterministic_seconds=self.params.dates_deterministic_seconds,
            seconds=seconds,
        )
        self.deterministic_seconds += spent
        routed, was_cut = route_weeks(
            case.arrays, chosen, solutions=self.params.routing_solutions, seconds=seconds
        )
        days = complete(case, routed, seed=self.params.seed)
        if days_cost(case.arrays, days) < days_cost(case.arrays, self.days[position]):
            self.days[position] = days
        self.ran_out = self.ran_out or was_cut
        self.plans_looked_at += self.params.routing_solutions

    def _anneal(self, position: int, turns: int, ends: float | None) -> None:
        case = self.cases[position]
        search = start_annealing(case, self.days[position], seed=self.params.seed)
        is_full = search.leaves_out
        began, done, spent = self.stop.elapsed_seconds, 0, 0.0
        while spent < 1.0 and self.cut_short is None:
            step = min(CHUNK_TURNS, turns - done)
            after = min(1.0, spent + step / turns)
            hardness = min(1.0, spent / HARD_FROM) if is_full else 1.0
            search.advance(step, self._heat(spent), self._heat(after), hardness)
            done += step
            spent = max(done / turns, _part(self.stop.elapsed_seconds, began, ends))
            self.cut_short = self.stop.now()
        self.turns += done
        self.days[position] = complete(case, search.days, seed=self.params.seed)
        self.ran_out = self.ran_out or done < turns

    def _heat(self, spent: float) -> float:
        start, end = self.params.start_temperature, self.params.end_temperature
        return float(start * (end / start) ** spent)

    def _share(self, position: int) -> tuple[int, float | None]:
        """The turns and, under a clock, the seconds of one executive."""
        needs = [case.needs for case in self.cases]
        turns = max(LEAST_TURNS, self.params.iterations_per_visit * needs[position])
        if self.stop.iterations is not None:
            turns = max(1, self.stop.iterations * needs[position] // max(1, sum(needs)))
        seconds, left = self.stop.seconds_left, sum(needs[position:])
        return turns, None if seconds is None else seconds * needs[position] / max(1, left)

    def tell(self, message: str) -> None:
        plan = self._plan(explain=False)
        parts = objective_parts(self.problem, plan)
        self.progress(
            Report(
                message=message,
                fraction=len(self.planned) / max(1, len(self.cases)),
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
        if self.cut_short or self.ran_out:
            return self.cut_short or "clock"
        searched = {position for position, case in enumerate(self.cases) if case.needs}
        return "work" if searched - self.proved else "finished"

    def result(self) -> Result[VisitPlan]:
        plan = self._plan(explain=True)
        parts = objective_parts(self.problem, plan)
        work = WorkDone(
            stopped_by=self._stopped_by(),
            iterations=self.turns or self.plans_looked_at,
            deterministic_seconds=self.deterministic_seconds,
            wall_seconds=self.stop.elapsed_seconds,
        )
        return Result(plan=plan, objective=sum(parts.values()), cost=parts, bound=None, work=work)


def _part(now: float, began: float, ends: float | None) -> float:
    """How much of a span of time is over, from 0; none of an endless one."""
    if ends is None:
        return 0.0
    return 1.0 if ends <= began else (now - began) / (ends - began)
