"""Annealed search from several starts, two at a time, in slices so that it can be stopped."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.field import Arena
from optimizer.redraw.kernel import anneal
from optimizer.redraw.kernel_values import Ints
from optimizer.redraw.labels import labelled
from optimizer.redraw.problem import RedrawParams
from optimizer.redraw.repair import lawful
from optimizer.redraw.start import flow_start, power_start
from optimizer.run import Stop

Tell = Callable[[str, float, Ints | None], None]
LEAST_PROPOSALS = 1_000_000  # of one start: a second or so, and small problems need the luck
FLOW_UNITS = 50_000  # beyond, the min-cost flow takes longer than the search it would help


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One leg of the schedule: ``share`` of the proposals, values from start to end."""

    share: float
    heat: tuple[float, float]
    price: tuple[float, float]
    soft: tuple[float, float]
    edge: float
    swaps: float
    slices: int


CALM = (
    Stage(
        share=0.7, heat=(0.05, 1e-3), price=(0.05, 2.0), soft=(0.3, 0.05), edge=0.95, swaps=0.4,
        slices=8,
    ),
    Stage(
        share=0.3, heat=(1e-3, 1e-4), price=(2.0, 100.0), soft=(0.05, 0.002), edge=0.98, swaps=0.4,
        slices=4,
    ),
)  # fmt: skip
"""Compactness first: 3 to 6 % less cost where units are small against the tolerance."""

STEEP = (
    Stage(
        share=0.7, heat=(0.2, 0.01), price=(0.5, 10.0), soft=(0.3, 0.05), edge=0.95, swaps=0.4,
        slices=8,
    ),
    Stage(
        share=0.3, heat=(0.01, 3e-4), price=(10.0, 100.0), soft=(0.05, 0.002), edge=0.98, swaps=0.4,
        slices=4,
    ),
)  # fmt: skip
"""Balance first: reaches 5 % with units of a quarter jurisdiction, where CALM stays at 6 %."""

GENTLE = (
    Stage(
        share=0.7, heat=(0.1, 0.03), price=(1.0, 5.0), soft=(1.0, 0.1), edge=0.95, swaps=0.4,
        slices=8,
    ),
    Stage(
        share=0.3, heat=(0.03, 1e-3), price=(5.0, 100.0), soft=(0.1, 0.002), edge=0.95, swaps=0.4,
        slices=4,
    ),
)  # fmt: skip
"""From an alignment in force: surplus seeps through chains of neighbours, so little has to move."""

