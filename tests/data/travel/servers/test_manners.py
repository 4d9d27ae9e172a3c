"""A travel server may be slow, huge, wrong or hostile: it is refused in words, never believed."""

import json
import socket
import threading
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from data.travel.servers import Limits, allowed_server, osrm_travel, valhalla_travel
from territory.errors import InputError, MissingPart
from tests.data.travel.servers import fakes

PLACES = np.array([[0.0, 1.0], [1.0, 1.0]])
HASTY = Limits(connect_seconds=0.5, silent_seconds=0.2, total_seconds=0.4, answer_bytes=10_000)
GOOD = {
    "code": "Ok",
    "durations": [[0, 1], [1, 0]],
    "distances": [[0, 9], [9, 0]],
    "sources": [{"distance": 0}, {"distance": 0}],
    "destinations": [{"distance": 0}, {"distance": 0}],
}


def refused(behaviour: fakes.Behaviour) -> str:
    """What is said when an OSRM server behaves like this."""
    with fakes.serving(behaviour) as fake:
        travel = osrm_travel(fake.url, allowed=fake.allowed, limits=HASTY)
        with pytest.raises(MissingPart) as caught:
            travel.block(PLACES, PLACES)
        assert f"127.0.0.1:{fake.port}" in str(caught.value)
    return str(caught.value)


def changed(**fields: Any) -> Mapping[str, Any]:
    return {**GOOD, **fields}


def test_the_answer_the_others_spoil_is_good() -> None:
    with fakes.serving(fakes.saying(GOOD)) as fake:
        travel = osrm_travel(fake.url, allowed=fake.allowed, limits=HASTY)
        assert travel.block(PLACES, PLACES).meters.tolist() == [[0, 9], [9, 0]]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"<html>404</html>", "does not answer in JSON"),
        (b"\xff\xfe", "does not answer in JSON"),
        (b"", "does not answer in JSON"),
        (b"[" * 9_000, "does not answer in JSON"),
        (b'{"code": "Ok", "durations": [[NaN, 1], [1, 0]]}', "does not answer in JSON"),
        ([], "a part of it is missing"),
        ({}, "its code is 'None'"),
        ({"code": "TooBig"}, "lower the table limit"),
        ({"code": "<script>"}, "its code is '<script>'"),
        (changed(durations=None), "durations is not a list"),
        (changed(durations=[[0, 1]]), "durations has 1 entries where 2 were asked for"),
        (changed(durations=[[0, 1], [1]]), "durations has 1 entries"),
        (changed(durations=[[0, 1], "ab"]), "durations is not a list"),
        (changed(durations=[[0, "1"], [1, 0]]), "'1'"),
        (changed(durations=[[0, True], [1, 0]]), "'True'"),
        (changed(durations=[[0, -1], [1, 0]]), "'-1'"),
        (changed(durations=[[0, 10**400], [1, 0]]), "no length of time or way"),
        (changed(distances=[[0, {}], [1, 0]]), "distances holds '{}'"),
        (changed(sources=[{}, {}]), "the way to the road holds 'None'"),
        (changed(destinations=[1, 2]), "a part of it is missing"),
    ],
)
def test_garbage_is_refused(answer: object, words: str) -> None:
    assert words in refused(fakes.saying(answer))


def test_a_number_too_large_for_a_float_is_refused() -> None:
    answer = json.dumps(GOOD).replace('"durations": [[0, 1]', '"durations": [[0, 1e999]')
    assert "'inf'" in refused(fakes.saying(answer.encode()))


def test_a_time_beyond_an_int32_stays_below_unreachable() -> None:
    huge = changed(durations=[[0, 1e300], [1, 0]])
    with fakes.serving(fakes.saying(huge)) as fake:
        travel = osrm_travel(fake.url, allowed=fake.allowed)
        assert travel.block(PLACES, PLACES).seconds[0, 1] == 2**31 - 2


def test_an_answer_beyond_the_size_limit_is_not_read_to_its_end() -> None:
    assert "more than 10,000 bytes" in refused(fakes.saying(b" " * 20_000))


def test_a_packed_answer_is_refused_since_it_might_unfold() -> None:
    def packed(path: str, body: bytes) -> fakes.Answer:
        return 200, {"Content-Encoding": "gzip"}, b"\x1f\x8b"

    assert "packed its answer" in refused(packed)


def test_a_redirect_is_not_followed() -> None:
    with fakes.serving(fakes.saying(GOOD)) as other:

        def elsewhere(path: str, body: bytes) -> fakes.Answer:
            return 302, {"Location": other.url + path}, b""

        assert "redirect, which is not followed" in refused(elsewhere)
        assert other.asked == []


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
def test_other_statuses_are_named(status: int) -> None:
    assert f"HTTP status {status}" in refused(fakes.saying(GOOD, status=status))


def test_a_silent_server_is_left() -> None:
    over = threading.Event()

    def silent(path: str, body: bytes) -> fakes.Answer:
        over.wait(2)
        return 200, {}, b"{}"

    begun = time.monotonic()
    assert "took too long" in refused(silent)
    over.set()
    assert time.monotonic() - begun < 1.5


