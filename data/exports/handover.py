"""The diff of two alignments as a workbook: who hands what to whom, each unit, each account."""

from collections.abc import Iterable

from data.exports.context import ExportContext
from data.exports.sheets import Cell, Sheet
from data.exports.tables import xlsx_bytes
from territory.handover import AlignmentDiff


def handover_bytes(found: AlignmentDiff, context: ExportContext) -> bytes:
    """The workbook as bytes: sheets handovers, units, accounts and about.

    Raises
    ------
    InputError
        If a sheet has more rows than a workbook can hold.
    """
    return xlsx_bytes(tuple(handover_sheets(found, context)), context)


def handover_sheets(found: AlignmentDiff, context: ExportContext) -> Iterable[Sheet]:
    """The sheets in reading order."""
    yield _pairs(found, context)
    yield _units(found, context)
    yield _accounts(found, context)
    yield _about(found, context)


def _who(executive_id: str, context: ExportContext) -> tuple[Cell, Cell]:
    """Id and name; a unit of nobody has neither."""
    if not executive_id:
        return None, "nobody"
    return executive_id, context.executive(executive_id)


PAIR = ("from_executive_id", "from_executive", "to_executive_id", "to_executive")


def _pairs(found: AlignmentDiff, context: ExportContext) -> Sheet:
    rows: list[tuple[Cell, ...]] = [
        (
            *_who(one.from_executive, context),
            *_who(one.to_executive, context),
            len(one.unit_ids),
            len(one.account_ids),
            *one.loads,
        )
        for one in found.exchanges
    ]
    rows.append((None, "all", None, "all", found.units, found.accounts, *found.moved_loads))
    return Sheet(
        name="handovers",
        columns=(*PAIR, "units", "accounts", *found.load_names),
        rows=tuple(rows),
    )


def _units(found: AlignmentDiff, context: ExportContext) -> Sheet:
    place = {unit: row for row, unit in enumerate(found.after.unit_ids)}
    names = (
        {}
        if context.units is None
        else dict(zip(context.units.ids, context.units.names, strict=True))
    )
    rows: list[tuple[Cell, ...]] = []
    for one in found.exchanges:
        pair = (*_who(one.from_executive, context), *_who(one.to_executive, context))
        for unit in one.unit_ids:
            row = place.get(unit)
            loads = [None if row is None else load[row] for load in found.unit_loads]
            rows.append((unit, names.get(unit), *pair, *loads))
    return Sheet(
        name="units", columns=("unit_id", "unit_name", *PAIR, *found.load_names), rows=tuple(rows)
    )


def _accounts(found: AlignmentDiff, context: ExportContext) -> Sheet:
    rows = tuple(
        (
            account,
            context.account(account),
            context.account_addresses.get(account, ""),
            *_who(one.from_executive, context),
            *_who(one.to_executive, context),
        )
        for one in found.exchanges
        for account in one.account_ids
    )
    return Sheet(name="accounts", columns=("account_id", "account", "address", *PAIR), rows=rows)


def _about(found: AlignmentDiff, context: ExportContext) -> Sheet:
    lines: list[tuple[Cell, ...]] = [
        ("title", context.title),
        ("market", context.market),
        ("before", found.before_plan),
        ("after", found.after_plan),
        ("date", context.date),
        ("currency", context.currency),
        ("synthetic data", "yes, in part" if context.has_synthetic else "no"),
    ]
    lines += [
        (f"{name} that changes hands, percent", percent)
        for name, percent in zip(found.load_names, found.moved_percent, strict=True)
    ]
    lines += [("joined", context.executive(each)) for each in found.joined]
    lines += [("left", context.executive(each)) for each in found.left]
    lines += [("attribution", text) for text in context.attribution]
    return Sheet(name="about", columns=("what", "value"), rows=tuple(lines))
