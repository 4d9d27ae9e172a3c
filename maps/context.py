"""What a page is told beside its plan: where it belongs, what lies under it, who made it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from territory.basemap import BaseMap


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """The frame of one page.

    ``date`` is the market's reference day. ``synthetic_note`` is shown on the page when a model
    drew part of the data; "" when all of it was observed. ``home_href`` is a relative link; ""
    leaves it out. ``lang`` is a BCP 47 tag and also decides how numbers are written.
    """

    title: str
    market: str
    plan_id: str
    date: date
    currency: str = "EUR"
    base_map: BaseMap | None = None
    attribution: tuple[str, ...] = ()
    synthetic_note: str = ""
    home_href: str = "index.html"
    lang: str = "en"

    def credits(self) -> tuple[str, ...]:
        """Every source to be named, the base map's own first, each once."""
        said = [self.base_map.attribution if self.base_map else "", *self.attribution]
        return tuple(dict.fromkeys(text for text in said if text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One person at an account: a role ("Store manager"), a name, a telephone number."""

    role: str
    name: str
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCard:
    """The customer profile card as an executive reads it at the door.

    ``facts`` are further lines in reading order, such as {"Last order": "2026-11-02"}.
    """

    name: str
    tier: str = ""
    contacts: tuple[Contact, ...] = ()
    address: str = ""
    phone: str = ""
    opening_hours: str = ""
    notes: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """One figure of a page's head: a label, the value as text, and a word on it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexEntry:
    """One page in the index. ``href`` is relative; ``preview`` is ``Page.preview`` or "".

    ``kind`` groups and pictures it: a plan kind ("score", "alignment", "visits", "outlets",
    "gaps", "report"), "day_sheets" or "file".
    """

    href: str
    title: str
    text: str
    kind: str
    market: str
    figures: tuple[KeyFigure, ...] = ()
    preview: str = ""
