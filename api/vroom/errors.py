"""What the VROOM door says no with: VROOM's codes and HTTP statuses."""

from collections.abc import Iterable

from pydantic import ValidationError

from territory.errors import FieldwrightError, InputError, NotFound

INTERNAL, INPUT, ROUTING, TOO_LARGE = 1, 2, 3, 4
STATUS = {INTERNAL: 500, INPUT: 400, ROUTING: 500, TOO_LARGE: 413}
SHOWN = 10


class RoutingError(FieldwrightError):
    """Travel times could not be had."""

    code = "error"


class TooLarge(FieldwrightError):
    """A request with more places or vehicles than are taken."""

    code = "error"


def refuse(message: str, fix: str = "") -> InputError:
    """An input error in VROOM's manner: one message."""
    return InputError(message, fix=fix)


def code_of(error: FieldwrightError) -> int:
    """VROOM's code of one of our errors."""
    if isinstance(error, TooLarge):
        return TOO_LARGE
    if isinstance(error, RoutingError):
        return ROUTING
    return INPUT if isinstance(error, InputError | NotFound) else INTERNAL


def words_of(error: ValidationError) -> str:
    """All faults of a request in one line, each with its place."""
    return "; ".join(_faults(error)) or "Invalid request."


def _faults(error: ValidationError) -> Iterable[str]:
    faults = error.errors()
    for item in faults[:SHOWN]:
        where = ".".join(str(part) for part in item["loc"])
        yield f"Invalid {where}: {item['msg']}"
    if len(faults) > SHOWN:
        yield f"and {len(faults) - SHOWN} more"
