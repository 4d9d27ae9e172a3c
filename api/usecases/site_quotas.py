"""Rules over sites by name: how many in a zone, in a jurisdiction, of a brand."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from api.schemas import OutletsRequest, SiteRuleWish
from api.usecases.workspace import Surveyed, Workspace, site_points
from territory.errors import Fault, InputError
from territory.outlets import Site, SiteRule

Groups = Mapping[str, Mapping[str, frozenset[str]]]
"""By zone, jurisdiction and brand: the names there are and the ids of the sites of each."""


def site_rules(
    workspace: Workspace, surveyed: Surveyed, sites: Sequence[Site], request: OutletsRequest
) -> tuple[SiteRule, ...]:
    """The request's rules with every zone, jurisdiction and brand as the sites it holds.

    A site counts 1 in such a rule; one that lies in no zone or in nobody's jurisdiction counts in
    none. Brands are those of the outlets and sites tables.

    Raises
    ------
    InputError
        If a rule names a zone, an executive or a brand that there is not; all are listed.
    """
    if all(rule.sites for rule in request.rules):
        return request.site_rules
    groups: Groups = {
        "zone": _by_zone(surveyed, sites),
        "jurisdiction": _by_jurisdiction(workspace, surveyed, sites, request.alignment_plan),
        "brand": _by_brand(surveyed, sites),
    }
    faults = [fault for rule in request.rules for fault in _unknown(rule, groups)]
    if faults:
        raise InputError("The rules over sites cannot be read.", faults)
    new = frozenset(site.site_id for site in sites if site.role == "candidate")
    return tuple(
        explicit if wish.sites else _spelled_out(wish, explicit, groups, sites, new)
        for wish, explicit in zip(request.rules, request.site_rules, strict=True)
    )


def _spelled_out(
    wish: SiteRuleWish,
    rule: SiteRule,
    groups: Groups,
    sites: Sequence[Site],
    new: frozenset[str],
) -> SiteRule:
    """The rule over the sites that are in all the groups it names."""
    among = new if wish.only_new else frozenset(site.site_id for site in sites)
    for kind, name in wish.named.items():
        among &= groups[kind][name]
    return SiteRule(
        name=rule.name,
        weights={site.site_id: 1.0 for site in sites if site.site_id in among},
        at_least=rule.at_least,
        at_most=rule.at_most,
    )


def _unknown(rule: SiteRuleWish, groups: Groups) -> Iterator[Fault]:
    for kind, name in rule.named.items():
        if name not in groups[kind]:
            known = sorted(groups[kind])
            some = ", ".join(repr(one) for one in known[:5])
            more = f" and {len(known) - 5} more" if len(known) > 5 else ""
            yield Fault(
                table="rules",
                column=kind,
                value=name,
                expected=f"a {kind} of this market",
                fix=f"Mend the rule {rule.name!r}; there are {some or 'none'}{more}.",
            )


def _grouped(names: Sequence[str], sites: Sequence[Site]) -> dict[str, set[str]]:
    """Ids of sites by the name that each has; "" is none."""
    groups: dict[str, set[str]] = {}
    for name, site in zip(names, sites, strict=True):
        if name:
            groups.setdefault(name, set()).add(site.site_id)
    return groups


def _frozen(groups: Mapping[str, set[str]], known: Sequence[str]) -> dict[str, frozenset[str]]:
    """All known names, those without a site too."""
    return {name: frozenset(groups.get(name, ())) for name in known}


def _by_zone(surveyed: Surveyed, sites: Sequence[Site]) -> dict[str, frozenset[str]]:
    from territory.units.locate import ZoneGrid
    from territory.units.zones import zone_polygons

    zones = surveyed.market.table("zones")
    if zones.empty:
        return {}
    ids = zones["zone_id"].astype(str).to_list()
    place = ZoneGrid(zone_polygons(zones)).locate(np.asarray(site_points(sites)))
    names = [ids[one] if one >= 0 else "" for one in place.tolist()]
    return _frozen(_grouped(names, sites), ids)


def _by_jurisdiction(
    workspace: Workspace, surveyed: Surveyed, sites: Sequence[Site], plan_id: str | None
) -> dict[str, frozenset[str]]:
    """By executive: of an alignment plan, else of the market's alignment table."""
    from api.usecases.owners import alignment_of, current_alignment
    from territory.units import locate

    if surveyed.market.table("executives").empty:
        return {}
    alignment = (
        current_alignment(surveyed.market, surveyed.units)
        if plan_id is None
        else alignment_of(workspace, plan_id).alignment
    )
    if alignment is None:
        return {}
    owner_of, units = alignment.owner_of(), surveyed.units
    place = locate(units, np.asarray(site_points(sites)))
    names = [owner_of.get(units.ids[one], "") if one >= 0 else "" for one in place.tolist()]
    return _frozen(_grouped(names, sites), alignment.executive_ids)


def _by_brand(surveyed: Surveyed, sites: Sequence[Site]) -> dict[str, frozenset[str]]:
    """By brand: of own outlets as the outlets table has it, of candidates as the sites table."""
    groups: dict[str, set[str]] = {}
    for role, table, key in (("own", "outlets", "outlet_id"), ("candidate", "sites", "site_id")):
        rows = surveyed.market.table(table)
        brand_of = dict(zip(rows[key].astype(str), rows["brand"].astype(str), strict=True))
        of_role = [site for site in sites if site.role == role]
        names = [brand_of.get(site.site_id, "").strip() for site in of_role]
        for brand, ids in _grouped(names, of_role).items():
            groups.setdefault(brand, set()).update(ids)
    return _frozen(groups, sorted(groups))
