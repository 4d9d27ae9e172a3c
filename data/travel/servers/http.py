"""Asking an HTTP server that answers in JSON, and trusting neither its manners nor its answer.

Python's own client is used because of what it does not do: it follows no redirect, reads no proxy
or password from the environment, keeps no cookies and unpacks nothing. What is left to guard is
whom we ask (the allow-list), how long, and how much is taken back.
"""

import http.client
import json
import math
import socket
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from territory.errors import Fault, InputError, MissingPart

CHUNK_BYTES = 64 * 1024
DEFAULT_PORTS = {"http": 80, "https": 443}
SPOKEN_STATUSES = (200, 400)
"""Statuses whose body is an answer: routing servers say "no way there" with 400."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long a server may take and how much it may say."""

    connect_seconds: float = 3.0
    silent_seconds: float = 30.0
    total_seconds: float = 60.0
    answer_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One allowed server. ``path`` is the part of its address before its own services."""

    scheme: str
    host: str
    port: int
    path: str
    limits: Limits

    @property
    def name(self) -> str:
        """How messages call it: host and port, nothing more."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.name}{self.path}"

    def ask(self, path: str, *, body: Mapping[str, Any] | None = None) -> Any:
        """The server's JSON answer, to a POST if there is a body, else to a GET.

        Raises
        ------
        MissingPart
            If the server is not there, is too slow, says too much, redirects, or does not answer
            in JSON.
        """
        status, answer = self._exchange(path, body)
        if status not in SPOKEN_STATUSES:
            raise self._unfit(_status_words(status))
        return self._parsed(answer)

    def unfit(self, what: str) -> MissingPart:
        """The error for an answer in JSON that is not what was asked for."""
        return self._unfit(f"gave an answer that cannot be used: {what}")

    def _exchange(self, path: str, body: Mapping[str, Any] | None) -> tuple[int, bytes]:
        connection = self._connection()
        over = threading.Event()
        try:
            connection.connect()
            with _watched(connection.sock, self.limits, over):
                return self._talk(connection, path, body)
        except TimeoutError as error:
            raise self._unfit("took too long to answer") from error
        except (OSError, http.client.HTTPException) as error:
            if over.is_set():
                raise self._unfit("took too long to answer") from error
            raise self._unfit(f"could not be asked ({type(error).__name__})") from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self.scheme == "https" else http.client.HTTPConnection
        return kind(self.host, self.port, timeout=self.limits.connect_seconds)

    def _talk(
        self, connection: http.client.HTTPConnection, path: str, body: Mapping[str, Any] | None
    ) -> tuple[int, bytes]:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if body is None:
            connection.request("GET", self.path + path, headers=headers)
        else:
            headers["Content-Type"] = "application/json"
            sent = json.dumps(body, allow_nan=False).encode()
            connection.request("POST", self.path + path, body=sent, headers=headers)
        with connection.getresponse() as response:
            if response.getheader("Content-Encoding", "identity") != "identity":
                raise self._unfit("packed its answer although it was asked not to")
            return response.status, self._received(response)

    def _received(self, response: http.client.HTTPResponse) -> bytes:
        parts: list[bytes] = []
        size = 0
        while part := response.read1(CHUNK_BYTES):
            parts.append(part)
            size += len(part)
            if size > self.limits.answer_bytes:
                raise self._unfit(f"answers with more than {self.limits.answer_bytes:,} bytes")
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        return b"".join(parts)

    def _parsed(self, answer: bytes) -> Any:
        try:
            return json.loads(answer.decode("utf-8"), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise self._unfit("does not answer in JSON") from error

    def _unfit(self, what: str) -> MissingPart:
        return MissingPart(
            f"The travel server {self.name} {what}.",
            fix="See that it runs and is of the kind the market names, or take the market's "
            "server away to use its own roads.",
        )


def allowed_server(url: str, allowed: Collection[str], *, limits: Limits | None = None) -> Server:
    """The server at an address, if its host is on the allow-list.

    ``allowed`` holds "host" (any port) or "host:port", as in "localhost:5000"; loopback too must
    be listed. Addresses must be plain: http or https, no user, no password, no query.

    Raises
    ------
    InputError
        If the address is not such an address, or its host is not listed.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise _bad_address(url, "an address such as http://localhost:5000") from error
    if parts.scheme not in DEFAULT_PORTS or not host or not _is_plain(url):
        raise _bad_address(url, "an http or https address such as http://localhost:5000")
    if parts.username is not None or parts.password is not None:
        raise _bad_address(f"{parts.scheme}://...@{host}", "an address without user and password")
    if parts.query or parts.fragment:
        raise _bad_address(url, "an address without query and fragment")
    port = port or DEFAULT_PORTS[parts.scheme]
    if not _is_listed(host, port, allowed):
        raise _bad_address(
            url,
            "on a host of the allow-list",
            fix=f"Add {host}:{port} to the setting travel_servers (FIELDWRIGHT_TRAVEL_SERVERS).",
        )
    return Server(
        scheme=parts.scheme,
        host=host,
        port=port,
        path=parts.path.rstrip("/"),
        limits=limits or Limits(),
    )


def number(value: object) -> float | None:
    """A finite number that is not negative, or None if the value is anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        real = float(value)
    except OverflowError:
        return None
    return real if math.isfinite(real) and real >= 0 else None


def text(value: object) -> str:
    """A text as it is, anything else as no text."""
    return value if isinstance(value, str) else ""


def _is_listed(host: str, port: int, allowed: Collection[str]) -> bool:
    bare = f"[{host}]" if ":" in host else host
    listed = {item.strip().lower() for item in allowed}
    return bool({host, bare, f"{bare}:{port}"} & listed)


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and not set(url) & set(' \\"<>^`{|}')


def _bad_address(url: str, expected: str, *, fix: str = "") -> InputError:
    fault = Fault(column="url", value=url[:200], expected=expected, fix=fix)
    return InputError("This travel server cannot be used.", [fault])


def _status_words(status: int) -> str:
    if 300 <= status < 400:
        return "answers with a redirect, which is not followed"
    return f"answers with HTTP status {status}"


@contextmanager
def _watched(sock: socket.socket, limits: Limits, over: threading.Event) -> Iterator[None]:
    """End a talk from outside when its whole time is over, however slowly the other side drips.

    ``over`` is set if that was needed.
    """

    def hang_up() -> None:
        over.set()
        with suppress(OSError):  # it may just have ended by itself
            sock.shutdown(socket.SHUT_RDWR)

    sock.settimeout(limits.silent_seconds)
    watch = threading.Timer(limits.total_seconds, hang_up)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
