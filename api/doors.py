"""The guard at the HTTP door: which hosts, origins and keys are let in, and how large a body."""

from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import KeyRing, is_loopback
from api.problems import problem

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_PATHS = frozenset({"/health", "/login"})
COOKIE = "fieldwright_key"

SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class Guard:
    """ASGI middleware: Host and Origin are checked always, a key once any key exists.

    A request without a key is only heard when no key exists and the Host it names is loopback.
    """

    def __init__(
        self, app: ASGIApp, *, keys: KeyRing, allowed_hosts: frozenset[str], max_bytes: int
    ) -> None:
        self._app = app
        self._keys = keys
        self._allowed_hosts = allowed_hosts
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope["method"], scope["path"], headers)
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send))
            return
        await self._app(scope, self._limited(receive), _with_headers(send))

    def _refusal(self, method: str, path: str, headers: Headers) -> Response | None:
        host = _host_name(headers.get("host", ""))
        if not (is_loopback(host) or host in self._allowed_hosts):
            return problem(
                421,
                "This host name is not served here.",
                "Add it to FIELDWRIGHT_ALLOWED_HOSTS if it should be.",
                code="wrong_host",
            )
        if method not in SAFE_METHODS and not self._is_same_origin(headers):
            return problem(403, "A page of another origin sent this.", code="wrong_origin")
        length = headers.get("content-length", "")
        if length and (not length.isdigit() or int(length) > self._max_bytes):
            return self._too_large()
        if self._keys.keys() and path not in OPEN_PATHS and not self._has_key(headers):
            return problem(
                401,
                "A key is needed.",
                "Send 'Authorization: Bearer fw_...', or log in at /login.",
                code="unauthorized",
                headers={"WWW-Authenticate": "Bearer"},
            )
        return None

    def _is_same_origin(self, headers: Headers) -> bool:
        """Whether the sender is no browser page, or a page of ours."""
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        origin = headers.get("origin")
        if origin is None:
            return True
        return urlsplit(origin).netloc == headers.get("host", "")

    def _has_key(self, headers: Headers) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        # openrouteservice's clients send the key alone.
        key = token if scheme.lower() == "bearer" else scheme
        if self._keys.holder(key.strip()):
            return True
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return morsel is not None and self._keys.holder(morsel.value) is not None

    def _limited(self, receive: Receive) -> Receive:
        """A body without a declared length is cut off at the same limit."""
        taken = 0

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > self._max_bytes:
                    from starlette.exceptions import HTTPException

                    raise HTTPException(413, f"The body is over {self._max_bytes} bytes.")
            return message

        return limited

    def _too_large(self) -> Response:
        return problem(413, f"The body is over {self._max_bytes} bytes.", code="too_large")


def _host_name(host: str) -> str:
    """The name in a Host header, without port and brackets."""
    return (urlsplit(f"//{host}").hostname or "") if host else ""


def _with_headers(send: Send) -> Callable[[Message], Awaitable[None]]:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message.get("headers", [])}
            extra = [pair for pair in SECURITY_HEADERS if pair[0] not in present]
            message = {**message, "headers": [*message.get("headers", []), *extra]}
        await send(message)

    return guarded
