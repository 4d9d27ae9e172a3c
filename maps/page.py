"""The offline page: a Folium map, its data as JSON, our scripts and styles, all in one document."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maps.context import KeyFigure, PageContext
from maps.layers import encode_base_map
from maps.safety import as_json, inspect, local_href, policy

if TYPE_CHECKING:
    import folium
    from jinja2 import Environment
    from markupsafe import Markup

SHARED_SCRIPTS = (
    "core.js",
    "format.js",
    "geometry.js",
    "painter.js",
    "drawings.js",
    "controls.js",
    "legend.js",
    "search.js",
    "table.js",
    "charts.js",
    "week_view.js",
    "app.js",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A whole document that fetches nothing. ``map`` is the Folium map in it, if it has one.

    ``preview`` is a small picture of it as SVG text for the index, "" if there is none.
    """

    html: str
    map: "folium.Map | None" = None
    preview: str = field(default="", repr=False)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page, whole or not at all, and give its path."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.name}.", suffix=".part"
        )
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(self.html)
            Path(name).chmod(0o644)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return target


def map_page(
    page_name: str,
    context: PageContext,
    *,
    data: Mapping[str, object],
    lead: str,
    figures: Sequence[KeyFigure],
    notes: Sequence[str] = (),
    preview: str = "",
) -> Page:
    """A page with a map. ``lead`` is one sentence on what is shown; ``data`` goes in as JSON."""
    from markupsafe import Markup

    from maps.canvas import offline_map, rendered

    world = offline_map(page_name)
    element, starter = rendered(world)
    ours = "\n".join(_asset(f"js/{name}") for name in (*SHARED_SCRIPTS, f"page_{page_name}.js"))
    everything = {
        "page": page_name,
        "title": context.title,
        "market": context.market,
        "plan_id": context.plan_id,
        "date": context.date.isoformat(),
        "currency": context.currency,
        "lang": context.lang,
        "credits": list(context.credits()),
        "base": encode_base_map(context.base_map),
        **data,
    }
    html = render(
        "map.html",
        context,
        scripts=(_leaflet_script(), ours, starter),
        styles=(_leaflet_style(), _asset("css/fieldwright.css")),
        page_name=page_name,
        lead=lead,
        figures=figures,
        notes=notes,
        map_element=Markup(element),  # noqa: S704  (a constant, see maps.canvas)
        data=Markup(as_json(everything)),  # noqa: S704  (escaped for a script element)
    )
    return Page(html=html, map=world, preview=preview)


def document(
    template: str,
    context: PageContext,
    *,
    scripts: Sequence[str] = (),
    styles: Sequence[str] = (),
    **values: Any,
) -> Page:
    """A page without a map, drawn by an autoescaped template; ``styles`` follow the shared one."""
    sheets = tuple(_asset(f"css/{name}") for name in ("fieldwright.css", *styles))
    texts = tuple(_asset(f"js/{name}") for name in scripts)
    return Page(html=render(template, context, scripts=texts, styles=sheets, **values))


def render(
    template: str,
    context: PageContext,
    *,
    scripts: Sequence[str],
    styles: Sequence[str],
    **values: Any,
) -> str:
    """The finished and inspected document.

    Raises
    ------
    UnsafePage
        If something in it could load, run or leak.
    """
    from markupsafe import Markup

    blocks = [Markup(text) for text in scripts]  # noqa: S704  (our own files)
    sheets = [Markup(text) for text in styles]  # noqa: S704
    html = (
        _environment()
        .get_template(template)
        .render(
            context=context,
            home=local_href(context.home_href) if context.home_href else "",
            policy=Markup(policy(scripts, styles)),  # noqa: S704  (hashes and constants)
            scripts=blocks,
            styles=sheets,
            **values,
        )
    )
    html = html.encode("utf-8", "replace").decode("utf-8")
    inspect(html)
    return html


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from maps import style

    found = Environment(
        loader=PackageLoader("maps"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["drawn"] = _drawn
    found.filters["clock"] = style.clock
    found.filters["short_number"] = style.short_number
    return found


def _drawn(preview: str) -> "Markup":
    """A small picture as it is, if it is one."""
    from markupsafe import Markup

    from maps.preview import is_picture

    return Markup(preview if is_picture(preview) else "")  # noqa: S704  (numbers and colours)


@cache
def _asset(name: str) -> str:
    """One of our own files, with the line ends a browser hashes."""
    text = resources.files("maps").joinpath("assets", *name.split("/")).read_text("utf-8")
    if "</script" in text.lower() or "</style" in text.lower():
        raise ValueError(f"{name} would close its own element")
    return "\n" + text.strip() + "\n"


@cache
def _leaflet_script() -> str:
    text = _leaflet_file("leaflet.js").decode("utf-8")
    # Leaflet's own credit link belongs to a control we do not use: the page names no address.
    text = text.replace('href="https://leafletjs.com"', 'href="#main"')
    kept = [line for line in text.splitlines() if not line.startswith("//# sourceMappingURL")]
    return "\n" + "\n".join(kept) + "\n"


@cache
def _leaflet_style() -> str:
    """Leaflet's sheet with its images in it and the rule for long-gone browsers out of it."""
    import base64
    import re

    text = _leaflet_file("leaflet.css").decode("utf-8").replace("\r\n", "\n")
    text = re.sub(r"behavior:\s*url\([^)]*\);", "", text)

    def inlined(found: re.Match[str]) -> str:
        content = base64.b64encode(_leaflet_file(found.group(1))).decode("ascii")
        return f"url(data:image/png;base64,{content})"

    return "\n" + re.sub(r"url\((images/[\w.-]+)\)", inlined, text) + "\n"


def _leaflet_file(name: str) -> bytes:
    import xstatic.pkg.leaflet as leaflet

    return Path(leaflet.BASE_DIR, name).read_bytes()
