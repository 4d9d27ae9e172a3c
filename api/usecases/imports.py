"""Filling a market: files of the user, or a sample."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.usecases.workspace import Workspace
from territory.errors import Conflict, Fault, InputError, NotFound
from territory.geo import LonLat
from territory.market import Market, MarketSettings
from territory.tables import TABLES

if TYPE_CHECKING:
    from data.readers import ReadResult
    from data.samples import Sample

SAMPLES = ("helsinki", "metropolis")


def create_market(
    workspace: Workspace, name: str, *, given: Mapping[str, str | None], today: date | None = None
) -> None:
    """Make an empty market; settings that are not given take their defaults."""
    chosen: dict[str, Any] = {key: value for key, value in given.items() if value}
    title = chosen.pop("title", name)
    try:
        settings = MarketSettings(title=title, today=today or _today(), **chosen)
    except (ValueError, KeyError, OSError) as error:  # zoneinfo raises any of the three
        raise InputError(f"Market {name!r} cannot be made so: {error}.") from error
    workspace.store.create_market(name, settings)


def _today() -> date:
    from datetime import UTC, datetime

    return datetime.now(UTC).date()


def import_files(
    workspace: Workspace,
    market: str,
    files: Sequence[Path],
    *,
    table: str | None = None,
    mapping: Sequence[str] = (),
    skip_bad_rows: bool = False,
    replace: bool = False,
    settings: Mapping[str, str | None] | None = None,
    shown_name: str | None = None,
) -> tuple[str, ...]:
    """Read files into a market's tables, making the market if it is new.

    Every file is read and checked before anything is stored. ``shown_name`` stands for the file in
    messages when it lies under a temporary name.

    Raises
    ------
    InputError
        If any row is bad and ``skip_bad_rows`` is not set; every fault of every file is listed.
    """
    _refuse_unknown_table(table)
    columns = _parse_mapping(mapping)
    existing = _market_or_none(workspace, market)
    points = None if existing is None else market_points(existing)
    results = [
        _read(path, table, columns, skip_bad_rows, points, shown_name or path.name)
        for path in files
    ]
    if existing is None:
        create_market(workspace, market, given=settings or {})
    return tuple(
        line
        for path, result in zip(files, results, strict=True)
        for line in _store(workspace, market, path, result, replace=replace, name=shown_name)
    )


def _read(
    path: Path,
    table: str | None,
    mapping: Mapping[str, str],
    skip_bad_rows: bool,
    points: LonLat | None,
    name: str,
) -> "ReadResult":
    from data.readers import guess_table, read_table

    spec = TABLES[table] if table else guess_table(path)
    return read_table(
        path, spec, mapping=mapping, skip_bad_rows=skip_bad_rows, market_points=points, name=name
    )


def _store(
    workspace: Workspace,
    market: str,
    path: Path,
    result: "ReadResult",
    *,
    replace: bool,
    name: str | None,
) -> Iterator[str]:
    from data.readers import write_rejects

    table = result.spec.name
    workspace.store.write_rows(
        market, table, result.checked.good, mode="replace" if replace else "upsert"
    )
    shown = name or path.name
    yield f"{shown}: {len(result.checked.good):,} rows into {table}"
    if result.checked.faults:
        folder = workspace.folder(market) / "rejects"
        folder.mkdir(parents=True, exist_ok=True)
        rejects = write_rejects(folder, result)
        yield f"{shown}: {len(result.checked.bad_rows):,} bad rows written to {rejects.name}"
        yield from (f"  {fault}" for fault in result.checked.faults[:20])
    yield from (f"{shown}: {note}" for note in result.notes)


def load_sample(
    workspace: Workspace,
    name: str,
    market: str,
    *,
    companies: int = 5000,
    executives: int = 12,
    seed: int = 7,
) -> tuple[str, ...]:
    """Load a sample market with its tables, roads and base map.

    Raises
    ------
    NotFound
        If there is no such sample.
    Conflict
        If the market exists and is no sample.
    """
    from data import samples

    if name == "helsinki":
        sample = samples.helsinki(seed=seed)
    elif name == "metropolis":
        sample = samples.metropolis(companies=companies, executives=executives, seed=seed)
    else:
        raise NotFound(f"There is no sample {name!r}.", fix=f"Samples: {', '.join(SAMPLES)}.")
    _keep_sample(workspace, market, sample)
    rows = {table: len(frame) for table, frame in sample.market.tables.items() if len(frame)}
    return (
        f"{market}: {sample.market.settings.title}",
        *(f"  {table}: {count:,} rows" for table, count in rows.items()),
        *(
            f"  roads, {mode}: {len(network.lonlat):,} junctions"
            for mode, network in sample.networks.items()
        ),
    )


def _keep_sample(workspace: Workspace, market: str, sample: "Sample") -> None:
    if market in workspace.store.list_markets():
        _refuse_to_lose(workspace, market)
        workspace.delete_market(market)
    workspace.store.create_market(market, sample.market.settings)
    for table, frame in sample.market.tables.items():
        if len(frame):
            workspace.store.write_rows(market, table, frame, mode="replace")
    for network in sample.networks.values():
        workspace.save_network(market, network)
    workspace.save_base_map(market, sample.base_map)


def _refuse_to_lose(workspace: Workspace, market: str) -> None:
    """A sample replaces an earlier sample, never a market with a team of the user's own."""
    counts = workspace.store.count_rows(market)
    if not any(counts.values()):
        return
    marks = workspace.store.table(market, "executives")["synthetic"]
    if not len(marks) or not (marks == "*").all():
        raise Conflict(
            f"Market {market!r} holds tables of yours, which a sample would replace.",
            fix="Choose another name for the sample.",
        )


def market_points(market: Market) -> LonLat | None:
    """Where the market is, to recognise coordinates that are elsewhere; None while it is empty."""
    import numpy as np

    for table in ("companies", "accounts", "outlets"):
        frame = market.tables.get(table)
        if frame is not None and len(frame):
            return np.asarray(frame[["lon", "lat"]], dtype=np.float64)
    return None


def _market_or_none(workspace: Workspace, name: str) -> Market | None:
    try:
        return workspace.store.market(name)
    except NotFound:
        return None


def _refuse_unknown_table(table: str | None) -> None:
    if table is not None and table not in TABLES:
        raise NotFound(f"There is no table {table!r}.", fix=f"Tables: {', '.join(TABLES)}.")


def _parse_mapping(pairs: Sequence[str]) -> dict[str, str]:
    """Column pairs "theirs=ours" as a mapping."""
    faults = [
        Fault(column="--map", value=pair, expected="a pair theirs=ours")
        for pair in pairs
        if not all(part.strip() for part in pair.partition("=")[::2])
    ]
    if faults:
        raise InputError("These column pairs cannot be read.", faults)
    return {theirs.strip(): ours.strip() for theirs, _, ours in (p.partition("=") for p in pairs)}
