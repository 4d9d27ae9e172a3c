"""Alignment: every unit belongs to one executive; edits give a new value and a diff."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from territory.errors import Fault, InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """Units to executives. ``owners[i]`` is the executive id of ``unit_ids[i]``, "" if nobody.

    ``parent`` is the alignment this one was edited from, so undo is ``alignment.parent``.
    """

    unit_ids: tuple[str, ...]
    executive_ids: tuple[str, ...]
    owners: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.owners) != len(self.unit_ids):
            raise ValueError(f"{len(self.owners)} owners for {len(self.unit_ids)} units")
        if len(set(self.unit_ids)) != len(self.unit_ids):
            raise ValueError("a unit stands twice in the alignment")
        unknown = set(self.owners) - set(self.executive_ids) - {""}
        if unknown:
            raise ValueError(f"owners {sorted(unknown)!r} are not among the executives")

    def owner_of(self) -> Mapping[str, str]:
        """Executive of each unit."""
        return dict(zip(self.unit_ids, self.owners, strict=True))

    def units_of(self, executive_id: str) -> tuple[str, ...]:
        """The jurisdiction of one executive."""
        return tuple(
            unit
            for unit, owner in zip(self.unit_ids, self.owners, strict=True)
            if owner == executive_id
        )

    def move(self, units: Iterable[str], *, to: str) -> "Alignment":
        """A new alignment in which these units belong to executive ``to``.

        Raises
        ------
        InputError
            If a unit or the executive is unknown; all unknown ones are listed.
        """
        wanted = set(units)
        faults = [
            Fault(column="unit_id", value=unit, expected="a unit of this alignment")
            for unit in sorted(wanted - set(self.unit_ids))
        ]
        if to not in self.executive_ids:
            faults.append(
                Fault(column="executive_id", value=to, expected="an executive of this alignment")
            )
        if faults:
            raise InputError("This move names things that do not exist.", faults)
        owners = tuple(
            to if unit in wanted else owner
            for unit, owner in zip(self.unit_ids, self.owners, strict=True)
        )
        return replace(self, owners=owners)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jurisdiction:
    """One executive's figures in an alignment; ``loads`` follow ``AlignmentPlan.load_names``."""

    executive_id: str
    name: str
    units: int
    loads: tuple[float, ...]
    deviation_percent: tuple[float, ...]
    components: int
    moment_of_inertia: float
    polsby_popper: float
    moved_in_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignmentPlan:
    """An alignment with what is said of it. The judge recomputes each figure.

    ``unit_loads[l][i]`` is load l of unit i. ``deviation_percent`` is load / mean - 1, the mean
    over the executives. ``worst_percent[l]`` is its largest absolute value. ``moment_of_inertia``
    sums workload x squared km to the jurisdiction's workload centroid; ``inertia_bound`` is a
    valid lower bound on the same sum at the plan's centres. ``moved_percent`` is the share of
    workload (the last load) whose owner differs from ``before``; ``moved_bound_percent`` a lower
    bound for any plan within tolerance.
    """

    alignment: Alignment
    before: Alignment | None
    load_names: tuple[str, ...]
    unit_loads: tuple[tuple[float, ...], ...]
    tolerance_percent: tuple[float, ...]
    locked_units: tuple[str, ...]
    jurisdictions: tuple[Jurisdiction, ...]
    jurisdictions_before: tuple[Jurisdiction, ...]
    worst_percent: tuple[float, ...]
    cut_edges: int
    moment_of_inertia: float
    inertia_bound: float
    moved_percent: float
    moved_bound_percent: float
    notes: tuple[str, ...] = ()
