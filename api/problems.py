"""Errors as RFC 9457 problem documents, never with a stack, a path or the whole input."""

import logging
from collections.abc import Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from territory.errors import CheckFailed, FieldwrightError, Infeasible, InputError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

STATUS = {
    "bad_input": 422,
    "infeasible": 422,
    "not_found": 404,
    "conflict": 409,
    "forbidden": 403,
    "check_failed": 500,
    "missing_part": 503,
    "error": 500,
}
"""HTTP status of each error code of ``territory.errors``."""

SHOWN = 100
"""At most this many single faults in one answer."""


def problem(
    status: int,
    title: str,
    detail: str = "",
    *,
    code: str,
    errors: Sequence[object] = (),
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A problem document; ``errors`` lists single faults."""
    body: dict[str, object] = {
        "type": f"about:blank#{code}",
        "title": title,
        "status": status,
        "code": code,
    }
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = jsonable_encoder(list(errors)[:SHOWN])
    return JSONResponse(body, status, media_type=MEDIA_TYPE, headers=headers)


def from_error(error: FieldwrightError) -> JSONResponse:
    """The problem document of one of our errors."""
    errors: list[object] = []
    if isinstance(error, InputError):
        errors = [
            {
                "file": fault.file,
                "row": fault.row,
                "column": fault.column,
                "value": fault.value[:200],
                "detail": str(fault)[:500],
            }
            for fault in error.faults
        ]
    elif isinstance(error, Infeasible):
        errors = [{"detail": reason} for reason in error.reasons]
    elif isinstance(error, CheckFailed):
        errors = [{"detail": str(violation)} for violation in error.violations]
    status = STATUS.get(error.code, 500)
    return problem(status, error.message, error.fix, code=error.code, errors=errors)


def install(app: FastAPI) -> None:
    """Let every error of this app leave as a problem document."""
    from sqlalchemy.exc import OperationalError

    @app.exception_handler(FieldwrightError)
    async def ours(_: Request, error: FieldwrightError) -> JSONResponse:
        return from_error(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {
                "pointer": "/" + "/".join(str(part) for part in item["loc"]),
                "code": item["type"],
                "detail": item["msg"],
            }
            for item in error.errors()
        ]
        title = f"{len(errors)} field{'s' if len(errors) != 1 else ''} cannot be taken."
        return problem(422, title, code="bad_input", errors=errors)

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        phrase = HTTPStatus(error.status_code).phrase
        code = phrase.lower().replace(" ", "_").replace("-", "_")
        headers = dict(error.headers) if error.headers else None
        detail = "" if error.detail == phrase else str(error.detail)
        return problem(error.status_code, phrase, detail, code=code, headers=headers)

    @app.exception_handler(OperationalError)
    async def busy(_: Request, error: OperationalError) -> JSONResponse:
        logger.warning("store busy error=%s", error.orig)
        return problem(
            503,
            "The store is busy.",
            "Another process holds it. Ask again in a moment.",
            code="busy",
            headers={"Retry-After": "5"},
        )

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        logger.error(
            "unexpected error method=%s path=%s", request.method, request.url.path, exc_info=error
        )
        return problem(500, "Something went wrong here.", "It is in the log.", code="error")
