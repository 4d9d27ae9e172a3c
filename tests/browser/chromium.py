"""A headless Chromium, if this machine has one, and pages opened in it with everything watched."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

    from maps import Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
)


def chromium_path() -> str | None:
    """FIELDWRIGHT_CHROMIUM, else the first Chromium or Chrome on the path."""
    named = os.environ.get("FIELDWRIGHT_CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Headless Chromium; skips where there is none."""
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium here (install chromium or set FIELDWRIGHT_CHROMIUM)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        found = player.chromium.launch(executable_path=path, args=list(FLAGS))
        yield found
        found.close()


@dataclass(slots=True)
class Opened:
    """An opened page and what went wrong in it."""

    tab: "Tab"
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        return self.tab.evaluate(script)

    def assert_quiet(self) -> None:
        """Nothing was asked of a network, nothing failed, nothing foreign ran."""
        assert self.requests == []
        assert self.errors == []
        assert self.dialogs == []
        assert self.run("window.__x") is None


class Opener:
    """Opens pages from files, as a user would."""

    def __init__(self, browser: "Browser", folder: Path) -> None:
        self._browser = browser
        self._folder = folder
        self._count = 0
        self._contexts: list[Any] = []

    def __call__(self, page: "Page", **options: Any) -> Opened:
        self._count += 1
        path = page.save(self._folder / f"page-{self._count}.html")
        context = self._browser.new_context(
            **{"viewport": {"width": 1400, "height": 900}, "accept_downloads": True, **options}
        )
        self._contexts.append(context)
        opened = Opened(tab=context.new_page())
        tab = opened.tab
        tab.on("pageerror", lambda error: opened.errors.append(str(error)))
        tab.on("console", lambda said: _note(opened, said))
        tab.on("request", lambda request: _watch(opened, request.url))
        tab.on("dialog", lambda dialog: (opened.dialogs.append(dialog.message), dialog.dismiss()))
        tab.goto(path.as_uri())
        return opened

    def close(self) -> None:
        for context in self._contexts:
            context.close()


def _note(opened: Opened, said: Any) -> None:
    if said.type in ("error", "warning"):
        opened.errors.append(f"{said.type}: {said.text}")


def _watch(opened: Opened, url: str) -> None:
    if not url.startswith(("file:", "data:", "blob:")):
        opened.requests.append(url)


@pytest.fixture
def open_page(browser: "Browser", tmp_path: Path) -> Iterator[Opener]:
    """Opens drawn pages and closes them after the test."""
    opener = Opener(browser, tmp_path)
    yield opener
    opener.close()
