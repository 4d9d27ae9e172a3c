"""What may stand in a page: data as inert JSON, and a last look at the finished document."""

import base64
import hashlib
import json
import math
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from urllib.parse import urlsplit

from maps.navigation import NAVIGATION
from territory.errors import Fault, InputError

KNOWN_LINKS = frozenset({"https://www.openstreetmap.org/copyright"})
LINK_SCHEMES = frozenset({"", "geo", "tel"})
LOADING_ATTRIBUTES = frozenset(
    {"src", "srcset", "data", "poster", "action", "formaction", "background", "manifest", "ping"}
)
LINK_ATTRIBUTES = frozenset({"href", "xlink:href", "cite"})
_ESCAPES = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}


class UnsafePage(RuntimeError):
    """A finished page holds something that could load, run or leak; it was not given out."""


def as_json(value: object) -> str:
    """JSON that cannot leave a ``<script type="application/json">``; nan and infinity are null."""
    text = json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = re.sub("[<>&\u2028\u2029]", lambda found: _ESCAPES[found.group()], text)
    # A lone surrogate is legal in a Python string but has no UTF-8 form.
    return text.encode("utf-8", "replace").decode("utf-8")


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def csp_hash(text: str) -> str:
    """The Content-Security-Policy source of one inline script or style."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def policy(scripts: Iterable[str], styles: Iterable[str]) -> str:
    """A policy under which only these scripts and styles work, and nothing is ever fetched."""
    script_sources = " ".join(csp_hash(text) for text in scripts) or "'none'"
    style_sources = " ".join(csp_hash(text) for text in styles) or "'none'"
    return (
        f"default-src 'none'; script-src {script_sources}; style-src {style_sources}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def local_href(href: str) -> str:
    """``href`` if it stays in the same place: a relative link or a path of the same server.

    Raises
    ------
    InputError
        If it names a scheme or a host.
    """
    parts = urlsplit(href)
    leads_away = parts.scheme or parts.netloc or href.startswith("//") or "\\" in href
    if leads_away or re.search(r"[\x00-\x20]", href):
        fault = Fault(
            column="href",
            value=href[:200],
            expected="a link within the same place",
            fix="Link pages by their file name, such as potential.html.",
        )
        raise InputError("A page may only link to its neighbours.", [fault])
    return href


def inspect(html: str) -> None:
    """Look through a finished page once more.

    Raises
    ------
    UnsafePage
        If it loads anything, links to an unknown address, carries an event handler or a style
        attribute, or has a script or style that its policy does not name.
    """
    page = _Inspector()
    page.feed(html)
    page.close()
    problems = list(page.problems)
    if not page.policy:
        problems.append("no Content-Security-Policy")
    problems += [
        f"an inline {tag} the policy does not name: {text[:60]!r}"
        for tag, text in page.blocks
        if csp_hash(text) not in page.policy
    ]
    if problems:
        raise UnsafePage("The page was not given out: " + "; ".join(problems[:10]))


def _is_known(tag: str, link: str) -> bool:
    """The one page of attribution, or a drive handed to a map app when it is tapped."""
    return link in KNOWN_LINKS or (tag == "a" and NAVIGATION.fullmatch(link) is not None)


class _Inspector(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.blocks: list[tuple[str, str]] = []
        self.policy = ""
        self._open: str | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        for name, value in values.items():
            self._look_at(tag, name, value)
        if tag == "meta" and values.get("http-equiv", "").lower() == "content-security-policy":
            self.policy = values.get("content", "")
        if tag in {"base", "object", "embed", "iframe", "link", "form"}:
            self.problems.append(f"a <{tag}>")
        if tag == "style" or (tag == "script" and values.get("type") != "application/json"):
            self._open, self._text = tag, []

    def _look_at(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on") or name in {"style", "srcdoc"}:
            self.problems.append(f"<{tag} {name}=...>")
        elif name in LOADING_ATTRIBUTES and not (tag == "img" and value.startswith("data:image/")):
            self.problems.append(f"<{tag} {name}={value[:80]!r}>")
        elif name in LINK_ATTRIBUTES and not _is_known(tag, value):
            parts = urlsplit(value.strip())
            if parts.scheme.lower() not in LINK_SCHEMES or parts.netloc:
                self.problems.append(f"<{tag} {name}={value[:80]!r}>")

    def handle_data(self, data: str) -> None:
        if self._open:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self.blocks.append((tag, "".join(self._text)))
            self._open = None
