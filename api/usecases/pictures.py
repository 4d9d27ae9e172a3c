"""Plans as pages and files: what maps and exports need is fetched here and handed to them."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.usecases.account_facts import account_facts
from api.usecases.drives import lines_of, route_legs, steps_of
from api.usecases.listing import plan_id_of
from api.usecases.plan_part import shown_part
from api.usecases.summary import summarise
from api.usecases.workspace import Workspace, company_files_of, outlet_sites, units_of_plan
from territory.alignment import AlignmentPlan
from territory.errors import Conflict, InputError
from territory.market import Market
from territory.outlets import GapPlan, OutletPlan
from territory.routes import VisitPlan
from territory.scores import ScorePlan
from territory.units import Units
from territory.weekly import WeeklyReport

if TYPE_CHECKING:
    from data.exports import ExportContext
    from data.store import StoredPlan
    from maps import AccountCard, IndexEntry, Page, PageContext

TITLES: Mapping[str, str] = {
    "score": "Market potential",
    "alignment": "Jurisdictions",
    "visits": "Visits and routes",
    "outlets": "Outlet network",
    "gaps": "Network gaps",
    "report": "Weekly report",
}


def draw_plan(
    workspace: Workspace, plan: str, *, home_href: str = "/", executives: Sequence[str] = ()
) -> "Page":
    """A plan as one self-contained page; a visit plan with the routes of some executives.

    Raises
    ------
    Conflict
        If the market's units changed since, so that the plan's areas can no longer be drawn.
    InputError
        If executives are asked for whom a visit plan does not know.
    """
    stored = workspace.store.load_plan(plan_id_of(workspace, plan))
    market = workspace.store.market(stored.provenance.market)
    return _draw(workspace, market, stored, home_href, executives)


def _draw(
    workspace: Workspace,
    market: Market,
    stored: "StoredPlan",
    home_href: str,
    executives: Sequence[str] = (),
) -> "Page":
    import maps

    context = page_context(workspace, market, stored, home_href)
    plan = stored.plan
    if isinstance(plan, WeeklyReport):
        return maps.draw_report(plan, context)
    if isinstance(plan, VisitPlan):
        part = shown_part(plan, executives)
        return maps.draw_visits(
            part,
            context,
            cards=account_cards(market),
            lines=lines_of(route_legs(workspace, market, part)),
            names=executive_names(market),
            whole=plan,
        )
    units = _units_of(market, stored)
    if isinstance(plan, ScorePlan):
        return maps.draw_potential(plan, units, context)
    if isinstance(plan, AlignmentPlan):
        return maps.draw_alignment(plan, units, context)
    if isinstance(plan, OutletPlan):
        return maps.draw_outlets(
            plan, units, context, competitors=outlet_sites(market, "competitor")
        )
    return maps.draw_gaps(
        plan,
        units,
        context,
        outlets=(*outlet_sites(market, "own"), *outlet_sites(market, "competitor")),
    )


def _units_of(market: Market, stored: "StoredPlan") -> Units:
    """The market's units, in the order the plan knows them."""
    units = units_of_plan(market, stored.provenance)
    if units.ids != plan_units(stored.plan):
        raise Conflict(
            f"The units of {market.name!r} changed since this plan was made.",
            fix="Make a new plan.",
        )
    return units


def plan_units(plan: Any) -> tuple[str, ...]:
    """The unit ids a plan speaks of."""
    if isinstance(plan, ScorePlan):
        return plan.unit_ids
    if isinstance(plan, AlignmentPlan):
        return plan.alignment.unit_ids
    if isinstance(plan, OutletPlan | GapPlan):
        return plan.cells.texts("unit_id")
    return ()


def page_context(
    workspace: Workspace, market: Market, stored: "StoredPlan", home_href: str
) -> "PageContext":
    """What every page of a plan says of its market, its day, its sources and its age."""
    from maps import PageContext

    settings = market.settings
    files = company_files_of(stored.provenance)
    hashed = workspace.input_hash(market, company_files=files)
    stale = hashed != stored.provenance.input_hash
    note = synthetic_note(market)
    if stale:
        note = f"The market's tables changed since this plan was made. {note}".strip()
    return PageContext(
        title=TITLES[stored.kind],
        market=settings.title,
        plan_id=stored.plan_id,
        date=settings.today,
        currency=settings.currency,
        base_map=workspace.base_map(market.name),
        attribution=settings.attribution,
        synthetic_note=note,
        home_href=home_href,
    )


