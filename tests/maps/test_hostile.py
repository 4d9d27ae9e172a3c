"""Hostile text stays text: nothing of it is run, compiled or lost while a page is drawn."""

import html

import pytest

from tests.maps.pages import ALL_PAGES, draw

HOSTILE = (
    "{{ 99991*99989 }} {% for x in y %} {# gone #} ${alert(1)} `+alert(1)+` "
    "</script><script>window.__x=1</script> <img src=x onerror=window.__x=1> "
    '" onmouseover="window.__x=1 \' =1+1 \u202egnp.exe\u2066 \u2028\u2029 ]]> <!-- \\u003c'
)


@pytest.mark.parametrize("name", ALL_PAGES)
def test_no_page_runs_or_loses_hostile_text(name: str) -> None:
    page = draw(name, say=lambda text: text + HOSTILE, rings=1)
    assert str(99991 * 99989) not in page.html
    assert page.html.count("<script") == draw(name, rings=1).html.count("<script")
    assert HOSTILE in html.unescape(page.html.split("<h1")[1].split("</h1>")[0])


@pytest.mark.parametrize("name", ALL_PAGES)
def test_ten_thousand_characters_in_every_field_are_carried_whole(name: str) -> None:
    long = "ä" * 10_000
    assert long in draw(name, say=lambda text: text + long, rings=1).html


def test_a_text_cannot_become_the_markup_of_the_page_frame() -> None:
    from dataclasses import replace

    import maps
    from tests.maps import worlds

    context = replace(
        worlds.context("x"),
        lang='en"><script>window.__x=1</script>',
        currency="<b>EUR</b>",
        plan_id='"><img src=x onerror=window.__x=1>',
    )
    page = maps.draw_report(worlds.weekly_report(), context)
    assert "<script" not in page.html
    assert "<img" not in page.html
    assert "<b>" not in page.html
