"""Spreading work over processes: pure functions mapped over values, one process each."""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def side_by_side(
    work: Callable[[Item], Answer], items: Sequence[Item], *, processes: int | None = None
) -> list[Answer]:
    """``work`` of each item, in the order of the items, each in a spawned process.

    ``work`` and the items must be picklable. Never forked: solvers and numba hold threads. The
    first error ends the rest and is raised here.
    """
    count = min(len(items), processes or os.cpu_count() or 1)
    if count <= 1:
        return [work(item) for item in items]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=count, mp_context=spawn) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
