"""Reach weights and attractiveness as a market's flows or sales tell them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from api.schemas import OutletsRequest
from api.usecases.workspace import Surveyed
from territory.errors import Fault, InputError
from territory.outlets import Site
from territory.scores import ScorePlan

Matrix = NDArray[np.float64]


def fitted(
    surveyed: Surveyed, scored: ScorePlan, request: OutletsRequest
) -> tuple[OutletsRequest, tuple[str, ...]]:
    """The request with what was asked to be fitted, and how well it fits.

    Raises
    ------
    InputError
        If flows or sales say too little.
    """
    request, reach = _reach(surveyed, request)
    request, pull = _attractiveness(surveyed, scored, request)
    return request, (*dict.fromkeys((*reach, *pull)),)


def pulling(surveyed: Surveyed, request: OutletsRequest) -> Surveyed:
    """The survey with the attractiveness that the request gives outlets."""
    told = request.attractiveness

    def as_told(sites: tuple[Site, ...]) -> tuple[Site, ...]:
        return tuple(
            replace(site, attractiveness=told.get(site.site_id, site.attractiveness))
            for site in sites
        )

    return replace(surveyed, own=as_told(surveyed.own), competitors=as_told(surveyed.competitors))


def refuse_unknown_pulls(request: OutletsRequest, sites: Sequence[Site]) -> None:
    """Raise InputError with every id of ``attractiveness`` that no site or outlet has."""
    faults = [
        Fault(
            column="attractiveness",
            value=site_id,
            expected="the id of an own outlet, a competitor's or a candidate",
        )
        for site_id in sorted(request.attractiveness.keys() - {site.site_id for site in sites})
    ]
    if faults:
        raise InputError("Attractiveness is told of sites that there are not.", faults)


def _reach(surveyed: Surveyed, request: OutletsRequest) -> tuple[OutletsRequest, tuple[str, ...]]:
    from territory.potential.steps import fit_reach_weights

    if not request.fit_reach:
        return request, ()
    sites, minutes = _outlets(surveyed)
    flows, lost = _flows(surveyed, sites)
    fit = fit_reach_weights(
        flows,
        minutes,
        np.array([site.attractiveness for site in sites], dtype=np.float64),
        surveyed.market.settings.reach_minutes,
    )
    return request.model_copy(update={"reach_weights": fit.weights}), (*lost, fit.note)


def _attractiveness(
    surveyed: Surveyed, scored: ScorePlan, request: OutletsRequest
) -> tuple[OutletsRequest, tuple[str, ...]]:
    from territory.coverage import capture_weight
    from territory.potential.attractiveness import fit_attractiveness

    source = request.fit_attractiveness
    if source is None:
        return request, ()
    sites, minutes = _outlets(surveyed)
    steps = surveyed.market.settings.reach_minutes
    lost: tuple[str, ...] = ()
    weights = capture_weight(minutes, steps, request.sharing)
    if source == "flows":
        flows, lost = _flows(surveyed, sites)
        within = np.where(weights > 0, flows, 0.0)
        observed, origins, outside = within.sum(axis=0), within.sum(axis=1), 0.0
    else:
        rows = surveyed.market.table("outlets").set_index("outlet_id")["annual_sales"]
        observed = rows.reindex([site.site_id for site in sites]).to_numpy(dtype=np.float64)
        origins = np.array(scored.table.numbers("potential"), dtype=np.float64)
        outside = request.outside_pull
    start = np.array([site.attractiveness for site in sites], dtype=np.float64)
    fit = fit_attractiveness(observed, origins, weights, start, source=source, outside=outside)
    ids = [site.site_id for site in sites]
    told = dict(zip(ids, fit.values, strict=True)) | request.attractiveness
    return request.model_copy(update={"attractiveness": told}), (*lost, fit.note)


def _outlets(surveyed: Surveyed) -> tuple[tuple[Site, ...], Matrix]:
    """Own and competitors' outlets, and the minutes from every unit (row) to each."""
    from territory.coverage import matrix_minutes

    both = (surveyed.to_own, surveyed.to_competitors)
    minutes = [matrix_minutes(matrix) for matrix in both if matrix is not None]
    empty = np.zeros((len(surveyed.units), 0))
    return (*surveyed.own, *surveyed.competitors), np.concatenate([empty, *minutes], axis=1)


def _flows(surveyed: Surveyed, sites: tuple[Site, ...]) -> tuple[Matrix, tuple[str, ...]]:
    from territory.survey.flows import flows_per_unit

    names = [site.site_id for site in sites]
    return flows_per_unit(surveyed.market.tables, surveyed.units, names)
