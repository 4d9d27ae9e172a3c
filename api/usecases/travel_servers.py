"""Which routing server a market asks for travel, if the user runs one: kept beside its roads."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, cast, get_args

from territory.errors import Fault, InputError
from territory.travel import Mode, TravelTimes

if TYPE_CHECKING:
    from pathlib import Path

    from api.settings import Settings
    from api.usecases.workspace import Workspace

ServerKind = Literal["osrm", "valhalla"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelServer:
    """A routing server for one mode. ``limit`` is its own: places (osrm) or pairs (valhalla)."""

    kind: ServerKind
    url: str
    limit: int | None = None

    def travel(self, mode: Mode, settings: "Settings") -> TravelTimes:
        """Travel times as this server tells them; its host must be in ``travel_servers``."""
        from data.travel.servers import PAIR_LIMIT, TABLE_LIMIT, osrm_travel, valhalla_travel

        allowed = settings.allowed_travel_servers
        if self.kind == "osrm":
            places = TABLE_LIMIT if self.limit is None else self.limit
            return osrm_travel(self.url, allowed=allowed, mode=mode, table_limit=places)
        pairs = PAIR_LIMIT if self.limit is None else self.limit
        return valhalla_travel(self.url, allowed=allowed, mode=mode, pair_limit=pairs)


def read_servers(folder: "Path") -> Mapping[Mode, TravelServer]:
    """The servers a market names, by mode; none unless it was told."""
    path = folder / "servers.json"
    if not path.exists():
        return {}
    raw = json.loads(path.read_text(encoding="utf-8"))
    return {mode: TravelServer(**raw[mode]) for mode in get_args(Mode) if mode in raw}


def write_server(
    folder: "Path", mode: Mode, server: TravelServer | None, settings: "Settings"
) -> None:
    """Let a market ask this server for a mode, or, given None, use its own roads again.

    Raises
    ------
    InputError
        If the address is not plain http or https, its host is not allowed, or the limit or the
        kind makes no sense. Nothing is asked of the server.
    """
    if server is not None:
        if server.kind not in get_args(ServerKind):
            fault = Fault(column="kind", value=server.kind, expected="one of osrm, valhalla")
            raise InputError("This kind of travel server is unknown.", [fault])
        server.travel(mode, settings)
    named = {**read_servers(folder)}
    named.pop(mode, None)
    if server is not None:
        named[mode] = server
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / "servers.json.new"
    draft.write_text(json.dumps({key: asdict(one) for key, one in sorted(named.items())}))
    draft.replace(folder / "servers.json")


def name_server(
    workspace: "Workspace",
    market: str,
    kind: str,
    url: str,
    *,
    mode: str = "",
    limit: int | None = None,
) -> str:
    """Name a market's server for a mode, or take it away (kind "none"); says what holds now.

    Raises
    ------
    InputError
        If the mode, kind, address or limit cannot be taken.
    NotFound
        If there is no such market.
    """
    chosen = mode or workspace.store.settings(market).mode
    if chosen not in get_args(Mode):
        fault = Fault(column="mode", value=chosen, expected=f"one of {', '.join(get_args(Mode))}")
        raise InputError("This way of moving is unknown.", [fault])
    server = None
    if kind != "none":
        server = TravelServer(kind=cast(ServerKind, kind), url=url, limit=limit)
    write_server(workspace.folder(market), cast(Mode, chosen), server, workspace.settings)
    if server is None:
        return f"{market}: travel by {chosen} is the market's own again"
    return f"{market}: travel by {chosen} is asked of the {kind} server {url}"
