"""Why a unit is worth what it is: sentences with money, for the planner who asks."""

import math

from territory.errors import NotFound
from territory.potential.buildup import FACTORS
from territory.scores import ScorePlan

_ADVICE = {
    "defend": "much potential and much of it ours: defend it",
    "grow": "much potential and little of it ours: grow here",
    "harvest": "little potential, but it is ours: harvest with little effort",
    "skip": "little to win: skip it",
}


def explain(plan: ScorePlan, unit_id: str, currency: str = "") -> tuple[str, ...]:
    """Sentences on one unit: its parts, its reach, our share against peers, target, work, trust.

    Raises
    ------
    NotFound
        If the plan has no such unit.
    """
    if unit_id not in plan.unit_ids:
        raise NotFound(
            f"The score has no unit {unit_id!r}.", fix=f"It has {len(plan.unit_ids)} units."
        )
    row = _Row(plan, plan.unit_ids.index(unit_id), currency)
    sentences = [_worth(row, plan), _parts(row, plan), _reach(row, plan), _share(row)]
    sentences += [_target(row), _work(row), _trust(row), _doubt(row)]
    return tuple(sentence for sentence in sentences if sentence)


def money(amount: float, currency: str = "", *, sign: bool = False) -> str:
    """An amount a person can take in: "1.2 M EUR", "+31 k EUR", "840 EUR"."""
    size = abs(amount)
    for scale, letter in ((1e9, " bn"), (1e6, " M"), (1e3, " k")):
        if size >= 0.9995 * scale:
            shown, unit = amount / scale, letter
            break
    else:
        shown, unit = amount, ""
    digits = 1 if abs(shown) < 9.95 and unit else 0
    text = f"{shown:+,.{digits}f}" if sign else f"{shown:,.{digits}f}"
    return f"{text}{unit} {currency}".strip()


class _Row:
    """One unit's figures; a missing one is nan."""

    def __init__(self, plan: ScorePlan, place: int, currency: str) -> None:
        self.place = place
        self.currency = currency
        self._columns = plan.table.columns

    def number(self, name: str) -> float:
        value = self._columns[name][self.place] if name in self._columns else None
        return math.nan if value is None else float(value)

    def text(self, name: str) -> str:
        return str(self._columns[name][self.place])

    def span(self, name: str) -> str:
        """The 80 % interval in brackets, "" where there is none or no doubt."""
        low, high = self.number(f"{name}_low"), self.number(f"{name}_high")
        if not low < high:
            return ""
        return f" (80 % sure: {money(low)} to {money(high, self.currency)})"

    def money(self, name: str, *, sign: bool = False) -> str:
        return money(self.number(name), self.currency, sign=sign)


def _worth(row: _Row, plan: ScorePlan) -> str:
    values = plan.table.numbers("potential")
    if row.number("companies") == 0:
        return "No company of the survey lies in it, so it has no potential."
    rank = 1 + sum(value > values[row.place] for value in values)
    sure = row.span("potential")
    least, most = row.number("rank_low"), row.number("rank_high")
    ranks = f" ({least:.0f} to {most:.0f} if causes weigh otherwise)" if least < most else ""
    return (
        f"It is worth {row.money('potential')} a year{sure}: rank {rank} of {len(values)}{ranks}, "
        f"score {row.number('score'):.0f}."
    )


def _parts(row: _Row, plan: ScorePlan) -> str:
    if row.number("companies") == 0:
        return ""
    amounts = {name: plan.parts.numbers(name)[row.place] for name in ("base", *FACTORS)}
    told = ", ".join(
        f"{name} {money(amounts[name], row.currency, sign=True)}"
        for name in sorted(FACTORS, key=lambda name: -abs(amounts[name]))
    )
    return f"From the mean unit's {money(amounts['base'], row.currency)}: {told}."


def _reach(row: _Row, plan: ScorePlan) -> str:
    if row.number("potential") <= 0:
        return ""
    ways = [
        f"the nearest {whose} is {row.number(column):.0f} minutes away"
        for whose, column in (
            ("own outlet", "minutes_to_own"),
            ("competitor", "minutes_to_competitor"),
        )
        if math.isfinite(row.number(column))
    ]
    lost = row.number("lost_to_competitors")
    if lost > 0:
        ways.append(f"competitor reach {money(-lost, row.currency, sign=True)}")
    tail = f": {', '.join(ways)}" if ways else ""
    said = f"We reach {100 * row.number('reach'):.0f} % of it, {row.money('accessible')}{tail}."
    if not plan.accessible_parts.columns or not ways:
        return said
    own, theirs = (
        plan.accessible_parts.numbers(name)[row.place] for name in ("own_reach", "competitor_reach")
    )
    return (
        f"{said} Against the mean unit our own reach makes {money(own, row.currency, sign=True)}, "
        f"competitors' {money(theirs, row.currency, sign=True)}."
    )


def _share(row: _Row) -> str:
    if row.number("potential") <= 0:
        return ""
    gap = (
        f"the better of like units sell {100 * row.number('benchmark'):.0f} %, so "
        f"{row.money('gap')} is open{row.span('gap')}: {_ADVICE[row.text('segment')]}."
    )
    if row.number("captured") == 0 and row.number("penetration_shrunk") == 0:
        return f"We sell nothing there; {gap}"
    return (
        f"We sell {row.money('captured')} there, {100 * row.number('penetration'):.0f} % "
        f"(taken as {100 * row.number('penetration_shrunk'):.0f} %, "
        f"{100 * row.number('reliability'):.0f} % of that its own evidence); {gap}"
    )


def _target(row: _Row) -> str:
    target, short = row.number("target"), row.number("target_gap")
    if not math.isfinite(target) or target == short == 0:
        return ""
    state = "to go" if short > 0 else "over it"
    return f"Its target is {row.money('target')}: {money(abs(short), row.currency)} {state}."


def _work(row: _Row) -> str:
    count, hours = row.number("accounts"), row.number("workload_hours")
    if count == 0:
        return (
            f"As accounts its companies would ask for {hours:,.0f} hours a year." if hours else ""
        )
    return f"Its {count:.0f} accounts ask for {hours:,.0f} hours a year."


def _trust(row: _Row) -> str:
    guesses = [
        f"{100 * row.number(column):.0f} % of its consumption is {how}"
        for column, how in (
            ("estimated_share", "estimated from like companies"),
            ("synthetic_share", "synthetic"),
        )
        if row.number(column) > 0
    ]
    tail = f": {' and '.join(guesses)}" if guesses else ""
    return f"Confidence {row.text('confidence')}{tail}."


def _doubt(row: _Row) -> str:
    if not row.number("swing") > 0:
        return ""
    return (
        f"What would change it most: {row.text('swing_input')}, "
        f"by {row.money('swing')} of what we reach."
    )
