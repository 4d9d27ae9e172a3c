"""Pictures: a plan in, a self-contained page out. Importing costs nothing; drawing loads Folium."""

from maps.context import AccountCard, Contact, IndexEntry, KeyFigure, PageContext
from maps.draw_alignment import draw_alignment
from maps.draw_day_sheets import draw_day_sheets
from maps.draw_diff import draw_diff
from maps.draw_gaps import draw_gaps
from maps.draw_index import draw_index
from maps.draw_outlets import draw_outlets
from maps.draw_potential import draw_potential
from maps.draw_reach import Area, draw_reach
from maps.draw_report import draw_report
from maps.draw_validation import draw_validation
from maps.draw_visits import draw_visits
from maps.page import Page

__all__ = [
    "AccountCard",
    "Area",
    "Contact",
    "IndexEntry",
    "KeyFigure",
    "Page",
    "PageContext",
    "draw_alignment",
    "draw_day_sheets",
    "draw_diff",
    "draw_gaps",
    "draw_index",
    "draw_outlets",
    "draw_potential",
    "draw_reach",
    "draw_report",
    "draw_validation",
    "draw_visits",
]
