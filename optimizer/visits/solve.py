"""Plans visits: dates and routes of every executive, best-so-far always returnable.

Each executive is an own problem with an own random stream, solved on as many threads as
``VisitParams.threads`` says (or spread over other processes), so that the same seed and the same
work give the same plan whoever else is planned and on however many threads. Work is counted in
turns of ruin and recreate (engines "ruin", "ruin-first", "auto") and in plans looked at by the
routing solver ("ortools"). With "auto" an executive with a handful of visits is planned exactly
(``optimizer.visits.exact``).
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from threading import Lock

from optimizer.run import Progress, Report, Result, Stop, silent
from optimizer.visits.annealing import Days, start_annealing
from optimizer.visits.assemble import assemble_plan
from optimizer.visits.case import ExecutiveCase, make_cases
from optimizer.visits.executive import Outcome, Spread, Task, plan_executive
from optimizer.visits.explain import explain_unserved, not_yet_planned
from optimizer.visits.parts import joined
from optimizer.visits.problem import VisitParams, VisitProblem
from optimizer.visits.weighed import weighed_parts
from territory.plans import StoppedBy, WorkDone
from territory.routes import VisitPlan

LEAST_TURNS = 2_000  # per executive, so that a handful of visits is searched thoroughly
TELLING_SHARE = 0.05  # of the time at most goes into telling of whole plans on the way


def solve(
    problem: VisitProblem | Sequence[VisitProblem],
    *,
    params: VisitParams | None = None,
    stop: Stop | None = None,
    progress: Progress[VisitPlan] = silent,
    spread: Spread | None = None,
) -> Result[VisitPlan]:
    """The best plan found within the stop; every need is on a route or unserved with a reason.

    Several problems (``make_problems``) share no executive and are planned as one. Minimises the
    objective of ``optimizer.visits.problem``: value left out first, then driving. ``Result.cost``
    has its parts in seconds. There is no bound. ``Stop.iterations`` are turns over all executives;
    by default ``params.iterations_per_visit`` for every need. ``spread`` plans executives elsewhere
    instead of on threads; the plan is the same.
    """
    params, stop = params or VisitParams(), stop or Stop()
    stop.restart()
    problems = (problem,) if isinstance(problem, VisitProblem) else tuple(problem)
    run = _Run(problems=problems, params=params, stop=stop, progress=progress, spread=spread)
    run.tell("first plan of every executive", is_whole=True)
    run.improve_all()
    return run.result()


def objective_parts(problem: VisitProblem, plan: VisitPlan) -> dict[str, float]:
    """The objective of a plan in seconds of driving, in its parts: lost, travel, off_preferred.

    Those of waiting, overtime, lateness, imbalance and changes follow where they weigh something.
    What losing a published visit costs as a change is in lost.
    """
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
        **weighed_parts(problem, plan),
    }


@dataclass(slots=True, kw_only=True)
class _Part:
    """One of the problems: its executives as places among all, and their plan as last told."""

    problem: VisitProblem
    places: range
    told: VisitPlan | None = None
    cost: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class _Run:
    """One call of ``solve`` in progress."""

    problems: Sequence[VisitProblem]
    params: VisitParams
    stop: Stop
    progress: Progress[VisitPlan]
    spread: Spread | None
    parts: list[_Part] = field(default_factory=list)
    part_of: list[_Part] = field(default_factory=list)
    cases: list[ExecutiveCase] = field(default_factory=list)
    days: list[Days] = field(default_factory=list)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    started: int = 0
    counting: Lock = field(default_factory=Lock)
    objective: float | None = None
    told_at: float = 0.0
    told_for: float = 0.0

    def __post_init__(self) -> None:
        for problem in self.problems:
            cases = make_cases(problem)
            first = len(self.cases)
            part = _Part(problem=problem, places=range(first, first + len(cases)))
            self.parts.append(part)
            self.part_of += [part] * len(cases)
            self.cases += cases
            self.days += [start_annealing(case, None, seed=self.params.seed).days for case in cases]

    def improve_all(self) -> None:
        """Plan every executive; the ones with most to do begin, so that no thread is left over."""
        if self.spread is not None:
            self._improve_elsewhere(self.spread)
            return
        threads = self._hands()
        if threads == 1:
            for position in range(len(self.cases)):
                self._keep(position, self._improve(position))
            return
        with ThreadPoolExecutor(threads) as pool:
            jobs = {pool.submit(self._improve, position): position for position in self._by_size()}
            for job in as_completed(jobs):
                self._keep(jobs[job], job.result())

    def _improve_elsewhere(self, spread: Spread) -> None:
        """Plan every executive on other workers, until the stop says otherwise."""
        order = self._by_size()
        tasks = [self._task(position) for position in order]
        answers = spread(plan_executive, tasks)
        for place, outcome in _until(answers, self.stop):
            self._keep(order[place], outcome)
        for position in set(order) - self.outcomes.keys():
            self.outcomes[position] = Outcome(days=self.days[position], is_begun=False)

    def _by_size(self) -> list[int]:
        return sorted(range(len(self.cases)), key=lambda p: (-self.cases[p].needs, p))

    def _keep(self, position: int, outcome: Outcome) -> None:
        self.outcomes[position] = outcome
        self.days[position] = outcome.days
        self.part_of[position].told = None
        self.tell(
            f"planned {self.cases[position].executive_id}",
            is_whole=len(self.outcomes) == len(self.cases),
        )

    def _improve(self, position: int) -> Outcome:
        return plan_executive(self._task(position), self.stop)

    def _task(self, position: int) -> Task:
        return Task(
            case=self.cases[position],
            days=self.days[position],
            params=self.params,
            turns=self._turns(position),
            seconds=self._share_of_clock(position),
        )

    def _turns(self, position: int) -> int:
        needs = self.cases[position].needs
        if self.stop.iterations is not None:
            return max(1, self.stop.iterations * needs // max(1, self._needs))
        return max(LEAST_TURNS, self.params.iterations_per_visit * needs)

    @property
    def _needs(self) -> int:
        return sum(case.needs for case in self.cases)

    def _share_of_clock(self, position: int) -> float | None:
        """The seconds of one executive: its part, by needs, of what is left on all threads."""
        needs = self.cases[position].needs
        with self.counting:
            left = self._needs - self.started
            self.started += needs if self.spread is None else 0
        seconds = self.stop.seconds_left
        if seconds is None:
            return None
        return seconds * min(1.0, self._hands() * needs / max(1, left))

    def _hands(self) -> int:
        """How many executives are planned at a time."""
        most = self.params.threads if self.spread is None else self.spread.workers
        return max(1, min(most, len(self.cases)))

    def tell(self, message: str, *, is_whole: bool = False) -> None:
        """One word of progress, with the whole plan where telling it is no large part of the work.

        A plan of hundreds of executives takes seconds to be put together and kept.
        """
        now = self.stop.elapsed_seconds
        best = None
        if is_whole or now - self.told_at > self.told_for / TELLING_SHARE:
            best = self._plan(explain=False)
            self.objective = sum(self._cost().values())
        fraction = len(self.outcomes) / max(1, len(self.cases))
        self.progress(
            Report(message=message, fraction=fraction, objective=self.objective, best=best)
        )
        if best is not None:
            self.told_at = self.stop.elapsed_seconds
            self.told_for = self.told_at - now

    def _cost(self) -> dict[str, float]:
        """The objective's parts, summed over all problems, of the plan told last."""
        names = dict.fromkeys(name for part in self.parts for name in part.cost)
        return {name: sum(part.cost.get(name, 0.0) for part in self.parts) for name in names}

    def _plan(self, *, explain: bool) -> VisitPlan:
        plans = []
        for part in self.parts:
            # A plan that leaves nobody out needs no reasons, and takes long to put together.
            if part.told is None or (explain and part.told.unserved):
                part.told = self._plan_of(part, explain=explain)
                part.cost = objective_parts(part.problem, part.told)
            plans.append(part.told)
        return joined(self.problems, plans)

    def _plan_of(self, part: _Part, *, explain: bool) -> VisitPlan:
        why = explain_unserved if explain else not_yet_planned
        cases = [self.cases[position] for position in part.places]
        days = [self.days[position] for position in part.places]
        left_out = [
            item
            for case, planned in zip(cases, days, strict=True)
            for item in why(part.problem, case, planned)
        ]
        return assemble_plan(
            part.problem, cases, days, [*part.problem.unserved, *left_out], part.problem.notes()
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
        parts = self._cost()
        done = [self.outcomes[position] for position in sorted(self.outcomes)]
        turns = sum(one.turns for one in done)
        work = WorkDone(
            stopped_by=self._stopped_by(),
            iterations=turns or sum(one.plans_looked_at for one in done),
            deterministic_seconds=sum(one.deterministic_seconds for one in done),
            wall_seconds=self.stop.elapsed_seconds,
        )
        return Result(plan=plan, objective=sum(parts.values()), cost=parts, bound=None, work=work)


def _until(
    answers: Iterator[tuple[int, Outcome] | None], stop: Stop
) -> Iterator[tuple[int, Outcome]]:
    """Answers as they come, while nobody says stop."""
    for answer in answers:
        if answer is not None:
            yield answer
        if stop.now() is not None:
            return
