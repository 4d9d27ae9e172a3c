"""The docs say what is: generated pages match the code, and every code and export is named."""

import re
from pathlib import Path

import pytest

from api.reference import pages

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


@pytest.mark.parametrize("name", ["cli.md", "settings.md", "errors.md", "tables.md", "checks.md"])
def test_generated_pages_are_what_the_code_makes(name: str) -> None:
    """Run `python -m api.reference docs` after changing a command, setting, error or table."""
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name]


def test_every_export_format_is_documented() -> None:
    """docs/exports.md names each format of each kind of plan."""
    from data.exports import FORMATS

    text = (DOCS / "exports.md").read_text(encoding="utf-8")
    for kind, formats in FORMATS.items():
        row = next((line for line in text.splitlines() if line.startswith(f"| {kind} |")), "")
        missing = [item for item in formats if f"`{item}`" not in row]
        assert missing == [], f"docs/exports.md: {kind} lacks {missing}"


def test_every_unserved_reason_is_documented() -> None:
    """docs/concepts.md names each reason a visit can be left out for."""
    from typing import get_args

    from territory.routes import UnservedReason

    text = (DOCS / "concepts.md").read_text(encoding="utf-8")
    assert [code for code in get_args(UnservedReason) if f"`{code}`" not in text] == []


def test_every_http_route_is_documented() -> None:
    """docs/http-api.md names each path with each of its methods."""
    from fastapi.routing import APIRoute

    from api.routers import jobs, markets, pages, plans, replans, vroom

    text = (DOCS / "http-api.md").read_text(encoding="utf-8")
    missing = [
        f"{method} {path}"
        for router in (
            pages.router,
            markets.router,
            jobs.router,
            plans.router,
            replans.router,
            vroom.router,
        )
        for route in router.routes
        if isinstance(route, APIRoute)
        for path in [route.path.replace(":path}", "}")]
        for method in sorted(route.methods)
        if f"`{method} {path}`" not in text
    ]
    assert missing == []


def test_links_between_docs_lead_somewhere() -> None:
    """Relative links in README, docs and guides point at files that exist."""
    broken = [
        f"{page.name}: {target}"
        for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.glob("*.md"))
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_readme_is_short_enough_to_be_read() -> None:
    """Under 150 lines."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 150


def test_constraints_name_versions_and_no_place() -> None:
    """constraints.txt holds `name==version` lines only: no address of any index."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert len(pins) > 50
    assert [
        line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)
    ] == []
