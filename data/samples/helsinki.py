"""The sample helsinki: real roads and businesses of the city's centre, an invented sales team.

Roads, names, kinds, telephone numbers, addresses and opening hours come from the OpenStreetMap
extract that an installed library carries; everything OpenStreetMap does not know is drawn and
marked so, cell by cell.
"""

from typing import Final

import numpy as np
import pandas as pd

from data.roads import ATTRIBUTION, RoadNetwork, read_base_map, read_network, read_places
from data.roads.extracts import helsinki_pbf
from data.samples import accounts as account_model
from data.samples import shops, team, trade, visiting
from data.samples.business import draw_businesses
from data.samples.sample import TODAY, Draws, Sample, complete, numbered, table
from data.travel import road_travel
from territory.geo import LonLat
from territory.market import Market, MarketSettings
from territory.travel import Mode
from territory.units import build_units

EXECUTIVES: Final = 4
ACCOUNTS: Final = 144
SITES: Final = 40
DAYS_AWAY: Final = 2
OWN_OUTLETS: Final = 6
NO_CUSTOMER: Final = frozenset(
    {
        "artwork",
        "atm",
        "bureau_de_change",
        "childcare",
        "clinic",
        "college",
        "courthouse",
        "dentist",
        "diplomatic",
        "doctors",
        "embassy",
        "fire_station",
        "government",
        "hospital",
        "kindergarten",
        "library",
        "music_school",
        "police",
        "post_office",
        "public_building",
        "research_institute",
        "school",
        "studio",
        "townhall",
        "university",
    }
)
"""Places that buy no coffee from a field sales team."""

SNAP_METERS: Final = 60.0
"""Businesses farther from any footway lie at the extract's torn edge."""

RHYTHM: Final = account_model.Rhythm(
    visits_per_4_weeks={"A": 8.0, "B": 4.0, "C": 2.0}, travel_minutes=6.0, filling=0.95
)


def helsinki(seed: int = 7) -> Sample:
    """Central Helsinki with four executives on foot; the same for the same seed."""
    draws = Draws(seed=seed)
    extract = helsinki_pbf()
    modes: tuple[Mode, ...] = ("foot", "car")
    networks = {mode: read_network(extract, mode) for mode in modes}
    companies, hours = _companies(draws, networks["foot"])
    settings = MarketSettings(
        title="Helsinki, city centre",
        today=TODAY,
        currency="EUR",
        timezone="Europe/Helsinki",
        country="FI",
        mode="foot",
        reach_mode="foot",
        reach_minutes=(3, 5, 10),
        resolution=11,
        attribution=(ATTRIBUTION,),
    )
    tables = _tables(draws, settings, companies, hours, networks["foot"])
    return Sample(
        market=Market(name="helsinki", settings=settings, tables=complete(tables)),
        networks=networks,
        base_map=read_base_map(extract),
    )


def _companies(draws: Draws, streets: RoadNetwork) -> tuple[pd.DataFrame, list[str]]:
    """The companies table, and the opening hours as tagged."""
    places = read_places(helsinki_pbf())
    points = places[["lon", "lat"]].to_numpy()
    is_near = road_travel(streets, max_snap_meters=SNAP_METERS).snap(points).is_joined
    is_business = ~places["category"].isin(list(NO_CUSTOMER)).to_numpy()
    places = places[is_near & is_business].reset_index(drop=True)
    figures = draw_businesses(draws.of("companies"), places["category"].tolist())
    frame = table(
        "companies",
        {
            "company_id": places["place_id"],
            **places[["name", "lon", "lat", "category", "phone", "brand", "address"]],
            **figures,
            "source": "yellow_pages",
        },
        synthetic=";".join(figures.columns),
    )
    return frame, places["opening_hours"].tolist()


def _tables(
    draws: Draws,
    settings: MarketSettings,
    companies: pd.DataFrame,
    hours: list[str],
    streets: RoadNetwork,
) -> dict[str, pd.DataFrame]:
    points = companies[["lon", "lat"]].to_numpy()
    homes = _homes(draws, streets, points)
    by_day = [account_model.is_visitable(text) for text in hours]
    chosen = account_model.choose_companies(draws, companies, ACCOUNTS, allowed=by_day)
    surveyed = {"companies": companies}
    units = build_units(Market(name="helsinki", settings=settings, tables=complete(surveyed)))
    owner = team.owners_today(draws, units, homes, points[chosen])
    executives = team.executives(draws, homes, regions=("Centre",))
    ids = executives["executive_id"].tolist()
    of_account = team.owner_at(units, owner, homes, points[chosen])
    accounts = account_model.draw_accounts(
        draws,
        companies.iloc[chosen].reset_index(drop=True),
        opening_hours=[hours[position] for position in chosen],
        owners=[ids[number] for number in of_account],
        rhythm=RHYTHM,
        hours=team.hours_in_4_weeks(EXECUTIVES, days_away=DAYS_AWAY),
        skill=team.SKILL,
        is_observed=True,
    )
    visits = visiting.visits(draws, accounts)
    accounts = visiting.with_last_visit(accounts, visits)
    outlets = _outlets(draws, companies)
    goods = trade.products()
    orders, lines = trade.orders_and_lines(draws, accounts, goods)
    promoters = visiting.promoters(draws, outlets, accounts)
    return surveyed | {
        "outlets": outlets,
        "sites": _sites(draws, companies),
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
        "targets": trade.targets(draws, "helsinki", accounts, orders),
        "agreements": trade.agreements(draws, accounts),
        "policies": trade.policies(draws, accounts),
    }


def _homes(draws: Draws, streets: RoadNetwork, points: LonLat) -> LonLat:
    """Corners of streets among the businesses, spread out, not at the very edge."""
    low, high = np.quantile(points, [0.15, 0.85], axis=0)
    inside = ((streets.lonlat > low) & (streets.lonlat < high)).all(axis=1)
    corners = streets.lonlat[inside]
    return team.homes_among(draws, corners, points, EXECUTIVES)


def _outlets(draws: Draws, companies: pd.DataFrame) -> pd.DataFrame:
    """Real kiosks stand in for our own shops, real groceries for the competitors'."""
    draw = draws.of("outlets")
    kiosks = companies[companies["category"] == "kiosk"].reset_index(drop=True)
    apart = team.spread_out(draw, kiosks[["lon", "lat"]].to_numpy(), OWN_OUTLETS)
    ours = kiosks.iloc[apart]
    theirs = companies[companies["category"].isin(["supermarket", "convenience"])]
    rows = pd.concat([ours, theirs], ignore_index=True)
    figures = shops.trading_figures(draw, len(rows), len(ours))
    return table(
        "outlets",
        {
            "outlet_id": "S-" + rows["company_id"],
            **rows[["name", "lon", "lat", "brand"]],
            **figures,
        },
        synthetic=";".join(figures),
    )


def _sites(draws: Draws, companies: pd.DataFrame) -> pd.DataFrame:
    """Premises of shops with a known address, spread over the centre."""
    draw = draws.of("sites")
    known = companies[(companies["address"] != "") & (companies["category"] != "kiosk")]
    known = known.drop_duplicates("address").reset_index(drop=True)
    picked = known.iloc[team.spread_out(draw, known[["lon", "lat"]].to_numpy(), SITES)]
    return table(
        "sites",
        {
            "site_id": numbered("N", SITES),
            "name": [address.split(",")[0] for address in picked["address"]],
            "lon": picked["lon"].to_numpy(),
            "lat": picked["lat"].to_numpy(),
            **shops.site_figures(draw, SITES),
            "reason": "Shop premises on a known street",
        },
    )
