"""What an edit by hand answers: how the jurisdictions it touched stand, what it broke, what helps.

Loads follow the names of ``EditAnswer.load_names``; deviations are load / mean - 1 in percent, the
mean over the executives after the edit.
"""

from dataclasses import dataclass
from typing import Literal

BreachCode = Literal[
    "over_tolerance", "island", "hole", "lock", "empty", "unowned", "torn_group", "shared_pair"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One jurisdiction after an edit. ``pieces`` is 1 when it is contiguous, 0 when it is empty."""

    executive_id: str
    name: str
    units: int
    loads: tuple[float, ...]
    deviation_percent: tuple[float, ...]
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mend:
    """A single further move that would help: these units to that executive."""

    unit_ids: tuple[str, ...]
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A rule that a touched jurisdiction breaks after an edit, and how to mend it in words.

    ``code``: "over_tolerance" (a load), "island" (a piece lies apart), "hole" (it encloses land of
    others no larger than itself), "lock" (a locked unit left its executive), "empty" (no unit
    left), "unowned" (units of nobody), "torn_group" (units that belong together have several
    executives) or "shared_pair" (two that must be apart have one). ``is_new`` is false where the
    rule was broken before the edit too. ``move`` is the mend as a move, None where none does it.
    """

    code: BreachCode
    executive_id: str
    message: str
    mend: str
    is_new: bool = True
    move: Mend | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditAnswer:
    """What one edit did. ``moved_units`` changed hands, ``standings`` are those it touched.

    ``mean_loads`` is what every jurisdiction should hold. ``breaches`` lists what touched
    jurisdictions break now; ``notes`` says the rest: what the edit mended, who else lies beyond
    tolerance because the mean changed, what it could not do.
    """

    edit: str
    moved_units: tuple[str, ...]
    load_names: tuple[str, ...]
    mean_loads: tuple[float, ...]
    standings: tuple[Standing, ...]
    breaches: tuple[Breach, ...]
    notes: tuple[str, ...] = ()
