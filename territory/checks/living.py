"""The judge of replans: the past is not rewritten, what happened is heeded, changes are true."""

from collections.abc import Iterator
from datetime import date

from territory.checks.violation import Violation
from territory.living import Happening
from territory.routes import Route, Stop, VisitChange, VisitPlan


def check_replan(
    before: VisitPlan, after: VisitPlan, happening: Happening
) -> tuple[Violation, ...]:
    """Everything wrong with a version as an answer to what happened to the version before."""
    return (
        *_past(before, after, happening),
        *_heeded(after, happening),
        *_covered(before, after, happening),
        *_changes(before, after, happening),
    )


def _begun(plan: VisitPlan, happening: Happening) -> dict[str, tuple[str, date, Stop]]:
    return {
        stop.visit_id: (route.executive_id, route.date, stop)
        for route in plan.routes
        for stop in route.stops
        if (route.date, stop.start_seconds) <= (happening.today, happening.seconds)
    }


def _past(before: VisitPlan, after: VisitPlan, happening: Happening) -> Iterator[Violation]:
    then, now = _begun(before, happening), _begun(after, happening)
    for visit_id in sorted(then.keys() | now.keys()):
        if then.get(visit_id) != now.get(visit_id):
            yield Violation(
                code="rewritten_past",
                subject=f"visit {visit_id}",
                message=f"was begun by {happening.today} {happening.seconds} s, and is told anew",
            )


def _later(route: Route, happening: Happening) -> list[Stop]:
    if route.date < happening.today:
        return []
    is_today = route.date == happening.today
    return [s for s in route.stops if not is_today or s.start_seconds > happening.seconds]


def _heeded(after: VisitPlan, happening: Happening) -> Iterator[Violation]:
    made = {stop.visit_id for route in after.routes for stop in route.stops}
    listed = {one.visit_id for one in after.unserved}
    for visit_id in happening.cancelled:
        if visit_id in made or visit_id not in listed:
            yield _ignored(f"visit {visit_id}", "was called off and is not listed so")
    for visit_id in happening.added:
        if visit_id not in made | listed:
            yield _ignored(f"visit {visit_id}", "was asked for and is not in the plan")
    for illness in happening.ill:
        for route in after.routes:
            is_ill = route.executive_id == illness.executive_id and route.date <= illness.until
            if is_ill and _later(route, happening):
                yield _ignored(f"route {route.executive_id} {route.date}", "the executive is ill")
    for delay in happening.delays:
        for route in after.routes:
            is_it = (route.executive_id, route.date) == (delay.executive_id, happening.today)
            later = _later(route, happening) if is_it else []
            if later and later[0].arrive_seconds - later[0].travel_seconds < delay.ready_seconds:
                yield _ignored(
                    f"route {route.executive_id} {route.date}",
                    f"goes on before {delay.ready_seconds} s of the day",
                )
            elif later and delay.lonlat is not None:
                resume = route.resume
                if resume is None or resume.lonlat != delay.lonlat:
                    yield _ignored(f"route {route.executive_id}", "goes on from another place")


def _makers(plan: VisitPlan) -> dict[str, tuple[str, date]]:
    return {
        stop.visit_id: (route.executive_id, route.date)
        for route in plan.routes
        for stop in route.stops
    }


def _covered(before: VisitPlan, after: VisitPlan, happening: Happening) -> Iterator[Violation]:
    """Another executive makes a visit only for one who is ill, if asked for, on the same date.

    What is handed over of one account, new with this replan, is made by one colleague.
    """
    until = {illness.executive_id: illness.until for illness in happening.ill}
    now = _makers(after)
    for visit_id, (executive, day) in sorted(_makers(before).items()):
        if visit_id not in now or now[visit_id][0] == executive:
            continue
        is_ill = executive in until and happening.today <= day <= until[executive]
        if not (happening.is_covered and is_ill and now[visit_id][1] == day):
            yield Violation(
                code="wrong_cover",
                subject=f"visit {visit_id}",
                message=f"of {executive} on {day} is made by {now[visit_id][0]} "
                f"on {now[visit_id][1]}, which nobody's illness allows",
            )
    account_of = {stop.visit_id: stop.account_id for r in after.routes for stop in r.stops}
    colleagues: dict[tuple[str, str], set[str]] = {}
    for visit_id, (executive, _) in _makers(before).items():
        if visit_id in now and now[visit_id][0] != executive:
            pair = (account_of[visit_id], executive)
            colleagues.setdefault(pair, set()).add(now[visit_id][0])
    for (account, executive), makers in sorted(colleagues.items()):
        if len(makers) > 1:
            yield Violation(
                code="wrong_cover",
                subject=f"account {account}",
                message=f"of {executive} is handed to {len(makers)} colleagues: "
                f"{', '.join(sorted(makers))}",
            )


def _ignored(subject: str, message: str) -> Violation:
    return Violation(code="ignored_event", subject=subject, message=message)


def _changes(before: VisitPlan, after: VisitPlan, happening: Happening) -> Iterator[Violation]:
    said = {one.visit_id: one for one in after.changes}
    if len(said) < len(after.changes):
        yield Violation(code="wrong_change", subject="plan", message="a visit is listed twice")
    times = [
        {
            stop.visit_id: (route.date, stop.start_seconds)
            for route in plan.routes
            for stop in route.stops
        }
        for plan in (before, after)
    ]
    waited = {one.visit_id for one in before.unserved}
    makers = [_makers(plan) for plan in (before, after)]
    for visit_id in sorted({*times[0], *times[1], *said}):
        old, new = times[0].get(visit_id), times[1].get(visit_id)
        kind = _kind(old, new, visit_id in waited, visit_id in happening.cancelled)
        from_whom = makers[0].get(visit_id, ("",))[0]
        if old and new and from_whom != makers[1][visit_id][0]:
            kind = "covered"
        one = said.get(visit_id)
        told = None if one is None else _told(one)
        found = (
            None
            if kind is None
            else (
                kind,
                *(old or (None, None)),
                *(new or (None, None)),
                from_whom if kind == "covered" else None,
            )
        )
        if told != found:
            yield Violation(
                code="wrong_change",
                subject=f"visit {visit_id}",
                message=f"told {told}, found {found}",
            )


def _told(one: VisitChange) -> tuple[object, ...]:
    return (
        one.kind,
        one.before_date,
        one.before_seconds,
        one.after_date,
        one.after_seconds,
        one.before_executive_id,
    )


def _kind(
    old: tuple[date, int] | None, new: tuple[date, int] | None, waited: bool, called_off: bool
) -> str | None:
    if old is None and new is None:
        return None
    if new is None:
        return "cancelled" if called_off else "dropped"
    if old is None:
        return "restored" if waited else "added"
    if old[0] != new[0]:
        return "moved"
    return "retimed" if abs(old[1] - new[1]) >= 60 else None
