"""What the judge says: one violation, with a stable code and the numbers on both sides."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Figure = float | int | str | None

CODES: Mapping[str, str] = {
    # any plan
    "wrong_total": "A sum over parts is not the sum of the parts.",
    "wrong_facts": "The plan repeats a fact of the market differently (an id, a name, a limit).",
    "not_a_number": "A figure that must be finite is not.",
    # alignment
    "unknown_unit": "The alignment names a unit that the market does not have.",
    "missing_unit": "A unit of the market is not in the alignment.",
    "unowned_unit": "A unit belongs to no executive: a hole.",
    "unknown_executive": "An executive is named who does not exist.",
    "missing_executive": "An executive has no row.",
    "island": "A jurisdiction lies in pieces although its units could be joined.",
    "broken_lock": "A locked unit has another owner.",
    "wrong_deviation": "A load's deviation from the mean is misstated.",
    "wrong_worst": "The largest deviation of a load is misstated.",
    "over_tolerance": "A load deviates by more than its tolerance, and no note admits it.",
    "wrong_cut_edges": "The number of bordering pairs with different owners is misstated.",
    "wrong_components": "The number of pieces of a jurisdiction is misstated.",
    "wrong_inertia": "A moment of inertia is misstated.",
    "wrong_shape": "A Polsby-Popper shape figure is misstated.",
    "wrong_moved": "The share of workload that changes its owner is misstated.",
    "wrong_bound": "A bound is worse than the plan itself, so it cannot be a bound.",
    "wrong_key_account": "A key account is missing, with another executive, or with other loads.",
    "wrong_road": "A jurisdiction's centre or its minutes on the road are misstated.",
    "wrong_level": "A level of the hierarchy is not whole, not nested, or misstated.",
    "across_level": "A jurisdiction, or somebody, lies outside the group that is given.",
    "wrong_count": "The number of executives is not the best tried, or its row is misstated.",
    # visits and routes
    "unknown_visit": "A visit is planned that nobody needs.",
    "lost_visit": "A needed visit is neither served nor listed as unserved.",
    "repeated_visit": "A visit stands twice in the plan.",
    "wrong_executive": "A visit is made by another executive than its own.",
    "wrong_date": "A visit is made on a day on which it may not be.",
    "after_deadline": "A visit is made after its deadline.",
    "outside_window": "A visit starts or ends outside the opening windows of its day.",
    "wrong_duration": "A visit does not last as long as it needs.",
    "moved_appointment": "A pinned appointment does not start at its time.",
    "missing_skill": "The executive lacks the skill the visit requires.",
    "too_close": "Two visits of a series lie closer than their spacing.",
    "too_far_apart": "Two successive visits of a series lie farther apart than they may.",
    "unknown_shift": "A route has no shift: the executive does not work that day.",
    "repeated_route": "An executive has two routes on one day.",
    "wrong_leg": "A drive's seconds or metres are not those of the travel matrix.",
    "unreachable_leg": "A drive joins two points with no way between them.",
    "unknown_point": "A place is not among the points of the travel matrix.",
    "too_early": "A stop or the return home comes before the drive and the breaks can be over.",
    "starts_before_arrival": "A visit starts before the executive is there.",
    "outside_shift": "The executive leaves before the shift starts or returns after it ends.",
    "too_much_driving": "The day holds more driving than the shift allows.",
    "lunch_on_the_way": "Lunch is had on the road, or not at an account or home where so asked.",
    "wrong_cost_part": "A part of the cost is missing, unknown or there twice.",
    "missing_break": "Lunch is due and not there.",
    "extra_break": "A break is there that is not due.",
    "wrong_break": "A break has the wrong length or starts outside its hours.",
    "break_overlaps_visit": "A break lies in a visit.",
    "unknown_reason": "A visit is unserved with no known reason.",
    "outside_horizon": "A route lies outside the dates of the plan.",
    "rewritten_past": "A replan changes what was done or started before it.",
    "wrong_cover": "Another executive makes a visit and no illness with cover allows it.",
    "ignored_event": "A replan does not heed a delay, an illness, or a visit called off or added.",
    "wrong_change": "A change against the version before is misstated, missing or not one.",
    # fleet plans (the VROOM door)
    "unused_vehicle": "A route has no task.",
    "wrong_ends": "A route does not begin and end where its vehicle does.",
    "torn_shipment": "A shipment is not picked up and then delivered on one route.",
    "too_many_tasks": "A vehicle has more tasks than it may.",
    "overloaded": "A load is more than the vehicle holds.",
    "wrong_load": "The load after a step is misstated.",
    "idle": "Time passes on a route that is neither driving, waiting, work nor a break.",
    "too_far": "A vehicle drives more metres than it may.",
    "other_route": "A route is not the one that was given: its steps, or a begin that was wished.",
    "untold_breach": "What a given route breaks is not told, misstated, or not broken.",
    # outlets and gaps
    "unknown_site": "A site is named that is not in the market.",
    "missing_site": "A site of the market is not decided on.",
    "wrong_decision": "A site's decision does not fit its role (a candidate is kept).",
    "forced_site_left": "A site that must be opened is not.",
    "forbidden_site_opened": "A site that must not be opened is.",
    "closed_against_rule": "An outlet is closed that may not be.",
    "too_many_sites": "More new sites are opened than allowed.",
    "over_budget": "The plan spends more than its budget.",
    "broken_rule": "The open sites break a rule of the planner.",
    "over_cap": "New sites take more from own outlets than allowed.",
    "over_capacity": "A site serves more than its capacity, or a cell gives more than it has.",
    "wrong_split": "Demand is not split so that most is captured, or its proof does not hold.",
    "wrong_phase": "The steps of the phases are not those of the plan, or end elsewhere.",
    "wrong_goal": "What the plan says of its goal (fewest sites, farthest way) is not so.",
    "too_close_sites": "Two outlets stand closer than the separation asked for.",
    "wrong_server": "A cell is served by a site that is not its best open one.",
    "wrong_capture": "Captured demand is misstated.",
    "wrong_cannibalised": "Demand taken from own outlets is misstated.",
    "wrong_marginal": "What the plan would lose without a site is misstated.",
    "wrong_cost": "The cost of a site, of a part or of the plan is misstated.",
    "wrong_gap": "The gap to the bound is misstated.",
    "wrong_proof": "The plan claims a proof that its bound does not give.",
    "wrong_frontier": "The frontier falls as sites are added, or contradicts the plan.",
    "wrong_coverage": "A coverage figure is misstated.",
    "wrong_flag": "A gap, under-served or white-space mark is misstated.",
    "torn_group": "Units that must stay together have different owners.",
    "shared_pair": "Two units that must be apart have one owner.",
    "wrong_driven": "The hours of a jurisdiction as it is driven are misstated.",
    # score and report
    "wrong_parts": "The parts of a potential, or of what is reached of it, do not sum to it.",
    "wrong_statistic": "A statistic (Gi*) is not what its definition gives.",
    "wrong_interval": "An interval does not hold its figure.",
    "out_of_range": "A figure lies outside what it can be.",
    "wrong_rank": "A display score does not rise with the money it stands for.",
    "wrong_ratio": "A ratio is not the quotient of its two figures.",
    "wrong_figure": "A figure or word of a report's list is not what the market's rows give.",
    "missing_row": "A list of a report lacks a row that the market's rows give.",
    "unknown_row": "A list of a report has a row that the market's rows do not give.",
    "wrong_causes": "The accounts' parts do not sum to the change of order satisfaction.",
    "wrong_order": "Things to do are not ranked by the money at stake, or more than three.",
}
"""Every code the judge may give, with one sentence. Codes are stable."""

RELATIVE_TOLERANCE = 1e-6
"""Two figures agree when they differ by at most this part of the larger."""

ABSOLUTE_TOLERANCE = 1e-6
"""... or by at most this much (money, km2 hours, percent)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One thing wrong with a plan.

    ``code`` is one of ``CODES``; ``subject`` says where ("route AE1 2026-11-23, stop 3").
    ``stated`` is what the plan says, ``found`` what the facts say (or the limit that is broken).
    """

    code: str
    subject: str
    message: str
    stated: Figure = None
    found: Figure = None

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"{self.code!r} is not a code of the judge")

    def __str__(self) -> str:
        return f"{self.code}: {self.subject}: {self.message}"


def agree(stated: float, found: float) -> bool:
    """Whether two figures are the same but for rounding in the last places."""
    return math.isclose(stated, found, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)


def disagreements(stated: Floats, found: Floats) -> list[int]:
    """Where two columns of figures do not agree; infinity agrees with itself, nan with nothing."""
    with np.errstate(invalid="ignore"):
        slack = RELATIVE_TOLERANCE * np.maximum(np.abs(stated), np.abs(found))
        is_near = np.abs(stated - found) <= np.maximum(slack, ABSOLUTE_TOLERANCE)
    is_same = (is_near & np.isfinite(stated) & np.isfinite(found)) | (stated == found)
    return [int(row) for row in np.flatnonzero(~is_same)]


def exceeds(value: float, limit: float) -> bool:
    """Whether a value is above its limit by more than rounding; a nan always is."""
    return not (value <= limit or agree(value, limit))


def misstated(
    code: str, subject: str, what: str, *, stated: float, found: float
) -> Iterator[Violation]:
    """A violation if the stated figure is not the one found."""
    if not agree(stated, found):
        yield Violation(
            code=code,
            subject=subject,
            message=f"{what} is stated as {shown(stated)}, the facts give {shown(found)}",
            stated=stated,
            found=found,
        )


def miscopied(subject: str, what: str, *, stated: object, found: object) -> Iterator[Violation]:
    """A violation if a fact of the market is repeated differently."""
    if stated != found:
        yield Violation(
            code="wrong_facts",
            subject=subject,
            message=f"{what} is {stated!r} in the plan and {found!r} in the market",
            stated=str(stated),
            found=str(found),
        )


def shown(value: float) -> str:
    """A figure as a person reads it: whole numbers whole, others to ten digits."""
    return f"{value:.10g}"


def listed(names: list[str], limit: int = 5) -> str:
    """Some names and how many more there are."""
    head = ", ".join(repr(name) for name in names[:limit])
    return head if len(names) <= limit else f"{head} and {len(names) - limit} more"
