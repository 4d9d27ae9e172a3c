"""A VROOM request from end to end: read, solve, judge, answer. The same for CLI and HTTP."""

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from api.vroom.answer import answer_of, document
from api.vroom.errors import code_of, refuse, words_of
from api.vroom.given import answer_given
from api.vroom.reading import ReadRequest, read_request
from api.vroom.schema import OptionsIn, VroomRefusal, VroomRequest
from api.vroom.travel import TravelBy
from optimizer.run import Stop
from territory.errors import CheckFailed, FieldwrightError
from territory.travel import Mode, TravelTimes

if TYPE_CHECKING:
    from api.usecases.workspace import Workspace

_solving = threading.BoundedSemaphore(2)
"""As many requests are worked on at once as a small machine has cores."""


def parse_vroom(raw: object) -> VroomRequest:
    """A request from its JSON.

    Raises
    ------
    InputError
        If it is none; the message names every fault.
    """
    has_tasks = isinstance(raw, Mapping) and ("jobs" in raw or "shipments" in raw)
    if not isinstance(raw, Mapping) or not has_tasks or "vehicles" not in raw:
        raise refuse(
            "Invalid JSON object in request, please add vehicles and jobs or shipments to the "
            "object body"
        )
    try:
        return VroomRequest.model_validate(dict(raw))
    except ValidationError as error:
        raise refuse(words_of(error)) from error


def seconds_asked(request: VroomRequest, most: float) -> float:
    """How long a request may take: what it asks for, else the most that is answered at once."""
    return most if request.options.l is None else request.options.l


def answer_vroom(
    workspace: "Workspace",
    raw: object,
    *,
    seconds: float | None = None,
    options: Mapping[str, Any] | None = None,
    cancel: threading.Event | None = None,
) -> dict[str, Any]:
    """The answer to a request. ``seconds`` is a limit beside its own, ``options`` overrule its own.

    Once ``cancel`` is set, the best found so far is answered.

    Raises
    ------
    InputError
        If the request cannot be taken.
    RoutingError
        If travel times cannot be had.
    CheckFailed
        If the judge finds the plan wrong.
    """
    started = time.perf_counter()
    request = _overruled(parse_vroom(raw), options or {})
    travel_by = _travel_by(workspace, request)
    read = read_request(
        request,
        travel_by,
        max_locations=workspace.settings.vroom_max_locations,
        max_vehicles=workspace.settings.vroom_max_vehicles,
    )
    loading = _milliseconds(started)
    limits = [limit for limit in (request.options.l, seconds) if limit is not None]
    with _solving:
        if request.options.c:
            return answer_given(read, travel_by=travel_by, loading=loading)
        stop = Stop(seconds=min(limits, default=None), cancel=cancel or threading.Event())
        return _answered(read, stop, travel_by, loading)


def _overruled(request: VroomRequest, options: Mapping[str, Any]) -> VroomRequest:
    """The request with the options that are given in place of its own."""
    given = {name: value for name, value in options.items() if value is not None}
    try:
        merged = OptionsIn.model_validate({**request.options.model_dump(), **given})
    except ValidationError as error:
        raise refuse(words_of(error)) from error
    return request.model_copy(update={"options": merged})


def _answered(read: ReadRequest, stop: Stop, travel_by: TravelBy, loading: int) -> dict[str, Any]:
    from optimizer.fleet import FleetParams, solve_fleet
    from territory.checks import check_fleet

    started = time.perf_counter()
    options = read.request.options
    params = FleetParams(seed=options.seed, exploration=options.x, threads=min(options.t, 2))
    result = solve_fleet(read.problem, params=params, stop=stop)
    wrong = check_fleet(result.plan, read.problem)
    if wrong:
        raise CheckFailed("The judge does not agree with these routes.", wrong)
    answer = answer_of(
        read,
        result.plan,
        result.work,
        travel_by=travel_by,
        milliseconds=(loading, _milliseconds(started)),
    )
    return document(answer)


def _travel_by(workspace: "Workspace", request: VroomRequest) -> TravelBy:
    market = request.options.market or workspace.settings.vroom_market
    if market:
        workspace.store.settings(market)  # says so if there is no such market

    def travel(mode: Mode) -> TravelTimes:
        from data.travel import estimated_travel

        return workspace.travel(market, mode) if market else estimated_travel(mode)

    return travel


def _milliseconds(started: float) -> int:
    return round(1000 * (time.perf_counter() - started))


def refusal_of(error: FieldwrightError) -> dict[str, Any]:
    """One of our errors in VROOM's shape."""
    words = str(error) if code_of(error) != 1 else error.message
    return VroomRefusal.model_validate({"code": code_of(error), "error": words[:4000]}).model_dump()
