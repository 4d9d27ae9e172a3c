"""Names for what a sample invents: people, firms, streets and districts that do not exist."""

from typing import Final

import numpy as np


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_GIVEN: Final = _words(
    "Ada Alma Anton Aino Bela Clara Daria Elias Emil Enzo Fina Gilda Hugo Ida Ilmar Iris Jonna "
    "Kaja Lars Leda Lio Livia Mara Milo Nela Nilo Odo Otto Pia Rafa Runa Sanna Silvo Tamar Theo "
    "Tilda Ugo Vera Vito Wanda Yara Zeno"
)
_FIRST: Final = _words(
    "Al Ber Cas Dor El Fen Gal Hol Ist Jor Kal Lin Mor Nor Ost Pel Quin Ras Sol Tar"
)
_SECOND: Final = _words("a e i o an en ar or ing el")
_LAST: Final = _words("berg dale feld gren holm ius kin lund mark nen quist ren sen stad vik wald")
_TREES: Final = _words(
    "Alder Ash Aspen Bay Beech Birch Cedar Cherry Chestnut Cypress Elder Elm Fir Hawthorn Hazel "
    "Holly Juniper Larch Laurel Lime Linden Maple Oak Olive Pear Pine Plum Poplar Rowan Spruce "
    "Sycamore Walnut Willow Yew"
)
_OTHERS: Final = _words(
    "Anchor Arsenal Bakers Bell Bridge Brewers Canal Castle Chapel Coopers Court Dyers Ferry Fort "
    "Foundry Garden Glass Granary Harbour Hill Iron Lantern Library Lock Market Mill Mint Museum "
    "Opera Orchard Palace Paper Park Quarry Rope Salt Silk Station Temple Theatre Tower Weavers"
)


def surnames(draw: np.random.Generator, count: int) -> list[str]:
    """Made-up surnames, two or three syllables."""
    parts = [draw.choice(list(words), count) for words in (_FIRST, _SECOND, _LAST)]
    return ["".join(part) for part in zip(*parts, strict=True)]


def people(draw: np.random.Generator, count: int) -> list[str]:
    """Given name and made-up surname; different ones while there are enough."""
    given = draw.choice(_GIVEN, count)
    return [f"{one} {two}" for one, two in zip(given, surnames(draw, count), strict=True)]


def firms(draw: np.random.Generator, kinds: list[str]) -> list[str]:
    """A firm's name for each kind of business: "Gallund Bakery"."""
    return [
        f"{name} {kind.replace('_', ' ').title()}"
        for name, kind in zip(surnames(draw, len(kinds)), kinds, strict=True)
    ]


def streets(count: int) -> list[str]:
    """Different street names, always the same for a number."""
    words = [*_TREES, *_OTHERS]
    kinds = ("Street", "Avenue", "Road", "Lane", "Way")
    return [
        f"{words[number % len(words)]} {kinds[(number // len(words)) % len(kinds)]}"
        + (f" {number // (len(words) * len(kinds)) + 1}" if number >= 5 * len(words) else "")
        for number in range(count)
    ]


def districts(count: int) -> list[str]:
    """Different district names, always the same for a number."""
    ends = ("side", "ford", "gate", "field", "wick")
    names = [f"{tree}{end}" for end in ends for tree in _TREES]
    return [
        names[number] if number < len(names) else f"District {number + 1}"
        for number in range(count)
    ]
