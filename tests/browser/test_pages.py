"""Pages as a planner meets them: opened from a file in headless Chromium, with every part used."""

import csv
from pathlib import Path

import pytest

import maps
from tests.browser.chromium import Opened, Opener
from tests.maps import worlds
from tests.maps.pages import ALL_PAGES, MAP_PAGES, draw
from tests.maps.test_hostile import HOSTILE

pytestmark = pytest.mark.browser

READY = "document.documentElement.hasAttribute('data-ready')"
ROWS = (
    "[...document.querySelectorAll('.table-twin')].map(t => t.querySelectorAll('tbody tr').length)"
)


def use_everything(page: Opened) -> None:
    """Every choice, switch and sort, the first rows and finds, and a walk over the map."""
    page.run(
        """() => {
          for (const box of document.querySelectorAll('.segments input')) box.click();
          for (const select of document.querySelectorAll('select'))
            for (const option of select.options) {
              select.value = option.value;
              select.dispatchEvent(new Event('change', {bubbles: true}));
            }
          for (const box of document.querySelectorAll('input[type=checkbox]')) box.click();
          for (const button of document.querySelectorAll('thead button')) {
            button.click();
            button.click();
          }
          for (const more of document.querySelectorAll('.more-rows'))
            if (!more.hidden) more.click();
          for (const table of document.querySelectorAll('table'))
            [...table.querySelectorAll('.pick')].slice(0, 5).forEach(button => button.click());
          for (const stop of [...document.querySelectorAll('.stops button')].slice(0, 3))
            stop.click();
          for (const field of document.querySelectorAll('textarea')) field.value = 'note';
          const search = document.querySelector('.search input');
          if (search) for (const text of ['c', 'a', '<', '{', 'e', '1']) {
            search.value = text;
            search.dispatchEvent(new Event('input'));
            const find = document.querySelector('.finds li[role=option]');
            if (find) find.click();
          }
        }"""
    )
    stage = page.tab.locator(".stage")
    if stage.count():
        box = stage.bounding_box()
        assert box is not None
        page.tab.evaluate("scrollTo(0, 0)")
        for share in (0.3, 0.45, 0.5, 0.55, 0.7):
            page.tab.mouse.click(box["x"] + box["width"] * share, box["y"] + box["height"] * share)


@pytest.mark.parametrize("name", ALL_PAGES)
def test_every_page_works_without_network_or_error(name: str, open_page: Opener) -> None:
    page = open_page(draw(name))
    if name in MAP_PAGES:
        assert page.run(READY)
    use_everything(page)
    page.assert_quiet()


@pytest.mark.parametrize("name", ALL_PAGES)
def test_hostile_text_is_shown_and_never_run(name: str, open_page: Opener) -> None:
    page = open_page(draw(name, say=lambda text: text + HOSTILE, rings=2))
    assert HOSTILE in page.run("document.querySelector('h1').textContent")
    if name in MAP_PAGES:
        assert page.run(READY)
        shown = page.run(
            "[...document.querySelectorAll('.table-twin tbody th, .table-twin tbody td')]"
            ".map(cell => cell.textContent)"
        )
        assert any(text.endswith(HOSTILE) for text in shown)
    use_everything(page)
    assert page.run("document.querySelectorAll('main img, main iframe, main form').length") == 0
    page.assert_quiet()


@pytest.mark.parametrize("name", ALL_PAGES)
def test_ten_thousand_characters_a_field_do_not_break_a_page(name: str, open_page: Opener) -> None:
    page = open_page(draw(name, say=lambda text: text + "ä" * 10_000, rings=1))
    if name in MAP_PAGES:
        assert page.run(READY)
        assert page.run("document.querySelector('.stage').clientWidth") > 800
    assert page.run("document.documentElement.scrollWidth - innerWidth") <= 0
    page.assert_quiet()


