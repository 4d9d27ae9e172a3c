"""The workspace of a process: its store, its folders, and a market made ready for a job."""

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from api.settings import Settings
from api.usecases.kept_travel import KeptTravel
from api.usecases.travel_servers import read_servers
from territory.basemap import BaseMap
from territory.geo import LonLat
from territory.market import Market
from territory.outlets import Site
from territory.plans import Provenance
from territory.travel import Mode, TravelMatrix, TravelTimes
from territory.units import Units

if TYPE_CHECKING:
    from data.roads import RoadNetwork
    from data.store import Store
    from data.travel.calibration import TimeCalibration

TOOL_VERSION = "0.1.0"


class Workspace:
    """Everything a use case reaches for. Nothing is opened before it is asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings.prepare()
        self._kept_travel = KeptTravel()

    @cached_property
    def store(self) -> "Store":
        """The store, migrated to this version's schema."""
        from data.store import Store

        return Store.open(self.settings.url)

    def folder(self, market: str) -> Path:
        """Where a market keeps what is not a table: roads and base map."""
        return self.settings.var_path / "markets" / market

    def networks(self, market: str) -> tuple[Mode, ...]:
        """The modes this market has roads for."""
        modes: tuple[Mode, ...] = ("car", "foot", "bicycle")
        return tuple(mode for mode in modes if self._road_folder(market, mode).is_dir())

    def save_network(self, market: str, network: "RoadNetwork") -> None:
        """Keep a road network; the old one stays until the new one is whole."""
        from data.roads import save_network

        save_network(network, self._road_folder(market, network.mode))

    def prepare_travel(
        self, market: str, network: "RoadNetwork", *, progress: Callable[[str, float], None]
    ) -> bool:
        """Make a kept network ready for its fast engine; False if it is too large for it."""
        from data.travel.files import prepare_travel

        return prepare_travel(self._road_folder(market, network.mode), network, progress=progress)

    def travel(self, market: str, mode: Mode) -> TravelTimes:
        """The market's travel server if it names one, else its roads, else a told estimate."""
        from data.roads import network_pointer
        from data.travel import estimated_travel
        from data.travel.files import open_travel

        server = read_servers(self.folder(market)).get(mode)
        if server is not None:
            return server.travel(mode, self.settings)
        folder = self._road_folder(market, mode)
        sources = (network_pointer(folder, mode), self._calibration_path(market, mode))

        def made() -> TravelTimes:
            if not folder.is_dir():
                return estimated_travel(mode)
            return open_travel(folder, mode, calibration=self.calibration(market, mode))

        return self._kept_travel.get((market, mode), sources, made)

    def network(self, market: str, mode: Mode) -> "RoadNetwork | None":
        """The market's road network for a mode; None if it has none."""
        from data.roads import load_network

        folder = self._road_folder(market, mode)
        return load_network(folder, mode) if folder.is_dir() else None

    def calibration(self, market: str, mode: Mode) -> "TimeCalibration | None":
        """The factors that the market's own timed drives ask for; None if it has none."""
        from data.travel.calibration import TimeCalibration

        path = self._calibration_path(market, mode)
        if not path.exists():
            return None
        return TimeCalibration.from_json(path.read_text(encoding="utf-8"))

    def save_calibration(
        self, market: str, mode: Mode, calibration: "TimeCalibration | None"
    ) -> None:
        """Keep factors for a mode of travel beside its roads; None forgets them."""
        path = self._calibration_path(market, mode)
        if calibration is None:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.write_text(calibration.as_json(), encoding="utf-8")
        draft.replace(path)

    def save_base_map(self, market: str, base_map: BaseMap) -> None:
        """Keep the base map drawn under this market's pictures."""
        path = self.folder(market) / "basemap.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(asdict(base_map)), encoding="utf-8")
        draft.replace(path)

    def base_map(self, market: str) -> BaseMap:
        """The market's base map; an empty one if it has none."""
        path = self.folder(market) / "basemap.json"
        if not path.exists():
            return BaseMap(roads={})
        raw = json.loads(path.read_text(encoding="utf-8"))
        return BaseMap(
            roads={kind: _lines(lines) for kind, lines in raw["roads"].items()},
            water=_lines(raw["water"]),
            boundaries=_lines(raw["boundaries"]),
            attribution=raw["attribution"],
        )

    def delete_market(self, market: str) -> None:
        """Forget a market: its tables, plans and jobs, then its roads."""
        self.store.delete_market(market)
        shutil.rmtree(self.folder(market), ignore_errors=True)

    def input_hash(self, market: Market, *, company_files: Sequence[str] = ()) -> str:
        """A hash over all that a job on this market reads: tables, settings, roads, files."""
        from data.roads import network_hash

        digest = hashlib.sha256(self.store.tables_hash(market.name).encode())
        digest.update(repr(market.settings).encode())
        for mode, server in sorted(read_servers(self.folder(market.name)).items()):
            digest.update(f"{mode}{server!r}".encode())
        for mode in self.networks(market.name):
            roads = network_hash(self._road_folder(market.name, mode), mode)
            digest.update(f"{mode}{roads}".encode())
            calibration = self.calibration(market.name, mode)
            if calibration is not None:
                digest.update(calibration.content_hash.encode())
        if company_files:
            from data.company_files import open_company_files

            files = open_company_files([Path(path) for path in company_files])
            digest.update(files.content_hash().encode())
        return digest.hexdigest()

    def _calibration_path(self, market: str, mode: Mode) -> Path:
        return self.folder(market) / "roads" / f"{mode}.calibration.json"

    def _road_folder(self, market: str, mode: Mode) -> Path:
        return self.folder(market) / "roads" / mode


