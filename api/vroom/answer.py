"""A fleet plan as VROOM's answer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from api.vroom.polyline import encode_polyline
from api.vroom.reading import ReadRequest
from api.vroom.schema import (
    RouteOut,
    StepOut,
    SummaryOut,
    TimesOut,
    UnassignedOut,
    VroomAnswer,
)
from api.vroom.travel import TravelBy, mode_of
from territory.errors import FieldwrightError
from territory.fleet import FleetPlan, FleetRoute, FleetStep, FleetUnserved, FleetVehicle
from territory.geo import as_lonlat
from territory.plans import WorkDone

if TYPE_CHECKING:
    from territory.travel import TravelTimes


def answer_of(
    read: ReadRequest,
    plan: FleetPlan,
    work: WorkDone,
    *,
    travel_by: TravelBy,
    milliseconds: tuple[int, int],
) -> VroomAnswer:
    """The answer, with geometry if asked for. ``milliseconds`` are of loading and solving."""
    routes = [_route(read, route, travel_by) for route in plan.routes]
    loading, solving = milliseconds
    summary = SummaryOut(
        cost=sum(route.cost for route in routes),
        routes=len(routes),
        unassigned=len(plan.unserved),
        setup=sum(route.setup for route in routes),
        service=sum(route.service for route in routes),
        duration=sum(route.duration for route in routes),
        waiting_time=sum(route.waiting_time for route in routes),
        priority=sum(route.priority for route in routes),
        violations=[],
        delivery=_sum(read, [route.delivery for route in routes]),
        pickup=_sum(read, [route.pickup for route in routes]),
        amount=_sum(read, [route.delivery for route in routes]),
        distance=sum(route.distance or 0 for route in routes) if read.travel.has_meters else None,
        computing_times=TimesOut(loading=loading, solving=solving, routing=0),
    )
    return VroomAnswer(
        code=0,
        summary=summary,
        unassigned=[_unassigned(read, one) for one in plan.unserved],
        routes=routes,
        travel_source=read.travel.source,
        stopped_by=work.stopped_by,
    )


def document(answer: VroomAnswer) -> dict[str, Any]:
    """The answer as JSON holds it, without what does not apply; validated once more."""
    return VroomAnswer.model_validate(answer.model_dump()).model_dump(
        mode="json", exclude_none=True
    )


def _sum(read: ReadRequest, amounts: Sequence[list[int] | None]) -> list[int] | None:
    if not read.has_amounts:
        return None
    zero = np.zeros(read.problem.dimensions, dtype=np.int64)
    total: list[int] = sum((np.array(amount) for amount in amounts), zero).tolist()
    return total


def _route(read: ReadRequest, route: FleetRoute, travel_by: TravelBy) -> RouteOut:
    vehicle = read.problem.vehicles[route.vehicle]
    asked = read.request.vehicles[route.vehicle]
    tasks = [read.problem.tasks[step.row] for step in route.steps if _is_task(step)]
    delivery = _sum(read, [list(task.delivery) for task in tasks])
    return RouteOut(
        vehicle=vehicle.vehicle_id,
        steps=[_step(read, vehicle, route.vehicle, step) for step in route.steps],
        cost=route.cost,
        setup=sum(step.setup_seconds for step in route.steps),
        service=sum(step.service_seconds for step in route.steps),
        duration=route.steps[-1].travelled_seconds,
        waiting_time=sum(step.waiting_seconds for step in route.steps),
        priority=sum(task.priority for task in tasks),
        violations=[],
        delivery=delivery,
        pickup=_sum(read, [list(task.pickup) for task in tasks]),
        amount=delivery,
        description=asked.description,
        geometry=_geometry(read, route, vehicle, travel_by),
        distance=route.steps[-1].travelled_meters if read.travel.has_meters else None,
    )


def _is_task(step: FleetStep) -> bool:
    return step.kind in ("job", "pickup", "delivery")


def _step(read: ReadRequest, vehicle: FleetVehicle, row: int, step: FleetStep) -> StepOut:
    asked = read.request.vehicles[row]
    out = StepOut(
        type=step.kind,
        arrival=step.arrive_seconds,
        duration=step.travelled_seconds,
        setup=step.setup_seconds,
        service=step.service_seconds,
        waiting_time=step.waiting_seconds,
        violations=[],
        load=list(step.load) if read.has_amounts else None,
        distance=step.travelled_meters if read.travel.has_meters else None,
    )
    if step.kind == "start":
        out.location, out.location_index = asked.start, asked.start_index
    elif step.kind == "end":
        out.location, out.location_index = asked.end, asked.end_index
    elif step.kind == "break":
        out.id = vehicle.breaks[step.row].break_id
        out.description = next(one.description for one in asked.breaks if one.id == out.id)
        out.distance = None
    else:
        out.id = read.problem.tasks[step.row].task_id
        out.job = out.id if step.kind == "job" else None
        out.location, out.location_index = read.locations[step.row], read.indices[step.row]
        out.description = read.descriptions[step.row]
    return out


def _unassigned(read: ReadRequest, one: FleetUnserved) -> UnassignedOut:
    task = read.problem.tasks[one.task]
    return UnassignedOut(
        id=task.task_id,
        type=task.kind,
        location=read.locations[one.task],
        location_index=read.indices[one.task],
        description=read.descriptions[one.task],
        reason=one.reason,
        detail=one.detail,
        fits_if=one.fits_if,
    )


def _geometry(
    read: ReadRequest, route: FleetRoute, vehicle: FleetVehicle, travel_by: TravelBy
) -> str | None:
    """The way of a route as an encoded polyline; None if it is not asked for or not known."""
    if not read.request.options.g:
        return None
    rows: list[int | None] = [vehicle.start]
    rows += [read.problem.tasks[step.row].place for step in route.steps if _is_task(step)]
    rows.append(vehicle.end)
    points = [read.lonlat.get(row) for row in rows if row is not None]
    known = [point for point in points if point is not None]
    if len(known) < len(points):
        return None
    try:
        travel: TravelTimes = travel_by(mode_of(vehicle.profile))
        legs = travel.legs(as_lonlat(known))
    except FieldwrightError:
        return encode_polyline(known)  # given matrices may join what the roads do not
    line = [point for leg in legs for point in leg.lonlat]
    return encode_polyline([here for k, here in enumerate(line) if k == 0 or line[k - 1] != here])
