"""The judge of what a redraw states beside its figures: key accounts, moves, roads, levels, counts.

Every number is made anew from the facts; nothing here is shared with what made the plan.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from territory.alignment import AlignmentPlan
from territory.checks.figures import AlignmentFacts, Owners, is_moved, pieces
from territory.checks.violation import (
    Violation,
    agree,
    exceeds,
    listed,
    miscopied,
    misstated,
)
from territory.redrawn import CountTried, KeyAccount, Level, RoadShape

Islands = Callable[[Owners, AlignmentFacts], Iterator[Violation]]


def check_redrawn(
    plan: AlignmentPlan, owners: Owners, facts: AlignmentFacts, islands: Islands
) -> Iterator[Violation]:
    """Everything wrong with the key accounts, moved shares, road shape, levels and counts."""
    yield from _key_accounts(plan, facts)
    yield from _moved_by(plan, owners, facts)
    yield from _road(plan, owners, facts)
    yield from _levels(plan, owners, facts, islands)
    yield from _counts(plan, facts)


def _key_accounts(plan: AlignmentPlan, facts: AlignmentFacts) -> Iterator[Violation]:
    """Each key account of the market once, with its own executive and its own loads."""
    stated = {one.account_id: one for one in plan.key_accounts}
    found = {one.account_id: one for one in facts.key_accounts}
    if len(stated) != len(plan.key_accounts) or stated.keys() != found.keys():
        odd = sorted(stated.keys() ^ found.keys()) or ["an account twice"]
        yield Violation(
            code="wrong_key_account",
            subject="key accounts",
            message=f"{listed(odd)}: not listed once, as the market has it",
        )
        return
    for account, true in found.items():
        yield from _key_account(stated[account], true, facts.load_names)


def _key_account(said: KeyAccount, true: KeyAccount, names: tuple[str, ...]) -> Iterator[Violation]:
    subject = f"key account {said.account_id}"
    for what, stated, found in (
        ("executive", said.executive_id, true.executive_id),
        ("unit", said.unit_id, true.unit_id),
    ):
        if stated != found:
            yield Violation(
                code="wrong_key_account",
                subject=subject,
                message=f"its {what} is {found!r}, not {stated!r}",
                stated=stated,
                found=found,
            )
    if len(said.loads) != len(names):
        yield from miscopied(subject, "count of loads", stated=len(said.loads), found=len(names))
        return
    for name, stated_load, load in zip(names, said.loads, true.loads, strict=True):
        yield from misstated("wrong_key_account", subject, name, stated=stated_load, found=load)


def _moved_by(plan: AlignmentPlan, owners: Owners, facts: AlignmentFacts) -> Iterator[Violation]:
    """What else changes hands: each measure's share and its part in the price."""
    if not plan.moved_by:
        return
    moved = is_moved(owners, facts)
    stated = {one.name: one.weight for one in plan.moved_by}
    wanted = {name: weight for name, weight in facts.move_weights.items() if weight > 0}
    yield from miscopied(
        "plan",
        "what a move is priced by",
        stated={name: weight for name, weight in stated.items() if weight > 0},
        found=wanted,
    )
    for one in plan.moved_by:
        if one.name not in facts.measures:
            yield from miscopied("moved_by", "name", stated=one.name, found=sorted(facts.measures))
            continue
        worth = facts.measures[one.name]
        total = float(worth.sum())
        share = 100 * float(worth[moved].sum()) / total if total > 0 else 0.0
        yield from misstated(
            "wrong_moved", "plan", f"moved share of {one.name}", stated=one.percent, found=share
        )


