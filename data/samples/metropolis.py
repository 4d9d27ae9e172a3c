"""The sample metropolis: a city of any size that does not exist, all of it drawn."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.roads.base_map import read_base_map
from data.samples import accounts as account_model
from data.samples import shops, team, trade, visiting
from data.samples.business import NORMS, draw_businesses
from data.samples.city import RIVER_HALF_METERS, City, Metric, build_city, to_lonlat
from data.samples.sample import TODAY, Draws, Sample, complete, numbered, table
from data.samples.words import districts, firms
from territory.basemap import BaseMap
from territory.errors import Fault, InputError
from territory.geo import LonLat
from territory.market import Market, MarketSettings
from territory.units import build_units

if TYPE_CHECKING:
    import shapely

ATTRIBUTION: Final = "Invented city, drawn by Fieldwright"
ACCOUNTS_PER_EXECUTIVE: Final = 92
ZONE_COUNT: Final = 60
SITES: Final = 60
SUBCENTRES: Final = 6
DAYS_AWAY: Final = 3
FEWEST_COMPANIES: Final = 200
LINK_METERS: Final = 700.0
"""A link reaches this far to either side of the river, into the units on both banks."""

RHYTHM: Final = account_model.Rhythm(
    visits_per_4_weeks={"A": 4.0, "B": 2.0, "C": 1.0}, travel_minutes=6.5, filling=0.94
)


def metropolis(companies: int = 5_000, executives: int = 12, seed: int = 7) -> Sample:
    """An invented city with so many companies and executives; the same for the same seed.

    Raises
    ------
    InputError
        If there are too few companies for the executives to visit.
    """
    fewest = max(FEWEST_COMPANIES, executives * ACCOUNTS_PER_EXECUTIVE // 2)
    if executives < 1 or companies < fewest:
        said = f"{companies} companies and {executives} executives"
        wanted = f"at least 1 executive and {fewest} companies"
        raise InputError("This metropolis cannot be made.", [Fault(value=said, expected=wanted)])
    draws = Draws(seed=seed)
    city = build_city(draws, companies)
    settings = MarketSettings(
        title=f"Metropolis, {companies:,} companies",
        today=TODAY,
        currency="EUR",
        timezone="UTC",
        mode="car",
        reach_mode="car",
        reach_minutes=(5, 10, 15),
        attribution=(ATTRIBUTION,),
    )
    tables = _tables(draws, settings, city, companies, executives)
    return Sample(
        market=Market(name="metropolis", settings=settings, tables=complete(tables)),
        networks={"car": city.network},
        base_map=_base_map(city),
    )


def _tables(
    draws: Draws, settings: MarketSettings, city: City, count: int, people: int
) -> dict[str, pd.DataFrame]:
    centres = _centres(draws, city)
    surveyed = {
        "companies": _companies(draws, city, centres, count),
        "zones": _zones(draws, city, centres),
        "barriers": _barriers(city),
    }
    companies = surveyed["companies"]
    points = companies[["lon", "lat"]].to_numpy()
    visited = min(people * ACCOUNTS_PER_EXECUTIVE, count // 2)
    chosen = account_model.choose_companies(draws, companies, visited)
    homes = team.homes_among(draws, city.network.lonlat, points[chosen], people)
    units = build_units(Market(name="metropolis", settings=settings, tables=complete(surveyed)))
    owner = team.owners_today(draws, units, homes, points[chosen])
    executives = team.executives(draws, homes, regions=("North", "South"))
    ids = executives["executive_id"].tolist()
    of_account = team.owner_at(units, owner, homes, points[chosen])
    accounts = account_model.draw_accounts(
        draws,
        companies.iloc[chosen].reset_index(drop=True),
        opening_hours=[""] * visited,
        owners=[ids[number] for number in of_account],
        rhythm=RHYTHM,
        hours=team.hours_in_4_weeks(people, days_away=DAYS_AWAY),
        skill=team.SKILL,
        is_observed=False,
    )
    visits = visiting.visits(draws, accounts)
    accounts = visiting.with_last_visit(accounts, visits)
    outlets = _outlets(draws, city, centres, count)
    goods = trade.products()
    orders, lines = trade.orders_and_lines(draws, accounts, goods)
    promoters = visiting.promoters(draws, outlets, accounts)
    return surveyed | {
        "outlets": outlets,
        "sites": _sites(draws, city, centres),
        "flows": shops.flows(draws, accounts, outlets),
        "executives": executives,
        "absences": team.absences(ids, days_away=DAYS_AWAY),
        "accounts": accounts,
        "alignment": team.alignment(units, owner, ids),
        "visits": visits,
        "tasks": visiting.tasks(draws, accounts),
        "promoters": promoters,
        "promoter_days": visiting.promoter_days(draws, promoters),
        "observations": visiting.observations(draws, accounts, goods),
        "products": goods,
        "price_rules": trade.price_rules(goods),
        "orders": orders,
        "order_lines": lines,
        "targets": trade.targets(draws, "metropolis", accounts, orders),
        "agreements": trade.agreements(draws, accounts),
        "policies": trade.policies(draws, accounts),
    }


def _centres(draws: Draws, city: City) -> Metric:
    """The middle, then the subcentres round it."""
    draw = draws.of("centres")
    angle = np.linspace(0, 2 * np.pi, SUBCENTRES, endpoint=False) + draw.uniform(0, 1)
    reach = city.radius_meters * draw.uniform(0.42, 0.72, SUBCENTRES)
    around = np.column_stack([reach * np.cos(angle), reach * np.sin(angle)])
    return np.concatenate([[[0.0, 0.1 * city.radius_meters]], around])


def density(points: Metric, centres: Metric, radius: float) -> NDArray[np.float64]:
    """How busy places are, 1 in the very middle: steep there, gentle at the subcentres."""
    meters = np.hypot(*(points[:, None, :] - centres[None, :, :]).transpose(2, 0, 1))
    scale = np.array([0.16, *[0.09] * (len(centres) - 1)]) * radius
    height = np.array([1.0, *[0.45] * (len(centres) - 1)])
    return np.asarray((height * np.exp(-meters / scale)).sum(axis=1) + 0.035, dtype=np.float64)


def _beside_streets(draw: np.random.Generator, city: City, centres: Metric, count: int) -> Metric:
    """Places 12 to 40 m beside a street, more where it is busy; none beside the ring."""
    is_street = np.isin(city.edge_class, ["residential", "secondary", "primary"])
    ends = city.nodes[city.edges[is_street]]
    middle = ends.mean(axis=1)
    weight = density(middle, centres, city.radius_meters) * np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    is_bridge = np.hypot(*(ends[:, 1] - ends[:, 0]).T) > 520  # leaps over the river
    weight = np.where(is_bridge, 0.0, weight)
    edge = draw.choice(len(ends), count, p=weight / weight.sum())
    along = draw.uniform(0.08, 0.92, count)[:, None]
    start, way = ends[edge, 0], ends[edge, 1] - ends[edge, 0]
    aside = np.column_stack([-way[:, 1], way[:, 0]]) / np.hypot(*way.T)[:, None]
    offset = draw.uniform(12, 40, count) * draw.choice([-1.0, 1.0], count)
    return np.asarray(start + along * way + aside * offset[:, None], dtype=np.float64)


def _companies(draws: Draws, city: City, centres: Metric, count: int) -> pd.DataFrame:
    draw = draws.of("companies")
    places = _beside_streets(draw, city, centres, count)
    kinds = [*NORMS]
    share = np.array([1 / np.sqrt(consumption) for _, consumption in NORMS.values()])
    category = list(draw.choice(kinds, count, p=share / share.sum()))
    wealth = _wealth(places, city.radius_meters)
    lonlat = to_lonlat(places)
    return table(
        "companies",
        {
            "company_id": numbered("C", count),
            "name": firms(draw, category),
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
            "category": category,
            **draw_businesses(draw, category, wealth=wealth),
            "source": draw.choice(["yellow_pages", "visit", "history"], count, p=[0.7, 0.2, 0.1]),
            "phone": [f"+00 {number:07d}" for number in draw.integers(0, 10**7, count)],
        },
    )


def _wealth(points: Metric, radius: float) -> NDArray[np.float64]:
    """Wealth falls from the north-west to the south-east, 1 on the mean."""
    east, north = (points / radius).T
    return np.asarray(np.clip(1 + 0.3 * (north - east) / 1.4, 0.5, 1.6), dtype=np.float64)


def _zones(draws: Draws, city: City, centres: Metric) -> pd.DataFrame:
    """Some sixty districts: the nearest of so many points each, inside the city's outline."""
    import shapely

    draw = draws.of("zones")
    seeds = _beside_streets(draw, city, centres * 1.15, ZONE_COUNT)
    cells = shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=city.outline)
    shapes = shapely.intersection(np.array(shapely.get_parts(cells)), city.outline)
    shapes = shapes[shapely.area(shapes) > 0]
    middle = shapely.get_coordinates(shapely.point_on_surface(shapes))
    order = np.lexsort((middle[:, 0], -middle[:, 1]))
    shapes, middle = shapes[order], middle[order]
    people = shapely.area(shapes) / 1e6 * (400 + 9_000 * _lived_in(middle, centres, city))
    wealth = _wealth(middle, city.radius_meters) * draw.lognormal(0, 0.08, len(shapes))
    return table(
        "zones",
        {
            "zone_id": numbered("Z", len(shapes)),
            "name": districts(len(shapes)),
            "geometry": [_wkt(shape) for shape in shapes],
            "population": np.rint(people),
            "households": np.rint(people / 2.1),
            "median_income": np.round(27_500 * wealth, -2),
            "consumption_index": np.round(wealth / wealth.mean(), 3),
        },
    )


