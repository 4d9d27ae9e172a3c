"""VROOM requests that may take longer than a caller waits: kept as files, worked on in turn.

A request is a file before it is accepted and its answer is a file beside it, so that one that was
cut off by a stopped service is begun anew when its answer is next asked for.
"""

import json
import logging
import secrets
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.vroom.door import answer_vroom, refusal_of
from territory.errors import Conflict, FieldwrightError, NotFound

if TYPE_CHECKING:
    from api.usecases.workspace import Workspace

logger = logging.getLogger(__name__)

KEPT_SECONDS = 7 * 86_400
"""Requests and answers older than this are forgotten."""


class Spool:
    """The queue of one service. Nothing is made or started before the first request."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        self._folder: Path = workspace.settings.var_path / "vroom"
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._running: dict[str, Future[None]] = {}
        self._closing = threading.Event()

    def add(self, raw: Any) -> str:
        """Keep a request and begin it when those before it are done; gives its id.

        Raises
        ------
        Conflict
            If too many wait already.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._forget_old()
        with self._lock:
            waiting = sum(not future.done() for future in self._running.values())
            if waiting >= self._workspace.settings.max_jobs_queued:
                raise Conflict(f"{waiting} requests wait already.", fix="Try again later.")
        request_id = f"vrm_{secrets.token_hex(12)}"
        self._write(self._request(request_id), raw)
        self._begin(request_id)
        return request_id

    def answer(self, request_id: str) -> dict[str, Any] | None:
        """The answer of a request, None while it is being worked on.

        Raises
        ------
        NotFound
            If there is no such request.
        """
        is_ours = request_id.removeprefix("vrm_").isalnum() and self._request(request_id).exists()
        if not is_ours:
            raise NotFound(f"There is no request {request_id[:80]!r}.")
        path = self._answer(request_id)
        if path.exists():
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return found
        self._begin(request_id)
        return None

    def close(self) -> None:
        """Stop what runs and begin nothing more; all of it is begun anew when next asked for."""
        self._closing.set()
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)
        self._closing.clear()

    def _begin(self, request_id: str) -> None:
        with self._lock:
            known = self._running.get(request_id)
            if known is not None and not known.done():
                return
            if self._pool is None:
                self._pool = ThreadPoolExecutor(1, thread_name_prefix="vroom")
            self._running[request_id] = self._pool.submit(self._work, request_id)

    def _work(self, request_id: str) -> None:
        raw = json.loads(self._request(request_id).read_text(encoding="utf-8"))
        try:
            answer = answer_vroom(self._workspace, raw, cancel=self._closing)
        except FieldwrightError as error:
            answer = refusal_of(error)
        except Exception:  # a request that breaks us must not be begun again and again
            logger.exception("action=vroom id=%s", request_id)
            answer = {"code": 1, "error": "Internal error"}
        if not self._closing.is_set():  # a search that was cut off is no answer
            self._write(self._answer(request_id), answer)

    def _write(self, path: Path, value: Any) -> None:
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(value), encoding="utf-8")
        draft.replace(path)

    def _request(self, request_id: str) -> Path:
        return self._folder / f"{request_id}.request.json"

    def _answer(self, request_id: str) -> Path:
        return self._folder / f"{request_id}.answer.json"

    def _forget_old(self) -> None:
        oldest = time.time() - KEPT_SECONDS
        for path in self._folder.glob("vrm_*.json"):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)
