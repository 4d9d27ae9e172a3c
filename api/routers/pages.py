"""Pages for a browser: the home page over all markets and plans, login, health."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from api.deps import WorkspaceDep
from api.doors import COOKIE
from api.problems import problem

router = APIRouter(tags=["pages"])

HTML_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'"


@router.get("/health")
def health(workspace: WorkspaceDep) -> JSONResponse:
    """Whether the service and its store answer."""
    workspace.store.list_markets()
    return JSONResponse({"status": "ok"})


@router.get("/", response_class=HTMLResponse)
def home(workspace: WorkspaceDep) -> HTMLResponse:
    """Every market with its latest plans."""
    from api.usecases.pictures import home_page

    return HTMLResponse(home_page(workspace).html)


@router.get("/login", response_class=HTMLResponse)
def login_form() -> HTMLResponse:
    """Where a browser hands in its key."""
    return HTMLResponse(_LOGIN, headers={"Content-Security-Policy": HTML_POLICY})


@router.post("/login", response_model=None)
def login(request: Request, key: Annotated[str, Form(max_length=200)]) -> Response:
    """Take a key and keep it in a cookie that scripts cannot read."""
    if request.app.state.keys.holder(key.strip()) is None:
        return problem(401, "This key opens nothing.", code="unauthorized")
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(
        COOKIE,
        key.strip(),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        max_age=8 * 3600,
    )
    return answer


_LOGIN = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in - Fieldwright</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 15vh auto; padding: 0 1rem }
input, button { font: inherit; padding: .5rem .7rem; width: 100%; box-sizing: border-box }
button { margin-top: .7rem }
</style>
</head>
<body>
<main>
<h1>Fieldwright</h1>
<form method="post" action="/login">
<label for="key">Your key</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
<button type="submit">Log in</button>
</form>
</main>
</body>
</html>
"""
