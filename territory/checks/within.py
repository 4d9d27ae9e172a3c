"""The judge of a level that is given: jurisdictions within its groups, what the groups hold."""

from collections.abc import Iterator

import numpy as np

from territory.alignment import AlignmentPlan
from territory.checks.figures import AlignmentFacts, Floats, Owners
from territory.checks.violation import Violation, exceeds, listed, misstated, shown
from territory.diagnosis import Finding
from territory.redrawn import Group


def check_within(plan: AlignmentPlan, owners: Owners, facts: AlignmentFacts) -> Iterator[Violation]:
    """Jurisdictions across groups, people out of their group, false sums and proofs of groups."""
    lands = _lands(owners, facts)
    across = [*_across(lands, facts)]
    yield from across
    for finding in plan.diagnosis:
        if finding.kind == "group":
            yield from _proof(finding, lands, facts)
    for level in plan.levels:
        if level.name != facts.within_name or not facts.within:
            continue
        for group in level.groups:
            yield from _strangers(group, lands)
            if not across:
                yield from _sums(group, owners, facts)


def _lands(owners: Owners, facts: AlignmentFacts) -> dict[str, list[str]]:
    """The groups in which each executive has units."""
    lands: dict[str, set[str]] = {one: set() for one in facts.executive_ids}
    for owner, group in zip(owners.tolist(), facts.within, strict=False):
        if owner >= 0:
            lands[facts.executive_ids[owner]].add(group)
    return {one: sorted(groups) for one, groups in lands.items()}


def _across(lands: dict[str, list[str]], facts: AlignmentFacts) -> Iterator[Violation]:
    for executive, groups in lands.items():
        seat = facts.seated.get(executive)
        if len(groups) > 1:
            yield Violation(
                code="across_level",
                subject=f"jurisdiction {executive}",
                message=f"{executive} has units in {listed(groups)} of level {facts.within_name}",
                found=len(groups),
            )
        elif groups and seat is not None and groups[0] != seat:
            yield Violation(
                code="across_level",
                subject=f"jurisdiction {executive}",
                message=f"{executive} sits in {seat!r} and has land in {groups[0]!r}",
                stated=groups[0],
                found=seat,
            )


def _strangers(group: Group, lands: dict[str, list[str]]) -> Iterator[Violation]:
    """Members of a group whose land lies in another."""
    for executive in group.executive_ids:
        land = lands.get(executive, [])
        if len(land) == 1 and land[0] != group.group_id:
            yield Violation(
                code="across_level",
                subject=f"group {group.group_id}",
                message=f"{executive} is listed there and has land in {land[0]!r}",
                stated=group.group_id,
                found=land[0],
            )


def _held(name: str, members: tuple[str, ...], owners: Owners, facts: AlignmentFacts) -> Floats:
    """What the land of a group holds of each load, with its members' key accounts, (l,)."""
    land = (np.array(facts.within) == name) & (owners >= 0)
    held = np.asarray(facts.loads[:, land].sum(axis=1), dtype=np.float64)
    for account in facts.key_accounts:
        if account.executive_id in members:
            held = held + np.asarray(account.loads)
    return held


def _sums(group: Group, owners: Owners, facts: AlignmentFacts) -> Iterator[Violation]:
    """A group's loads are those of the land that was given to it."""
    held = _held(group.group_id, group.executive_ids, owners, facts)
    for name, stated, found in zip(facts.load_names, group.loads, held.tolist(), strict=False):
        yield from misstated(
            "wrong_level", f"group {group.group_id}", f"{name} of its land",
            stated=stated, found=found,
        )  # fmt: skip


def _proof(
    finding: Finding, lands: dict[str, list[str]], facts: AlignmentFacts
) -> Iterator[Violation]:
    """The units are a whole group, and its own mean lies as far off as the finding says."""
    place = {unit: at for at, unit in enumerate(facts.unit_ids)}
    units = {place[unit] for unit in finding.unit_ids if unit in place}
    names = {facts.within[unit] for unit in units if facts.within}
    whole = {at for at, group in enumerate(facts.within) if group in names}
    subject = "finding (group)"
    if len(names) != 1 or units != whole or finding.load_names[0] not in facts.load_names:
        yield Violation(
            code="wrong_proof", subject=subject, message="its units are no group of the given level"
        )
        return
    name, row = next(iter(names)), facts.load_names.index(finding.load_names[0])
    members = tuple(one for one, groups in lands.items() if groups == [name])
    inside = np.where(np.isin(np.arange(len(facts.within)), list(units)), 0, -1)
    held = float(_held(name, members, inside, facts)[row])
    total = float(facts.loads[row].sum()) + sum(
        account.loads[row]
        for account in facts.key_accounts
        if account.executive_id in facts.executive_ids
    )
    fair = total * len(members) / len(facts.executive_ids)
    off = abs(100 * (held / fair - 1)) if fair > 0 else 0.0
    if not exceeds(off, finding.tolerance_percent[0]) or exceeds(finding.least_percent, off):
        yield Violation(
            code="wrong_proof",
            subject=subject,
            message=f"{name} lies {shown(off)} % off with its {len(members)} executives",
            stated=finding.least_percent,
            found=off,
        )
