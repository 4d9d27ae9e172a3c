"""``fieldwright serve``: the HTTP door with a worker beside it, on loopback until keys exist."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress

from api.auth import KeyRing, is_loopback
from api.settings import Settings
from territory.errors import Forbidden


def serve(
    settings: Settings,
    *,
    host: str | None = None,
    port: int | None = None,
    with_worker: bool = True,
) -> None:
    """Serve until told to stop.

    Raises
    ------
    Forbidden
        If the address can be reached from elsewhere and no key exists.
    """
    import uvicorn

    from api.app import create_app

    address = host or settings.host
    settings.prepare()
    if not is_loopback(address) and not KeyRing(settings.var_path / "keys.json").keys():
        raise Forbidden(
            f"Without a key this service stays on loopback; {address} is open to others.",
            fix="Make a key first: fieldwright keys add NAME",
        )
    listener = _bind(address, settings.port if port is None else port)
    shown = f"[{address}]" if ":" in address else address
    sys.stderr.write(f"Fieldwright listens on http://{shown}:{listener.getsockname()[1]}/\n")
    worker = _start_worker(settings) if with_worker else None
    try:
        server = uvicorn.Server(
            uvicorn.Config(create_app(settings), log_level="warning", server_header=False)
        )
        server.run(sockets=[listener])
    finally:
        if worker is not None:
            _stop_worker(worker)


def _bind(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    return listener


def _start_worker(settings: Settings) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "FIELDWRIGHT_VAR": str(settings.var_path),
        "FIELDWRIGHT_DATABASE_URL": settings.url,
        "FIELDWRIGHT_LEASE_SECONDS": str(settings.lease_seconds),
        "FIELDWRIGHT_POLL_SECONDS": str(settings.poll_seconds),
    }
    return subprocess.Popen([sys.executable, "-m", "api.cli", "worker"], env=environment)


def _stop_worker(worker: subprocess.Popen[bytes], *, patience_seconds: float = 15.0) -> None:
    worker.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        worker.wait(patience_seconds)
        return
    worker.kill()
    worker.wait()
