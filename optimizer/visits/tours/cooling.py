"""How hot a search is after a share of its budget: one cooling, or scouts and a last one.

One cooling freezes in the first basin it falls into: a number of routes, a share of clusters. So
each cooling begins so hot that whole routes dissolve, and where there is time for several the
first ones are scouts, after which the search goes on, lukewarm, from the best of them.
"""

from dataclasses import dataclass, replace

SCOUT_SHARE = 0.6  # of the budget, if there are several scouts
MOLTEN_SHARES = (0.15, 0.5, 0.3)  # of a cooling, by scout: clusters of long routes melt slowly
TURNS_OF_A_SCOUT = 100.0  # a visit, of the whole budget: a scout itself has six tenths of them
MOST_SCOUTS = 3
PRIZE_SHARE = 0.15  # of the prize left out a visit: a unit of temperature, if more than a leg
LEAST_TO_MELT = 50.0  # turns a visit below which there is no time to melt


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooling:
    """Temperatures in parts of ``scale_of``: ``molten`` to ``hot`` to ``cold``.

    The last cooling after ``scouts`` of them starts at ``lukewarm``.
    """

    molten: float
    hot: float
    lukewarm: float
    cold: float
    scouts: int = 1

    @property
    def chosen_at(self) -> float:
        """The share of the budget after which the best of the scouts is gone on from."""
        return SCOUT_SHARE if self.scouts > 1 else 1.0

    def temperature(self, done: float) -> float:
        """The temperature after a share of the budget."""
        if done >= self.chosen_at and self.scouts > 1:
            rest = (done - self.chosen_at) / (1.0 - self.chosen_at)
            return _between(self.lukewarm, self.cold, min(1.0, rest))
        past = done / self.chosen_at * self.scouts
        scout = min(int(past), self.scouts - 1)
        of_one, molten = min(1.0, past - scout), MOLTEN_SHARES[scout % len(MOLTEN_SHARES)]
        if of_one < molten:
            return _between(self.molten, self.hot, of_one / molten)
        return _between(self.hot, self.cold, (of_one - molten) / (1.0 - molten))

    def paced(self, turns_a_visit: float) -> "Cooling":
        """This cooling as a budget of so many turns a visit allows: scouts, or not even melting."""
        molten = self.molten if turns_a_visit >= LEAST_TO_MELT else self.hot
        return replace(self, scouts=scouts_for(turns_a_visit), molten=molten)


def scouts_for(turns_a_visit: float) -> int:
    """How many scouts a budget has room for."""
    return max(1, min(MOST_SCOUTS, int(turns_a_visit / TURNS_OF_A_SCOUT)))


def scale_of(mean_near_leg: float, left_out_per_visit: float) -> float:
    """What temperatures are parts of: a near leg, or a share of the prize left out if that is more.

    By legs alone a prize of many legs would never be given away for a better one. The prize is
    spread over all visits, so that a dear one that nobody can serve heats little.
    """
    return max(mean_near_leg, PRIZE_SHARE * left_out_per_visit)


def _between(first: float, last: float, share: float) -> float:
    return float(first * (last / first) ** share)
