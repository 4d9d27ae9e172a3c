"""The index over all markets and their pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from maps.context import IndexEntry, PageContext
from maps.page import Page, document
from maps.safety import local_href

KIND_ORDER = ("score", "alignment", "visits", "outlets", "gaps", "report")
KIND_WORDS = {
    "score": "Score",
    "alignment": "Redraw",
    "visits": "Visits",
    "outlets": "Outlets",
    "gaps": "Gaps",
    "report": "Report",
    "day_sheets": "Day sheets",
    "file": "File",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketPages:
    """One market's entries: pictured cards, day sheets, files."""

    market: str
    cards: tuple[IndexEntry, ...]
    day_sheets: tuple[IndexEntry, ...]
    files: tuple[IndexEntry, ...]


def draw_index(entries: Sequence[IndexEntry], context: PageContext) -> Page:
    """A front page: markets in the order given, a card per plan, links to day sheets and files.

    Raises
    ------
    InputError
        If a link is not a plain one within the same place.
    """
    for entry in entries:
        local_href(entry.href)
        _check_preview(entry.preview)
    markets = dict.fromkeys(entry.market for entry in entries)
    grouped = [_market(name, entries) for name in markets]
    return document(
        "index.html",
        context,
        lead="Who sells where, whom they see when, and where the next outlet should stand.",
        markets=grouped,
        kind_words=KIND_WORDS,
        pages=len(entries),
    )


def _market(name: str, entries: Sequence[IndexEntry]) -> MarketPages:
    own = [entry for entry in entries if entry.market == name]
    pictured = [entry for entry in own if entry.kind not in ("day_sheets", "file")]
    pictured.sort(
        key=lambda e: KIND_ORDER.index(e.kind) if e.kind in KIND_ORDER else len(KIND_ORDER)
    )
    return MarketPages(
        market=name,
        cards=tuple(pictured),
        day_sheets=tuple(entry for entry in own if entry.kind == "day_sheets"),
        files=tuple(entry for entry in own if entry.kind == "file"),
    )


def _check_preview(preview: str) -> None:
    """Only pictures that ``maps.preview`` drew are taken as they are."""
    from maps.preview import is_picture

    if preview and not is_picture(preview):
        raise ValueError("a preview must be a Page.preview")
