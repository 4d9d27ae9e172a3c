"""The mean gap of each engine in each class of instances, from rows."""

from collections import defaultdict
from collections.abc import Iterable
from statistics import fmean

from benchmarks.frame import Run


def mean_gaps(rows: Iterable[Run]) -> dict[tuple[str, str], tuple[float, int, int]]:
    """By class with budget and engine: the mean gap in percent, its rows, their broken rules.

    Each instance weighs the same, however many seeds it had.
    """
    gaps: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    broken: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        key = (f"{row.extra.get('class', '')} {row.work.rsplit(' ', 1)[-1]}", row.engine)
        broken[key] += row.violations
        if row.gap_percent is not None:
            gaps[key][row.work].append(row.gap_percent)
    return {
        key: (
            fmean(fmean(found) for found in by_work.values()),
            sum(len(found) for found in by_work.values()),
            broken[key],
        )
        for key, by_work in gaps.items()
    }


def means_told(rows: Iterable[Run]) -> list[str]:
    """One line a class and budget: each engine's mean gap with its number of rows."""
    lines: dict[str, list[str]] = defaultdict(list)
    for (name, engine), (gap, count, broken) in sorted(mean_gaps(rows).items()):
        faults = f", {broken} rules broken" if broken else ""
        lines[name].append(f"{engine} {gap:.2f} % ({count}{faults})")
    return [f"{name}: {'; '.join(parts)}" for name, parts in lines.items()]
