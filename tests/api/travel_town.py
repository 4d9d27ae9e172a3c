"""A small town with an island and a private road, as a market with roads.

4 ---- 3
|      |
1 ---- 2 .private. 5          10 -- 11      one unit is ten steps, 1.1 km
"""

from pathlib import Path

from api.settings import Settings
from api.usecases.imports import create_market, import_files
from api.usecases.workspace import Workspace
from data.roads import read_network
from tests.data.roads.small import STEP, write_osm

SPOTS = {
    1: (0, 0), 2: (10, 0), 3: (10, 10), 4: (0, 10), 5: (20, 0), 10: (40, 0), 11: (50, 0),
}  # fmt: skip
STREET = {"highway": "residential"}

OUTLETS = {
    "O1": (0.0, 0.0, "own"),
    "O2": (10.0, 10.0, "own"),
    "X1": (5.0, 0.0, "competitor"),
    "ISLE": (45.0, 0.0, "own"),
    "GATED": (16.0, 0.5, "own"),
    "FAR": (30.0, 0.0, "own"),
}
HOSTILE = "<b>=1+1</b> {{7*191}}"


def town(folder: Path) -> Workspace:
    """A workspace with the market "town": its roads by car and six outlets."""
    workspace = Workspace(Settings(var=folder / "var"))
    create_market(workspace, "town", given={"title": "Town", "currency": "EUR"})
    ways = [
        ([1, 2], {**STREET, "name": HOSTILE}),
        ([2, 3], {**STREET, "name": "East Street"}),
        ([3, 4], STREET),
        ([4, 1], STREET),
        ([2, 5], {**STREET, "access": "private"}),
        ([10, 11], STREET),
    ]
    network = read_network(write_osm(folder / "town.osm", SPOTS, ways), "car")
    workspace.save_network("town", network)
    rows = [
        f"{key},{HOSTILE if key == 'O1' else key},{east * STEP:.6f},{north * STEP:.6f},{owner},open"
        for key, (east, north, owner) in OUTLETS.items()
    ]
    # a coordinate of 0, 0 stands for unknown, so the first outlet stands a metre beside it
    rows[0] = rows[0].replace("0.000000,0.000000", "0.000010,0.000010")
    table = folder / "outlets.csv"
    table.write_text("\n".join(["outlet_id,name,lon,lat,owner,status", *rows]), encoding="utf-8")
    import_files(workspace, "town", [table], table="outlets")
    return workspace


def place(east: float, north: float) -> str:
    """A spot of the town as "lon,lat"."""
    return f"{east * STEP:.6f},{north * STEP:.6f}"
