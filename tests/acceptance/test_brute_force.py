"""On small worlds each solver finds what trying everything finds.

The enumerations are written here from the documented objectives alone: they share no code with the
solvers. Six visits over two days, nine units for three executives, eight sites of which three.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations, pairwise, permutations, product

import numpy as np
import pytest

from territory.checks import VisitFacts, check_visits
from territory.errors import Infeasible
from territory.outlets import Site
from territory.travel import TravelMatrix
from territory.units import Neighbours
from territory.visits import Lunch, Shift, VisitNeed

HOUR, MINUTE = 3600, 60
DAYS = (date(2026, 11, 23), date(2026, 11, 24))


# --- visits: six needs, one executive, one or two days -----------------------------------------


def visit_world(
    seed: int, *, days: int, seconds_per_value: float | None
) -> tuple[tuple[VisitNeed, ...], tuple[Shift, ...], TravelMatrix]:
    """Home is point 0, need i is at point i + 1; a short shift, so that not everything fits."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 3600, (7, 2))
    apart = np.linalg.norm(places[:, None] - places[None, :], axis=2)
    seconds = np.rint(apart * rng.uniform(0.9, 1.1, apart.shape)).astype(np.int32)
    np.fill_diagonal(seconds, 0)
    needs = tuple(_need(rng, number, DAYS[:days]) for number in range(6))
    shifts = tuple(
        Shift(
            executive_id="Ann",
            date=day,
            start_seconds=9 * HOUR,
            end_seconds=9 * HOUR + int(rng.integers(4, 8)) * HOUR,
            start_lonlat=(0.0, 0.0),
            end_lonlat=(0.0, 0.0),
            lunch=Lunch(
                earliest_start_seconds=11 * HOUR + 30 * MINUTE,
                latest_start_seconds=12 * HOUR + 30 * MINUTE,
                seconds=30 * MINUTE,
            )
            if rng.random() < 0.8
            else None,
            max_driving_seconds=int(rng.integers(2, 5)) * HOUR if rng.random() < 0.4 else None,
            skills=frozenset({"tools"}) if rng.random() < 0.7 else frozenset(),
        )
        for day in DAYS[:days]
    )
    travel = TravelMatrix(seconds=seconds, meters=(seconds * 10).astype(np.int32), source="road")
    return needs, shifts, travel


def _need(rng: np.random.Generator, number: int, days: tuple[date, ...]) -> VisitNeed:
    opens = 9 * HOUR + int(rng.integers(0, 5)) * HOUR
    afternoon = (opens + 3 * HOUR, opens + 5 * HOUR)
    windows = ((opens, opens + 2 * HOUR), afternoon) if rng.random() < 0.5 else (afternoon,)
    is_pair = number < 2  # two visits to one account, never on the same day
    pinned = opens + 3 * HOUR if number == 5 and rng.random() < 0.5 else None
    dates = days if pinned is None else days[:1]
    return VisitNeed(
        visit_id=f"A{number}#1",
        account_id=f"A{number}",
        executive_id="Ann",
        lon=(number + 1) / 100,
        lat=0.0,
        visit_seconds=int(rng.integers(2, 6)) * 10 * MINUTE,
        dates=dates,
        windows=(windows,) * len(dates),
        value=float(rng.integers(50, 400)),
        kind="visit" if pinned is None else "appointment",
        series="pair" if is_pair else "",
        min_spacing_days=1 if is_pair else 0,
        pinned_start_seconds=pinned,
        preferred_dates=days[-1:] if rng.random() < 0.5 else (),
        required_skill="tools" if number == 4 else "",
    )


