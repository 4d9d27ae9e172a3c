"""The survey of a market: sources resolved into companies, decisions on doubtful pairs, origins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from api.usecases.workspace import Workspace
from territory.errors import Conflict, Fault, InputError, NotFound
from territory.survey.resolve import SOURCES, Decision, Origin, Resolution, resolve
from territory.survey.resolve.model import RecordKey, Verdict
from territory.survey.resolve.table import SOURCE_RECORDS, is_survey_id

if TYPE_CHECKING:
    from data.surveys import SurveyFiles

REVIEW_FORMATS = ("csv", "json", "xlsx")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resolved:
    """A resolution and what to say of it."""

    resolution: Resolution
    lines: tuple[str, ...]


def survey_files(workspace: Workspace, market: str) -> "SurveyFiles":
    """The survey folder of a market that exists."""
    from data.surveys import SurveyFiles

    workspace.store.settings(market)  # refuses a market that is not there
    return SurveyFiles(workspace.folder(market) / "survey")


def resolve_survey(
    workspace: Workspace,
    market: str,
    files: Mapping[str, Sequence[Path]],
    *,
    decisions: Path | None = None,
    mapping: Sequence[str] = (),
    skip_bad_rows: bool = False,
    dry_run: bool = False,
    shown_names: Mapping[str, str] | None = None,
) -> Resolved:
    """Read source files, resolve them with the sources kept before, write the companies table.

    A named source replaces what was kept of it. ``decisions`` is a CSV of verdict, left, right,
    added to those kept. Companies that no resolution made stay as they are. Nothing is written in
    a ``dry_run``, or if anything is at fault.

    Raises
    ------
    InputError
        If rows are bad and ``skip_bad_rows`` is not set: the faults of all files at once.
    """
    _make_if_new(workspace, market, dry_run=dry_run)
    is_there = market in workspace.store.list_markets()
    kept = survey_files(workspace, market) if is_there else None
    read, said = _read_all(files, mapping, skip_bad_rows, shown_names or {})
    before = kept.decisions() if kept else ()
    decided = _added(before, _read_decisions(decisions) if decisions else ())
    sources = {**(kept.sources() if kept else {}), **read}
    if not sources:
        raise InputError("There is no source to resolve.", fix="Name one: yellow_pages=FILE.csv.")
    found = resolve(
        _one_frame(sources), decisions=decided, land=_land(workspace, market) if kept else ()
    )
    if kept and not dry_run:
        for source, frame in read.items():
            kept.save_source(source, frame)
        _write(workspace, market, kept, found, decided, before)
    return Resolved(resolution=found, lines=(*said, *_lines(found, decided, dry_run=dry_run)))


def decide(workspace: Workspace, market: str, verdict: Verdict, left: str, right: str) -> Resolved:
    """Decide that two records are the same company or different ones, and resolve anew.

    ``left`` and ``right`` are SOURCE:ID, or an id that one source alone has. A decision replaces
    an earlier one on the same two records. "different" splits what was joined.

    Raises
    ------
    InputError
        If a record is unknown, or earlier decisions say the opposite through other records.
    """
    kept = survey_files(workspace, market)
    keys = _keys_of(kept.sources(), (left, right))
    if keys[0] == keys[1]:
        raise InputError("A record cannot be decided against itself.")
    before = kept.decisions()
    made = Decision(verdict=verdict, left=keys[0], right=keys[1])
    return _again(workspace, market, kept, _added(before, (made,)), before)


def undo(workspace: Workspace, market: str) -> Resolved:
    """Take back the last decision and resolve anew.

    Raises
    ------
    Conflict
        If there is no decision left.
    """
    kept = survey_files(workspace, market)
    before = kept.decisions()
    if not before:
        raise Conflict("There is no decision to take back.")
    return _again(workspace, market, kept, before[:-1], before)


def decisions_of(workspace: Workspace, market: str) -> tuple[Decision, ...]:
    """The decisions of a market's survey, oldest first."""
    return survey_files(workspace, market).decisions()


def review_page(
    workspace: Workspace, market: str, *, limit: int = 100, offset: int = 0
) -> dict[str, Any]:
    """Rows of the review list, the most doubtful first."""
    review = survey_files(workspace, market).review()
    rows = review.iloc[offset : offset + limit].astype("object")
    end = offset + len(rows)
    return {
        "total": len(review),
        "offset": offset,
        "rows": rows.where(rows.notna(), None).to_dict("records"),
        "next": end if end < len(review) else None,
    }


