"""The page of changes: what changes hands between two versions of an alignment, between whom."""

from collections.abc import Mapping, Sequence

import numpy as np

from maps.columns import tidy, words
from maps.context import KeyFigure, PageContext
from maps.layers import encode_units, units_bounds
from maps.measures import check_units
from maps.owners import label_units, load_shown, owner_numbers, shared_borders
from maps.page import Page, map_page
from maps.preview import areas_preview
from maps.style import OKABE_ITO, distinct_colours, short_number
from territory.handover import AlignmentDiff
from territory.units import Units


def draw_diff(
    found: AlignmentDiff, units: Units, context: PageContext, *, names: Mapping[str, str]
) -> Page:
    """Units that change hands in colour, all others plain; tables of pairs, units and accounts.

    ``names`` gives the name of each executive; a missing one shows the id.
    """
    check_units(found.after.unit_ids, units)
    executives = list(dict.fromkeys((*found.after.executive_ids, *found.before.executive_ids)))
    after = owner_numbers(found.after, executives, units)
    before = owner_numbers(found.before, executives, units)
    borders = shared_borders(units, len(executives), after, before)
    colours = [OKABE_ITO[colour] for colour in distinct_colours(borders)]
    loads = [load_shown(name) for name in found.load_names]
    data = {
        "bounds": units_bounds(units),
        "units": encode_units(units),
        "colours": colours,
        "executives": [{"id": each, "name": names.get(each) or each} for each in executives],
        "after": after,
        "before": before,
        "after_labels": label_units(units, after, len(executives)),
        "before_labels": label_units(units, before, len(executives)),
        "loads": [
            {**load.spec(context.currency), "values": tidy(values, load.kind)}
            for load, values in zip(loads, found.unit_loads, strict=True)
        ],
        "pairs": _pairs(found, executives, [load.kind for load in loads]),
        "accounts": _accounts_of_units(found, units),
    }
    changed = np.asarray(
        [OKABE_ITO.index(colours[k]) if k >= 0 and k != was else -1
         for k, was in zip(after, before, strict=True)],
        dtype=np.int8,
    )  # fmt: skip
    return map_page(
        "diff",
        context,
        data=data,
        lead=_lead(found),
        figures=_figures(found),
        notes=_notes(found, names),
        preview=areas_preview(units, changed, OKABE_ITO),
    )


def _lead(found: AlignmentDiff) -> str:
    if not found.exchanges:
        return "Nothing changes hands between these two versions."
    return (
        f"{found.units:,} of {len(found.after.unit_ids):,} units and {found.accounts:,} accounts "
        f"change hands between {len(found.exchanges):,} pairs of executives."
    )


def _figures(found: AlignmentDiff) -> tuple[KeyFigure, ...]:
    counts = (("Units", found.units), ("Accounts", found.accounts))
    figures = [KeyFigure(label=label, value=f"{count:,}") for label, count in counts]
    figures += [
        KeyFigure(
            label=words(name.removesuffix("_hours")),
            value=short_number(moved),
            note=f"{percent:.1f} % of all",
        )
        for name, moved, percent in zip(
            found.load_names, found.moved_loads, found.moved_percent, strict=True
        )
    ]
    return tuple(figures)


def _notes(found: AlignmentDiff, names: Mapping[str, str]) -> tuple[str, ...]:
    """Which versions these are, and who joined or left."""
    said = [f"From version {found.before_plan} to version {found.after_plan}."]
    for who, word in ((found.joined, "joined"), (found.left, "left")):
        if who:
            said.append(f"{', '.join(names.get(each) or each for each in who)} {word}.")
    return tuple(said)


def _pairs(
    found: AlignmentDiff, executives: Sequence[str], kinds: Sequence[str]
) -> list[dict[str, object]]:
    """What each pair exchanges; an executive as a number, -1 for nobody."""
    place = {executive: k for k, executive in enumerate(executives)}
    return [
        {
            "from": place.get(one.from_executive, -1),
            "to": place.get(one.to_executive, -1),
            "units": len(one.unit_ids),
            "accounts": len(one.account_ids),
            "loads": [
                tidy([load], kind)[0]  # type: ignore[arg-type]
                for load, kind in zip(one.loads, kinds, strict=True)
            ],
        }
        for one in found.exchanges
    ]


def _accounts_of_units(found: AlignmentDiff, units: Units) -> list[int]:
    """How many accounts change hands in each unit of the map."""
    place = units.index()
    counts = [0] * len(units)
    for one in found.exchanges:
        for unit in one.account_units:
            if unit in place:
                counts[place[unit]] += 1
    return counts
