"""One day planned by labels: a bound by Lagrange multipliers, then the days that could beat it.

Days are walks from home to home over visits, on the clock of ``territory.visits`` with lunch. Were
visits allowed to be made twice, a table over place, time (in steps, rounded to the good) and lunch
gives the best walk; a price on making each visit, raised where it is made twice and lowered where
it is not made, makes that a bound (Christofides, Mingozzi and Toth 1981, Networks). Partial days
whose cost with the table's best rest is not below the best day known are cut; of two with the same
visits, end and lunch, the one that is earlier and no dearer stays (Feillet et al. 2004, Networks).
Of very many the most hopeful stay, and then nothing is proved.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.case import Case

Ints = NDArray[np.int64]
ROUNDS = 80
MOST_LABELS = 1_000_000
QUICK_ROUNDS, QUICK_LABELS = 30, 4_000  # below a second for forty visits
MOST_VISITS = 60  # bits of a set
COOLING = 0.93


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day as arrays; place 0 is home, visits are 1..n. ``prize`` is the cost of leaving one out.

    ``spans`` rows are (visit, first start, last start), ascending for each visit; ``first_span``
    (n + 2,) says where each visit's begin. ``lunch`` is (earliest, latest, seconds), 0 for none.
    """

    legs: Ints
    stay: Ints
    prize: Ints
    spans: Ints
    first_span: Ints
    shift: tuple[int, int]
    lunch: tuple[int, int, int]

    @property
    def rules(self) -> Ints:
        """The shift and lunch as the kernel takes them."""
        return np.array([*self.shift, *self.lunch], dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The least cost found; of any day there is, if ``is_proved``. Partial days looked at.

    ``order`` are the visits (1..n) of a day that costs less than the one known, if there is one.
    """

    least: float
    is_proved: bool
    labels: int
    order: tuple[int, ...] = ()


def prove(day: Day, known: int, *, rounds: int = ROUNDS, labels: int = MOST_LABELS) -> Proof:
    """The least cost there is, given that some day costs ``known``."""
    from optimizer.visits.kernel_day import enumerate_days

    bound, price = _bound(day, known, rounds)
    if bound > known - 1:
        return Proof(least=float(known), is_proved=True, labels=0)
    total = int(day.prize.sum())
    least, looked, order, is_whole = enumerate_days(
        day.legs,
        day.stay,
        day.prize,
        day.spans,
        day.first_span,
        day.rules,
        price,
        _rest(day, price),
        int(known - total),
        labels,
    )
    return Proof(
        least=float(least + total),
        is_proved=bool(is_whole),
        labels=int(looked),
        order=tuple(int(visit) for visit in order[::-1]),
    )


def _bound(day: Day, known: int, rounds: int) -> tuple[float, Ints]:
    """The best lower bound of so many rounds, and its prices."""
    price = np.zeros(len(day.prize), dtype=np.int64)
    total = int(day.prize.sum())
    best_price, bound, share = price, -np.inf, 1.0
    for _ in range(rounds):
        rest = _rest(day, price)
        at_least = total - int(price.sum()) + min(int(rest[0, 0, 0]), int(rest[1, 0, 0]))
        if at_least > bound:
            bound, best_price = float(at_least), price
        else:
            share *= COOLING
        over = _made(day, price, rest) - 1
        over[0] = 0
        over[(over < 0) & (price == 0)] = 0
        norm = float((over * over).sum())
        if norm == 0 or bound > known - 1:
            break
        step = share * (known - at_least) / norm
        price = np.maximum(0, price + np.rint(step * over).astype(np.int64))
    return bound, best_price


def _rest(day: Day, price: Ints) -> Ints:
    from optimizer.visits.kernel_day import table_of_rests

    gain = day.prize - price
    rest: Ints = table_of_rests(day.legs, day.stay, gain, day.spans, day.first_span, day.rules)
    return rest


def _made(day: Day, price: Ints, rest: Ints) -> Ints:
    """How often the best walk of the table makes each visit."""
    from optimizer.visits.kernel_day import best_walk

    gain = day.prize - price
    made: Ints = best_walk(day.legs, day.stay, gain, day.spans, day.first_span, day.rules, rest)
    return made


def propose_day(case: Case, known: int) -> tuple[int, ...] | None:
    """The needs in order of a day that may cost less than ``known``; None if none was found.

    Knows hours, lunch, driving and values; None for days that cost anything else, have traffic or
    a place for lunch. Who asks checks the rest of the rules and the cost.
    """
    is_plain = case.slow is None and case.traffic.shape[1] == 0 and not case.lunch[0, 3:].any()
    if len(case.start) != 1 or not 0 < len(case.point) <= MOST_VISITS or not is_plain:
        return None
    can = [need for need in range(len(case.point)) if case.window_count[need, 0] > 0]
    day = _day(case, can)
    if len(day.spans) == 0 or np.any(np.diff(day.first_span[1:]) == 0):
        return None
    beside = int(case.penalty.sum() - day.prize.sum())  # what no day of these visits changes
    proof = prove(day, known - beside, rounds=QUICK_ROUNDS, labels=QUICK_LABELS)
    return tuple(can[visit - 1] for visit in proof.order) or None


def _day(case: Case, can: list[int]) -> Day:
    """The only shift of a case with the needs that can be made on it."""
    points = [int(case.point[need]) for need in can]
    legs = np.zeros((len(can) + 1, len(can) + 1), dtype=np.int64)
    legs[1:, 1:] = case.travel[np.ix_(points, points)]
    legs[0, 1:] = case.travel[int(case.start_point[0]), points]
    legs[1:, 0] = case.travel[points, int(case.end_point[0])]
    spans: list[tuple[int, int, int]] = []
    first = [0, 0]
    for row, need in enumerate(can, 1):
        at = int(case.window_first[need, 0])
        stays = int(case.seconds[need])
        spans += [
            (row, int(span[0]), int(span[1]) - stays)
            for span in case.windows[at : at + int(case.window_count[need, 0])]
            if span[0] + stays <= span[1]
        ]
        first.append(len(spans))
    lunch = case.lunch[0]
    return Day(
        legs=legs,
        stay=np.array([0, *case.seconds[can]], dtype=np.int64),
        prize=np.array([0, *(case.penalty[can] - case.off_preferred[can, 0])], dtype=np.int64),
        spans=np.array(spans, dtype=np.int64).reshape(-1, 3),
        first_span=np.array(first, dtype=np.int64),
        shift=(int(case.start[0]), int(case.end[0])),
        lunch=(int(lunch[0]), int(lunch[1]), int(lunch[2])),
    )


def warm_up() -> None:
    """Compile the kernels on a day with two visits of which one fits."""
    day = Day(
        legs=np.array([[0, 9, 9], [9, 0, 9], [9, 9, 0]]),
        stay=np.array([0, 60, 60]),
        prize=np.array([0, 500, 400]),
        spans=np.array([[1, 0, 60], [2, 0, 60]]),
        first_span=np.array([0, 0, 1, 2]),
        shift=(0, 120),
        lunch=(0, 0, 0),
    )
    prove(day, 901, rounds=2)