def _road(plan: AlignmentPlan, owners: Owners, facts: AlignmentFacts) -> Iterator[Violation]:
    """Minutes on the road from each stated centre, which is the home or a unit of one's own."""
    if facts.is_on_road and not plan.road_shape:
        yield Violation(
            code="wrong_road", subject="plan", message="shape on the road was asked, none is stated"
        )
    if not plan.road_shape:
        return
    stated = tuple(one.executive_id for one in plan.road_shape)
    landed = {facts.executive_ids[index] for index in np.unique(owners[owners >= 0]).tolist()}
    wanted = tuple(one for one in facts.executive_ids if one in landed)
    yield from miscopied("road shape", "executives", stated=stated, found=wanted)
    if stated != wanted:
        return
    if facts.road_seconds is None:
        yield Violation(
            code="wrong_road", subject="road shape", message="no drives to hold the minutes against"
        )
        return
    for one in plan.road_shape:
        mine = owners == facts.executive_ids.index(one.executive_id)
        yield from _center(one, mine, facts)
        yield from _minutes(one, mine, facts.road_seconds / 60, facts.loads[-1])


def _center(one: RoadShape, mine: Owners, facts: AlignmentFacts) -> Iterator[Violation]:
    at = (one.center_lon, one.center_lat)
    if not one.center_unit:
        home = facts.homes.get(one.executive_id)
        is_right = home is not None and all(agree(a, b) for a, b in zip(at, home, strict=True))
    else:
        own = {facts.unit_ids[unit]: unit for unit in np.flatnonzero(mine).tolist()}
        place = own.get(one.center_unit)
        is_right = place is not None and facts.unit_lonlat is not None
        if place is not None and facts.unit_lonlat is not None:
            there = facts.unit_lonlat[place].tolist()
            is_right = all(agree(a, b) for a, b in zip(at, there, strict=True))
    if not is_right:
        yield Violation(
            code="wrong_road",
            subject=f"road shape of {one.executive_id}",
            message=f"its centre {one.center_unit or 'at home'} is not the executive's own",
        )


def _minutes(
    one: RoadShape, mine: Owners, minutes: np.ndarray, workload: np.ndarray
) -> Iterator[Violation]:
    away, weight = minutes[mine], workload[mine]
    if weight.sum() <= 0:
        weight = np.ones(len(away))
    total = float(weight.sum()) or 1.0
    for what, stated, found in (
        ("mean_minutes", one.mean_minutes, float((weight * away).sum()) / total),
        ("minutes_squared", one.minutes_squared, float((weight * away**2).sum()) / total),
        ("worst_minutes", one.worst_minutes, float(away.max(initial=0.0))),
    ):
        yield from misstated(
            "wrong_road", f"road shape of {one.executive_id}", what, stated=stated, found=found
        )


def _levels(
    plan: AlignmentPlan, owners: Owners, facts: AlignmentFacts, islands: Islands
) -> Iterator[Violation]:
    """The hierarchy: as many groups as asked, each executive once, nested, whole and balanced."""
    asked = [(name, tolerance) for name, _, tolerance in facts.levels]
    stated = [(level.name, level.tolerance_percent) for level in plan.levels]
    yield from miscopied("levels", "names and tolerances", stated=stated, found=asked)
    for level in plan.levels:
        yield from _members(level, facts)
        seat = {one: k for k, group in enumerate(level.groups) for one in group.executive_ids}
        if set(seat) != set(facts.executive_ids):
            continue
        of = np.array([*(seat[one] for one in facts.executive_ids), -1], dtype=np.int64)
        yield from _groups(plan, level, of[owners], facts, islands)
    for finer, coarser in zip(plan.levels, plan.levels[1:], strict=False):
        yield from _nested(finer, coarser)


def _members(level: Level, facts: AlignmentFacts) -> Iterator[Violation]:
    named = [one for group in level.groups for one in group.executive_ids]
    odd = sorted(set(named) ^ set(facts.executive_ids))
    odd += sorted({one for one in named if named.count(one) > 1})
    if odd or any(not group.executive_ids for group in level.groups):
        yield Violation(
            code="wrong_level",
            subject=f"level {level.name}",
            message=f"{listed(odd) if odd else 'an empty group'}: each executive is in one group",
        )
    wanted = {name: count for name, count, _ in facts.levels}.get(level.name)
    if wanted is not None and len(level.groups) != wanted:
        yield from misstated(
            "wrong_level", f"level {level.name}", "groups", stated=len(level.groups), found=wanted
        )