@pytest.mark.parametrize("name", ALL_PAGES)
def test_no_page_is_wider_than_a_phone(name: str, open_page: Opener) -> None:
    page = open_page(draw(name), viewport={"width": 390, "height": 800}, has_touch=True)
    assert page.run("document.documentElement.scrollWidth") <= 390
    small = page.run(
        """() => [...document.querySelectorAll('button, input, select, summary, .segments label')]
          .filter(e => e.checkVisibility() && !e.closest('.segments input, .switch-list, .tick'))
          .filter(e => !e.matches('.segments input'))
          .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
          .filter(([, r]) => r.width > 1 && (r.width < 24 || r.height < 24))
          .map(([html]) => html)"""
    )
    assert small == []


def test_the_week_view_has_a_column_for_each_day_and_a_block_for_each_stop(
    open_page: Opener,
) -> None:
    """Two executives, four days of six stops: in all days of the second, one block a stop."""
    plan = worlds.visit_plan(executives=2, days=4, stops=6)
    page = open_page(
        maps.draw_visits(
            plan,
            worlds.context("Visits"),
            cards=worlds.cards(plan),
            lines={},
            names=worlds.names(plan),
        )
    )
    page.tab.locator(".weeks > summary").click()
    page.tab.get_by_label("Day", exact=True).select_option("all")
    assert page.tab.locator(".week-part.visit").count() == plan.served == 48
    page.tab.get_by_label("Executive", exact=True).select_option("1")
    assert page.tab.locator(".week-part.visit").count() == 24
    dates = {route.date for route in plan.routes}
    weeks = page.tab.locator(".week").count()
    assert page.tab.locator(".week-day").count() == len(dates) == 4
    assert weeks == len({day.isocalendar()[:2] for day in dates})
    tops = page.run(
        "[...document.querySelector('.week-day').querySelectorAll('.week-part.visit')]"
        ".map(block => parseFloat(block.style.top))"
    )
    assert tops == sorted(tops)
    assert len(set(tops)) == 6
    page.assert_quiet()


def test_as_many_stops_on_the_page_as_rows_as_in_the_plan(open_page: Opener) -> None:
    plan = worlds.visit_plan(executives=3, days=4, stops=6)
    page = open_page(
        maps.draw_visits(
            plan,
            worlds.context("Visits"),
            cards=worlds.cards(plan),
            lines={},
            names=worlds.names(plan),
        )
    )
    assert page.run(ROWS)[-2:] == [18, 4]  # the first day of three executives
    page.tab.get_by_label("Day", exact=True).select_option("all")
    assert page.run(ROWS)[-2:] == [72, 4]
    assert len(page.run("Fieldwright.app.data.stops.name")) == plan.served == 72
    page.tab.get_by_label("Executive", exact=True).select_option("1")
    page.tab.get_by_label("Next: Day").click()
    assert page.run(ROWS)[-2:] == [6, 4]
    assert page.tab.locator(".stops button").count() == 6
    assert page.tab.locator(".stops .plain").all_inner_texts()[0] == "08:30 leave"
    page.assert_quiet()


def test_the_table_sorts_filters_and_is_taken_away_without_live_formulas(
    open_page: Opener, tmp_path: Path
) -> None:
    units = worlds.hex_units(2, say=lambda text: text.replace("Cell 7", "=1+1"))
    page = open_page(
        maps.draw_potential(worlds.score_plan(units), units, worlds.context("x", units))
    )
    table = page.tab.locator(".table-twin")
    table.get_by_role("button", name="Potential").first.click()
    values = [
        float(text.replace(",", ""))
        for text in table.locator("tbody tr td:nth-child(3)").all_inner_texts()
    ]
    assert values == sorted(values, reverse=True)
    assert len(values) == 19
    assert table.locator("th[aria-sort=descending]").count() == 1
    with page.tab.expect_download() as taken:
        table.get_by_role("button", name="Download CSV").click()
    path = tmp_path / "taken.csv"
    taken.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 20
    assert rows[0][:3] == ["Unit", "Segment", "Potential (EUR)"]
    assert [row[0] for row in rows if "1+1" in row[0]] == ["'=1+1"]
    table.get_by_label("Filter rows").fill("cell 1")
    # Cell 1 and Cell 10 to Cell 18
    assert page.run(ROWS) == [10]
    page.assert_quiet()


