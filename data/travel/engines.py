"""Which engine answers, on which hour's graph: made once, shared between threads."""

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from data.roads import RoadNetwork
from data.roads.osm import Progress, quiet
from data.travel.calibration import TimeCalibration
from data.travel.cch.hierarchy import Hierarchy, HierarchyTooLarge
from data.travel.contracted import CchEngine
from data.travel.engine import DijkstraEngine, Engine, ScipyEngine
from data.travel.graph import TurnGraph, turn_graph
from data.travel.periods import arc_factor, known_period

EngineName = Literal["auto", "scipy", "dijkstra", "cch"]

COMPILE_WORTH = 4_000_000
"""SciPy searches this many states in about the second that loading compiled code takes."""
CONTRACTION_WORTH = 40_000_000
"""Dijkstra over this many states takes about as long as building a hierarchy: some seconds."""

logger = logging.getLogger(__name__)


@dataclass(kw_only=True, eq=False)
class Engines:
    """The graphs of a network at each hour, and the engine for each piece of work."""

    network: RoadNetwork
    wanted: EngineName | Engine = "auto"
    calibration: TimeCalibration | None = None
    hierarchy: Hierarchy | None = None
    progress: Progress = quiet
    keep: Callable[[Hierarchy], None] | None = None
    """Told of a hierarchy that was built here, so that the next start need not build it."""
    _contracted: CchEngine | None = field(default=None, init=False)
    _is_refused: bool = field(default=False, init=False)
    _work: int = field(default=0, init=False)
    _building: threading.Lock = field(default_factory=threading.Lock, init=False)
    _graphs: dict[str, TurnGraph] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    @property
    def threads(self) -> int:
        """How many searches run at once."""
        return max(1, min(8, os.cpu_count() or 1))

    @property
    def calibration_text(self) -> str:
        """All that the calibration changes, for hashes; "" for nothing."""
        if self.calibration is None or self.calibration.is_neutral:
            return ""
        return self.calibration.content_hash

    def graph(self, period: str | None) -> TurnGraph:
        """The turn-expanded graph at an hour."""
        hour = known_period(period)
        with self._lock:
            if hour not in self._graphs:
                self._graphs[hour] = turn_graph(
                    self.network,
                    factor=arc_factor(self.network, hour, self.calibration),
                    turn_factor=1.0 if self.calibration is None else self.calibration.turn_factor,
                )
            return self._graphs[hour]

    def ready(self, period: str | None, *, work: int) -> tuple[TurnGraph, Engine]:
        """The graph at an hour, and the engine that suits ``work`` searches on it.

        "auto" takes SciPy while the work would not repay loading compiled code. Then it takes the
        hierarchy if there is one, and builds one as soon as the searches so far, with these, would
        have repaid it; till then, and where it would not fit into memory, our Dijkstra.
        """
        graph = self.graph(period)
        if not isinstance(self.wanted, str):
            return graph, self.wanted
        if self.wanted == "cch":
            return graph, self.contracted()
        if self.wanted == "dijkstra":
            return graph, DijkstraEngine(self.threads)
        if self.wanted == "scipy" or self._is_small(work * graph.state_count):
            return graph, ScipyEngine()
        if self._is_worth_contracting(work * graph.state_count):
            try:
                return graph, self.contracted()
            except HierarchyTooLarge as error:
                self._is_refused = True
                logger.warning("action=search_by_dijkstra why=%s", error.message)
        return graph, DijkstraEngine(self.threads)

    def contracted(self) -> CchEngine:
        """The engine on the network's hierarchy, which is built if there is none yet.

        Raises
        ------
        HierarchyTooLarge
            If it would not fit into memory.
        """
        with self._building:
            if self._contracted is None:
                built = self.hierarchy or self._build()
                self._contracted = CchEngine(built, threads=self.threads)
            return self._contracted

    def _build(self) -> Hierarchy:
        from data.travel.cch.build import build_hierarchy

        network = self.network
        built = build_hierarchy(
            lonlat=network.lonlat,
            tail=network.tail,
            head=network.head,
            turn_first=network.turn_first,
            turn_arc=network.turn_arc,
            progress=self.progress,
            threads=self.threads,
        )
        if self.keep is not None:
            self.keep(built)
        return built

    def _is_small(self, work: int) -> bool:
        is_compiled = self._work or self._contracted or self.hierarchy
        return not is_compiled and work < COMPILE_WORTH

    def _is_worth_contracting(self, work: int) -> bool:
        if self._is_refused:
            return False
        with self._lock:
            self._work += work
            enough = self._work >= CONTRACTION_WORTH
        return enough or self._contracted is not None or self.hierarchy is not None
