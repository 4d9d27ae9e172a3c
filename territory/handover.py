"""What changes hands between two alignments of one market: units, accounts, money and hours."""

from collections.abc import Mapping
from dataclasses import dataclass

from territory.alignment import Alignment, AlignmentPlan, diff


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What goes from one executive to another; "" is nobody. ``loads`` as in ``AlignmentDiff``.

    ``account_units`` is the unit of each of ``account_ids``.
    """

    from_executive: str
    to_executive: str
    unit_ids: tuple[str, ...]
    account_ids: tuple[str, ...]
    account_units: tuple[str, ...]
    loads: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignmentDiff:
    """Two versions of a market's alignment, beside one another.

    ``loads`` follow ``load_names`` (money of the potential, hours of the workload; the workload
    last) and are those of the later version. ``unit_loads[l][i]`` is load l of unit i of ``after``.
    ``joined`` and ``left`` are executives who are in one of the two alone.
    """

    before_plan: str
    after_plan: str
    before: Alignment
    after: Alignment
    load_names: tuple[str, ...]
    unit_loads: tuple[tuple[float, ...], ...]
    total_loads: tuple[float, ...]
    exchanges: tuple[Exchange, ...]
    joined: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def units(self) -> int:
        """How many units change hands."""
        return sum(len(one.unit_ids) for one in self.exchanges)

    @property
    def accounts(self) -> int:
        """How many accounts change hands."""
        return sum(len(one.account_ids) for one in self.exchanges)

    @property
    def moved_loads(self) -> tuple[float, ...]:
        """What changes hands of each load."""
        return tuple(
            sum(one.loads[row] for one in self.exchanges) for row in range(len(self.load_names))
        )

    @property
    def moved_percent(self) -> tuple[float, ...]:
        """The same as a share of all."""
        return tuple(
            100 * moved / total if total > 0 else 0.0
            for moved, total in zip(self.moved_loads, self.total_loads, strict=True)
        )


def alignment_diff(
    before: AlignmentPlan,
    after: AlignmentPlan,
    *,
    before_plan: str,
    after_plan: str,
    unit_of_account: Mapping[str, str],
) -> AlignmentDiff:
    """The diff of two plans of one market.

    ``unit_of_account`` names the unit of every account that goes with its unit: key accounts, who
    stay with their executive, are left out of it by the caller.
    """
    accounts: dict[str, list[str]] = {}
    for account, unit in unit_of_account.items():
        accounts.setdefault(unit, []).append(account)
    exchanges = tuple(
        Exchange(
            from_executive=one.from_executive,
            to_executive=one.to_executive,
            unit_ids=one.unit_ids,
            account_ids=tuple(
                account for unit in one.unit_ids for account in sorted(accounts.get(unit, ()))
            ),
            account_units=tuple(unit for unit in one.unit_ids for _ in accounts.get(unit, ())),
            loads=one.loads,
        )
        for one in diff(before.alignment, after.alignment, unit_loads=after.unit_loads)
    )
    was, now = before.alignment.executive_ids, after.alignment.executive_ids
    return AlignmentDiff(
        before_plan=before_plan,
        after_plan=after_plan,
        before=before.alignment,
        after=after.alignment,
        load_names=after.load_names,
        unit_loads=after.unit_loads,
        total_loads=tuple(sum(load) for load in after.unit_loads),
        exchanges=exchanges,
        joined=tuple(each for each in now if each not in set(was)),
        left=tuple(each for each in was if each not in set(now)),
    )