QUENCH = Stage(
    share=1.0, heat=(1e-4, 1e-5), price=(100.0, 1000.0), soft=(0.002, 1e-4), edge=0.98, swaps=0.4,
    slices=1,
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Run:
    """One start on its way: where it is, its generator, the best it has seen."""

    name: str
    owner: Ints
    rng: NDArray[np.uint64]
    stages: tuple[Stage, ...]
    best: Ints
    best_key: tuple[float, float]

    def look(self, arena: Arena) -> None:
        """Keep where it is now if that is the best yet."""
        key = arena.objective(self.owner).key
        if key < self.best_key:
            self.best, self.best_key = self.owner.copy(), key


def search(arena: Arena, params: RedrawParams, stop: Stop, tell: Tell) -> tuple[Ints, int, bool]:
    """The best assignment of all starts, the proposals made, whether the clock allowed fewer.

    Of equal starts the first wins, so that the plan does not depend on how many run side by side.
    """
    names = start_names(arena, params)
    per_start, is_clocked = _proposals_per_start(arena, params, stop, len(names))
    best: Run | None = None
    done = 0
    for first in range(0, len(names), params.threads):
        batch = names[first : first + params.threads]
        runs = [_begin(name, arena, params, first + k) for k, name in enumerate(batch)]
        if best is None:
            tell(f"start from {runs[0].name}", 0.1, runs[0].best)
        done += _anneal_together(
            runs, arena, per_start, stop, tell, span=(first / len(names), len(batch) / len(names))
        )
        best = min([*([best] if best else []), *runs], key=lambda run: run.best_key)
        ended = first + len(batch)
        tell(f"best of {ended} starts", 0.1 + 0.8 * ended / len(names), best.best)
        if stop.now() is not None:
            break
    assert best is not None
    return labelled(best.best, arena), done, is_clocked


def carried_on(
    arena: Arena, owner: Ints, params: RedrawParams, stop: Stop
) -> tuple[Ints, int, bool]:
    """The best from one start at ``owner``, proposals made, whether the clock allowed fewer."""
    proposals, is_clocked = _proposals_per_start(arena, params, stop, 1)
    first = lawful(owner, arena)
    seed = np.random.default_rng([params.seed, 0]).integers(1, 2**63)
    run = Run(
        name="given",
        owner=first,
        rng=np.array([seed], dtype=np.uint64),
        stages=GENTLE,
        best=first.copy(),
        best_key=arena.objective(first).key,
    )
    done = _anneal_together([run], arena, proposals, stop, lambda *_: None, span=(0.0, 1.0))
    return run.best, done, is_clocked


def start_names(arena: Arena, params: RedrawParams) -> list[str]:
    """What the search begins from, the most promising first."""
    problem = arena.problem
    has_before = bool((problem.owners_before >= 0).any())
    keeps = params.keep == "yes" or (params.keep == "auto" and problem.move_price > 0)
    names = ["before"] * params.starts if has_before and keeps else []
    names += ["power"] * params.starts
    if len(problem.unit_ids) <= FLOW_UNITS and params.starts > 1:
        names[-1] = "flow"
    return names


def _proposals_per_start(
    arena: Arena, params: RedrawParams, stop: Stop, starts: int
) -> tuple[int, bool]:
    """Proposals of each start, and whether the clock made them fewer."""
    wanted = max(params.proposals_per_unit * len(arena.field.place), LEAST_PROPOSALS)
    if stop.iterations is not None:
        wanted = min(wanted, stop.iterations // starts)
    wanted = max(wanted, 1)
    if stop.seconds is None:
        return wanted, False
    batches = -(-starts // params.threads)
    in_time = max(int(0.6 * _speed(arena) * stop.seconds / batches), 1)
    return min(wanted, in_time), in_time < wanted


def _speed(arena: Arena) -> float:
    """Proposals a second, tried on a copy; only asked when the clock limits the run anyway."""
    import time

    owner = lawful(np.full(len(arena.field.place), -1, dtype=np.int32), arena)
    slice_size = 50_000
    _slice(arena, owner, np.array([7], np.uint64), CALM[0], 0, 1000)
    started = time.perf_counter()
    _slice(arena, owner, np.array([7], np.uint64), CALM[0], 0, slice_size)
    return slice_size / max(time.perf_counter() - started, 1e-6)


def _begin(name: str, arena: Arena, params: RedrawParams, number: int) -> Run:
    draw = np.random.default_rng([params.seed, number])
    if name == "before":
        owner = arena.problem.owners_before.astype(np.int32)
    else:
        drawn = power_start(arena, draw) if name == "power" else flow_start(arena, draw)
        owner = labelled(drawn, arena)
    owner = lawful(owner, arena)
    return Run(
        name=name,
        owner=owner,
        rng=np.array([draw.integers(1, 2**63)], dtype=np.uint64),
        stages=_temper(name, number),
        best=owner.copy(),
        best_key=arena.objective(owner).key,
    )


def _temper(name: str, number: int) -> tuple[Stage, ...]:
    """Every second start is steep, as nobody knows beforehand which temper suits."""
    if number % 2:
        return STEEP
    return GENTLE if name == "before" else CALM


def _anneal_together(
    runs: list[Run],
    arena: Arena,
    proposals: int,
    stop: Stop,
    tell: Tell,
    *,
    span: tuple[float, float],
) -> int:
    """Take all runs through their schedules side by side; gives the proposals made."""
    plans = [list(_slices(run.stages, proposals)) for run in runs]
    done = 0
    with ThreadPoolExecutor(max_workers=len(runs)) as pool:
        for turn, steps in enumerate(zip(*plans, strict=True)):
            if stop.now() is not None:
                break
            jobs = [
                pool.submit(_slice, arena, run.owner, run.rng, *step)
                for run, step in zip(runs, steps, strict=True)
            ]
            for job, run in zip(jobs, runs, strict=True):
                job.result()
                run.look(arena)
            done += sum(size for _, _, size in steps)
            fraction = span[0] + span[1] * (turn + 1) / len(plans[0])
            tell("anneal borders", 0.1 + 0.8 * fraction, None)
        _quench(runs, arena, pool)
    return done


def _quench(runs: list[Run], arena: Arena, pool: ThreadPoolExecutor) -> None:
    """A short cold finish, so that a run stopped while hot still returns something good."""
    size = 20 * len(arena.field.place)
    jobs = [pool.submit(_slice, arena, run.owner, run.rng, QUENCH, 0, size) for run in runs]
    for job, run in zip(jobs, runs, strict=True):
        job.result()
        run.look(arena)


def _slices(stages: tuple[Stage, ...], proposals: int) -> Iterator[tuple[Stage, int, int]]:
    for stage in stages:
        for part in range(stage.slices):
            yield stage, part, max(1, int(proposals * stage.share / stage.slices))


def _slice(
    arena: Arena, owner: Ints, rng: NDArray[np.uint64], stage: Stage, part: int, size: int
) -> int:
    """One slice of a stage on ``owner`` in place."""

    def leg(ends: tuple[float, float]) -> NDArray[np.float64]:
        start, end = ends
        ratio = end / start
        return np.array(
            [start * ratio ** (part / stage.slices), start * ratio ** ((part + 1) / stage.slices)]
        )

    return int(
        anneal(
            arena.field, owner, rng, size, leg(stage.heat), leg(stage.price), leg(stage.soft),
            stage.edge, stage.swaps,
        )
    )  # fmt: skip
