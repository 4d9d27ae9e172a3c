"""What every page has, and what each page says of its plan."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

import maps
from maps import IndexEntry, Page, PageContext
from maps.navigation import NAVIGATION, navigation_links
from maps.owners import label_units
from maps.preview import is_picture
from territory.errors import InputError, NotFound
from territory.outlets import Site
from territory.travel import Manoeuvre, Step
from tests.maps import worlds
from tests.maps.pages import ALL_PAGES, MAP_PAGES, draw


class Outline(HTMLParser):
    """Elements of a page with their attributes, and its text outside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._silent = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag in ("script", "style"):
            self._silent = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def data_of(page: Page) -> Any:
    found = re.search(
        r'<script type="application/json" id="fieldwright-data">(.*?)</script>', page.html
    )
    assert found is not None
    return json.loads(found.group(1))


@pytest.mark.parametrize("name", ALL_PAGES)
def test_every_page_is_a_whole_accessible_document(name: str) -> None:
    outline = Outline(draw(name).html)
    assert outline.all("html")[0]["lang"] == "en"
    assert len(outline.all("main")) == len(outline.all("h1")) == len(outline.all("title")) == 1
    ids = [attributes["id"] for _, attributes in outline.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    skip = next(link for link in outline.all("a") if link.get("class") == "skip")
    assert skip["href"].removeprefix("#") in ids
    viewport = next(meta for meta in outline.all("meta") if meta.get("name") == "viewport")
    assert "user-scalable" not in viewport["content"]
    assert "maximum-scale" not in viewport["content"]


@pytest.mark.parametrize("name", ALL_PAGES)
def test_every_page_names_its_sources_and_what_a_model_drew(name: str) -> None:
    text = Outline(draw(name).html).text
    assert "© OpenStreetMap contributors" in text or name == "report"
    assert "Statistics by the market's own survey" in text
    assert "drawn by a model (seed 7)" in text


@pytest.mark.parametrize("name", ALL_PAGES)
def test_no_page_fetches_or_links_outside(name: str) -> None:
    html = re.sub(f'href="{NAVIGATION.pattern}"', "", draw(name).html.replace("&amp;", "&"))
    assert not re.search(r'(src|href)\s*=\s*["\']?\s*(https?:)?//', html)
    styles = "".join(re.findall(r"<style>(.*?)</style>", html, flags=re.DOTALL))
    assert not re.search(r"url\((?!data:)", styles)
    assert "@import" not in html
    assert "sourceMappingURL" not in html
    assert "default-src 'none'" in html
    assert "unsafe" not in html.split("</head>")[0].split("<style>")[0]


@pytest.mark.parametrize("name", ALL_PAGES)
def test_the_same_plan_gives_the_same_page(name: str) -> None:
    assert draw(name).html == draw(name).html


@pytest.mark.parametrize("name", MAP_PAGES)
def test_folium_sees_constants_only(name: str) -> None:
    import folium

    one = draw(name, say=lambda text: text + "ÄRGER")
    other = draw(name)
    assert isinstance(one.map, folium.Map)
    assert isinstance(other.map, folium.Map)
    rendered = one.map.get_root().render()
    assert "ÄRGER" not in rendered
    assert "http" not in rendered.replace("http-equiv", "")
    assert rendered == other.map.get_root().render()


def test_a_map_page_carries_a_row_per_unit() -> None:
    units = worlds.hex_units(4)
    plan = worlds.score_plan(units)
    data = data_of(maps.draw_potential(plan, units, worlds.context("Potential", units)))
    assert "".join(data["units"][k] for k in ("ids_first", "ids_last")).startswith("88")
    assert [
        data["units"]["ids_first"] + middle + data["units"]["ids_last"]
        for middle in data["units"]["ids"]
    ] == list(units.ids)
    assert len(data["rows"]["potential"]) == len(data["units"]["rings"]) == 61
    sums = [sum(part["values"][i] or 0 for part in data["parts"]) for i in range(61)]
    assert np.allclose(sums, data["rows"]["potential"], atol=3)
    assert data["rows"]["penetration"][0] is None


def test_a_plan_for_other_units_is_refused() -> None:
    units = worlds.hex_units(2)
    other = worlds.hex_units(3)
    with pytest.raises(InputError, match="19 units"):
        maps.draw_potential(worlds.score_plan(units), other, worlds.context("x", other))


def test_an_alignment_page_says_who_had_what_and_who_has_it() -> None:
    units = worlds.hex_units(5)
    plan = worlds.alignment_plan(units, 9)
    data = data_of(maps.draw_alignment(plan, units, worlds.context("Jurisdictions", units)))
    ids = [person["id"] for person in data["executives"]]
    assert [ids[k] for k in data["after"]] == list(plan.alignment.owners)
    assert plan.before is not None
    assert [ids[k] for k in data["before"]] == list(plan.before.owners)
    assert len(data["locked"]) == 3
    assert len(data["now"]) == len(ids)


def test_units_of_nobody_and_executives_without_units_are_drawn() -> None:
    units = worlds.hex_units(2)
    plan = worlds.alignment_plan(units, 3)
    owners = ("", *plan.alignment.owners[1:])
    ids = (*plan.alignment.executive_ids, "AE-99")
    alignment = replace(plan.alignment, owners=owners, executive_ids=ids)
    plan = replace(plan, alignment=alignment, before=None, jurisdictions_before=())
    data = data_of(maps.draw_alignment(plan, units, worlds.context("x", units)))
    assert data["after"][0] == -1
    assert data["before"] is None
    assert data["after_labels"][3] == -1


def test_a_label_stands_in_the_depth_of_its_jurisdiction() -> None:
    # a disc of 19 cells that belongs to one: its middle is two steps from anybody else
    units = worlds.hex_units(2)
    (label,) = label_units(units, [0] * 19, 1)
    middle = units.lonlat.mean(axis=0)
    assert label == int(np.hypot(*(units.lonlat - middle).T).argmin())


def test_a_visits_page_holds_every_stop_and_every_unserved_visit() -> None:
    plan = worlds.visit_plan(executives=2, days=3, stops=4)
    page = maps.draw_visits(
        plan,
        worlds.context("Visits"),
        cards=worlds.cards(plan),
        lines={},
        names=worlds.names(plan),
    )
    data = data_of(page)
    assert len(data["stops"]["name"]) == 2 * 3 * 4 == plan.served
    assert data["straight"] == len(data["routes"]) == 6
    assert len(data["unserved"]["name"]) == len(plan.unserved)
    assert "all possible days are full" in data["unserved"]["reason"]


def test_a_page_of_part_of_a_plan_speaks_of_the_whole_at_its_head() -> None:
    plan = worlds.visit_plan(executives=2, days=3, stops=4)
    first = plan.routes[0].executive_id
    part = replace(
        plan, routes=tuple(route for route in plan.routes if route.executive_id == first)
    )
    page = maps.draw_visits(
        part, worlds.context("Visits"), cards={}, lines={}, names={}, whole=plan
    )
    assert len(data_of(page)["stops"]["name"]) == 12
    assert "24 visits in 6 routes" in page.html


def test_routes_follow_their_roads_when_these_are_given() -> None:
    plan = worlds.visit_plan(executives=1, days=1, stops=2)
    (route,) = plan.routes
    points = [route.start_lonlat, *((s.lon, s.lat) for s in route.stops), route.end_lonlat]
    legs = tuple((a, ((a[0] + b[0]) / 2 + 0.01, a[1]), b) for a, b in pairwise(points))
    page = maps.draw_visits(
        plan,
        worlds.context("Visits"),
        cards={},
        lines={(route.executive_id, route.date): legs},
        names={},
    )
    data = data_of(page)
    assert data["straight"] == 0
    assert [len(leg) for leg in data["routes"][0]["legs"]] == [6, 6, 6]


def test_day_sheets_run_through_the_day_in_order() -> None:
    plan = worlds.visit_plan(executives=2, days=2, stops=3)
    executive = plan.routes[0].executive_id
    page = maps.draw_day_sheets(
        plan,
        worlds.context("Day sheets"),
        worlds.cards(plan),
        worlds.names(plan),
        executive_id=executive,
    )
    outline = Outline(page.html)
    assert sum(1 for item in outline.all("li") if item.get("class") == "stop") == 2 * 3
    links = [link["href"] for link in outline.all("a") if link["href"].startswith("geo:")]
    own = [s for r in plan.routes if r.executive_id == executive for s in r.stops]
    assert links == [f"geo:{stop.lat:.6f},{stop.lon:.6f}" for stop in own]
    day = outline.text[outline.text.index("Monday 2026-11-23") :]
    words = ("leave", "Kauppa 0 Oy", "Lunch", "Kauppa 1 Oy", "Kauppa 2 Oy", "Back,")
    places = [day.index(word) for word in words]
    assert places == sorted(places)
    assert 'href="tel:+3589555010"' in page.html


def test_a_days_drive_is_handed_to_a_map_app_four_goals_at_a_time() -> None:
    """Five stops and home: 1 to 4, then 5 to home from stop 4 on; only numbers in the links."""
    plan = worlds.visit_plan(executives=1, days=1, stops=5)
    route = plan.routes[0]
    links = navigation_links(route, "car")
    assert [link.label for link in links] == ["1 to 4", "5 to home"]
    assert all(NAVIGATION.fullmatch(link.href) for link in links)
    fourth = f"{route.stops[3].lat:.6f},{route.stops[3].lon:.6f}"
    assert f"destination={fourth}" in links[0].href
    assert f"origin={fourth}" in links[1].href
    assert links[0].href.count("%7C") == 2
    page = maps.draw_day_sheets(
        plan, worlds.context("Day"), {}, {}, executive_id=route.executive_id
    )
    hrefs = [link["href"] for link in Outline(page.html).all("a")]
    assert [href for href in hrefs if href.startswith("https://www.google")] == [
        link.href for link in links
    ]


def test_each_leg_of_a_day_opens_to_its_directions() -> None:
    plan = worlds.visit_plan(executives=1, days=1, stops=2)
    steps = worlds.directions(plan)
    executive = plan.routes[0].executive_id
    page = maps.draw_day_sheets(
        plan, worlds.context("Day"), {}, {}, executive_id=executive, steps=steps
    )
    outline = Outline(page.html)
    ways = [item for item in outline.all("details") if item.get("class") == "way"]
    assert len(ways) == 3  # to each stop and home
    for words in (
        "Start on Mannerheimintie 120 m",
        "Turn left into Aleksanterinkatu 1.4 km",
        "Take exit 3 of the roundabout 260 m",
        "Arrive",
    ):
        assert outline.text.count(words) == 3
    assert page.html.count('class="turn"') == 12
    without = maps.draw_day_sheets(plan, worlds.context("Day"), {}, {}, executive_id=executive)
    assert "details" not in without.html.split("<main")[1].split("</main>")[0]
    assert 'id="open-all"' not in without.html


def test_every_manoeuvre_has_a_sign_and_words() -> None:
    from typing import get_args

    from maps.directions import SIGNS
    from territory.directions import ARROWS, instruction

    for manoeuvre in get_args(Manoeuvre):
        step = Step(manoeuvre=manoeuvre, street="", seconds=1, meters=1, lonlat=(0, 0))
        assert instruction(step)
        assert SIGNS[manoeuvre].path
        assert ARROWS[manoeuvre]


def test_a_reach_page_counts_the_outlets_in_each_ring() -> None:
    lon, lat = worlds.HELSINKI
    outlets = [
        Site(site_id="near", name="Near", lon=lon + 0.002, lat=lat, role="own"),
        Site(site_id="ring", name="Ring", lon=lon + 0.02, lat=lat, role="own"),
        Site(site_id="rival", name="Rival", lon=lon + 0.02, lat=lat, role="competitor"),
        Site(site_id="away", name="Away", lon=lon + 1, lat=lat, role="own"),
    ]
    context = worlds.context("Reach")
    page = maps.draw_reach(
        worlds.reach_areas(), [("Home", lon, lat)], context, how="on foot", outlets=outlets
    )
    data = data_of(page)
    assert data["rows"]["own"] == [1, 2, 2]
    assert data["rows"]["others"] == [0, 1, 1]
    assert data["sites"]["within"] == [5, 10, 10, None]
    # each ring has lost the one inside it; the last had a hole of its own too
    assert [len(rings) for rings in data["shapes"]["rings"]] == [1, 2, 3]
    assert "How far one gets from Home in 5, 10, 15 minutes on foot" in page.html
    assert is_picture(page.preview)


def test_a_reach_that_reaches_nothing_is_still_a_page() -> None:
    nothing = maps.Area(minutes=5, geometry=shapely.MultiPolygon(), square_meters=0.0)
    context = worlds.context("Reach")
    page = maps.draw_reach([nothing], [("Home", *worlds.HELSINKI)], context, how="on foot")
    assert data_of(page)["shapes"]["rings"] == [[]]
    assert "0.0 km²" in page.html


def test_day_sheets_of_somebody_without_a_route_do_not_exist() -> None:
    plan = worlds.visit_plan(executives=1, days=1, stops=1)
    with pytest.raises(NotFound, match="AE-77"):
        maps.draw_day_sheets(plan, worlds.context("x"), {}, {}, executive_id="AE-77")


@pytest.mark.parametrize(
    "phone", ["javascript:alert(1)", "+358;ext=1", "12", "++1 555", "☎ 555 1234"]
)
def test_only_a_telephone_number_becomes_a_call_link(phone: str) -> None:
    from maps.draw_day_sheets import dialled

    assert dialled(phone) == ""
    assert dialled("+358 (9) 555-010") == "tel:+3589555010"


def test_an_outlet_page_links_cells_to_the_sites_that_serve_them() -> None:
    units = worlds.hex_units(5)
    plan = worlds.outlet_plan(units)
    rivals = worlds.own_sites(units)
    page = maps.draw_outlets(plan, units, worlds.context("Outlets", units), competitors=rivals)
    data = data_of(page)
    served = plan.cells.texts("site_id")
    ids = data["sites"]["site_id"]
    assert [ids[k] if k >= 0 else "" for k in data["site_of"]] == list(served)
    assert {"new", "kept", "closed", "competitor", "candidate"} == set(data["sites"]["kind"])
    # the plan names S0 to S11 itself, so none of S0 to S8 comes twice
    assert len(ids) == len(set(ids)) == 12
    assert max(v for v in data["rows"]["share_after"] if v is not None) <= 1
    frontier, captured = data["frontier"], plan.frontier.numbers("captured")
    assert frontier["adds"][0] is None
    assert frontier["adds"][1] == pytest.approx(captured[1] - captured[0], rel=1e-3)
    assert data["sites"]["phase"] == []


def test_a_gaps_page_sums_clusters_and_lists_the_richest_first() -> None:
    units = worlds.hex_units(6)
    plan = worlds.gap_plan(units)
    data = data_of(
        maps.draw_gaps(plan, units, worlds.context("Gaps", units), worlds.own_sites(units))
    )
    clusters = data["clusters"]
    assert clusters["white_space"] == sorted(clusters["white_space"], reverse=True)
    flagged = sum(bool(v) for v in plan.cells.columns["is_white_space"])
    assert sum(clusters["cells"]) == flagged == len(data["white"])
    # overlaps come by name, as do the outlets
    assert data["overlap"]["rows"]["outlet_a"] == ["Outlet 0", "Outlet 3"]


def test_a_report_shows_every_figure_and_says_which_lists_are_empty() -> None:
    text = Outline(maps.draw_report(worlds.weekly_report(), worlds.context("Week")).html).text
    for expected in (
        "94.5 %",
        "14,900",
        "−3,000",
        "Eero Salo",
        "Nothing this week: missed visits.",
    ):
        assert expected in text
    assert "ISO week 47" in text


def test_an_index_links_to_every_page() -> None:
    outline = Outline(draw("index").html)
    links = {link["href"] for link in outline.all("a")}
    assert {"score.html", "visits.html", "report.html", "day_sheets.html", "file.html"} <= links


@pytest.mark.parametrize("href", ["javascript:alert(1)", "https://example.org", "//example.org"])
def test_an_index_links_nowhere_else(href: str) -> None:
    entry = IndexEntry(href=href, title="x", text="", kind="score", market="m")
    with pytest.raises(InputError):
        maps.draw_index([entry], worlds.context("Index"))


def test_an_index_takes_no_picture_of_its_callers() -> None:
    entry = IndexEntry(
        href="a.html",
        title="x",
        text="",
        kind="score",
        market="m",
        preview="<svg><script>1</script>",
    )
    with pytest.raises(ValueError, match="preview"):
        maps.draw_index([entry], worlds.context("Index"))


def test_an_empty_index_says_what_to_do() -> None:
    assert "There is no plan yet" in maps.draw_index([], worlds.context("Index")).html


def test_a_page_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "page.html"
    assert Page(html="<p>€</p>").save(path) == path
    assert path.read_text("utf-8") == "<p>€</p>"
    assert [found.name for found in path.parent.iterdir()] == ["page.html"]
    with pytest.raises(UnicodeEncodeError):
        Page(html="\ud800").save(path)
    assert path.read_text("utf-8") == "<p>€</p>"
    assert [found.name for found in path.parent.iterdir()] == ["page.html"]


def test_sources_are_named_once() -> None:
    units = worlds.hex_units(1)
    context = replace(
        worlds.context("x", units), attribution=("© OpenStreetMap contributors (ODbL)", "B")
    )
    assert context.credits() == ("© OpenStreetMap contributors (ODbL)", "B")


def test_a_page_of_nothing_is_still_a_page() -> None:
    from territory.routes import VisitPlan

    plan = VisitPlan(
        first_date=worlds.TODAY,
        last_date=worlds.TODAY,
        mode="car",
        travel_source="estimated",
        routes=(),
        unserved=(),
        travel_seconds=0,
        travel_meters=0,
        visit_seconds=0,
        served=0,
        value_kept=0.0,
        value_lost=0.0,
    )
    context = PageContext(title="Visits", market="m", plan_id="p", date=worlds.TODAY)
    page = maps.draw_visits(plan, context, cards={}, lines={}, names={})
    assert data_of(page)["stops"]["name"] == []
