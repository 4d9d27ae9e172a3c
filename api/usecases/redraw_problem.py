"""The redraw problem of a market under a request, and what else the judge must know of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from api.schemas import RedrawRequest
from api.usecases.owners import current_alignment, executive_ids
from api.usecases.redraw_loads import Burden, burden_of
from api.usecases.redraw_within import NOTHING_GIVEN, Given, given_of
from api.usecases.workspace import Surveyed
from territory.alignment import Alignment
from territory.errors import Fault, InputError
from territory.geo import local_crs, to_meters
from territory.market import Market
from territory.scores import ScorePlan
from territory.units import Units, perimeters_meters
from territory.units.values import Neighbours

if TYPE_CHECKING:
    from optimizer.redraw import RedrawProblem, Rules


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """A redraw problem with the loads, key accounts and measures it was made from."""

    problem: "RedrawProblem"
    burden: Burden
    before: Alignment | None
    given: Given = NOTHING_GIVEN


def settled(
    surveyed: Surveyed, scored: ScorePlan, request: RedrawRequest
) -> tuple[RedrawRequest, tuple[str, ...]]:
    """The request with what contradicts left out, if it allows that; a note on each rule left."""
    if not request.relax:
        return request, ()
    from optimizer.redraw import RedrawProblem, Rules, nearest_rules

    def make(rules: Rules) -> RedrawProblem:
        tried = _asking(request, rules).model_copy(update={"chosen_executives": rules.executives})
        return asked_of(surveyed, scored, tried).problem

    most = request.chosen_executives or max(counts_of(surveyed.market, request))
    wanted = Rules(
        executives=most,
        sealed=request.locked_executives,
        locked_units=request.locked_units,
        together=request.together,
        apart=request.apart,
    )
    kept, notes = nearest_rules(wanted, make, units=len(surveyed.units))
    return (_asking(request, kept), notes) if notes else (request, ())


def _asking(request: RedrawRequest, rules: "Rules") -> RedrawRequest:
    """The request under these rules; a range of executives keeps what fits of it."""
    least = min(request.executives or rules.executives, rules.executives)
    return request.model_copy(
        update={
            "executives": least if request.executives_to else rules.executives,
            "executives_to": rules.executives if request.executives_to else None,
            "chosen_executives": rules.executives if request.chosen_executives else None,
            "locked_executives": rules.sealed,
            "locked_units": rules.locked_units,
            "together": rules.together,
            "apart": rules.apart,
        }
    )


def counts_of(market: Market, request: RedrawRequest) -> tuple[int, ...]:
    """The numbers of executives to try, ascending; one where no range is asked for.

    Raises
    ------
    InputError
        If the range ends below its beginning.
    """
    first = request.executives or len(executive_ids(market))
    last = request.executives_to or first
    if last < first:
        raise InputError(
            "The range of executives is upside down.",
            [Fault(column="executives_to", value=str(last), expected=f"{first} or more")],
        )
    return tuple(range(first, last + 1))


def asked_of(surveyed: Surveyed, scored: ScorePlan, request: RedrawRequest) -> Asked:
    """The redraw problem of a surveyed and scored market."""
    from optimizer.redraw import RedrawProblem

    market, units = surveyed.market, surveyed.units
    chosen = executives_of(market, request.chosen_executives or request.executives)
    before = current_alignment(market, units)
    names = market.table("executives").set_index("executive_id")["name"].to_dict()
    burden = burden_of(surveyed, scored, request, chosen)
    neighbours = neighbours_of(units, links=request.links, cuts=request.cuts)
    given = given_of(market, units, neighbours, before, chosen, request.within)
    problem = RedrawProblem(
        unit_ids=units.ids,
        xy_meters=to_meters(units.lonlat),
        area_square_meters=units.area_square_meters,
        neighbours=neighbours,
        load_names=burden.names,
        loads=burden.loads,
        tolerance_percent=burden.tolerance_percent,
        soft_price=burden.soft_price,
        executive_ids=chosen,
        executive_names=tuple(str(names.get(item) or item) for item in chosen),
        homes_meters=_homes(market, chosen, crs=local_crs(units.lonlat)),
        homes_fixed=request.homes_fixed,
        before=before,
        locked_units=request.locked_units,
        sealed=request.locked_executives,
        together=request.together,
        apart=request.apart,
        move_price=0.0 if request.from_scratch or before is None else request.move_price,
        move_cost=burden.move_cost,
        carried_loads=burden.carried(chosen),
        perimeter_meters=perimeters_meters(units),
        unit_groups=given.unit_groups,
        executive_groups=given.executive_groups(chosen),
    )
    return Asked(problem=problem, burden=burden, before=before, given=given)


def levels_asked(asked: Asked, request: RedrawRequest) -> tuple[tuple[str, int, float], ...]:
    """Name, groups and tolerance of each level a plan must state, the given one last.

    What the given level holds is given too, so that its tolerance is the widest of the hard loads.
    """
    drawn = tuple((one.name, one.groups, one.tolerance_percent) for one in request.levels)
    given = asked.given
    if not given.unit_groups:
        return drawn
    limits = asked.burden.tolerance_percent
    hard = [
        limit
        for limit, price in zip(
            limits, asked.burden.soft_price or (0.0,) * len(limits), strict=True
        )
        if price == 0
    ]
    widest = max(hard, default=request.tolerance_percent)
    return (*drawn, (given.name, len(set(given.unit_groups)), widest))


def move_weights(request: RedrawRequest, before: Alignment | None) -> dict[str, float]:
    """What the price of moving counts and how much; empty where moving is free."""
    if request.from_scratch or before is None or request.move_price <= 0:
        return {}
    return {str(name): weight for name, weight in request.move_by.items() if weight > 0}


def executives_of(market: Market, count: int | None) -> tuple[str, ...]:
    """The executives to share among: all, the first ones, or with unnamed new ones added."""
    known = executive_ids(market)
    if count is None or count == len(known):
        return known
    if count < len(known):
        return known[:count]
    fresh = tuple(f"new-{number}" for number in range(1, count - len(known) + 1))
    clash = sorted(set(fresh) & set(known))
    if clash:
        raise InputError(
            f"New executives would be named {', '.join(clash)}, which exist already.",
            fix="Add the new executives to the table instead.",
        )
    return (*known, *fresh)


def home_lonlat(market: Market, executives: Sequence[str]) -> Any:
    """Homes as lon, lat, shape (p, 2), nan for an executive who has none yet."""
    frame = market.table("executives").set_index("executive_id")[["home_lon", "home_lat"]]
    return frame.reindex(list(executives)).to_numpy(dtype=np.float64)


def _homes(market: Market, executives: tuple[str, ...], *, crs: str) -> Any:
    """Homes in metres, nan for an executive who has none yet."""
    found = home_lonlat(market, executives)
    homes = np.full((len(executives), 2), np.nan)
    has = np.isfinite(found).all(axis=1)
    if has.any():
        homes[has] = to_meters(found[has], crs=crs)
    return homes


def sealed_units(request: RedrawRequest, before: Alignment | None) -> Mapping[str, frozenset[str]]:
    """The units that each locked executive keeps exactly."""
    if before is None:
        return {}
    return {one: frozenset(before.units_of(one)) for one in request.locked_executives}


def neighbours_of(
    units: Units, *, links: Sequence[tuple[str, str]], cuts: Sequence[tuple[str, str]]
) -> Neighbours:
    """Who borders whom in the market, with these pairs joined and those parted.

    Raises
    ------
    InputError
        If a pair names a unit that does not exist, itself, or is both joined and parted.
    """
    if not links and not cuts:
        return units.neighbours
    place = units.index()
    faults = [
        Fault(column=column, value=f"{one},{other}", expected="two different units of the market")
        for column, pairs in (("links", links), ("cuts", cuts))
        for one, other in pairs
        if one not in place or other not in place or one == other
    ]
    both = {frozenset(pair) for pair in links} & {frozenset(pair) for pair in cuts}
    faults += [
        Fault(column="links", value=",".join(sorted(pair)), expected="a pair that is not cut too")
        for pair in both
    ]
    if faults:
        raise InputError("These bridges and barriers cannot be.", faults)
    around = units.neighbours
    parted = {(place[a], place[b]) for one, other in cuts for a, b in ((one, other), (other, one))}
    made = [(place[a], place[b]) for one, other in links for a, b in ((one, other), (other, one))]
    ends = np.repeat(np.arange(len(units)), np.diff(around.indptr)).tolist()
    border = {
        (end, other): meters
        for end, other, meters in zip(
            ends, around.indices.tolist(), around.border_meters.tolist(), strict=True
        )
        if (end, other) not in parted
    }
    for pair in made:
        border.setdefault(pair, 0.0)
    pairs = sorted(border)
    rows = np.bincount([one for one, _ in pairs], minlength=len(units))
    return Neighbours(
        indptr=np.concatenate([[0], np.cumsum(rows)]).astype(np.int32),
        indices=np.array([other for _, other in pairs], dtype=np.int32),
        border_meters=np.array([border[pair] for pair in pairs], dtype=np.float64),
    )