def _lived_in(points: Metric, centres: Metric, city: City) -> NDArray[np.float64]:
    """People live round the middle rather than in it."""
    busy = density(points, centres, 2 * city.radius_meters)
    return np.asarray(busy * (1.1 - 0.6 * np.minimum(1, busy)), dtype=np.float64)


def _wkt(shape: "shapely.Geometry") -> str:
    import shapely

    outside = shapely.transform(shape, to_lonlat)
    return str(shapely.to_wkt(outside, rounding_precision=6))


def _barriers(city: City) -> pd.DataFrame:
    """The river, and a link at each bridge from one bank into the other."""
    import shapely

    rows = [("river", "River", "barrier", shapely.LineString(city.river))]
    for number, ends in enumerate(city.bridges, 1):
        middle, way = ends.mean(axis=0), ends[1] - ends[0]
        step = way / np.hypot(*way) * LINK_METERS
        line = shapely.LineString([middle - step, middle + step])
        rows.append((f"bridge-{number:02d}", f"Bridge {number}", "link", line))
    ids, names, kinds, lines = zip(*rows, strict=True)
    shapes = [_wkt(line) for line in lines]
    return table("barriers", {"barrier_id": ids, "name": names, "kind": kinds, "geometry": shapes})


def _outlets(draws: Draws, city: City, centres: Metric, companies: int) -> pd.DataFrame:
    """Own outlets in the north and the middle only, competitors everywhere.

    So the south and the edge lie beyond ten minutes of any own outlet.
    """
    draw = draws.of("outlets")
    own, rivals = max(4, round(companies / 800)), max(6, round(companies / 350))
    places = _beside_streets(draw, city, centres, 40 * (own + rivals))
    is_home = (places[:, 1] > 0) & (np.hypot(*places.T) < 0.6 * city.radius_meters)
    ours = places[is_home][team.spread_out(draw, to_lonlat(places[is_home]), own)]
    theirs = places[team.spread_out(draw, to_lonlat(places), rivals)]
    lonlat = to_lonlat(np.concatenate([ours, theirs]))
    brands = ["Crema Depot"] * own + list(draw.choice(["Nordbrew", "Fontana"], rivals))
    named = districts(len(lonlat))
    return table(
        "outlets",
        {
            "outlet_id": numbered("S", len(lonlat)),
            "name": [f"{brand} {place}" for brand, place in zip(brands, named, strict=True)],
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
            "brand": brands,
            **shops.trading_figures(draw, len(lonlat), own),
        },
    )


