"""Small travel servers on loopback: well-behaved ones, and every bad manner we know."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, Mapping[str, str], bytes]
Behaviour = Callable[[str, bytes], Answer]

OFF_THE_MAP = 50.0
"""Fakes know no road east of this longitude."""
NO_WAY_LAT = 10.0
"""Fakes know no way from one side of this latitude to the other."""
FAR_LAT = 20.0
"""North of it, the nearest road is 5 km away."""


@dataclass
class Fake:
    """A running fake: where it is, and what it was asked (path, body)."""

    port: int
    asked: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def allowed(self) -> tuple[str, ...]:
        return (f"127.0.0.1:{self.port}",)


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[Fake]:
    """A server of this behaviour, alive inside the block."""
    fake = Fake(port=0)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            fake.asked.append((self.path, body))
            status, headers, answer = behaviour(self.path, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            with suppress(ConnectionError):  # who asked may have hung up
                self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def saying(answer: object, *, status: int = 200) -> Behaviour:
    """A server that always gives this answer, as JSON or as the bytes it is."""
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return lambda path, asked: (status, {}, body)


def osrm(path: str, body: bytes) -> Answer:
    """OSRM where a degree east takes 100.25 s and 1000.5 m, and north is free."""
    parts = urlsplit(path)
    service, _, _, places = parts.path.split("/")[-4:]
    points = [tuple(map(float, place.split(","))) for place in places.split(";")]
    if any(lon > OFF_THE_MAP for lon, _ in points):
        return _json({"code": "NoSegment", "message": "no segment"}, 400)
    return _table(points, parse_qs(parts.query)) if service == "table" else _route(points)


def _table(points: list[Any], options: Mapping[str, list[str]]) -> Answer:
    rows, columns = (
        [points[int(place)] for place in options[name][0].split(";")]
        for name in ("sources", "destinations")
    )
    degrees = [[_degrees(start, end) for end in columns] for start in rows]
    return _json(
        {
            "code": "Ok",
            "durations": [[None if d is None else d * 100.25 for d in row] for row in degrees],
            "distances": [[None if d is None else d * 1000.5 for d in row] for row in degrees],
            "sources": [_joined(point) for point in rows],
            "destinations": [_joined(point) for point in columns],
        }
    )


def _route(points: list[Any]) -> Answer:
    start, end = points
    degrees = _degrees(start, end)
    if degrees is None:
        return _json({"code": "NoRoute"}, 400)
    middle = ((start[0] + end[0]) / 2, start[1])
    steps = [
        _osrm_step([start, middle], "depart", "", "<b>Rua \u00c1</b>", degrees / 2),
        _osrm_step([middle, middle], "new name", "straight", "", 0),
        _osrm_step([middle, end], "rotary", "right", "Pra\u00e7a", degrees / 2, exit=2),
        _osrm_step([end], "arrive", "left", "Pra\u00e7a", 0),
    ]
    leg = {"duration": degrees * 100.25, "distance": degrees * 1000.5, "steps": steps}
    waypoints = [_joined(start), _joined(end)]
    return _json({"code": "Ok", "routes": [{"legs": [leg]}], "waypoints": waypoints})


def _osrm_step(line: Any, kind: str, modifier: str, name: str, degrees: float, **more: Any) -> Any:
    return {
        "maneuver": {"type": kind, "modifier": modifier, **more},
        "name": name,
        "mode": "driving",
        "duration": degrees * 100.25,
        "distance": degrees * 1000.5,
        "geometry": {"type": "LineString", "coordinates": line},
    }


def valhalla(path: str, body: bytes) -> Answer:
    """Valhalla where a degree east takes 100 s and 1.1 km, and north is free."""
    asked = json.loads(body)
    assert asked["units"] == "kilometers"
    named = asked["locations"] if path == "/route" else asked["sources"] + asked["targets"]
    if any(place["lon"] > OFF_THE_MAP for place in named):
        return _json({"error_code": 171, "error": "No suitable edges near location"}, 400)
    if path == "/route":
        return _trip(*[(place["lon"], place["lat"]) for place in named])
    cells = [
        [_cell(_degrees((a["lon"], a["lat"]), (b["lon"], b["lat"]))) for b in asked["targets"]]
        for a in asked["sources"]
    ]
    return _json({"sources_to_targets": cells, "units": "kilometers"})


def _cell(degrees: float | None) -> dict[str, float | None]:
    if degrees is None:
        return {"time": None, "distance": None}
    return {"time": degrees * 100, "distance": round(degrees * 1.1, 3)}


def _trip(start: Any, end: Any) -> Answer:
    degrees = _degrees(start, end)
    if degrees is None:
        return _json({"error_code": 442, "error": "No path could be found for input"}, 400)
    manoeuvres = [
        {"type": 1, "street_names": ["Rua A"], "time": 60, "length": 1.1, "begin_shape_index": 0},
        {"type": 15, "street_names": ["Rua B"], "time": 40, "length": 0.5, "begin_shape_index": 1},
        {"type": 8, "street_names": ["Rua B"], "time": 9, "length": 0.1, "begin_shape_index": 1},
        {"type": 4, "time": 0, "length": 0, "begin_shape_index": 1},
    ]
    leg = {
        "summary": {"time": degrees * 100, "length": round(degrees * 1.1, 3)},
        "shape": coded([start, end]),
        "maneuvers": manoeuvres,
    }
    return _json({"trip": {"legs": [leg], "status": 0}})


def coded(points: list[Any]) -> str:
    """Points as a polyline of six digits."""
    before = [0, 0]
    letters = []
    for lon, lat in points:
        now = [round(lat * 1e6), round(lon * 1e6)]
        for new, old in zip(now, before, strict=True):
            left = ~((new - old) << 1) if new < old else (new - old) << 1
            while left >= 32:
                letters.append(chr((left & 31 | 32) + 63))
                left >>= 5
            letters.append(chr(left + 63))
        before = now
    return "".join(letters)


def _degrees(start: Any, end: Any) -> float | None:
    if (start[1] > NO_WAY_LAT) != (end[1] > NO_WAY_LAT):
        return None
    return float(abs(start[0] - end[0]))


def _joined(point: Any) -> dict[str, float]:
    return {"distance": 5000.0 if point[1] > FAR_LAT else 3.2}


def _json(answer: object, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(answer).encode()
