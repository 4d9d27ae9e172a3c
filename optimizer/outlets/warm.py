"""Compile every kernel once, on a toy, so that the first real plan does not wait for it."""

from optimizer.outlets.choice import logit_model
from optimizer.outlets.classic import p_median
from optimizer.outlets.search import OutletParams, place
from optimizer.run import Stop


def warm_up() -> None:
    """Solve a twelve-point p-median far enough to load every kernel and HiGHS."""
    import numpy as np

    from optimizer.outlets.branch import Prover

    places = np.array([(i * 37 % 12, i * 53 % 17) for i in range(12)], dtype=np.float64)
    costs = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    model, _ = p_median(costs, 3)
    choice = logit_model(np.ones(12), 1 / (1 + costs), np.ones(12), rules=model.rules)
    place(choice, params=OutletParams(kicks=1), stop=Stop())
    found = place(model, params=OutletParams(kicks=1), stop=Stop())
    master = Prover(model).relaxation()
    master.solve()
    master.add(master.cuts_at(model.level_at(found.is_open.astype(np.float64))))
