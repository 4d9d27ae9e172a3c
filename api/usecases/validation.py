"""Whether a market's score foretells sales it has not seen: the trials, and a page of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from api.usecases.market_jobs import score_of
from api.usecases.workspace import Surveyed, Workspace, survey
from territory.validation import Evidence, Validation, spatial_blocks, validate

if TYPE_CHECKING:
    from maps import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """The trials of a market's score, and the market as it was read."""

    market: str
    validation: Validation
    surveyed: Surveyed


def validate_market(
    workspace: Workspace, market_name: str, *, company_files: Sequence[str] = ()
) -> Validated:
    """Score the market, then try the score on places and on days held out.

    The potential is made of the survey alone; where nobody states consumption and sales stand for
    it, the score's notes say so and the trial in space is no proof. ``company_files`` hold the
    companies instead of the market's table.

    Raises
    ------
    NotFound
        If there is no such market.
    """
    market = workspace.store.market(market_name)
    surveyed = survey(workspace, market, company_files=company_files)
    return Validated(
        market=market_name, validation=validate(evidence_of(surveyed)), surveyed=surveyed
    )


def evidence_of(surveyed: Surveyed) -> Evidence:
    """What a validation reads of a surveyed market."""
    from territory.survey.doubts import set_aside
    from territory.survey.spans import sales_in_spans

    market, units, facts = surveyed.market, surveyed.units, surveyed.facts
    plan = score_of(surveyed)
    tables, _ = set_aside(market.tables, market.settings.currency)
    spans = sales_in_spans(tables, units, market.settings.today)
    captured = float(facts["captured"].sum())
    lump = float(facts["captured_squared"].sum()) / captured if captured > 0 else 0.0
    return Evidence(
        unit_ids=plan.unit_ids,
        accessible=np.array(plan.table.numbers("accessible")),
        companies=facts["companies"].to_numpy(dtype=np.float64),
        before=spans.before,
        after=spans.after,
        block=spatial_blocks(units.lonlat),
        neighbours=units.neighbours,
        lump=lump,
        order_lump=spans.order_lump,
        before_words=spans.before_words,
    )


def validation_page(workspace: Workspace, found: Validated, home_href: str = "") -> "Page":
    """The trials as a page with plots."""
    from api.usecases.pictures import synthetic_note
    from maps import PageContext, draw_validation

    market = found.surveyed.market
    settings = market.settings
    return draw_validation(
        found.validation,
        found.surveyed.units,
        PageContext(
            title="Is the score to be trusted?",
            market=settings.title,
            plan_id="",
            date=settings.today,
            currency=settings.currency,
            base_map=workspace.base_map(market.name),
            attribution=settings.attribution,
            synthetic_note=synthetic_note(market),
            home_href=home_href,
        ),
    )
