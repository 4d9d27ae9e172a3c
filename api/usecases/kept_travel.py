"""Travel kept in memory between questions, as long as what it was made from stays the same."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from territory.travel import TravelTimes

MOST_KEPT = 4
"""A large city's roads with all that was made from them hold some hundred megabytes."""

Stamp = tuple[tuple[int, int, int] | None, ...]


@dataclass(kw_only=True, eq=False)
class KeptTravel:
    """The travel asked for last, by market and mode. Safe between threads."""

    most: int = MOST_KEPT
    _kept: "OrderedDict[tuple[str, str], tuple[Stamp, TravelTimes]]" = field(
        default_factory=OrderedDict, init=False
    )
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def get(
        self, key: tuple[str, str], sources: Iterable[Path], make: Callable[[], TravelTimes]
    ) -> TravelTimes:
        """What was kept under a key if its source files are the same, else what ``make`` gives."""
        with self._lock:
            stamp = tuple(_stamp(path) for path in sources)
            kept = self._kept.pop(key, None)
            travel = kept[1] if kept is not None and kept[0] == stamp else make()
            self._kept[key] = (stamp, travel)
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
            return travel


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file or folder is replaced or written; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
