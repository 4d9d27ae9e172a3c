"""The Folium map under every page: constants only, nothing to fetch, nothing of the user's in it.

Folium compiles what an element rendered a second time as a template, so no text from a market may
pass through it. What stands here is fixed; ``maps.page`` adds the data afterwards as JSON.
"""

import folium
from branca.element import Figure, MacroElement
from folium.template import Template

PAGE_NAMES = ("potential", "alignment", "visits", "outlets", "gaps", "reach", "diff")


class OfflineMap(folium.Map):
    """A Leaflet map without tiles, plugins or addresses; always of the same name."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012  (Folium reads and writes it per class)
    default_css: list[tuple[str, str]] = []  # noqa: RUF012
    _template = Template(
        """
        {% macro html(this, kwargs) %}<div class="folium-map" id="map"></div>{% endmacro %}
        {% macro script(this, kwargs) %}
        const fieldwrightMap = L.map("map", {
          center: {{ this.location|tojson }},
          ...{{ this.options|tojavascript }}
        });
        {% endmacro %}
        """
    )

    def get_name(self) -> str:
        return "fieldwrightMap"


class Behaviour(MacroElement):
    """Starts our own script for one kind of page on the map it is added to."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "Fieldwright.start(fieldwrightMap, {{ this.page_name|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, page_name: str) -> None:
        if page_name not in PAGE_NAMES:
            raise ValueError(f"{page_name!r} is not one of {PAGE_NAMES}")
        super().__init__()  # type: ignore[no-untyped-call]
        self.page_name = page_name

    def get_name(self) -> str:
        return f"behaviour_{self.page_name}"


def offline_map(page_name: str) -> OfflineMap:
    """The map of one kind of page."""
    world = OfflineMap(
        location=[0.0, 0.0],
        zoom_start=2,
        tiles=None,
        zoom_control=True,
        max_zoom=19,
        min_zoom=2,
        zoom_snap=0.25,
        zoom_delta=0.5,
        wheel_px_per_zoom_level=120,
        attribution_control=False,
        fade_animation=False,
        prefer_canvas=True,
    )
    world.add_child(Behaviour(page_name))
    return world


def rendered(world: OfflineMap) -> tuple[str, str]:
    """The map's element and the script that makes it."""
    figure = world.get_root()
    assert isinstance(figure, Figure)
    figure.render()
    return str(figure.html.render()).strip(), str(figure.script.render()).strip()
