"""The level above as it is given: which group each unit and each executive belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from api.schemas import WithinWish
from territory.alignment import Alignment
from territory.errors import Fault, InputError
from territory.geo import to_meters
from territory.market import Market
from territory.units import Units
from territory.units.values import Neighbours


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The level ``name``: the group of each unit (n,), and of the executives who have a seat."""

    name: str = ""
    unit_groups: tuple[str, ...] = ()
    seated: Mapping[str, str] = field(default_factory=dict)

    def executive_groups(self, chosen: Sequence[str]) -> tuple[str, ...]:
        """The group of each of these executives, "" where it is open; () without a level."""
        return tuple(self.seated.get(one, "") for one in chosen) if self.unit_groups else ()


NOTHING_GIVEN = Given()


def given_of(
    market: Market,
    units: Units,
    neighbours: Neighbours,
    before: Alignment | None,
    chosen: Sequence[str],
    wish: WithinWish | None,
) -> Given:
    """The level that a request gives, every unit in a group.

    Raises
    ------
    InputError
        With every unit and executive that is not in the market or has no group, or where the
        executives' regions say nothing of the units.
    """
    if wish is None:
        return NOTHING_GIVEN
    regions = _regions(market)
    if wish.units:
        groups = _listed_groups(wish.units, units)
    else:
        groups = _by_owner(regions, units, neighbours, before)
    known = set(groups)
    seated = {one: region for one, region in regions.items() if region in known}
    seated |= wish.executives
    people = {*chosen, *regions}
    faults = [
        Fault(column="within", value=f"{one}: {group}", expected="an executive, and a group")
        for one, group in wish.executives.items()
        if one not in people or group not in known
    ]
    if faults:
        raise InputError("The level above cannot be taken as it is.", faults)
    here = set(chosen)
    return Given(
        name=wish.name,
        unit_groups=groups,
        seated={one: group for one, group in seated.items() if one in here},
    )


def _regions(market: Market) -> dict[str, str]:
    """The column region of every executive, "" if it is empty."""
    frame = market.table("executives")
    regions = frame["region"].fillna("").astype(str).str.strip()
    return dict(zip(frame["executive_id"].astype(str), regions, strict=True))


def _listed_groups(listed: Mapping[str, str], units: Units) -> tuple[str, ...]:
    known = set(units.ids)
    faults = [
        Fault(column="within", value=unit, expected="a unit of the market")
        for unit in listed
        if unit not in known
    ]
    faults += [
        Fault(column="within", value=unit, expected="a unit with a group")
        for unit in units.ids
        if not listed.get(unit, "").strip()
    ]
    if faults:
        raise InputError("The level above cannot be taken as it is.", faults)
    return tuple(listed[unit].strip() for unit in units.ids)


def _by_owner(
    regions: Mapping[str, str], units: Units, neighbours: Neighbours, before: Alignment | None
) -> tuple[str, ...]:
    """The region of whoever has each unit today; units of nobody join the nearest group."""
    owner_of = {} if before is None else before.owner_of()
    groups = [regions.get(owner_of.get(unit, ""), "") for unit in units.ids]
    if not any(groups):
        raise InputError(
            "The executives' column region says nothing of the units.",
            [
                Fault(
                    table="executives",
                    column="region",
                    expected="a region for executives who have units in the alignment table",
                    fix="Fill the column, or give a table with the group of every unit.",
                )
            ],
        )
    return tuple(_spread(groups, units, neighbours))


def _spread(groups: list[str], units: Units, neighbours: Neighbours) -> list[str]:
    """Groups carried over borders to units that have none, then to the nearest across water."""
    front = [unit for unit, group in enumerate(groups) if group]
    while front:
        reached: list[int] = []
        for unit in front:
            for other in neighbours.of(unit).tolist():
                if not groups[other]:
                    groups[other] = groups[unit]
                    reached.append(other)
        front = reached
    bare = np.array([not group for group in groups])
    if bare.any():
        far = np.flatnonzero(bare).tolist()
        for unit, other in zip(far, _nearest(units, bare).tolist(), strict=True):
            groups[unit] = groups[other]
    return groups


def _nearest(units: Units, bare: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The nearest unit with a group to each that has none."""
    from scipy.spatial import cKDTree

    xy = to_meters(units.lonlat)
    found = cKDTree(xy[~bare]).query(xy[bare])[1]
    return np.asarray(np.flatnonzero(~bare)[found], dtype=np.int64)