def synthetic_note(market: Market) -> str:
    """Which tables a model drew, wholly or partly; "" if everything was observed."""
    whole: list[str] = []
    partly: list[str] = []
    for name, frame in market.tables.items():
        marks = frame["synthetic"].fillna("") if len(frame) else None
        if marks is None or not (marks != "").any():
            continue
        (whole if (marks == "*").all() else partly).append(name.replace("_", " "))
    said = []
    if whole:
        said.append(f"Drawn by a seeded model, not observed: {', '.join(whole)}.")
    if partly:
        said.append(f"Partly drawn by the model: {', '.join(partly)}.")
    return " ".join(said)


def executive_names(market: Market) -> dict[str, str]:
    """Name of each executive, the id where there is none."""
    frame = market.table("executives")
    return {
        str(key): str(name) or str(key)
        for key, name in zip(frame["executive_id"], frame["name"], strict=True)
    }


def account_cards(market: Market) -> "dict[str, AccountCard]":
    """The customer profile card of each account."""
    from maps import AccountCard, Contact

    roles = {
        "procurement_head": "Head of procurement",
        "store_manager": "Store manager",
        "team_leader": "Team leader",
    }
    addresses = _addresses(market)
    facts = account_facts(market)
    return {
        str(row["account_id"]): AccountCard(
            name=str(row["name"] or row["account_id"]),
            tier=str(row["tier"] or ""),
            contacts=tuple(
                Contact(role=role, name=str(row[column]))
                for column, role in roles.items()
                if row[column]
            ),
            address=addresses.get(str(row["company_id"]), ""),
            phone=str(row["phone"] or ""),
            opening_hours=str(row["opening_hours"] or ""),
            facts=facts.get(str(row["account_id"]), {}),
        )
        for row in market.table("accounts").to_dict("records")
    }


def _addresses(market: Market) -> dict[str, str]:
    frame = market.table("companies")
    return {
        str(key): str(address)
        for key, address in zip(frame["company_id"], frame["address"], strict=True)
        if address
    }


def save_page(workspace: Workspace, stored: "StoredPlan", path: Path) -> "Page":
    """Draw a plan for a folder of pages, with its link home beside it."""
    market = workspace.store.market(stored.provenance.market)
    page = _draw(workspace, market, stored, "index.html")
    page.save(path)
    return page


def index_entry(
    workspace: Workspace, stored: "StoredPlan", *, href: str, preview: str = ""
) -> "IndexEntry":
    """A plan as an entry of an index."""
    from maps import IndexEntry

    return IndexEntry(
        href=href,
        title=TITLES[stored.kind],
        text=" ".join(_sentence(line) for line in summarise(stored.plan)[:2]),
        kind=stored.kind,
        market=workspace.store.settings(stored.market).title,
        preview=preview,
    )


def _sentence(line: str) -> str:
    """A line with a capital and a full stop."""
    return f"{line[:1].upper()}{line[1:].rstrip('.')}."


def save_day_sheets(
    workspace: Workspace, stored: "StoredPlan", folder: Path, *, prefix: str
) -> "Iterator[IndexEntry]":
    """One printable page of day sheets per executive of a visit plan."""
    from maps import IndexEntry, draw_day_sheets

    plan = stored.plan
    if not isinstance(plan, VisitPlan):
        raise TypeError(f"a {stored.kind} plan has no day sheets")
    market = workspace.store.market(stored.provenance.market)
    context = page_context(workspace, market, stored, "index.html")
    names, cards = executive_names(market), account_cards(market)
    legs = route_legs(workspace, market, plan)
    lines, steps = lines_of(legs), steps_of(legs)
    present = sorted({route.executive_id for route in plan.routes})
    for number, executive_id in enumerate(present, start=1):
        href = f"{prefix}day-sheets-{number:02d}.html"
        draw_day_sheets(
            plan,
            context,
            cards=cards,
            names=names,
            executive_id=executive_id,
            lines=lines,
            steps=steps,
        ).save(folder / href)
        days = sum(route.executive_id == executive_id for route in plan.routes)
        yield IndexEntry(
            href=href,
            title=f"Day sheets: {names.get(executive_id, executive_id)}",
            text=f"{days} days, printable, whole in one file",
            kind="day_sheets",
            market=market.settings.title,
        )


