"""Options of ``fieldwright redraw`` with an inner form, read into the request's own fields."""

import csv
from collections.abc import Sequence
from pathlib import Path

from territory.errors import Fault, InputError

Values = dict[str, object]


def span_of(executives: str | None) -> Values:
    """``8`` or ``8..12`` as executives and executives_to."""
    if executives is None:
        return {}
    first, dots, last = executives.partition("..")
    return {"executives": first, **({"executives_to": last} if dots else {})}


def loads_of(loads: Sequence[str] | None) -> list[Values]:
    """``NAME``, ``NAME:TOLERANCE`` or ``NAME:TOLERANCE:PRICE`` of each load."""
    made: list[Values] = []
    for text in loads or ():
        name, *rest = _parts(text, "--load", most=3, form="NAME:TOLERANCE:PRICE")
        keys = ("tolerance_percent", "soft_price")
        made.append({"name": name, **dict(zip(keys, rest, strict=False))})
    return made


def levels_of(levels: Sequence[str] | None) -> list[Values]:
    """``NAME:GROUPS`` or ``NAME:GROUPS:TOLERANCE`` of each level."""
    made: list[Values] = []
    for text in levels or ():
        name, *rest = _parts(text, "--level", most=3, least=2, form="NAME:GROUPS:TOLERANCE")
        keys = ("groups", "tolerance_percent")
        made.append({"name": name, **dict(zip(keys, rest, strict=False))})
    return made


def move_by_of(measures: Sequence[str] | None) -> Values:
    """``NAME`` or ``NAME:WEIGHT`` of each measure; the request's default without any."""
    if not measures:
        return {}
    pairs = [_parts(text, "--move-by", most=2, form="NAME:WEIGHT") for text in measures]
    return {"move_by": {name: rest[0] if rest else 1.0 for name, *rest in pairs}}


def _parts(text: str, option: str, *, most: int, form: str, least: int = 1) -> list[str]:
    parts = text.split(":")
    if not least <= len(parts) <= most or not all(parts):
        raise InputError(
            f"{option} cannot be read.", [Fault(column=option, value=text, expected=form)]
        )
    return parts


def own_loads_of(path: Path | None) -> dict[str, dict[str, float]]:
    """The columns of a CSV by unit: the first column is ``unit_id``, the others are numbers.

    Raises
    ------
    InputError
        With every cell that is no number, or if the file or its first column is not as it should.
    """
    if path is None:
        return {}
    rows = _rows(path, "Your own loads cannot be read.")
    faults: list[Fault] = []
    loads: dict[str, dict[str, float]] = {name: {} for name in rows[0] if name != "unit_id"}
    for number, row in enumerate(rows, start=2):
        for name, values in loads.items():
            try:
                values[row["unit_id"]] = float(row[name])
            except (TypeError, ValueError):
                faults.append(
                    Fault(file=str(path), row=number, column=name, value=str(row[name]),
                          expected="a number")
                )  # fmt: skip
    if faults:
        raise InputError("Your own loads cannot be read.", faults)
    return loads


def within_of(wish: str | None) -> Values | None:
    """``region``, or the groups in the second column of a CSV, which names the level.

    Raises
    ------
    InputError
        If the file cannot be read, or has other than two columns, or a unit twice.
    """
    if wish is None:
        return None
    if wish == "region":
        return {"name": wish}
    path, what = Path(wish), "The level above cannot be read."
    rows = _rows(path, what)
    names = [name for name in rows[0] if name != "unit_id"]
    units = [row["unit_id"] for row in rows]
    faults = (
        [
            Fault(file=str(path), column="unit_id", value=unit, expected="every unit once")
            for unit in sorted({unit for unit in units if units.count(unit) > 1})
        ]
        if len(set(units)) < len(units)
        else []
    )
    if len(names) != 1 or not names[0]:
        faults.append(Fault(file=str(path), expected="unit_id and one more column"))
    if faults:
        raise InputError(what, faults)
    return {"name": names[0], "units": {row["unit_id"]: row[names[0]] or "" for row in rows}}


def _rows(path: Path, what: str) -> list[dict[str, str]]:
    """The rows of a CSV with a column unit_id, at least one."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise InputError(
            what, [Fault(file=str(path), value=str(fault), expected="a CSV in UTF-8")]
        ) from None
    if not rows or "unit_id" not in rows[0]:
        raise InputError(what, [Fault(file=str(path), expected="rows, and a column unit_id")])
    return rows
