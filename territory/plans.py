"""What every plan carries beside its decision: how it was made, so that it can be made again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
PlanKind = Literal["score", "alignment", "visits", "outlets", "gaps", "report"]
StoppedBy = Literal["finished", "work", "clock", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkDone:
    """How far a run went. ``iterations`` and ``deterministic_seconds`` count work, not time.

    ``stopped_by`` is "finished" (proved or exhausted), "work" (an iteration or work limit: a rerun
    gives the same plan), "clock" or "cancelled" (a rerun may differ).
    """

    stopped_by: StoppedBy = "finished"
    iterations: int = 0
    deterministic_seconds: float = 0.0
    wall_seconds: float = 0.0

    @property
    def is_repeatable(self) -> bool:
        return self.stopped_by in ("finished", "work")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a plan comes from. ``input_hash`` is over the tables and travel times it read."""

    market: str
    kind: PlanKind
    seed: int
    params: Mapping[str, Json] = field(default_factory=dict)
    input_hash: str = ""
    tool_version: str = ""
    work: WorkDone = field(default_factory=WorkDone)
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Named columns of equal length: the plain form in which figures travel between rooms."""

    columns: Mapping[str, tuple[str | float | int | bool | None, ...]]

    def __post_init__(self) -> None:
        lengths = {name: len(values) for name, values in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns differ in length: {lengths}")

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def numbers(self, name: str) -> tuple[float, ...]:
        """One column as floats; a missing value becomes nan."""
        values = self.columns[name]
        return tuple(float("nan") if value is None else float(value) for value in values)

    def texts(self, name: str) -> tuple[str, ...]:
        """One column as text; a missing value becomes ''."""
        return tuple("" if value is None else str(value) for value in self.columns[name])
