"""The desk: questions about one market's sites, each answered from the cuts of those before.

A cut bounds what any network captures, whatever the rules, so it stays valid when the number of
sites, the budget or what must open and stay shut changes; only the rules are laid anew.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix, vstack

from optimizer.outlets.branch import Prover
from optimizer.outlets.model import Flags, Rules
from optimizer.outlets.presolve import Reduced, reduce
from optimizer.outlets.problem import OutletProblem
from optimizer.outlets.rules import rules_of
from optimizer.outlets.search import OutletParams, place
from optimizer.run import Stop
from territory.errors import Fault, Infeasible, InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """One other set of rules: ``None`` keeps what the problem says.

    ``opened`` sites are open, ``shut`` ones are not (an own outlet closes), by id.
    """

    name: str = ""
    new_sites: int | None = None
    budget: float | None = None
    opened: tuple[str, ...] = ()
    shut: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """The best network under a question's rules: open sites of the problem, captured, bound."""

    is_open: Flags
    captured: float
    bound: float
    is_proven: bool


class Desk:
    """One problem, ready for questions.

    ``params`` limits the work of each question (its tree, its kicks); the whole desk may be given
    a clock through the ``stop`` of each call.
    """

    def __init__(self, problem: OutletProblem, *, params: OutletParams | None = None) -> None:
        self.problem = problem
        self._params = params or OutletParams()
        self._reduced: Reduced = reduce(problem)
        self._prover = Prover(self._reduced.model) if self._reduced.model.rows else None
        self._place = {site.site_id: row for row, site in enumerate(problem.sites)}
        self._column = {int(site): column for column, site in enumerate(self._reduced.columns)}

    def ask(
        self, question: WhatIf, *, stop: Stop | None = None, unlike: tuple[Flags, ...] = ()
    ) -> Answer:
        """The best network under these rules that shuts a new site of each network ``unlike``.

        Raises
        ------
        InputError
            If the question names a site that the problem does not have.
        Infeasible
            If the rules leave no network.
        """
        self._refuse_unknown(question)
        model = replace(self._reduced.model, rules=self._rules(question, unlike))
        found = place(model, params=self._params, stop=stop or Stop(), prover=self._prover)
        return Answer(
            is_open=self._reduced.open_sites(found.is_open),
            captured=found.worth,
            bound=found.bound,
            is_proven=found.is_proven(self._params.gap),
        )

    def _refuse_unknown(self, question: WhatIf) -> None:
        faults = [
            Fault(
                table="what_if",
                column=column,
                value=site,
                expected="the id of an own outlet or a candidate",
                fix="Take an id from the plan's list of sites.",
            )
            for column, sites in (("opened", question.opened), ("shut", question.shut))
            for site in sites
            if site not in self._place
        ]
        if faults:
            raise InputError(f"The question {question.name!r} cannot be asked.", faults)

    def _rules(self, question: WhatIf, unlike: tuple[Flags, ...]) -> Rules:
        """The problem's rules with the question's ends, and a row for each site it fixes."""
        asked = self.problem
        if question.new_sites is not None:
            least = min(asked.new_sites_at_least, question.new_sites)
            asked = replace(asked, new_sites=question.new_sites, new_sites_at_least=least)
        if question.budget is not None:
            asked = replace(asked, budget=question.budget)
        base = rules_of(asked, self._reduced.columns.tolist(), self._reduced.is_open_anyway)
        rows = [self._fixed(site, is_open=True) for site in question.opened]
        rows += [self._fixed(site, is_open=False) for site in question.shut]
        rows += [self._other_than(network) for network in unlike]
        return _joined(base, [row for row in rows if row is not None], self._reduced.model.columns)

    def _fixed(self, site_id: str, *, is_open: bool) -> "_Row | None":
        """The row that holds a site open or shut; None if it is so anyway."""
        row = self._place[site_id]
        column = self._column.get(row)
        if column is not None:
            end = float(is_open)
            word = "open" if is_open else "shut"
            return _Row({column: 1.0}, end, end, f"{site_id!r} is {word}")
        stands = bool(self._reduced.is_open_anyway[row])
        if stands == is_open:
            return None
        why = "it stays open by the rules" if stands else self._reduced.left_out.get(row, "shut")
        raise Infeasible(
            f"{site_id!r} cannot be {'open' if is_open else 'shut'}: {why}.",
            fix="Drop it from the question or free it in the sites table.",
        )

    def _other_than(self, is_open: Flags) -> "_Row | None":
        """The row that at least one of a network's new sites is not open."""
        new = [
            self._column[row]
            for row in np.flatnonzero(is_open).tolist()
            if row in self._column and self.problem.sites[row].role == "candidate"
        ]
        if not new:
            return None
        return _Row(dict.fromkeys(new, 1.0), -np.inf, len(new) - 1.0, "another network")


@dataclass(frozen=True, slots=True)
class _Row:
    weights: dict[int, float]
    lower: float
    upper: float
    name: str


def _joined(base: Rules, rows: list[_Row], columns: int) -> Rules:
    if not rows:
        return base
    entries = [(k, column, w) for k, row in enumerate(rows) for column, w in row.weights.items()]
    place, column, weight = zip(*entries, strict=True)
    extra = csr_matrix((weight, (place, column)), shape=(len(rows), columns))
    return Rules(
        matrix=csr_matrix(vstack([base.matrix, extra])),
        lower=np.concatenate([base.lower, [row.lower for row in rows]]),
        upper=np.concatenate([base.upper, [row.upper for row in rows]]),
        names=(*base.names, *(row.name for row in rows)),
        caps=base.caps,
    )