def fewest_seconds(
    needs: Sequence[VisitNeed],
    shifts: Sequence[Shift],
    travel: TravelMatrix,
    *,
    seconds_per_value: float | None,
) -> float:
    """The least objective over every choice of day (or none) for each need and every order."""
    drive = travel.seconds.tolist()
    rate = seconds_per_value
    penalties = [
        max(86_400, math.ceil(need.value * (86_400 / min(one.value for one in needs))))
        if rate is None
        else max(1, math.ceil(need.value * rate))
        for need in needs
    ]
    best_day = [
        {
            chosen: _shortest_day(chosen, needs, shift, drive)
            for size in range(len(needs) + 1)
            for chosen in combinations(range(len(needs)), size)
        }
        for shift in shifts
    ]
    best = math.inf
    for choice in product(range(len(shifts) + 1), repeat=len(needs)):  # 0 is nobody
        if choice[0] == choice[1] != 0:
            continue  # the pair on one day
        lost = sum(price for price, day in zip(penalties, choice, strict=True) if day == 0)
        total = float(lost)
        for number in range(len(shifts)):
            mine = tuple(need for need, day in enumerate(choice) if day == number + 1)
            total += best_day[number][mine]
        best = min(best, total)
    return best


def _shortest_day(
    chosen: Sequence[int], needs: Sequence[VisitNeed], shift: Shift, drive: list[list[int]]
) -> float:
    """Driving and off-preferred price of the best order of these visits; infinite if none fits."""
    if not chosen:
        return 0.0
    if any(shift.date not in needs[one].dates for one in chosen):
        return math.inf
    if any(needs[one].required_skill not in {"", *shift.skills} for one in chosen):
        return math.inf
    off = sum(
        600
        for one in chosen
        if needs[one].preferred_dates and shift.date not in needs[one].preferred_dates
    )
    lengths = [
        length
        for order in permutations(chosen)
        if (length := _length(order, drive)) <= (shift.max_driving_seconds or 86_400)
        and _fits(order, needs, shift, drive)
    ]
    return min(lengths, default=math.inf) + off


def _length(order: Sequence[int], drive: list[list[int]]) -> int:
    points = [0, *(one + 1 for one in order), 0]
    return sum(drive[here][there] for here, there in pairwise(points))


def _fits(
    order: Sequence[int], needs: Sequence[VisitNeed], shift: Shift, drive: list[list[int]]
) -> bool:
    """Home before lunch is due, away only after lunch, or with lunch in one of the gaps."""
    lunch = shift.lunch
    if lunch is None:
        return _home(order, needs, shift, drive, leave=shift.start_seconds) <= shift.end_seconds
    latest, length = lunch.latest_start_seconds, lunch.seconds
    early = _home(order, needs, shift, drive, leave=shift.start_seconds)
    late = _home(order, needs, shift, drive, leave=max(shift.start_seconds, latest + 1))
    if early <= min(shift.end_seconds, latest + length - 1) or late <= shift.end_seconds:
        return True
    return any(
        _home(order, needs, shift, drive, leave=shift.start_seconds, gap=gap) <= shift.end_seconds
        for gap in range(len(order) + 1)
    )


def _home(
    order: Sequence[int],
    needs: Sequence[VisitNeed],
    shift: Shift,
    drive: list[list[int]],
    *,
    leave: int,
    gap: int | None = None,
) -> float:
    """When the executive is home, each visit as early as it can be; lunch in one gap if named."""
    now, here = leave, 0
    for number, one in enumerate([*order, None]):
        there = 0 if one is None else one + 1
        arrive = now + drive[here][there]
        if number == gap and shift.lunch is not None:
            if now > shift.lunch.latest_start_seconds:
                return math.inf
            arrive = max(arrive, shift.lunch.earliest_start_seconds) + shift.lunch.seconds
        if one is None:
            return arrive
        start = _start(needs[one], shift.date, arrive)
        if start is None:
            return math.inf
        now, here = start + needs[one].visit_seconds, there
    raise AssertionError("the way home ends every day")


def _start(need: VisitNeed, day: date, arrive: int) -> int | None:
    if need.pinned_start_seconds is not None:
        return need.pinned_start_seconds if arrive <= need.pinned_start_seconds else None
    for opens, shuts in need.windows[need.dates.index(day)]:
        start = max(arrive, opens)
        if start + need.visit_seconds <= shuts:
            return start
    return None


