"""Plans visits: dates and routes of every executive, best-so-far always returnable.

Each executive is an own problem, solved one after another with an own random stream, so that the
same seed and the same work give the same plan whoever else is planned. Work is counted in turns of
ruin and recreate (engine "ruin", "auto") and in plans looked at by the routing solver ("ortools").
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from optimizer.run import Progress, Report, Result, Stop, silent
from optimizer.visits.annealing import CHUNK_TURNS, Days, complete, days_cost, start_annealing
from optimizer.visits.assemble import assemble_plan
from optimizer.visits.case import ExecutiveCase, make_cases
from optimizer.visits.dates import choose_dates
from optimizer.visits.explain import explain_unserved, not_yet_planned
from optimizer.visits.problem import VisitParams, VisitProblem
from optimizer.visits.routing import route_weeks
from territory.plans import StoppedBy, WorkDone
from territory.routes import VisitPlan

HARD_FROM = 0.8  # part of the search after which a visit left out costs its full penalty
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
    cut_short: StoppedBy | None = None
    planned: set[int] = field(default_factory=set)

    @property
    def all_turns(self) -> int:
        """Turns for everybody together."""
        if self.stop.iterations is not None:
            return self.stop.iterations
        per_visit = self.params.iterations_per_visit
        return sum(max(LEAST_TURNS, per_visit * case.needs) for case in self.cases if case.needs)

    def improve(self, position: int) -> None:
        case = self.cases[position]
        if case.needs and case.shift_rows and self.cut_short is None:
            if self.params.engine != "ruin":
                self._route(position, case)
            if self.params.engine != "ortools":
                self._anneal(position, case)
        self.planned.add(position)

    def _route(self, position: int, case: ExecutiveCase) -> None:
        self.cut_short = self.stop.now()
        if self.cut_short:
            return
        arrays = case.arrays
        chosen, spent = choose_dates(
            arrays,
            seed=self.params.seed,
            deterministic_seconds=self.params.dates_deterministic_seconds,
        )
        self.deterministic_seconds += spent
        routed = route_weeks(
            arrays,
            chosen,
            solutions=self.params.routing_solutions,
            seconds_left=self.stop.seconds_left,
        )
        days = complete(case, routed, seed=self.params.seed)
        if days_cost(case.arrays, days) < days_cost(case.arrays, self.days[position]):
            self.days[position] = days
        self.turns += self.params.routing_solutions

    def _anneal(self, position: int, case: ExecutiveCase) -> None:
        search = start_annealing(case, self.days[position], seed=self.params.seed)
        turns, seconds = self._share(position)
        is_full = search.leaves_out
        began, done = self.stop.elapsed_seconds, 0
        while done < turns:
            self.cut_short = self.stop.now()
            elapsed = self.stop.elapsed_seconds - began
            spent = done / turns if seconds is None else max(done / turns, elapsed / seconds)
            if self.cut_short or spent >= 1.0:
                break
            step = min(CHUNK_TURNS, turns - done)
            hardness = min(1.0, spent / HARD_FROM) if is_full else 1.0
            after = min(1.0, spent + step / turns)
            search.advance(step, self._heat(spent), self._heat(after), hardness)
            done += step
        self.turns += done
        self.days[position] = complete(case, search.days, seed=self.params.seed)
        if done < turns and self.cut_short is None:
            self.cut_short = "clock" if position == len(self.cases) - 1 else None

    def _heat(self, spent: float) -> float:
        start, end = self.params.start_temperature, self.params.end_temperature
        return float(start * (end / start) ** spent)

    def _share(self, position: int) -> tuple[int, float | None]:
        """The turns and, under a clock, the seconds of one executive."""
        needs = [case.needs for case in self.cases]
        left = sum(needs[position:])
        turns = max(1, self.all_turns * needs[position] // max(1, sum(needs)))
        seconds = self.stop.seconds_left
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

    def result(self) -> Result[VisitPlan]:
        plan = self._plan(explain=True)
        parts = objective_parts(self.problem, plan)
        work = WorkDone(
            stopped_by=self.cut_short or ("work" if self.problem.needs else "finished"),
            iterations=self.turns,
            deterministic_seconds=self.deterministic_seconds,
            wall_seconds=self.stop.elapsed_seconds,
        )
        return Result(plan=plan, objective=sum(parts.values()), cost=parts, bound=None, work=work)
