"""What may stand in a page, and what the last look refuses."""

import json
import math

import pytest

from maps.safety import UnsafePage, as_json, csp_hash, inspect, local_href, policy
from territory.errors import InputError


def test_json_cannot_close_its_element_and_reads_back_the_same() -> None:
    hostile = "</script><!-- & \u2028\u2029 <script>alert(1)</script>"
    text = as_json({"a": [hostile, 1.5, None, True]})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"a": [hostile, 1.5, None, True]}


def test_json_has_no_nan_and_no_half_characters() -> None:
    assert as_json([math.nan, math.inf, -math.inf, 0.5]) == "[null,null,null,0.5]"
    assert as_json("\ud800x").encode("utf-8")


@pytest.mark.parametrize("href", ["index.html", "a/b.html#day-2", "/v1/plans/7/map", "x.html?y=1"])
def test_links_within_the_place_are_allowed(href: str) -> None:
    assert local_href(href) == href


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "https://example.org/",
        "//example.org/x",
        "\\\\example.org\\x",
        "data:text/html,x",
        " index.html",
    ],
)
def test_links_that_lead_away_are_refused(href: str) -> None:
    with pytest.raises(InputError, match="neighbours"):
        local_href(href)


def document(body: str, *, head: str = "") -> str:
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(["go()"], [])}">'
    return f"<!DOCTYPE html><html><head>{meta}{head}</head><body>{body}</body></html>"


def test_a_clean_page_passes() -> None:
    inspect(
        document(
            '<a href="index.html">x</a><a href="geo:60.1,24.9">x</a><a href="#day">x</a>'
            '<a href="https://www.openstreetmap.org/copyright">x</a>'
            '<script type="application/json">{"any":"thing"}</script><script>go()</script>'
        )
    )


@pytest.mark.parametrize(
    "body",
    [
        '<img src="https://tiles.example.org/1.png">',
        '<img src="picture.png">',
        '<script src="lib.js"></script>',
        "<script>stop()</script>",
        "<style>p { color: red }</style>",
        '<p onclick="x()">x</p>',
        '<p style="color: red">x</p>',
        '<a href="http://example.org">x</a>',
        '<a href="javascript:x()">x</a>',
        '<a href="//example.org">x</a>',
        '<link rel="stylesheet" href="x.css">',
        '<iframe srcdoc="x"></iframe>',
        '<form action="/x"></form>',
        '<base href="/">',
        '<svg><image xlink:href="http://example.org/x"/></svg>',
    ],
)
def test_a_page_that_could_load_run_or_lead_away_is_refused(body: str) -> None:
    with pytest.raises(UnsafePage):
        inspect(document(body))


def test_a_page_without_a_policy_is_refused() -> None:
    with pytest.raises(UnsafePage, match="no Content-Security-Policy"):
        inspect("<!DOCTYPE html><html><body><p>x</p></body></html>")


def test_the_policy_hash_is_the_one_browsers_compute() -> None:
    assert csp_hash("") == "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    assert "script-src 'none'" in policy([], [])
    assert policy(["a"], []).startswith("default-src 'none'; ")