def export_review(workspace: Workspace, market: str, format_: str) -> tuple[str, bytes]:
    """The review list as a file: its name and bytes; no text in it can run as a formula."""
    from data.exports import ExportContext
    from data.exports.sheets import frame_sheet
    from data.exports.tables import csv_bytes, xlsx_bytes

    if format_ not in REVIEW_FORMATS:
        known = ", ".join(REVIEW_FORMATS)
        raise InputError(f"{format_[:40]!r} is no format of the list.", fix=f"Formats: {known}.")
    review = survey_files(workspace, market).review()
    name = f"{market}-review.{format_}"
    if format_ == "json":
        return name, review.to_json(orient="records", force_ascii=True).encode()
    sheet = frame_sheet("review", review)
    if format_ == "csv":
        return name, csv_bytes(sheet, has_bom=True)
    settings = workspace.store.settings(market)
    context = ExportContext(
        title=f"Review list of {settings.title}",
        market=market,
        plan_id="review",
        date=settings.today,
    )
    return name, xlsx_bytes((sheet,), context)


def flags_of(workspace: Workspace, market: str) -> list[dict[str, str]]:
    """Records whose place or income is in doubt: source, id, column, reason."""
    flags = survey_files(workspace, market).flags()
    columns = ["source", "source_record_id", "column", "reason"]
    return [{name: str(row[name]) for name in columns} for row in flags.to_dict("records")]


def origins_of(workspace: Workspace, market: str, company_id: str) -> tuple[Origin, ...]:
    """Where each field of a company comes from."""
    return survey_files(workspace, market).origins_of(company_id)


def _make_if_new(workspace: Workspace, market: str, *, dry_run: bool) -> None:
    from api.usecases.imports import create_market

    if market not in workspace.store.list_markets() and not dry_run:
        create_market(workspace, market, given={})