def _lines(raw: Sequence[Sequence[Sequence[float]]]) -> tuple[tuple[tuple[float, float], ...], ...]:
    return tuple(tuple((point[0], point[1]) for point in line) for line in raw)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surveyed:
    """A market made ready: its units, the facts of each, and the way to the outlets."""

    market: Market
    units: Units
    facts: pd.DataFrame
    own: tuple[Site, ...]
    competitors: tuple[Site, ...]
    to_own: TravelMatrix | None
    to_competitors: TravelMatrix | None
    reach: TravelTimes


def survey(workspace: Workspace, market: Market, *, company_files: Sequence[str] = ()) -> Surveyed:
    """Units, facts and travel to outlets: what score, gaps, redraw and outlets all begin with.

    ``company_files`` hold the companies instead of the market's table; who reads them is the
    setting ``dask``.
    """
    from territory.survey import per_unit
    from territory.units import build_units

    if company_files:
        return _survey_files(workspace, market, company_files)
    units = build_units(market)
    return _surveyed(workspace, market, units, per_unit(market, units))


def company_files_of(origin: Provenance) -> tuple[str, ...]:
    """The files a plan's companies were read from; none if they were the market's table."""
    paths = origin.params.get("company_files", ())
    return tuple(map(str, paths)) if isinstance(paths, list | tuple) else ()


def units_of_plan(market: Market, origin: Provenance) -> Units:
    """The units of the market as a plan of it has them, over companies in files too."""
    from data.company_files import open_company_files
    from territory.units import build_units

    paths = [Path(path) for path in company_files_of(origin)]
    return build_units(market, companies=open_company_files(paths).parts if paths else None)


def _survey_files(workspace: Workspace, market: Market, paths: Sequence[str]) -> Surveyed:
    from api.cluster import company_runner
    from data.company_files import open_company_files
    from territory.survey import per_unit
    from territory.units import build_units

    companies = open_company_files([Path(path) for path in paths]).parts
    units = build_units(market, companies=companies)
    with company_runner(workspace.settings.dask) as run:
        facts = per_unit(market, units, companies=companies, run=run)
    return _surveyed(workspace, market, units, facts)


def _surveyed(workspace: Workspace, market: Market, units: Units, facts: pd.DataFrame) -> Surveyed:
    reach = workspace.travel(market.name, market.settings.reach_mode)
    own, competitors = (outlet_sites(market, owner) for owner in ("own", "competitor"))
    return Surveyed(
        market=market,
        units=units,
        facts=facts,
        own=own,
        competitors=competitors,
        to_own=_matrix(reach, units.lonlat, own),
        to_competitors=_matrix(reach, units.lonlat, competitors),
        reach=reach,
    )


def site_points(sites: Sequence[Site]) -> LonLat:
    """Where sites are, as an (n, 2) array."""
    return np.array([(site.lon, site.lat) for site in sites], dtype=np.float64).reshape(-1, 2)


def _matrix(reach: TravelTimes, lonlat: LonLat, sites: Sequence[Site]) -> TravelMatrix | None:
    return reach.block(lonlat, site_points(sites)) if sites else None


def outlet_sites(market: Market, owner: str) -> tuple[Site, ...]:
    """The trading outlets of one owner, "own" or "competitor", as sites."""
    frame = market.table("outlets")
    rows = frame[(frame["owner"] == owner) & (frame["status"].replace("", "open") == "open")]
    return tuple(
        Site(
            site_id=str(row["outlet_id"]),
            name=str(row["name"]),
            lon=float(row["lon"]),
            lat=float(row["lat"]),
            role="own" if owner == "own" else "competitor",
            attractiveness=_number(row["attractiveness"], 1.0),
            closing_cost=_number(row["closing_cost"], 0.0),
            upkeep_cost=_number(row["upkeep_cost"], 0.0),
            may_close=_flag(row["may_close"]),
        )
        for row in rows.to_dict("records")
    )


def candidate_rows(market: Market) -> tuple[Site, ...]:
    """The candidate sites the market names itself."""
    return tuple(
        Site(
            site_id=str(row["site_id"]),
            name=str(row["name"]),
            lon=float(row["lon"]),
            lat=float(row["lat"]),
            role="candidate",
            attractiveness=_number(row["attractiveness"], 1.0),
            opening_cost=_number(row["opening_cost"], 0.0),
            closing_cost=_number(row["closing_cost"], 0.0),
            upkeep_cost=_number(row["upkeep_cost"], 0.0),
            is_forced=_flag(row["is_forced"]),
            is_forbidden=_flag(row["is_forbidden"]),
            reason=str(row["reason"] or ""),
        )
        for row in market.table("sites").to_dict("records")
    )


def _number(value: object, default: float) -> float:
    number = pd.to_numeric(value, errors="coerce")  # type: ignore[call-overload]
    return default if pd.isna(number) else float(number)


def _flag(value: object) -> bool:
    return not pd.isna(value) and bool(value)  # type: ignore[call-overload]
