"""The errors Fieldwright raises: one small tree, each saying what, where and what to do.

FieldwrightError
├── InputError (ValueError)          bad rows, files or settings; carries every Fault
├── Infeasible (ValueError)          the rules leave no plan; carries the numbers
├── NotFound (LookupError)           no such market, plan, job, table, unit
├── Conflict (RuntimeError)          somebody else changed it first
├── Forbidden (PermissionError)      a door that stays shut
├── CheckFailed (RuntimeError)       the judge found violations; the plan was not saved
└── MissingPart (RuntimeError)       an optional part (roads, a browser, a driver) is not there
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with an input, placed so that it can be found and mended.

    ``row`` is the row as a person counts it in the file: the header is row 1.
    """

    expected: str
    fix: str = ""
    file: str = ""
    table: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""

    def __str__(self) -> str:
        place = [self.file or self.table]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column:
            place.append(f"column {self.column!r}")
        head = ", ".join(part for part in place if part)
        said = f"{self.value!r} is not {self.expected}" if self.value else self.expected
        tail = f" {self.fix}" if self.fix else ""
        return f"{head}: {said}.{tail}" if head else f"{said}.{tail}"


class FieldwrightError(Exception):
    """Anything Fieldwright says no to. ``code`` is stable and documented."""

    code = "error"

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(f"{message} {fix}".strip())
        self.message = message
        self.fix = fix


class InputError(FieldwrightError, ValueError):
    """An input cannot be taken as it is. ``faults`` lists everything found, not just the first."""

    code = "bad_input"

    def __init__(self, message: str, faults: Iterable[Fault] = (), *, fix: str = "") -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(message, fix=fix)

    def __str__(self) -> str:
        shown = [str(fault) for fault in self.faults[:20]]
        if len(self.faults) > 20:
            shown.append(f"... and {len(self.faults) - 20} more")
        return "\n".join([f"{self.message} {self.fix}".strip(), *shown])


class Infeasible(FieldwrightError, ValueError):
    """No plan can obey the rules; ``reasons`` name each broken rule with its numbers."""

    code = "infeasible"

    def __init__(self, message: str, reasons: Sequence[str] = (), *, fix: str = "") -> None:
        self.reasons: tuple[str, ...] = tuple(reasons)
        super().__init__("\n".join([message, *self.reasons]), fix=fix)


class NotFound(FieldwrightError, LookupError):
    """What was asked for does not exist here."""

    code = "not_found"


class Conflict(FieldwrightError, RuntimeError):
    """The thing changed, or exists already."""

    code = "conflict"


class Forbidden(FieldwrightError, PermissionError):
    """The caller may not do this."""

    code = "forbidden"


class CheckFailed(FieldwrightError, RuntimeError):
    """The judge found violations, so the plan was not saved."""

    code = "check_failed"

    def __init__(self, message: str, violations: Sequence[object] = ()) -> None:
        self.violations: tuple[object, ...] = tuple(violations)
        super().__init__("\n".join([message, *(str(item) for item in self.violations[:20])]))


class MissingPart(FieldwrightError, RuntimeError):
    """Something optional is needed for this and is not there."""

    code = "missing_part"