def _read_all(
    files: Mapping[str, Sequence[Path]],
    mapping: Sequence[str],
    skip_bad_rows: bool,
    shown_names: Mapping[str, str],
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Every source's rows, and what to say; the faults of all files are raised together."""
    from api.usecases.imports import _parse_mapping
    from data.readers import read_table

    unknown = [source for source in files if source not in SOURCES]
    if unknown:
        known = ", ".join(SOURCES)
        raise InputError(f"{unknown[0][:80]!r} is no source.", fix=f"Sources: {known}.")
    columns, said = _parse_mapping(mapping), []
    found: dict[str, pd.DataFrame] = {}
    faults: list[Fault] = []
    messages: list[str] = []
    for source, paths in files.items():
        parts = []
        for path in paths:
            name = shown_names.get(str(path), path.name)
            try:
                result = read_table(
                    path, SOURCE_RECORDS, mapping=columns, skip_bad_rows=skip_bad_rows, name=name
                )
            except InputError as error:
                messages.append(error.message)
                faults += error.faults
                continue
            parts.append(result.checked.good)
            said.append(f"{name}: {len(result.checked.good):,} records of {source}")
            said += [f"  left out: {fault}" for fault in result.checked.faults[:20]]
        if parts:
            found[source] = pd.concat(parts, ignore_index=True)
    if messages:
        raise InputError(" ".join(messages), faults)
    return found, said


def _read_decisions(path: Path) -> tuple[Decision, ...]:
    """Decisions from a file with the columns verdict, left and right (SOURCE:ID)."""
    from data.readers.read import read_raw

    raw = read_raw(path, name=path.name, table="decisions")
    absent = [name for name in ("verdict", "left", "right") if name not in raw.frame]
    faults = [Fault(file=path.name, column=name, expected="missing") for name in absent]
    made: list[Decision] = []
    rows = [] if absent else raw.frame[["verdict", "left", "right"]].to_dict("records")
    for number, row in zip(raw.rows.tolist(), rows, strict=False):
        cells = {name: str(value).strip() for name, value in row.items()}
        if cells["verdict"] not in ("same", "different"):
            faults.append(
                Fault(
                    file=path.name,
                    row=number,
                    column="verdict",
                    value=cells["verdict"][:120],
                    expected="same or different",
                )
            )
        bad = [name for name in ("left", "right") if not is_survey_id(cells[name])]
        faults += [
            Fault(
                file=path.name,
                row=number,
                column=name,
                value=cells[name][:120],
                expected="a record as SOURCE:ID",
            )
            for name in bad
        ]
        if not bad and cells["verdict"] in ("same", "different"):
            verdict = cast(Verdict, cells["verdict"])
            made.append(
                Decision(verdict=verdict, left=_key(cells["left"]), right=_key(cells["right"]))
            )
    if faults:
        raise InputError(f"{path.name}: these decisions cannot be read.", faults)
    return tuple(made)


def _key(text: str) -> RecordKey:
    source, _, record = text.partition(":")
    return source, record


def _added(before: Sequence[Decision], made: Sequence[Decision]) -> tuple[Decision, ...]:
    """Decisions with newer ones at the end; a newer one replaces one on the same two records."""
    by_pair = {frozenset((item.left, item.right)): item for item in before}
    for item in made:
        pair = frozenset((item.left, item.right))
        by_pair.pop(pair, None)
        by_pair[pair] = item
    return tuple(by_pair.values())


def _keys_of(sources: Mapping[str, pd.DataFrame], names: Sequence[str]) -> list[RecordKey]:
    known = {source: set(frame["source_record_id"]) for source, frame in sources.items()}
    keys, faults = [], []
    for name in names:
        source, record = _key(name)
        found = [(source, record)] if record in known.get(source, ()) else []
        found = found or [(source, name) for source, ids in known.items() if name in ids]
        if len(found) == 1:
            keys += found
            continue
        expected = "a record: several sources have it" if found else "a record of the survey"
        faults.append(Fault(value=name[:120], expected=expected, fix="Name it as SOURCE:ID."))
    if faults:
        raise InputError("These records cannot be decided.", faults)
    return keys


def _one_frame(sources: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    parts = [frame.assign(source=source) for source, frame in sources.items()]
    return pd.concat(parts, ignore_index=True)


def _land(workspace: Workspace, market: str) -> tuple[str, ...]:
    """The outlines a place can be on: the market's zones, or everywhere if it has none."""
    return tuple(workspace.store.table(market, "zones")["geometry"])


def _again(
    workspace: Workspace,
    market: str,
    kept: "SurveyFiles",
    decided: tuple[Decision, ...],
    before: tuple[Decision, ...],
) -> Resolved:
    sources = kept.sources()
    if not sources:
        raise NotFound("This market's survey was never resolved.", fix="Resolve it first.")
    found = resolve(_one_frame(sources), decisions=decided, land=_land(workspace, market))
    _write(workspace, market, kept, found, decided, before)
    return Resolved(resolution=found, lines=_lines(found, decided, dry_run=False))


def _write(
    workspace: Workspace,
    market: str,
    kept: "SurveyFiles",
    found: Resolution,
    decided: tuple[Decision, ...],
    before: tuple[Decision, ...],
) -> None:
    """Keep decisions, companies, then the outcome; companies of other origin stay in the table.

    An account that names a record which is now part of another company follows it.
    """
    kept.save_decisions(decided, instead_of=before)
    table = workspace.store.table(market, "companies")
    others = table[~table["company_id"].map(is_survey_id).astype("bool")]
    tables = {"companies": pd.concat([others, found.companies], ignore_index=True)}
    accounts = _following(workspace.store.table(market, "accounts"), found)
    if accounts is not None:
        tables["accounts"] = accounts
    try:
        workspace.store.write_tables(market, tables, mode="replace")
    except BaseException:
        kept.save_decisions(before, instead_of=decided)
        raise
    kept.save_resolution(found)


def _following(accounts: pd.DataFrame, found: Resolution) -> pd.DataFrame | None:
    """The accounts under the ids their companies have now; None if none of them changes."""
    named = accounts["company_id"].map(is_survey_id).astype("bool")
    if not named.any():
        return None
    records = found.records
    keys = records["source"] + ":" + records["source_record_id"]
    company_of = pd.Series(records["company_id"].to_numpy(dtype=object), index=keys)
    now = accounts["company_id"].map(company_of).where(named).fillna(accounts["company_id"])
    if (now == accounts["company_id"]).all():
        return None
    return accounts.assign(company_id=now.astype("str"))


def _lines(found: Resolution, decided: Sequence[Decision], *, dry_run: bool) -> tuple[str, ...]:
    records, companies = len(found.records), len(found.companies) + len(found.placeless)
    verb = "would become" if dry_run else "became"
    joined = int(found.review["is_joined"].sum())
    lines = [
        f"{records:,} records {verb} {companies:,} companies",
        f"{len(found.review):,} doubtful pairs to review: {joined:,} joined, "
        f"{len(found.review) - joined:,} left apart",
    ]
    if decided:
        lines.append(f"{len(decided):,} decisions kept")
    reasons = found.flags.groupby("reason").size().to_dict() if len(found.flags) else {}
    lines += [f"{count:,} records in doubt: {reason}" for reason, count in reasons.items()]
    return (*lines, *found.notes)