def _sites(draws: Draws, city: City, centres: Metric) -> pd.DataFrame:
    draw = draws.of("sites")
    places = _beside_streets(draw, city, centres, 30 * SITES)
    lonlat = to_lonlat(places[team.spread_out(draw, to_lonlat(places), SITES)])
    return table(
        "sites",
        {
            "site_id": numbered("N", SITES),
            "name": [f"{name} corner" for name in districts(SITES)],
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
            **shops.site_figures(draw, SITES),
            "reason": "Premises offered for rent",
        },
    )


def _base_map(city: City) -> BaseMap:
    import shapely

    def ring(points: Metric | LonLat) -> tuple[tuple[float, float], ...]:
        rounded = np.round(points, 5).tolist()
        return tuple((lon, lat) for lon, lat in rounded)

    frame = city.outline.buffer(0.06 * city.radius_meters)
    stream = shapely.intersection(shapely.LineString(city.river), frame)
    wet = shapely.get_coordinates(stream.buffer(RIVER_HALF_METERS * 0.8, cap_style="flat"))
    edge = shapely.get_coordinates(city.outline)
    return replace(
        read_base_map(city.network),
        water=(ring(to_lonlat(wet)), ring(to_lonlat(city.lake))),
        boundaries=(ring(to_lonlat(edge)),),
        attribution=ATTRIBUTION,
    )