def _nested(finer: Level, coarser: Level) -> Iterator[Violation]:
    for group in finer.groups:
        heads = [one for one in coarser.groups if set(one.executive_ids) & set(group.executive_ids)]
        if len(heads) > 1:
            yield Violation(
                code="wrong_level",
                subject=f"{finer.name} {group.group_id}",
                message=f"it lies in {len(heads)} groups of level {coarser.name}",
            )


def _groups(
    plan: AlignmentPlan, level: Level, owners: Owners, facts: AlignmentFacts, islands: Islands
) -> Iterator[Violation]:
    """Loads, deviations and pieces of the groups of a level; ``owners`` are places of groups."""
    held = np.zeros((len(facts.load_names), len(level.groups)))
    for row, load in enumerate(facts.loads):
        held[row] = np.bincount(owners[owners >= 0], load[owners >= 0], minlength=len(level.groups))
    for place, group in enumerate(level.groups):
        for account in facts.key_accounts:
            if account.executive_id in group.executive_ids:
                held[:, place] += account.loads
    mean = held.sum(axis=1) / len(facts.executive_ids)
    found = pieces(owners, facts.neighbours)
    worst = np.zeros(len(facts.load_names))
    for place, group in enumerate(level.groups):
        subject = f"{level.name} {group.group_id}"
        if len(group.loads) != len(mean) or len(group.deviation_percent) != len(mean):
            yield from miscopied(
                subject, "count of loads", stated=len(group.loads), found=len(mean)
            )
            return
        fair = mean * len(group.executive_ids)
        off = np.where(fair > 0, 100 * (held[:, place] / np.where(fair > 0, fair, 1.0) - 1), 0.0)
        worst = np.maximum(worst, np.abs(off))
        for row, name in enumerate(facts.load_names):
            yield from misstated(
                "wrong_level", subject, name, stated=group.loads[row], found=float(held[row, place])
            )
            yield from misstated(
                "wrong_level", subject, f"deviation of {name}",
                stated=group.deviation_percent[row], found=float(off[row]),
            )  # fmt: skip
        count = sum(1 for piece in found if owners[piece[0]] == place)
        if not max(1, count - _parts(facts) + 1) <= group.components <= max(count, 1):
            yield from misstated(
                "wrong_level", subject, "components", stated=group.components, found=count
            )
    yield from _level_totals(plan, level, worst, facts)
    ids = tuple(group.group_id for group in level.groups)
    heads = replace(facts, executive_ids=ids, locked={})
    for broken in islands(owners, heads):
        yield replace(broken, subject=f"{level.name} of {broken.subject}")


def _parts(facts: AlignmentFacts) -> int:
    return len(pieces(np.zeros(len(facts.unit_ids), np.int64), facts.neighbours))


def _level_totals(
    plan: AlignmentPlan, level: Level, worst: np.ndarray, facts: AlignmentFacts
) -> Iterator[Violation]:
    subject = f"level {level.name}"
    if len(level.worst_percent) != len(worst):
        yield from miscopied(
            subject, "count of worst_percent", stated=len(level.worst_percent), found=len(worst)
        )
        return
    for row, name in enumerate(facts.load_names):
        found = float(worst[row])
        yield from misstated(
            "wrong_level", subject, f"worst of {name}", stated=level.worst_percent[row], found=found
        )
        is_told = any(
            "tolerance" in note.lower() and level.name in note and name in note
            for note in plan.notes
        )
        if facts.is_hard[row] and exceeds(found, level.tolerance_percent) and not is_told:
            yield Violation(
                code="over_tolerance",
                subject=f"{subject}, load {name}",
                message=f"worst deviation {found:.2f} % is beyond {level.tolerance_percent:g} %, "
                "and no note says so",
                stated=level.tolerance_percent,
                found=found,
            )