# from 105 on: worlds in which a search from one plan to the next stays short of the best
@pytest.mark.parametrize("seed", [*range(6), 105, 116, 120, 122, 125, 127])
@pytest.mark.parametrize(("days", "rate"), [(1, None), (2, None), (2, 8.0)])
def test_visits_equal_brute_force(seed: int, days: int, rate: float | None) -> None:
    from optimizer.visits import VisitParams, make_problem, solve
    from optimizer.visits.problem import Weights

    needs, shifts, travel = visit_world(seed, days=days, seconds_per_value=rate)
    points = np.array([(number / 100, 0.0) for number in range(7)])

    def block(asked: np.ndarray) -> TravelMatrix:
        rows = [round(float(lon) * 100) for lon, _ in asked]
        return travel.take(rows, rows)

    problem = make_problem(
        needs,
        shifts,
        block=block,
        first_date=DAYS[0],
        last_date=DAYS[days - 1],
        weights=Weights(seconds_per_value=rate),
    )
    result = solve(problem, params=VisitParams(seed=1))
    facts = VisitFacts(needs=needs, shifts=shifts, points=points, travel=travel, mode="car")
    assert check_visits(result.plan, facts) == ()
    assert result.objective == fewest_seconds(needs, shifts, travel, seconds_per_value=rate)


# --- outlets: eight sites, at most three new ones ----------------------------------------------

REACH = (4, 8, 12)


def outlet_world(seed: int) -> tuple[tuple[Site, ...], np.ndarray, np.ndarray]:
    """Sites, demand and minutes (sites x cells) on a plane of 20 minutes by 20 minutes."""
    rng = np.random.default_rng(seed)
    at = rng.uniform(0, 20, (8, 2))
    cells = rng.uniform(0, 20, (40, 2))
    minutes = np.linalg.norm(at[:, None] - cells[None, :], axis=2)
    sites = tuple(
        Site(
            site_id=f"s{number}",
            name=f"Site {number}",
            lon=float(at[number, 0]) / 1000,
            lat=float(at[number, 1]) / 1000,
            role="own" if number < 2 else "candidate",
            opening_cost=0.0 if number < 2 else float(rng.integers(10, 40)),
            closing_cost=float(rng.integers(0, 10)),
            upkeep_cost=float(rng.integers(0, 10)),
            may_close=number == 1,
            is_forced=number == 7 and seed % 3 == 0,
            is_forbidden=number == 6 and seed % 2 == 0,
        )
        for number in range(8)
    )
    return sites, rng.integers(0, 100, 40).astype(np.float64), minutes


def most_captured(
    sites: Sequence[Site],
    demand: np.ndarray,
    minutes: np.ndarray,
    *,
    budget: float | None,
    separation_meters: float,
) -> float:
    """The most demand any allowed set of open sites captures; minus infinity if none is allowed."""
    weight = np.select([minutes <= step for step in REACH], [1.0, 2 / 3, 1 / 3], 0.0)
    return max(
        (
            float(demand @ weight[list(network)].max(axis=0))
            for network in _networks(len(sites))
            if _is_allowed(network, sites, budget, separation_meters)
        ),
        default=-math.inf,
    )


def _networks(count: int) -> Iterator[tuple[int, ...]]:
    for size in range(1, count + 1):
        yield from combinations(range(count), size)


def _is_allowed(
    network: tuple[int, ...], sites: Sequence[Site], budget: float | None, separation: float
) -> bool:
    new = [sites[i] for i in network if sites[i].role == "candidate"]
    closed = [site for i, site in enumerate(sites) if site.role == "own" and i not in network]
    spent = sum(site.opening_cost + site.upkeep_cost for site in new)
    spent += sum(site.closing_cost - site.upkeep_cost for site in closed)
    return (
        len(new) <= 3
        and all(site.may_close for site in closed)
        and not any(site.is_forbidden for site in new)
        and all(site in new for site in sites if site.is_forced)
        and (budget is None or spent <= budget)
        and all(
            _meters(one, other) >= separation
            for one, other in combinations([sites[i] for i in network], 2)
            if not one.role == other.role == "own"
        )
    )