def test_a_server_that_drips_is_left_when_the_whole_time_is_over() -> None:
    def drip(listener: socket.socket) -> None:
        talk, _ = listener.accept()
        with talk:
            talk.recv(10_000)
            talk.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n")
            while not over.wait(0.05):
                try:
                    talk.sendall(b" ")
                except OSError:
                    return  # the other side hung up, as it should

    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,), daemon=True)
        thread.start()
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        travel = osrm_travel(f"http://{host}", allowed=(host,), limits=HASTY)
        begun = time.monotonic()
        with pytest.raises(MissingPart, match="took too long"):
            travel.block(PLACES, PLACES)
        assert time.monotonic() - begun < 1.5
        over.set()
        thread.join()


def test_an_answer_that_breaks_off_is_refused() -> None:
    def short(path: str, body: bytes) -> fakes.Answer:
        return 200, {"Content-Length": "500", "Connection": "close"}, b"{}"

    assert "could not be asked (IncompleteRead)" in refused(short)


def test_nobody_there_is_said() -> None:
    with fakes.serving(fakes.osrm) as fake:
        gone = fake
    travel = osrm_travel(gone.url, allowed=gone.allowed, limits=HASTY)
    with pytest.raises(MissingPart, match=r"could not be asked \(ConnectionRefusedError\)"):
        travel.block(PLACES, PLACES)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"sources_to_targets": [[{}, {}], [{}, {}]]}, "a cell says no time"),
        ({"sources_to_targets": {"durations": []}}, "the matrix is not a list"),
        ({"error_code": 113, "error": "<b>no</b>"}, "its error is 113"),
    ],
)
def test_a_valhalla_answer_of_another_form_is_refused(answer: object, words: str) -> None:
    with fakes.serving(fakes.saying(answer)) as fake:
        travel = valhalla_travel(fake.url, allowed=fake.allowed)
        with pytest.raises(MissingPart, match=words):
            travel.block(PLACES, PLACES)


LEG = {"duration": 1, "distance": 1, "steps": []}
STEP = {"maneuver": {"type": "depart"}, "duration": 1, "distance": 1}


@pytest.mark.parametrize(
    ("leg", "words"),
    [
        (LEG, "no steps"),
        ({**LEG, "steps": [STEP]}, "a part of it is missing"),
        ({**LEG, "steps": [{**STEP, "geometry": {"coordinates": []}}]}, "no points"),
        ({**LEG, "steps": [{**STEP, "geometry": {"coordinates": [[1]]}}]}, "no pair"),
        ({**LEG, "steps": [{**STEP, "geometry": {"coordinates": [["1", 2]]}}]}, "no place"),
        ({**LEG, "steps": [{**STEP, "geometry": {"coordinates": [[0, 91]]}}]}, "no place"),
    ],
)
def test_a_leg_of_another_form_is_refused(leg: object, words: str) -> None:
    answer = {"code": "Ok", "routes": [{"legs": [leg]}], "waypoints": GOOD["sources"]}
    with fakes.serving(fakes.saying(answer)) as fake:
        travel = osrm_travel(fake.url, allowed=fake.allowed)
        with pytest.raises(MissingPart, match=words):
            travel.legs(PLACES)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:5000",
        "ftp://localhost",
        "file:///etc/passwd",
        "http://",
        "http://localhost:99999",
        "http://local host",
        "http://localhost/\r\nX: y",
        "http://user:secret@localhost",
        "http://localhost?x=1",
        "http://localhost#x",
        "http://[::1",
    ],
)
def test_an_address_that_is_not_plain_is_refused(url: str) -> None:
    with pytest.raises(InputError) as caught:
        allowed_server(url, ("localhost",))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:5000", ()),
        ("http://localhost:5000", ()),
        ("http://localhost:5000", ("localhost:5001", "127.0.0.1")),
        ("http://169.254.169.254/latest", ("localhost",)),
        ("http://localhost.evil.example", ("localhost",)),
        ("http://evil.example/localhost", ("localhost",)),
        ("https://localhost", ("localhost:80",)),
    ],
)
def test_a_host_that_is_not_listed_is_refused_even_on_loopback(
    url: str, allowed: tuple[str, ...]
) -> None:
    with pytest.raises(InputError, match="travel_servers"):
        allowed_server(url, allowed)


@pytest.mark.parametrize(
    ("url", "allowed", "name"),
    [
        ("http://LOCALHOST:5000/x/", "localhost", "localhost:5000"),
        ("http://localhost", "localhost:80", "localhost:80"),
        ("https://osrm.example.org", " OSRM.example.org ", "osrm.example.org:443"),
        ("http://[::1]:5000", "[::1]:5000", "[::1]:5000"),
        ("http://[::1]:5000", "::1", "[::1]:5000"),
    ],
)
def test_a_listed_host_is_taken(url: str, allowed: str, name: str) -> None:
    assert allowed_server(url, (allowed,)).name == name
