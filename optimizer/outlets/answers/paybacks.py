"""What each outlet pays back: opening is paid once, upkeep every year, the margin earns it."""

from optimizer.outlets.problem import OutletProblem
from territory.outlets import OutletPlan
from territory.plans import Table


def paybacks(problem: OutletProblem, plan: OutletPlan, *, margin_percent: float) -> Table:
    """A row per open or closable outlet whose costs are given, the best earner first.

    ``adds`` is what the network would lose without the site (of a closed one: nothing),
    ``margin_percent`` of it is left for costs; ``earns`` = adds x margin - upkeep, a year;
    ``payback_years`` = opening cost / earns for new sites (None if it never pays back, or nothing
    is to be paid back); ``saved`` is what closing an own outlet would save a year beyond what it
    loses, after the cost of closing it (0 if it earns its keep).
    """
    rows: list[tuple[str, str, float, float, float, float, float | None, float]] = []
    stated = {site.site_id: site for site in plan.sites}
    for site in problem.sites:
        result = stated[site.site_id]
        has_costs = site.opening_cost or site.upkeep_cost or site.closing_cost
        if not has_costs or result.decision == "leave":
            continue
        adds = result.marginal if result.decision != "close" else 0.0
        upkeep = site.upkeep_cost if result.decision != "close" else 0.0
        earns = adds * margin_percent / 100 - upkeep
        pays = result.decision == "open" and site.opening_cost > 0 and earns > 0
        closing = -earns - site.closing_cost if result.decision == "keep" else 0.0
        rows.append(
            (
                site.site_id,
                result.decision,
                float(adds),
                float(site.opening_cost) if result.decision == "open" else 0.0,
                float(upkeep),
                float(earns),
                float(site.opening_cost / earns) if pays else None,
                float(max(0.0, closing)),
            )
        )
    rows.sort(key=lambda row: (-row[5], row[0]))
    names = (
        "site_id", "decision", "adds", "opening_cost", "upkeep_cost", "earns", "payback_years",
        "saved",
    )  # fmt: skip
    return Table(columns={name: tuple(row[k] for row in rows) for k, name in enumerate(names)})
