"""The search for the best network: start, kicks, proof by the engine asked for."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from optimizer.outlets.branch import Placement, Prover
from optimizer.outlets.compact import Engine, Whole, solve_compact
from optimizer.outlets.interchange import improve, kicked
from optimizer.outlets.lagrangian import priced
from optimizer.outlets.model import Flags
from optimizer.outlets.start import first_network
from optimizer.outlets.tree import Better
from optimizer.run import Stop
from territory.errors import Fault, InputError

_KICK_WORK = 5_000_000  # cover entries over all kicks: large models get fewer

EngineName = Literal["auto", "cuts", "highs", "gscip", "cp_sat"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletParams:
    """How to search.

    ``engine``: "cuts" is our branch and Benders cut, "highs", "gscip" and "cp_sat" hand the whole
    model to OR-Tools, "auto" takes "cuts". ``gap`` is the relative distance to the bound at which
    a network counts as proven best. ``nodes`` limits the proof's search tree, ``kicks`` the rounds
    of local search (fewer on very large models); both count work, so that a rerun gives the same
    plan. ``frontier_nodes`` is the tree limit for each smaller number of new sites
    (``has_frontier``).
    """

    engine: EngineName = "auto"
    seed: int = 0
    gap: float = 1e-6
    nodes: int = 20_000
    kicks: int = 20
    has_frontier: bool = True
    frontier_nodes: int = 200

    def __post_init__(self) -> None:
        counts = {"nodes": self.nodes, "kicks": self.kicks, "frontier_nodes": self.frontier_nodes}
        faults = [
            Fault(column=name, value=str(count), expected="0 or more")
            for name, count in counts.items()
            if count < 0
        ]
        if not 0 <= self.gap < 1:
            faults.append(Fault(column="gap", value=str(self.gap), expected="from 0 up to 1"))
        if faults:
            raise InputError("These search settings cannot be used.", faults)


def place(
    model: Whole,
    *,
    params: OutletParams,
    stop: Stop,
    better: Better = lambda _, __: None,
    prover: Prover | None = None,
) -> Placement:
    """The best network found within the limits, and a proven bound on all of them.

    A ``prover`` that has worked on this model under other limits brings its cuts along.

    Raises
    ------
    Infeasible
        If the rules leave no network.
    """
    is_open = first_network(model, stop)
    better(is_open, model.worth(is_open))
    rounds = min(params.kicks, max(2, _KICK_WORK // max(1, len(model.site))))
    is_open = kicked(model, is_open, rounds=rounds, seed=params.seed, stop=stop)
    better(is_open, model.worth(is_open))
    stopped = stop.now()
    if stopped is not None or not model.rows:  # without rows there is nothing to gain
        return Placement(
            is_open=is_open,
            worth=model.worth(is_open),
            bound=_quick_bound(model, is_open, stop),
            nodes=0,
            stopped_by=stopped or "finished",
        )
    if params.engine in ("auto", "cuts"):
        return (prover or Prover(model)).prove(
            model, is_open, gap=params.gap, nodes=_nodes(params, stop), stop=stop, better=better
        )
    return _whole_model(model, is_open, params=params, stop=stop)


def _quick_bound(model: Whole, is_open: Flags, stop: Stop) -> float:
    """A bound that takes no longer than one look at the model."""
    if not model.rows:
        return model.ceiling
    found = priced(model, is_open, rounds=1, stop=stop, target=-np.inf)
    return max(model.worth(is_open), min(model.ceiling, found.bound))


def _nodes(params: OutletParams, stop: Stop) -> int:
    return params.nodes if stop.iterations is None else stop.iterations


def _whole_model(model: Whole, start: Flags, *, params: OutletParams, stop: Stop) -> Placement:
    """Proof by an engine of OR-Tools, given the whole model at once."""
    if params.engine == "auto" or params.engine == "cuts":
        raise ValueError(f"{params.engine!r} is no engine of OR-Tools")
    if model.rules.caps:
        raise InputError(
            f"The engine {params.engine!r} knows no cap on cannibalisation.",
            fix="Use the engine 'cuts'.",
        )
    engine: Engine = params.engine
    solved = solve_compact(
        model,
        engine=engine,
        nodes=None if engine == "cp_sat" else _nodes(params, stop),
        seconds=stop.seconds_left,
        gap=params.gap,
        start=start,
        seed=params.seed,
    )
    best = start
    if solved.is_open is not None and model.rules.allow(solved.is_open):
        polished = improve(model, solved.is_open)
        best = max((start, polished), key=model.worth)
    worth = model.worth(best)
    return Placement(
        is_open=best,
        worth=worth,
        bound=max(solved.bound, worth),
        nodes=solved.nodes,
        stopped_by=solved.stopped_by,
    )
