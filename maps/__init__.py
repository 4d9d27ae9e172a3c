"""Pictures: a plan in, a self-contained page out. Importing costs nothing; drawing loads Folium."""

from maps.context import AccountCard, Contact, IndexEntry, KeyFigure, PageContext
from maps.draw_alignment import draw_alignment
from maps.draw_potential import draw_potential
from maps.page import Page

__all__ = [
    "AccountCard",
    "Contact",
    "IndexEntry",
    "KeyFigure",
    "Page",
    "PageContext",
    "draw_alignment",
    "draw_potential",
]