def _counts(plan: AlignmentPlan, facts: AlignmentFacts) -> Iterator[Violation]:
    """One count is chosen, by the rule asked for, and its row is this plan."""
    if not plan.counts:
        return
    yield from miscopied(
        "counts",
        "numbers of executives",
        stated=tuple(one.executives for one in plan.counts),
        found=facts.counts,
    )
    chosen = [one for one in plan.counts if one.is_chosen]
    if len(chosen) != 1 or chosen[0].executives != len(facts.executive_ids):
        yield Violation(
            code="wrong_count",
            subject="counts",
            message="the plan's own count is not the chosen one",
        )
        return
    best = min(_rank(one, facts.choose) for one in plan.counts)
    if _rank(chosen[0], facts.choose) != best:
        yield Violation(
            code="wrong_count",
            subject="counts",
            message=f"{best[-1]} executives are better by the rule {facts.choose!r}",
            stated=chosen[0].executives,
            found=best[-1],
        )
    yield from _own_count(plan, chosen[0], facts)


def _rank(one: CountTried, by: str) -> tuple[float, float, float, int]:
    """Tolerance first, then what the rule names: less is better."""
    value = {
        "fewest": float(one.executives),
        "balance": max(one.worst_percent, default=0.0),
        "compact": one.moment_of_inertia,
        "moves": one.moved_percent,
    }[by]
    overfull = max(0.0, one.full_percent - 100) if by == "fewest" else 0.0
    return round(one.beyond_percent, 6), round(overfull, 6), round(value, 9), one.executives


def _own_count(plan: AlignmentPlan, row: CountTried, facts: AlignmentFacts) -> Iterator[Violation]:
    shapes = [one.polsby_popper for one in plan.jurisdictions]
    yield from miscopied(
        f"count {row.executives}", "is_driven", stated=row.is_driven, found=facts.is_redriven
    )
    hours, off = [one.loads[-1] for one in plan.jurisdictions], list(plan.worst_percent)
    if row.is_driven and len(plan.driven) == len(hours):
        hours, off[-1] = _driven_years(plan, hours)
    fullest = max(hours, default=0.0)
    beyond = [
        max(0.0, worst - limit)
        for worst, limit, is_hard in zip(off, plan.tolerance_percent, facts.is_hard, strict=True)
        if is_hard
    ]
    for what, stated, found in (
        ("beyond_percent", row.beyond_percent, max(beyond, default=0.0)),
        ("polsby_popper", row.polsby_popper, sum(shapes) / max(1, len(shapes))),
        ("moment_of_inertia", row.moment_of_inertia, plan.moment_of_inertia),
        ("moved_percent", row.moved_percent, plan.moved_percent),
        ("full_percent", row.full_percent, 100 * fullest / facts.full_hours),
        *(
            (f"worst of {name}", said, worst)
            for name, said, worst in zip(
                plan.load_names, row.worst_percent, plan.worst_percent, strict=False
            )
        ),
    ):
        yield from misstated(
            "wrong_count", f"count {row.executives}", what, stated=stated, found=found
        )


def _driven_years(plan: AlignmentPlan, hours: list[float]) -> tuple[list[float], float]:
    """Hours a year of each executive with the area's as driven, and the area's worst deviation."""
    area = [
        one.visit_hours
        + (one.tour_hours + one.stem_hours if one.routed_hours is None else one.routed_hours)
        for one in plan.driven
    ]
    whole = [
        held - one.planned_hours + driven
        for held, one, driven in zip(hours, plan.driven, area, strict=True)
    ]
    mean = sum(area) / max(1, len(area))
    worst = max((abs(100 * (driven / mean - 1)) for driven in area), default=0.0) if mean else 0.0
    return whole, worst