def test_a_unit_is_found_and_its_potential_explained_by_keyboard_alone(open_page: Opener) -> None:
    units = worlds.hex_units(3)
    plan = worlds.score_plan(units)
    page = open_page(maps.draw_potential(plan, units, worlds.context("x", units)))
    page.tab.keyboard.press("Tab")
    assert page.run("document.activeElement.textContent") == "Skip the map: go to the table"
    page.tab.get_by_role("combobox", name="Find a unit").focus()
    page.tab.keyboard.type("cell 12")
    page.tab.keyboard.press("Enter")
    details = page.tab.locator("#details")
    assert details.locator("h2").inner_text() == "Cell 12"
    assert details.locator(".bars li").count() == 4
    potential = round(plan.table.numbers("potential")[12])
    assert f"{potential:,}" in details.locator(".sum").inner_text()
    assert page.tab.locator("tr[aria-current=true]").inner_text().startswith("Cell 12")
    page.assert_quiet()


def test_a_click_on_the_map_picks_the_unit_under_it(open_page: Opener) -> None:
    units = worlds.hex_units(3)
    page = open_page(
        maps.draw_potential(worlds.score_plan(units), units, worlds.context("x", units))
    )
    for index in (0, 17, 30):
        lon, lat = units.lonlat[index]
        x, y = page.run(
            f"(() => {{ const p = Fieldwright.app.map.latLngToContainerPoint([{lat}, {lon}]);"
            " const b = Fieldwright.app.map.getContainer().getBoundingClientRect();"
            " return [b.x + p.x, b.y + p.y]; })()"
        )
        page.tab.mouse.click(x, y)
        page.tab.wait_for_timeout(20)
        assert page.tab.locator("#details h2").inner_text() == f"Cell {index}"
    page.assert_quiet()


def test_before_and_after_show_their_own_owners(open_page: Opener) -> None:
    units = worlds.hex_units(5)
    plan = worlds.alignment_plan(units, 9)
    page = open_page(maps.draw_alignment(plan, units, worlds.context("x", units)))
    assert plan.before is not None
    moved = sum(a != b for a, b in zip(plan.alignment.owners, plan.before.owners, strict=True))
    assert moved > 0
    legend = page.tab.locator("#legend")
    assert f"Changed hands{moved}" in legend.inner_text().replace("\n", "")
    page.tab.get_by_role("radio", name="Before").check(force=True)
    assert legend.locator("h2").inner_text() == "Before"
    assert page.run(ROWS)[:3] == [9, len(units), len(plan.frontier)]
    page.assert_quiet()


def test_the_frontier_is_drawn_and_the_units_of_a_proof_are_counted(open_page: Opener) -> None:
    units = worlds.hex_units(5)
    plan = worlds.alignment_plan(units, 9)
    page = open_page(maps.draw_alignment(plan, units, worlds.context("x", units)))
    assert page.tab.locator("#details svg.curve circle.dot").count() == len(plan.frontier)
    assert page.tab.locator("#details svg.curve circle.is-marked").count() == 1
    assert plan.diagnosis[0].text in page.tab.locator("#details").inner_text()
    assert "Units of the diagnosis9" in page.tab.locator("#legend").inner_text().replace("\n", "")
    page.assert_quiet()


