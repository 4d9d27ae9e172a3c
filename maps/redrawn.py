"""What a redraw states beside its jurisdictions, as plain columns for the page."""

from collections.abc import Sequence

from maps.columns import tidy
from territory.alignment import AlignmentPlan

NOBODY = -1


def levels(plan: AlignmentPlan, executives: Sequence[str]) -> list[dict[str, object]]:
    """Each level: its groups with their figures, and the place of the group of each executive."""
    shown = []
    for level in plan.levels:
        place = {
            executive: at
            for at, group in enumerate(level.groups)
            for executive in group.executive_ids
        }
        shown.append(
            {
                "name": level.name,
                "tolerance": level.tolerance_percent,
                "of": [place.get(executive, NOBODY) for executive in executives],
                "groups": [
                    {
                        "id": group.group_id,
                        "executives": len(group.executive_ids),
                        "loads": tidy(group.loads, "number"),
                        "deviation": tidy(group.deviation_percent, "signed"),
                        "components": group.components,
                    }
                    for group in level.groups
                ],
            }
        )
    return shown


def keys(
    plan: AlignmentPlan, executives: Sequence[str], unit_ids: Sequence[str]
) -> list[dict[str, object]]:
    """Each key account: whose it is, where it lies, what it holds."""
    seat = {executive: at for at, executive in enumerate(executives)}
    place = {unit: at for at, unit in enumerate(unit_ids)}
    return [
        {
            "id": one.account_id,
            "executive": seat.get(one.executive_id, NOBODY),
            "unit": place.get(one.unit_id, NOBODY),
            "loads": tidy(one.loads, "number"),
        }
        for one in plan.key_accounts
    ]


def road(plan: AlignmentPlan, executives: Sequence[str]) -> list[dict[str, object] | None]:
    """Minutes from the centre of each executive, None for one who has none stated."""
    known = {one.executive_id: one for one in plan.road_shape}
    return [
        {
            "mean": tidy([known[item].mean_minutes], "number")[0],
            "worst": tidy([known[item].worst_minutes], "number")[0],
            "lon": round(known[item].center_lon, 6),
            "lat": round(known[item].center_lat, 6),
        }
        if item in known
        else None
        for item in executives
    ]


def counts(plan: AlignmentPlan) -> list[dict[str, object]]:
    """Each number of executives tried."""
    return [
        {
            "executives": one.executives,
            "worst": tidy([max(one.worst_percent, default=0.0)], "percent")[0],
            "beyond": tidy([one.beyond_percent], "percent")[0],
            "shape": tidy([one.polsby_popper], "index")[0],
            "inertia": tidy([one.moment_of_inertia], "number")[0],
            "moved": tidy([one.moved_percent], "percent")[0],
            "full": tidy([one.full_percent], "percent")[0],
            "is_chosen": one.is_chosen,
            "is_driven": one.is_driven,
        }
        for one in plan.counts
    ]