def _meters(one: Site, other: Site) -> float:
    """Great-circle metres by the law of cosines, from unit vectors."""
    (x1, y1, z1), (x2, y2, z2) = _unit_vector(one), _unit_vector(other)
    across = math.dist((x1, y1, z1), (x2, y2, z2))
    return 6_371_008.8 * 2 * math.asin(across / 2)


def _unit_vector(site: Site) -> tuple[float, float, float]:
    lon, lat = math.radians(site.lon), math.radians(site.lat)
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("budget", "separation_meters"), [(None, 0.0), (60.0, 700.0)])
def test_outlets_equal_brute_force(
    seed: int, budget: float | None, separation_meters: float
) -> None:
    from optimizer.outlets import OutletProblem, solve
    from optimizer.outlets.cover import cover_from_minutes
    from territory.checks import OutletFacts, check_outlets

    sites, demand, minutes = outlet_world(seed)
    cells = tuple(f"c{number}" for number in range(len(demand)))
    problem = OutletProblem(
        unit_ids=cells,
        demand=demand,
        sites=sites,
        cover=cover_from_minutes(minutes, REACH),
        reach_minutes=REACH,
        reach_weights=(1.0, 2 / 3, 1 / 3),
        travel_source="road",
        new_sites=3,
        budget=budget,
        minimum_separation_meters=separation_meters,
    )
    best = most_captured(sites, demand, minutes, budget=budget, separation_meters=separation_meters)
    if best == -math.inf:
        with pytest.raises(Infeasible):
            solve(problem)
        return
    result = solve(problem)
    facts = OutletFacts(
        cell_ids=cells,
        demand=demand,
        sites=sites,
        minutes=minutes,
        reach_minutes=REACH,
        new_sites=3,
        budget=budget,
        minimum_separation_meters=separation_meters,
        travel_source="road",
    )
    assert check_outlets(result.plan, facts) == ()
    assert result.objective == pytest.approx(best, rel=1e-9)
    assert result.plan.is_proven


# --- redraw: a grid of nine units, three executives --------------------------------------------

GRID = np.array([(column * 1000.0, row * 1000.0) for row in range(3) for column in range(3)])
BORDERS = [
    (one, other)
    for one, other in combinations(range(9), 2)
    if float(np.abs(GRID[one] - GRID[other]).sum()) == 1000.0
]
PEOPLE = ("Ann", "Bo", "Cy")


def grid_neighbours() -> Neighbours:
    rows = [
        sorted([b for a, b in BORDERS if a == unit] + [a for a, b in BORDERS if b == unit])
        for unit in range(9)
    ]
    return Neighbours(
        indptr=np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int32),
        indices=np.array([one for row in rows for one in row], np.int32),
        border_meters=np.full(2 * len(BORDERS), 1000.0),
    )


def redraw_world(seed: int) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
    """Loads (2, 9), owners before, homes (3, 2)."""
    rng = np.random.default_rng(seed)
    loads = rng.integers(5, 20, (2, 9)).astype(np.float64)
    before = tuple(PEOPLE[who] for who in rng.integers(0, 3, 9))
    return loads, before, rng.uniform(0, 2000, (3, 2))


def best_sharing(
    loads: np.ndarray,
    *,
    tolerance_percent: float,
    border_price: float,
    move_price: float,
    before: tuple[str, ...] | None,
    locked: Sequence[int],
    homes: np.ndarray | None,
) -> tuple[float, float]:
    """The least (violation, cost) over all 19,683 sharings whose jurisdictions are in one piece."""
    was = None if before is None else np.array([PEOPLE.index(one) for one in before])
    best = (math.inf, math.inf)
    for sharing in product(range(3), repeat=9):
        owners = np.array(sharing)
        if any(owners[unit] != was[unit] for unit in locked if was is not None):
            continue
        if not all(_is_one_piece({u for u in range(9) if sharing[u] == who}) for who in range(3)):
            continue
        violation = _violation(owners, loads, tolerance_percent / 100)
        if violation > best[0] + 1e-9:
            continue
        cost = _shape(owners, loads[-1], homes)
        cut = sum(sharing[one] != sharing[other] for one, other in BORDERS)
        cost += border_price * cut / (3 * math.sqrt(9 * 3))
        if was is not None:
            cost += move_price * float(loads[-1][owners != was].sum()) / float(loads[-1].sum())
        best = min(best, (round(violation, 9), cost))
    return best


