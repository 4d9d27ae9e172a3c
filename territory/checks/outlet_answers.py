"""The judge of a planner's further questions: who takes from whom, what instead, what if."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from territory.checks.choices import shares, takers
from territory.checks.networks import (
    OutletFacts,
    broken_limits,
    captured,
    cost_of,
    decayed,
    is_own,
    serve,
)
from territory.checks.violation import Violation, exceeds, misstated, shown
from territory.outlets import OutletPlan, Site

Floats = NDArray[np.float64]
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnswerFacts:
    """The market's facts, its competitors with ``rival_minutes`` (competitors, cells), and the
    facts of every what-if by its name (other limits, demand or sites)."""

    market: OutletFacts
    rivals: tuple[Site, ...] = ()
    rival_minutes: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    what_ifs: Mapping[str, OutletFacts] = field(default_factory=dict)


def check_answers(plan: OutletPlan, facts: AnswerFacts) -> tuple[Violation, ...]:
    """Everything wrong with the tables that answer further questions; empty if they are clean.

    Draws cannot be made again here, so of robustness only what must hold of any draws is checked.
    """
    return (
        *_transfers(plan, facts),
        *_alternatives(plan, facts.market),
        *_paybacks(plan, facts.market),
        *_robustness(plan, facts.market),
        *_what_ifs(plan, facts),
    )


def _open_rows(plan: OutletPlan, facts: OutletFacts) -> list[int]:
    decision = {site.site_id: site.decision for site in plan.sites}
    return [
        row
        for row, site in enumerate(facts.sites)
        if decision.get(site.site_id) in ("open", "keep")
    ]


def _transfers(plan: OutletPlan, facts: AnswerFacts) -> Iterator[Violation]:
    if not plan.transfers.columns:
        return
    table = plan.transfers
    stated: dict[Key, float] = {}
    for site, source, source_id, amount in zip(
        table.texts("site_id"),
        table.texts("source"),
        table.texts("source_id"),
        table.numbers("amount"),
        strict=True,
    ):
        stated[site, source, source_id] = amount
    found = _flows(plan, facts)
    for key in sorted(stated.keys() | found.keys()):
        yield from misstated(
            "wrong_figure",
            f"transfer {' '.join(key).strip()}",
            "amount",
            stated=stated.get(key, 0.0),
            found=found.get(key, 0.0),
        )


def _flows(plan: OutletPlan, facts: AnswerFacts) -> dict[Key, float]:
    """Money by taker and source, from the definition: own outlets first, rivals by their pull."""
    market = facts.market
    if market.capture.is_choice:
        return _flows_by_choice(plan, facts)
    weights = decayed(market.minutes, market.reach_minutes, market.capture)
    before = serve(weights, market.minutes, is_own(market))
    named = dict(zip(plan.cells.texts("unit_id"), plan.cells.texts("site_id"), strict=True))
    row_of = {site.site_id: row for row, site in enumerate(market.sites)}
    rivals = decayed(facts.rival_minutes, market.reach_minutes, market.capture)
    flows: dict[Key, float] = defaultdict(float)
    for cell, cell_id in enumerate(market.cell_ids):
        taker = named.get(cell_id, "")
        if taker not in row_of:
            continue
        after = float(weights[row_of[taker], cell])
        demand, had = float(market.demand[cell]), float(before.weight[cell])
        holder = int(before.site[cell])
        if holder >= 0 and market.sites[holder].site_id != taker:
            flows[taker, "own", market.sites[holder].site_id] += demand * min(had, after)
        fresh = demand * max(0.0, after - had)
        pulls = {
            site.site_id: max(0.0, site.attractiveness) * float(rivals[row, cell])
            for row, site in enumerate(facts.rivals)
        }
        total = math.fsum(pulls.values())
        held = float(rivals[:, cell].max()) if total > 0 else 0.0
        flows[taker, "unmet", ""] += fresh * (1 - held)
        for rival, pull in pulls.items():
            if pull > 0:
                flows[taker, "competitor", rival] += fresh * held * pull / total
    return {key: amount for key, amount in flows.items() if amount > 0}


def _flows_by_choice(plan: OutletPlan, facts: AnswerFacts) -> dict[Key, float]:
    """Money by taker and source where cells share: losers in proportion, rivals by their pulls."""
    market = facts.market
    is_open = np.zeros(len(market.sites), dtype=np.bool_)
    is_open[_open_rows(plan, market)] = True
    found = shares(market, is_open)
    flows: dict[Key, float] = defaultdict(float)
    for (taker, loser), amount in takers(found, market).items():
        flows[taker, "own", loser] += amount
    strength = np.array([max(0.0, rival.attractiveness) for rival in facts.rivals])
    minutes = facts.rival_minutes.reshape(len(facts.rivals), len(market.cell_ids))
    pulls = strength[:, None] * decayed(minutes, market.reach_minutes, market.capture)
    others = np.maximum(0.0, market.standing_against - pulls.sum(axis=0))
    won = (found.takes - found.from_own) / market.standing_against
    for row, site in enumerate(market.sites):
        flows[site.site_id, "unmet", ""] += float(won[row] @ others)
        for rival, held in zip(facts.rivals, pulls, strict=True):
            flows[site.site_id, "competitor", rival.site_id] += float(won[row] @ held)
    return {key: amount for key, amount in flows.items() if amount > 0}


def _network(
    opens: str, leaves: str, start: list[int], facts: OutletFacts, subject: str
) -> tuple[list[int], list[Violation]]:
    """Rows of the network that ``opens`` and ``leaves`` make of the one given."""
    row_of = {site.site_id: row for row, site in enumerate(facts.sites)}
    broken, network = [], set(start)
    for text, adds in ((opens, True), (leaves, False)):
        for site_id in [part.strip() for part in text.split(",") if part.strip()]:
            row = row_of.get(site_id)
            if row is None:
                broken.append(
                    Violation(code="unknown_site", subject=subject, message=f"names {site_id!r}")
                )
            elif adds:
                network.add(row)
            else:
                network.discard(row)
    return sorted(network), broken


def _judged(
    network: list[int], facts: OutletFacts, subject: str, stated: float, bound: float
) -> Iterator[Violation]:
    """Capture, rules and bound of a network on the side."""
    found = captured(network, facts)
    yield from misstated("wrong_capture", subject, "captured", stated=stated, found=found)
    for broken in broken_limits(network, facts):
        yield Violation(
            code=broken.code, subject=f"{subject}: {broken.subject}", message=broken.message
        )
    for row, site in enumerate(facts.sites):
        is_open = row in network
        if site.role == "competitor":
            continue
        stays = site.is_forced or (site.role == "own" and not site.may_close)
        if (stays and not is_open) or (site.is_forbidden and is_open):
            code = "forced_site_left" if stays else "forbidden_site_opened"
            yield Violation(code=code, subject=subject, message=f"{site.site_id!r} is decided so")
    if not math.isfinite(bound) or exceeds(found, bound):
        yield Violation(
            code="wrong_bound",
            subject=subject,
            message=f"bound {shown(bound)} is below its own capture {shown(found)}",
            stated=bound,
            found=found,
        )


def _alternatives(plan: OutletPlan, facts: OutletFacts) -> Iterator[Violation]:
    table = plan.alternatives
    if not table.columns:
        return
    start = _open_rows(plan, facts)
    known = {frozenset(start)}
    for row, without in enumerate(table.texts("without")):
        subject = f"alternative {row + 1}"
        network, broken = _network(
            table.texts("opens")[row], table.texts("leaves")[row], start, facts, subject
        )
        yield from broken
        got, bound = table.numbers("captured")[row], table.numbers("bound")[row]
        yield from _judged(network, facts, subject, got, bound)
        names = {facts.sites[place].site_id for place in network}
        if without and without in names:
            yield _odd(subject, f"is to be without {without!r} and has it")
        if not without and frozenset(network) in known:
            yield _odd(subject, "is a network told before")
        if not without:
            known.add(frozenset(network))
        if exceeds(got, plan.bound):
            yield _odd(subject, "captures more than the plan's bound allows", code="wrong_bound")
        loss = 100 * (plan.captured - got) / plan.captured if plan.captured else 0.0
        stated = table.numbers("loss_percent")[row]
        yield from misstated("wrong_ratio", subject, "loss_percent", stated=stated, found=loss)


def _odd(subject: str, message: str, *, code: str = "wrong_figure") -> Violation:
    return Violation(code=code, subject=subject, message=message)


def _paybacks(plan: OutletPlan, facts: OutletFacts) -> Iterator[Violation]:
    table = plan.paybacks
    if not table.columns:
        return
    sites = {site.site_id: site for site in facts.sites}
    results = {site.site_id: site for site in plan.sites}
    for row, site_id in enumerate(table.texts("site_id")):
        subject = f"payback of {site_id}"
        if site_id not in sites or site_id not in results:
            yield Violation(code="unknown_site", subject=subject, message="not a site of the plan")
            continue
        site, decision = sites[site_id], results[site_id].decision
        is_shut = decision == "close"
        adds = 0.0 if is_shut else results[site_id].marginal
        upkeep = 0.0 if is_shut else site.upkeep_cost
        earns = adds * plan.margin_percent / 100 - upkeep
        years = site.opening_cost / earns if earns > 0 else math.nan
        pays = decision == "open" and site.opening_cost > 0 and earns > 0
        saved = max(0.0, -earns - site.closing_cost) if decision == "keep" else 0.0
        opening = site.opening_cost if decision == "open" else 0.0
        for name, found in (
            ("adds", adds),
            ("opening_cost", opening),
            ("upkeep_cost", upkeep),
            ("earns", earns),
            ("saved", saved),
        ):
            stated = table.numbers(name)[row]
            yield from misstated("wrong_cost", subject, name, stated=stated, found=found)
        told = table.numbers("payback_years")[row]
        if pays == math.isnan(told):
            yield _odd(subject, "payback_years is told where nothing pays back, or left out")
        elif pays:
            yield from misstated("wrong_ratio", subject, "payback_years", stated=told, found=years)


def _robustness(plan: OutletPlan, facts: OutletFacts) -> Iterator[Violation]:
    table = plan.robustness
    if not table.columns:
        return
    decision = {site.site_id: site.decision for site in plan.sites}
    candidates = {site.site_id for site in facts.sites if site.role == "candidate"}
    for row, site_id in enumerate(table.texts("site_id")):
        subject = f"robustness of {site_id}"
        if site_id not in candidates:
            yield Violation(code="unknown_site", subject=subject, message="not a candidate")
            continue
        share = table.numbers("chosen_percent")[row]
        low, high = table.numbers("rank_low")[row], table.numbers("rank_high")[row]
        if not 0 <= share <= 100 or not 1 <= low <= high <= len(candidates):
            yield _odd(
                subject,
                f"chosen in {shown(share)} %, rank {shown(low)} to {shown(high)}",
                code="out_of_range",
            )
        if table.texts("decision")[row] != decision.get(site_id):
            yield _odd(subject, "its decision is not the plan's", code="wrong_facts")
    opened = {site_id for site_id, what in decision.items() if what == "open"}
    for site_id in sorted(opened - set(table.texts("site_id"))):
        yield _odd(f"robustness of {site_id}", "a new site of the plan has no row")
    most = 100 * max(facts.new_sites, sum(what == "open" for what in decision.values()))
    if exceeds(math.fsum(table.numbers("chosen_percent")), most):
        yield _odd("robustness", "more sites are chosen than may open", code="out_of_range")


def _what_ifs(plan: OutletPlan, facts: AnswerFacts) -> Iterator[Violation]:
    table = plan.what_ifs
    if not table.columns:
        return
    for row, name in enumerate(table.texts("name")):
        subject = f"what-if {name!r}"
        asked = facts.what_ifs.get(name)
        if asked is None:
            yield _odd(subject, "nobody asked this")
            continue
        if table.texts("note")[row]:
            continue
        own = [place for place, site in enumerate(asked.sites) if site.role == "own"]
        network, broken = _network(
            table.texts("opens")[row], table.texts("closes")[row], own, asked, subject
        )
        yield from broken
        got, bound = table.numbers("captured")[row], table.numbers("bound")[row]
        yield from _judged(network, asked, subject, got, bound)
        new = [place for place in network if asked.sites[place].role == "candidate"]
        spent = sum(cost_of(asked.sites[place], "open") for place in new)
        spent += sum(cost_of(asked.sites[p], "close") for p in own if p not in network)
        for what, stated, found in (
            ("spent", table.numbers("spent")[row], spent),
            ("new_sites", table.numbers("new_sites")[row], float(len(new))),
            ("change", table.numbers("change")[row], got - plan.captured),
        ):
            yield from misstated("wrong_total", subject, what, stated=stated, found=found)
