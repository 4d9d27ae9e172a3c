"""A cap on what new sites take from own outlets: a limit on a sum that grows ever more slowly.

What the new sites take, f, is submodular in the sites that open: demand of own cells covered by a
better new site, or pulls beside own pulls. For any order of the sites the steps of f along it add
up, over every network S, to no more than f(S) (Edmonds 1970), and to f(S) for those first in the
order. So "f <= cap" is held by linear rules: one in the order of the shares wherever it is broken.
"""

from dataclasses import dataclass, replace

import numpy as np

from optimizer.outlets.model import Flags, Floats, SiteModel


@dataclass(frozen=True, kw_only=True, eq=False)
class Cap:
    """At most ``limit`` of the worth of ``taken``, a model without rules whose rows are takings."""

    name: str
    taken: SiteModel
    limit: float

    def excess(self, is_open: Flags) -> float:
        """By how much a network breaks the cap (0: not at all)."""
        return max(0.0, float(self.taken.rows_worth(is_open).sum()) - self.limit)

    def steps_at(self, x: Floats) -> Floats:
        """Weights of the linear rule ``sum of weight x <= limit`` that is tightest at these shares.

        Sites without a share get no weight, which only loosens it.
        """
        weight = np.zeros(self.taken.columns)
        is_open = np.zeros(self.taken.columns, dtype=np.bool_)
        before = 0.0
        for column in np.argsort(-x, kind="stable").tolist():
            if x[column] <= 1e-9:
                break
            is_open[column] = True
            after = float(self.taken.rows_worth(is_open).sum())
            weight[column] = after - before
            before = after
        return weight

    def broken_at(self, x: Floats) -> Floats | None:
        """The weights of the rule that these shares break; None if they break none."""
        weight = self.steps_at(x)
        slack = 1e-6 * max(1.0, abs(self.limit))
        return weight if float((weight * x).sum()) > self.limit + slack else None

    def without(self, shut: Flags) -> "Cap":
        """The cap over the other columns."""
        return replace(self, taken=self.taken.without(shut))
