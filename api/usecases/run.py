"""A job from end to end: load, compute, let the judge look, save. The same for every door."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.schemas import REQUESTS, JobKind, Request, ScoreRequest
from api.settings import Settings
from api.usecases.workspace import TOOL_VERSION, Workspace
from optimizer.run import Progress, Report, Stop, silent
from territory.errors import CheckFailed, Conflict, InputError
from territory.market import Market
from territory.plans import PlanKind, Provenance, WorkDone

if TYPE_CHECKING:
    from data.store import Job, StoredPlan
    from territory.checks import Violation

logger = logging.getLogger(__name__)

PLAN_KIND: Mapping[JobKind, PlanKind] = {
    "score": "score",
    "redraw": "alignment",
    "visits": "visits",
    "outlets": "outlets",
    "gaps": "gaps",
    "report": "report",
}
JOB_OF_PLAN: Mapping[PlanKind, JobKind] = {plan: job for job, plan in PLAN_KIND.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What a job made, and what the judge says of it."""

    plan: Any
    violations: "tuple[Violation, ...]"
    work: WorkDone
    request: Request
    parents: tuple[str, ...] = ()


def run(
    workspace: Workspace,
    market_name: str,
    kind: JobKind,
    request: Request,
    *,
    stop: Stop | None = None,
    progress: Progress[Any] = silent,
) -> "StoredPlan":
    """Run a job and save its plan as a new version.

    Raises
    ------
    CheckFailed
        If the independent judge finds the plan wrong; nothing is saved then.
    """
    market = workspace.store.market(market_name)
    computed = compute(workspace, market, kind, request, stop=stop, progress=progress)
    if computed.violations:
        raise CheckFailed(
            f"The judge found {len(computed.violations)} violations in this {kind} plan; "
            "it was not saved.",
            computed.violations,
        )
    provenance = Provenance(
        market=market_name,
        kind=PLAN_KIND[kind],
        seed=computed.request.seed,
        params=computed.request.model_dump(mode="json"),
        input_hash=workspace.input_hash(market, company_files=files_of(request)),
        tool_version=TOOL_VERSION,
        work=computed.work,
        parents=computed.parents,
    )
    return workspace.store.save_plan(computed.plan, provenance)


def compute(
    workspace: Workspace,
    market: Market,
    kind: JobKind,
    request: Request,
    *,
    stop: Stop | None = None,
    progress: Progress[Any] = silent,
) -> Computed:
    """Make a plan and have it judged, without saving anything."""
    if stop is None:
        stop = Stop()
    if stop.iterations is None:
        stop.iterations = request.iterations
    if stop.seconds is None:
        stop.seconds = request.seconds
    stop.restart()
    return _job(kind)(workspace, market, request, stop, _forward_only(progress))


def _forward_only(progress: Progress[Any]) -> Progress[Any]:
    """The same callback with a fraction that never falls: solvers count their stages anew."""
    furthest = 0.0

    def forward(word: Report[Any]) -> None:
        nonlocal furthest
        furthest = max(furthest, word.fraction)
        progress(replace(word, fraction=furthest))

    return forward


Job_ = Callable[[Workspace, Market, Any, Stop, Progress[Any]], Computed]


def _job(kind: JobKind) -> Job_:
    """The use case of a kind; imported here so that a door opens without its solver."""
    if kind == "score":
        from api.usecases.market_jobs import score

        return score
    if kind == "gaps":
        from api.usecases.market_jobs import gaps

        return gaps
    if kind == "redraw":
        from api.usecases.redraw_job import redraw

        return redraw
    if kind == "visits":
        from api.usecases.visits_job import visits

        return visits
    if kind == "outlets":
        from api.usecases.outlets_job import outlets

        return outlets
    from api.usecases.report_job import report

    return report


def parse_request(kind: str, params: Mapping[str, Any]) -> Request:
    """The request of a job from its raw parameters.

    Raises
    ------
    InputError
        If the kind is unknown or a parameter is wrong; all faults at once.
    """
    from pydantic import ValidationError

    from territory.errors import Fault

    if kind not in REQUESTS:
        raise InputError(f"There is no job {kind!r}.", fix=f"Jobs: {', '.join(REQUESTS)}.")
    try:
        request = REQUESTS[kind].model_validate(dict(params))
    except ValidationError as error:
        faults = [
            Fault(
                column=".".join(str(part) for part in item["loc"]),
                value=str(item["input"])[:200],
                expected=item["msg"],
            )
            for item in error.errors()
        ]
        raise InputError(f"This {kind} job cannot be run as asked.", faults) from error
    request.refuse_contradictions()
    return request


def refuse_files(request: Request) -> None:
    """Refuse a request from outside that names files of this machine.

    Raises
    ------
    InputError
        If it names any.
    """
    if files_of(request):
        raise InputError(
            "Files of the service's machine cannot be named from outside.",
            fix="Import companies into the market, or score from the command line.",
        )


def files_of(request: Request) -> tuple[str, ...]:
    """The files outside the store that a request reads companies from."""
    return request.company_files if isinstance(request, ScoreRequest) else ()


def rerun(workspace: Workspace, plan_id: str) -> tuple["StoredPlan", str]:
    """Make a stored plan again. Gives the stored plan and the hash of the plan made now.

    Raises
    ------
    Conflict
        If the tables or roads changed since, so that the same plan cannot be expected.
    """
    from api.usecases.edits import made_again
    from api.usecases.versions import edit_of
    from data.store import plan_hash

    stored = workspace.store.load_plan(plan_id)
    origin = stored.provenance
    market = workspace.store.market(origin.market)
    files = files_of(request_of(origin))
    if workspace.input_hash(market, company_files=files) != origin.input_hash:
        raise Conflict(
            f"The tables or roads of {origin.market!r} changed since plan {plan_id} was made.",
            fix=f"Run `fieldwright {JOB_OF_PLAN[origin.kind]} {origin.market}` for a new plan.",
        )
    if edit_of(origin) is not None:
        return stored, plan_hash(made_again(workspace, stored))
    if "replans" in origin.params:
        from api.usecases.replanning import replanned_again

        return stored, plan_hash(replanned_again(workspace, stored))
    kind = JOB_OF_PLAN[origin.kind]
    made = compute(workspace, market, kind, request_of(origin))
    return stored, plan_hash(made.plan)


def request_of(origin: Provenance) -> Request:
    """The request a plan was made by, without the marks of edits by hand and of replans."""
    marks = ("edit", "replans")
    params = {name: value for name, value in origin.params.items() if name not in marks}
    return parse_request(JOB_OF_PLAN[origin.kind], params)


def run_job(
    *,
    database_url: str,
    var_path: str,
    job: "Job",
    report: Callable[[dict[str, Any]], None],
    cancelled: threading.Event,
) -> str:
    """What a worker's child process runs: one queued job. Returns the id of the saved plan."""
    from data.store import encode_plan

    workspace = Workspace(Settings(var=Path(var_path), database_url=database_url))

    def tell(word: Report[Any]) -> None:
        report(
            {
                "message": word.message,
                "fraction": word.fraction,
                "objective": word.objective,
                "bound": word.bound,
                "best": None if word.best is None else encode_plan(word.best),
            }
        )

    request = parse_request(job.kind, job.params)
    stored = run(
        workspace,
        job.market,
        job.kind,  # type: ignore[arg-type]  # parse_request refused any other
        request,
        stop=Stop(cancel=cancelled),
        progress=tell,
    )
    return stored.plan_id