def home_page(workspace: Workspace) -> "Page":
    """The index over all markets and their latest plans, for the HTTP door."""
    from maps import IndexEntry, draw_index

    entries = []
    for name in workspace.store.list_markets():
        title = workspace.store.settings(name).title
        entries += [
            IndexEntry(
                href=f"/v1/markets/{name}{tail}", title=word, text=text, kind="file", market=title
            )
            for tail, word, text in _MARKET_LINKS
        ]
        for kind in TITLES:
            stored = workspace.store.latest_plan(name, kind)
            if stored is not None:
                entries.append(
                    index_entry(workspace, stored, href=f"/v1/plans/{stored.plan_id}/map")
                )
    entries.append(
        IndexEntry(
            href="/openapi.json",
            title="OpenAPI description",
            text="Every route of this service, for a machine.",
            kind="file",
            market="This service",
        )
    )
    return draw_index(entries, index_context())


_MARKET_LINKS = (
    ("", "Tables", "What is in the market."),
    ("/plans", "Plans", "All versions, newest first."),
    ("/jobs", "Jobs", "Queued, running and over."),
)


def index_context() -> "PageContext":
    """The frame of an index over all markets."""
    from datetime import UTC, datetime

    from maps import PageContext

    return PageContext(
        title="Fieldwright", market="", plan_id="", date=datetime.now(UTC).date(), home_href=""
    )


def export_context(market: Market, stored: "StoredPlan") -> "ExportContext":
    """Names and frame of an export."""
    from data.exports import ExportContext

    settings = market.settings
    accounts = market.table("accounts")
    addresses = _addresses(market)
    needs_units = stored.kind in ("score", "alignment", "gaps", "outlets")
    return ExportContext(
        title=TITLES[stored.kind],
        market=market.name,
        plan_id=stored.plan_id,
        date=settings.today,
        version=stored.version,
        currency=settings.currency,
        timezone=settings.timezone,
        executive_names=executive_names(market),
        account_names={
            str(key): str(name)
            for key, name in zip(accounts["account_id"], accounts["name"], strict=True)
        },
        account_addresses={
            str(key): addresses.get(str(company), "")
            for key, company in zip(accounts["account_id"], accounts["company_id"], strict=True)
        },
        units=units_of_plan(market, stored.provenance) if needs_units else None,
        has_synthetic=market.has_synthetic,
        attribution=settings.attribution,
    )


def export_plan(workspace: Workspace, plan: str, format_: str, *, folder: Path) -> tuple[Path, ...]:
    """Write a plan into a folder in one format; gives the files written.

    Raises
    ------
    InputError
        If this kind of plan has no such format.
    """
    from data.exports import FORMATS, export

    stored = workspace.store.load_plan(plan_id_of(workspace, plan))
    market = workspace.store.market(stored.provenance.market)
    folder.mkdir(parents=True, exist_ok=True)
    if format_ == "html":
        page = _draw(workspace, market, stored, "")
        return (page.save(folder / f"{stored.plan_id}.html"),)
    allowed = FORMATS[stored.kind]
    if format_ not in allowed:
        raise InputError(
            f"A {stored.kind} plan is not exported as {format_!r}.",
            fix=f"Formats: {', '.join((*allowed, 'html'))}.",
        )
    paths = export(
        stored.plan,
        stored.kind,
        format_,
        folder=folder,
        context=export_context(market, stored),
    )
    return tuple(paths)


def export_bytes(workspace: Workspace, plan: str, format_: str) -> tuple[str, bytes, str]:
    """An export as one file: its name, its bytes, its media type. Several files become a ZIP."""
    from data.exports import MEDIA_TYPES, bundle

    with tempfile.TemporaryDirectory() as name:
        paths = export_plan(workspace, plan, format_, folder=Path(name))
        if len(paths) > 1:
            return f"{paths[0].stem.split('-')[0]}-{format_}.zip", bundle(paths), "application/zip"
        media_type = dict(MEDIA_TYPES).get(format_, "text/html; charset=utf-8")  # type: ignore[call-overload]
        return paths[0].name, paths[0].read_bytes(), media_type


def save_exports(workspace: Workspace, stored: "StoredPlan", folder: Path) -> None:
    """Every format of a plan, for the demo's folder."""
    from data.exports import FORMATS

    for format_ in FORMATS[stored.kind]:
        export_plan(workspace, stored.plan_id, format_, folder=folder / stored.kind / format_)
