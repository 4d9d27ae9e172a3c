"""An alignment under edit: each edit answers with new loads, contiguity, breaches and mends.

The state is mutable and lives as long as somebody edits; ``alignment`` gives the immutable value to
be kept as a version. An edit costs what it touches: running loads are mended in O(units moved),
contiguity and holes are searched in the touched jurisdictions alone, mends are tried on a region of
the search kernel (``region``), a few milliseconds at 20,000 units.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.field import arena
from optimizer.redraw.live_answer import answer_of
from optimizer.redraw.live_faults import faults_of, rim_of
from optimizer.redraw.live_refusals import (
    locked_units,
    no_name,
    refuse,
    same,
    unknown_executives,
    unknown_units,
)
from optimizer.redraw.problem import RedrawProblem
from optimizer.redraw.rebalance import grown, halved, rebalanced, shared_out
from territory.alignment import Alignment
from territory.edits import EditAnswer
from territory.errors import Conflict, Fault

Longs = NDArray[np.int64]
Change = tuple[Longs, Longs, tuple[bool, ...], int]


class LiveAlignment:
    """Units, loads and owners of one alignment, ready for edits.

    ``alignment`` is where editing begins (the problem's alignment before, if not given); it may
    have executives that the problem lacks. Locks are the problem's.
    """

    def __init__(self, problem: RedrawProblem, alignment: Alignment | None = None) -> None:
        begun = alignment or problem.alignment_before
        if begun is None or begun.unit_ids != problem.unit_ids:
            raise ValueError("editing needs an alignment of the problem's own units")
        self.problem = problem
        self.arena = arena(problem)
        extra = [each for each in begun.executive_ids if each not in problem.executive_ids]
        self.ids: list[str] = [*problem.executive_ids, *extra]
        self.present = [each in set(begun.executive_ids) for each in self.ids]
        self.seat_of = {executive: place for place, executive in enumerate(self.ids)}
        self.unit_of = {unit: place for place, unit in enumerate(problem.unit_ids)}
        seats = {**self.seat_of, "": -1}
        self.owner = np.array([seats[each] for each in begun.owners], dtype=np.int32)
        self.locked = problem.locked
        self.binding = self._binding()
        self.groups = [self._places(group) for group in problem.together]
        self.pairs = [self._places(pair) for pair in problem.apart]
        self.rim = rim_of(problem)
        self.heaviest = self.arena.field.load.max(axis=1)
        self.carried = problem.ground.carried_by(self.ids)
        self.held = self.carried.copy()
        self.tally = np.zeros(len(self.ids), dtype=np.int64)
        self._totals = problem.loads.sum(axis=1)
        self._count(np.arange(len(self.owner)), 1.0)
        self._journal: list[Change] = []

    # --- what it is now ------------------------------------------------------------------------

    @property
    def team(self) -> int:
        """How many executives there are."""
        return sum(self.present)

    @property
    def share(self) -> float:
        """The team over the problem's own: a load in its means times this is one in the team's."""
        return self.team / self.problem.executives

    @property
    def executive_ids(self) -> tuple[str, ...]:
        """Who is in the alignment, newcomers last."""
        return tuple(each for each, here in zip(self.ids, self.present, strict=True) if here)

    @property
    def mean_loads(self) -> NDArray[np.float64]:
        """What every jurisdiction should hold, (m,)."""
        team = np.flatnonzero(self.present)
        total = self._totals + self.carried[:, team[team < self.carried.shape[1]]].sum(axis=1)
        return np.asarray(total / max(self.team, 1), dtype=np.float64)

    def deviations(self) -> NDArray[np.float64]:
        """100 x (load / mean - 1) of every seat, (m, seats); 0 where the mean is 0."""
        mean = self.mean_loads[:, None]
        safe = np.where(mean > 0, mean, 1.0)
        return np.asarray(np.where(mean > 0, 100 * (self.held / safe - 1), 0.0))

    def alignment(self) -> Alignment:
        """The immutable value of where editing has come to."""
        names = [*self.ids, ""]
        return Alignment(
            unit_ids=self.problem.unit_ids,
            executive_ids=self.executive_ids,
            owners=tuple(names[place] for place in self.owner.tolist()),
        )

    # --- edits ---------------------------------------------------------------------------------

    def move(self, units: Iterable[str], *, to: str) -> EditAnswer:
        """These units go to executive ``to``.

        Raises
        ------
        InputError
            If a unit or the executive is unknown or a unit is locked; all faults at once.
        """
        wanted = dict.fromkeys(units)
        places = np.array([self.unit_of[u] for u in wanted if u in self.unit_of], dtype=np.int64)
        seat = self.seat_of.get(to, -1)
        refuse(
            unknown_units(self, wanted),
            unknown_executives(self, to),
            locked_units(self, places[self.binding[places] != seat]),
        )
        places = places[self.owner[places] != seat]
        return self._changed(f"move to {to}", places, np.full(len(places), seat))

    def merge(self, executive: str, *, into: str) -> EditAnswer:
        """``into`` takes the whole jurisdiction of ``executive``, who leaves the alignment.

        Raises
        ------
        InputError
            If an executive is unknown, both are the same, or locked units would move.
        Conflict
            If these are the last two.
        """
        refuse(unknown_executives(self, executive, into), same(executive, into))
        if self.team <= 2:
            raise Conflict(
                f"{executive!r} and {into!r} are the last two: merging them leaves nothing to "
                "balance.",
                fix="Keep two jurisdictions at least.",
            )
        units = np.flatnonzero(self.owner == self.seat_of[executive])
        refuse(locked_units(self, units))
        return self._changed(
            f"merge {executive} into {into}",
            units,
            np.full(len(units), self.seat_of[into]),
            leaves=executive,
        )

    def swap(self, one: str, other: str) -> EditAnswer:
        """Two executives exchange their jurisdictions.

        Raises
        ------
        InputError
            If an executive is unknown, both are the same, or locked units would move.
        """
        refuse(unknown_executives(self, one, other), same(one, other))
        a, b = self.seat_of[one], self.seat_of[other]
        units = np.flatnonzero((self.owner == a) | (self.owner == b))
        refuse(locked_units(self, units))
        to = np.where(self.owner[units] == a, b, a)
        return self._changed(f"swap {one} and {other}", units, to)

    def split(self, executive: str, *, to: str) -> EditAnswer:
        """``to``, new or without units, takes half of a jurisdiction; both halves in one piece.

        Half is by the mean of the loads, each in shares of its own mean. Locked units stay.

        Raises
        ------
        InputError
            If the executive is unknown or ``to`` is no name.
        Conflict
            If the jurisdiction has fewer than two units, ``to`` has units, or locks leave no half.
        """
        refuse(unknown_executives(self, executive), no_name(to))
        seat = self.seat_of[executive]
        if self.tally[seat] < 2:
            raise Conflict(
                f"The jurisdiction of {executive!r} has {int(self.tally[seat])} units: nothing to "
                "split.",
                fix="Choose one with two units or more.",
            )
        newcomer = self._newcomer(to)
        units = halved(self, seat, newcomer)
        if not len(units):
            raise Conflict(
                f"No unit of {executive!r} can leave without breaking a lock or the jurisdiction.",
                fix="Unlock units or choose another jurisdiction.",
            )
        return self._changed(
            f"split {executive} for {to}", units, np.full(len(units), newcomer), joins=newcomer
        )

    def vacate(self, executive: str) -> EditAnswer:
        """An executive leaves: bordering jurisdictions absorb the units, where each fits best.

        Ring by ring every unit goes to the neighbour it suits in loads, shape and borders. Locks
        to the executive end and are told. Units that border nobody are left to nobody.

        Raises
        ------
        InputError
            If the executive is unknown.
        Conflict
            If it is the last one.
        """
        refuse(unknown_executives(self, executive))
        if self.team <= 1:
            raise Conflict(f"{executive!r} is the last executive: nobody can absorb the units.")
        seat = self.seat_of[executive]
        units, to = shared_out(self, seat)
        return self._changed(f"vacate {executive}", units, to, leaves=executive)

    def hire(self, executive: str, *, at: str | None = None) -> EditAnswer:
        """A new executive joins: jurisdictions around unit ``at`` give, until all hold alike.

        Without ``at`` the land is taken where most work is: in the heaviest jurisdiction.

        Raises
        ------
        InputError
            If the name is empty or the unit unknown.
        Conflict
            If the executive has units, or no unit can be given.
        """
        refuse(no_name(executive), unknown_units(self, () if at is None else (at,)))
        newcomer = self._newcomer(executive)
        units, to = grown(self, newcomer, None if at is None else self.unit_of[at])
        if not (to == newcomer).any():
            raise Conflict(
                f"Nobody around can give land to {executive!r}: units are locked or single.",
                fix="Name another unit or unlock some.",
            )
        return self._changed(f"hire {executive}", units, to, joins=newcomer)

    def rebalance(
        self,
        *,
        executives: Sequence[str] = (),
        units: Sequence[str] = (),
        rings: int = 1,
        seed: int = 1,
    ) -> EditAnswer:
        """Borders move only among the jurisdictions chosen, and one or two rings around them.

        Chosen are ``executives`` and the owners of ``units``; all else is locked. Never worse than
        before: less beyond tolerance, or as much at less cost. The same seed gives the same plan.

        Raises
        ------
        InputError
            If a name is unknown, none is given, or ``rings`` is not 1 or 2.
        """
        faults = [*unknown_executives(self, *executives), *unknown_units(self, units)]
        if rings not in (1, 2):
            faults.append(Fault(column="rings", value=str(rings), expected="1 or 2"))
        if not executives and not units:
            faults.append(Fault(column="executives", expected="name an executive or a unit"))
        refuse(faults)
        chosen = {self.seat_of[each] for each in executives}
        chosen |= {int(self.owner[self.unit_of[unit]]) for unit in units} - {-1}
        moved, to, notes = rebalanced(self, tuple(sorted(chosen)), rings=rings, seed=seed)
        return self._changed(
            f"rebalance {rings} ring{'s' if rings > 1 else ''}", moved, to, notes=notes
        )

    def become(self, alignment: Alignment, *, edit: str = "become") -> EditAnswer:
        """Take the owners and executives of another alignment of the same units.

        Raises
        ------
        ValueError
            If it lists other units.
        """
        if alignment.unit_ids != self.problem.unit_ids:
            raise ValueError("the other alignment lists other units")
        for each in alignment.executive_ids:
            if each not in self.seat_of:
                self._seat_for(each)
        seats = {**self.seat_of, "": -1}
        to = np.array([seats[each] for each in alignment.owners], dtype=np.int64)
        units = np.flatnonzero(self.owner != to)
        team = set(alignment.executive_ids)
        present = tuple(each in team for each in self.ids)
        return self._changed(edit, units, to[units], present=present)

    def undo(self) -> EditAnswer:
        """Take the last edit back.

        Raises
        ------
        Conflict
            If there is none.
        """
        if not self._journal:
            raise Conflict("There is no edit to undo.")
        units, was, present, seats = self._journal.pop()
        answer = self._changed("undo", units, was, present=present)
        self._journal.pop()
        for gone in self.ids[seats:]:
            del self.seat_of[gone]
        del self.ids[seats:], self.present[seats:]
        self.held, self.tally = self.held[:, :seats].copy(), self.tally[:seats].copy()
        return answer

    # --- how an edit is made -------------------------------------------------------------------

    def _changed(
        self,
        edit: str,
        units: Longs,
        to: Longs,
        *,
        leaves: str = "",
        joins: int = -1,
        present: tuple[bool, ...] | None = None,
        notes: tuple[str, ...] = (),
    ) -> EditAnswer:
        """Hand the units over and answer; the journal can take it back."""
        was = self.owner[units].astype(np.int64)
        touched = sorted({*was.tolist(), *to.tolist()} - {-1})
        if leaves:
            touched = sorted({*touched, self.seat_of[leaves]})
        before = faults_of(self, [seat for seat in touched if self.present[seat]])
        out_before = self.beyond()
        seats_before = len(self.ids) - (joins == len(self.ids) - 1 and joins >= 0)
        self._journal.append((units, was, tuple(self.present[:seats_before]), seats_before))
        self._count(units, -1.0)
        self.owner[units] = to
        self._count(units, 1.0)
        if leaves:
            self.present[self.seat_of[leaves]] = False
        if joins >= 0:
            self.present[joins] = True
        if present is not None:
            self.present[:] = [*present, *([False] * (len(self.present) - len(present)))]
        self.binding = self._binding()
        here = [seat for seat in touched if self.present[seat]]
        return answer_of(self, edit, units, here, before=before, was_out=out_before, notes=notes)

    def beyond(self) -> set[int]:
        """Seats of executives present who lie beyond a tolerance."""
        limit = self.problem.limits_percent[:, None] + 1e-9
        out = (np.abs(self.deviations()) > limit).any(axis=0)
        return {seat for seat in np.flatnonzero(out).tolist() if self.present[seat]}

    def _count(self, units: Longs, sign: float) -> None:
        """Count units into (1) or out of (-1) the loads of their owners."""
        mine = units[self.owner[units] >= 0]
        at = self.owner[mine]
        seats = len(self.ids)
        for row, load in enumerate(self.problem.loads):
            self.held[row] += sign * np.bincount(at, weights=load[mine], minlength=seats)
        self.tally += int(sign) * np.bincount(at, minlength=seats)

    def _places(self, units: Iterable[str]) -> Longs:
        return np.array([self.unit_of[unit] for unit in units], dtype=np.int64)

    def _binding(self) -> Longs:
        """The seat each unit is locked to, -1 if it is free or its executive has left."""
        here = np.append(np.asarray(self.present), False)
        return np.where(here[self.locked], self.locked, -1)

    def _newcomer(self, executive: str) -> int:
        """The seat of somebody without units, made if they are new.

        Raises
        ------
        Conflict
            If they have units.
        """
        seat = self.seat_of.get(executive)
        if seat is None:
            seat = self._seat_for(executive)
        if self.tally[seat]:
            raise Conflict(
                f"{executive!r} has a jurisdiction of {int(self.tally[seat])} units already.",
                fix="Name somebody who has none.",
            )
        return seat

    def _seat_for(self, executive: str) -> int:
        """A new seat for somebody who has none; not present yet."""
        seat = len(self.ids)
        self.seat_of[executive] = seat
        self.ids.append(executive)
        self.present.append(False)
        self.held = np.column_stack([self.held, np.zeros(len(self.held))])
        self.tally = np.append(self.tally, 0)
        return seat