def _is_one_piece(units: set[int]) -> bool:
    if not units:
        return False
    reached = {min(units)}
    while True:
        more = {b for a, b in BORDERS if a in reached} | {a for a, b in BORDERS if b in reached}
        grown = reached | (more & units)
        if grown == reached:
            return reached == units
        reached = grown


def _violation(owners: np.ndarray, loads: np.ndarray, tolerance: float) -> float:
    total = 0.0
    for load in loads:
        mean = load.sum() / 3
        total += sum(
            max(0.0, abs(load[owners == who].sum() / mean - 1) - tolerance) for who in range(3)
        )
    return total


def _shape(owners: np.ndarray, workload: np.ndarray, homes: np.ndarray | None) -> float:
    """Inertia / (workload x r2) with r2 = 9 km2 / (2 pi 3), about centroids or fixed homes."""
    inertia = 0.0
    for who in range(3):
        mine, weight = GRID[owners == who] / 1000, workload[owners == who]
        middle = (weight @ mine) / weight.sum() if homes is None else homes[who] / 1000
        inertia += float(weight @ ((mine - middle) ** 2).sum(axis=1))
    return inertia / (float(workload.sum()) * 9 / (2 * math.pi * 3))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("tolerance", "border_price", "move_price", "has_homes", "locked"),
    [
        (10.0, 0.3, 0.0, False, ()),
        (25.0, 0.0, 0.0, True, ()),
        (15.0, 0.3, 2.0, False, ()),
        (15.0, 0.3, 2.0, False, (4,)),
    ],
)
def test_redraw_equals_brute_force(
    seed: int,
    tolerance: float,
    border_price: float,
    move_price: float,
    has_homes: bool,
    locked: tuple[int, ...],
) -> None:
    from optimizer.redraw import RedrawProblem, solve
    from territory.alignment import Alignment
    from territory.checks import AlignmentFacts, check_alignment

    loads, before, homes = redraw_world(seed)
    had = before if move_price or locked else None
    units = tuple(f"u{number}" for number in range(9))
    shared = {
        "unit_ids": units,
        "xy_meters": GRID,
        "area_square_meters": np.full(9, 1e6),
        "neighbours": grid_neighbours(),
        "load_names": ("potential", "workload"),
        "loads": loads,
        "tolerance_percent": (tolerance, tolerance),
        "executive_ids": PEOPLE,
        "perimeter_meters": np.full(9, 4000.0),
    }
    result = solve(
        RedrawProblem(
            **shared,  # type: ignore[arg-type]
            before=had,
            locked_units=tuple(units[unit] for unit in locked),
            move_price=move_price,
            border_price=border_price,
            homes_meters=homes if has_homes else None,
            homes_fixed=has_homes,
        )
    )
    owner_of = result.plan.alignment.owner_of()
    owners = np.array([PEOPLE.index(owner_of[unit]) for unit in units])
    was = None if had is None else np.array([PEOPLE.index(one) for one in had])
    cost = _shape(owners, loads[-1], homes if has_homes else None)
    cut = sum(bool(owners[one] != owners[other]) for one, other in BORDERS)
    cost += border_price * cut / (3 * math.sqrt(9 * 3))
    if was is not None:
        cost += move_price * float(loads[-1][owners != was].sum()) / float(loads[-1].sum())
    found = (_violation(owners, loads, tolerance / 100), cost)
    best = best_sharing(
        loads,
        tolerance_percent=tolerance,
        border_price=border_price,
        move_price=move_price,
        before=had,
        locked=locked,
        homes=homes if has_homes else None,
    )
    assert found == pytest.approx(best, rel=1e-9, abs=1e-8)
    facts = AlignmentFacts(
        **shared,  # type: ignore[arg-type]
        locked={units[unit]: before[unit] for unit in locked},
        before=None if had is None else Alignment(unit_ids=units, executive_ids=PEOPLE, owners=had),
    )
    assert check_alignment(result.plan, facts) == ()