def test_what_rounds_to_nothing_has_no_sign_and_levels_have_headings(open_page: Opener) -> None:
    units = worlds.hex_units(5)
    plan = worlds.alignment_plan(units, 9)
    opened = open_page(maps.draw_alignment(plan, units, worlds.context("x", units)))
    written = opened.run(
        """(() => { const format = Fieldwright.makeFormat("en", "EUR");
        return [["signed", -0.04], ["signed", -0.06], ["percent", -0.04], ["whole", -0.4],
                ["signed", 0.04], ["ratio", 0]].map(([kind, value]) => format(kind, value)); })()"""
    )
    assert written == ["±0 %", "−0.1 %", "0 %", "0", "±0 %", "0 %"]
    headings = opened.run(
        "[...document.querySelectorAll('h2, h3')].map((each) => each.textContent)"
    )
    assert any(text.startswith("District") for text in headings)
    assert not any(text.startswith("district") for text in headings)


def test_notes_of_a_day_sheet_are_there_after_it_was_closed(open_page: Opener) -> None:
    page = open_page(draw("day_sheets"))
    page.tab.locator("textarea").first.fill("Ordered 40 cases")
    page.tab.locator("input[type=checkbox]").first.check()
    page.tab.reload()
    assert page.tab.locator("textarea").first.input_value() == "Ordered 40 cases"
    assert page.tab.locator("input[type=checkbox]").first.is_checked()
    page.assert_quiet()


def test_notes_of_a_day_sheet_are_saved_as_rows_of_the_visits_table(open_page: Opener) -> None:
    """A tick and a note that would run in a spreadsheet; columns as the visits table has them."""
    page = open_page(draw("day_sheets"))
    first = page.tab.locator("li.stop").first
    first.locator("textarea").fill('=HYPERLINK("x"), 40 cases')
    first.locator("input[type=checkbox]").check()
    with page.tab.expect_download() as caught:
        page.tab.locator("#save-notes").click()
    text = Path(caught.value.path()).read_text(encoding="utf-8")
    head, row = text.strip().split("\r\n") if "\r\n" in text else text.strip().split("\n")
    assert head == "visit_id,account_id,executive_id,date,start,status,note"
    assert ',done,"\'=HYPERLINK(""x""), 40 cases"' in row
    page.assert_quiet()


@pytest.mark.parametrize("name", ["visits", "report", "day_sheets"])
def test_pages_print_on_paper_colours(name: str, open_page: Opener) -> None:
    page = open_page(draw(name), color_scheme="dark")
    page.tab.emulate_media(media="print", color_scheme="light")
    assert page.run("getComputedStyle(document.body).backgroundColor") in (
        "rgb(255, 255, 255)",
        "rgb(245, 246, 244)",
    )
    assert len(page.tab.pdf()) > 10_000
    page.assert_quiet()


def test_the_same_part_of_the_map_is_printed(open_page: Opener) -> None:
    units = worlds.hex_units(4)
    page = open_page(
        maps.draw_potential(worlds.score_plan(units), units, worlds.context("x", units))
    )
    page.run("window.dispatchEvent(new Event('beforeprint'))")
    assert page.run("document.querySelector('.stage').clientWidth") < 760
    west, south, east, north = page.run(
        "Fieldwright.app.map.getBounds().toBBoxString().split(',').map(Number)"
    )
    assert west < units.lonlat[:, 0].min() < units.lonlat[:, 0].max() < east
    assert south < units.lonlat[:, 1].min() < units.lonlat[:, 1].max() < north
    page.run("window.dispatchEvent(new Event('afterprint'))")
    assert page.run("document.querySelector('.stage').clientWidth") > 900
    page.assert_quiet()


def test_ten_thousand_units_open_within_a_second(open_page: Opener) -> None:
    units = worlds.hex_units(58)
    assert len(units) > 10_000
    drawn = maps.draw_potential(worlds.score_plan(units), units, worlds.context("x", units))
    page = open_page(drawn)
    seconds = page.run(
        "(performance.timing.loadEventEnd - performance.timing.navigationStart) / 1000"
    )
    assert page.run(READY)
    assert page.run("document.querySelectorAll('*').length") < 8000
    # A second on an idle machine; tests share theirs with others.
    assert seconds < 4
    page.assert_quiet()
