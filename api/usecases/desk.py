"""The desk at which an alignment is edited: its problem and the judge's facts, kept while in use.

To survey and score a market takes seconds, an edit milliseconds. The desk of a market and request
is kept as long as the tables, settings and roads it was made from are the same.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from api.schemas import RedrawRequest
from api.usecases.redraw_road import seconds_from_centers
from api.usecases.workspace import Surveyed, Workspace
from territory.alignment import AlignmentPlan
from territory.market import Market

if TYPE_CHECKING:
    from api.usecases.redraw_problem import Asked
    from optimizer.redraw import RedrawProblem
    from territory.checks import AlignmentFacts, Violation

KEPT = 4  # desks a process keeps; one of 20,000 units takes some 30 MB


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Desk:
    """What editing one market under one redraw request needs."""

    request: RedrawRequest
    problem: "RedrawProblem"
    asked: "Asked"
    facts: "AlignmentFacts"
    surveyed: Surveyed
    input_hash: str

    def judged(self, plan: AlignmentPlan, team: tuple[str, ...]) -> "tuple[Violation, ...]":
        """Everything the independent judge finds wrong, for a team of these executives."""
        from territory.checks import check_alignment

        # a group whose last executive left is gone; the judge still wants each level that was drawn
        levels = tuple((one.name, len(one.groups), one.tolerance_percent) for one in plan.levels)
        road = seconds_from_centers(self.surveyed, plan) if plan.road_shape else None
        facts = replace(self.facts, levels=levels, road_seconds=road)
        return check_alignment(plan, replace(facts, executive_ids=team or facts.executive_ids))


_desks: "WeakKeyDictionary[Workspace, OrderedDict[tuple[str, str, str], Desk]]" = (
    WeakKeyDictionary()
)
_lock = threading.Lock()


def desk_of(workspace: Workspace, name: str, request: RedrawRequest, plan: AlignmentPlan) -> Desk:
    """The desk of a market as it is now, made if it is not kept; only then are tables read.

    ``plan`` is any alignment made under the request; its figures of the road are left aside.
    """
    head = Market(name=name, settings=workspace.store.settings(name))
    hashed = workspace.input_hash(head)
    key = (name, hashed, request.model_dump_json())
    with _lock:
        kept = _desks.setdefault(workspace, OrderedDict())
        if key in kept:
            kept.move_to_end(key)
            return kept[key]
    desk = _made(workspace, workspace.store.market(name), request, hashed, plan)
    with _lock:
        kept[key] = desk
        while len(kept) > KEPT:
            kept.popitem(last=False)
    return desk


def _made(
    workspace: Workspace, market: Market, request: RedrawRequest, hashed: str, plan: AlignmentPlan
) -> Desk:
    """Survey, score and the facts of the market, never a solver's figure, for the judge."""
    from api.usecases.judging import alignment_facts
    from api.usecases.market_jobs import score_of
    from api.usecases.redraw_problem import asked_of, settled
    from api.usecases.workspace import survey

    surveyed = survey(workspace, market)
    scored = score_of(surveyed)
    request, _ = settled(surveyed, scored, request)
    bare = replace(plan, driven=(), road_shape=())
    facts = alignment_facts(workspace, market, bare, request, surveyed)
    asked = asked_of(surveyed, scored, request)
    return Desk(
        request=request,
        problem=asked.problem,
        asked=asked,
        facts=facts,
        surveyed=surveyed,
        input_hash=hashed,
    )
