"""Lists and objects that a command takes as JSON files, checked later with the whole request."""

import json
from pathlib import Path

from territory.errors import Fault, InputError


def read_list(path: Path | None, what: str) -> list[object]:
    """The list in a JSON file; empty without a file.

    Raises
    ------
    InputError
        If the file cannot be read or holds something else.
    """
    if path is None:
        return []
    found = _read(path, what, f"a JSON list of {what}")
    if not isinstance(found, list):
        raise _odd(what, path, type(found).__name__, "a JSON list")
    return found


def read_object(path: Path, what: str) -> dict[str, object]:
    """The object in a JSON file, values by name; raises as ``read_list``."""
    found = _read(path, what, f"a JSON object of {what}")
    if not isinstance(found, dict):
        raise _odd(what, path, type(found).__name__, "a JSON object")
    return found


def _read(path: Path, what: str, expected: str) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as fault:
        raise _odd(what, path, str(fault), expected) from None


def _odd(what: str, path: Path, value: str, expected: str) -> InputError:
    fault = Fault(file=str(path), value=value, expected=expected)
    return InputError(f"The {what} cannot be read.", [fault])


def weights_of(text: str | None) -> list[str] | None:
    """The parts of a list with commas, to be read as numbers; None of nothing or of "fit"."""
    return None if text is None or text == "fit" else [part.strip() for part in text.split(",")]


def phases_of(text: str | None) -> list[dict[str, str | None]]:
    """Phases said as NEW_SITES:BUDGET with commas between; a budget left out is no limit."""
    parts = [] if text is None else [part.partition(":") for part in text.split(",")]
    return [
        {"new_sites": count.strip(), "budget": budget.strip() or None} for count, _, budget in parts
    ]


def pulls_of(text: str | None) -> dict[str, object]:
    """The fields for "flows", "sales" or the path of a JSON file with the pull of outlets by id."""
    if text is None:
        return {}
    if text in ("flows", "sales"):
        return {"fit_attractiveness": text}
    return {"attractiveness": read_object(Path(text), "attractiveness")}
